"""Readers of the month's files, written from the fact sheet (§3.4, §4) and not from what writes them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import etree

# PRODAGBI.TXT: name, first place from 1, length.
LEDGER = (
    ("vat_number", 1, 15),
    ("period", 16, 6),
    ("branch", 22, 4),
    ("row", 26, 15),
    ("type", 41, 2),
    ("number", 43, 20),
    ("date", 63, 10),
    ("partner", 73, 15),
    ("name", 88, 50),
    ("goods", 138, 30),
    ("base", 168, 15),
    ("vat", 183, 15),
    ("base_20", 198, 15),
    ("vat_20", 213, 15),
    ("base_12", 228, 15),
    ("base_26", 243, 15),
    ("vat_22", 258, 15),
    ("vat_23", 273, 15),
    ("base_9", 288, 15),
    ("vat_9", 303, 15),
    ("export", 318, 15),
    ("intra_eu", 333, 15),
    ("base_16", 348, 15),
    ("base_17", 363, 15),
    ("base_18", 378, 15),
    ("base_19", 393, 15),
    ("base_25", 408, 15),
    ("code", 423, 2),
)
LENGTH = 424
TEXTS = {"vat_number", "number", "partner", "name", "goods"}
AMOUNTS = {name for name, first, _ in LEDGER if 168 <= first < 423}


def read_ledger(content: bytes) -> list[dict[str, str]]:
    """Read the ledger; fails on whatever is not as the form has it."""
    records = []
    assert content == b"" or content.endswith(b"\r\n")
    for number, line in enumerate(content.decode("cp1251").split("\r\n")[:-1], start=1):
        assert len(line) == LENGTH
        assert "\n" not in line
        record = {}
        for name, first, length in LEDGER:
            field = line[first - 1 : first - 1 + length]
            assert field == (field.strip().ljust(length) if name in TEXTS else field.strip().rjust(length)), name
            record[name] = field.strip()
            if name in AMOUNTS:
                whole, _, cents = record[name].lstrip("-").partition(".")
                assert len(cents) == 2
                assert whole == str(int(whole))
        assert record["row"] == str(number)
        amount = {name: Decimal(record[name]) for name in AMOUNTS}
        assert amount["base"] == sum(
            amount[each] for each in ("base_20", "base_12", "base_26", "base_9", "export", "intra_eu", "base_16")
        )
        assert amount["vat"] == amount["vat_20"] + amount["vat_22"] + amount["vat_23"] + amount["vat_9"]
        records.append(record)
    return records


SCHEMA = etree.XMLSchema(
    etree.XML(
        b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:simpleType name="amount"><xs:restriction base="xs:decimal"><xs:fractionDigits value="2"/></xs:restriction>
</xs:simpleType>
<xs:simpleType name="text200"><xs:restriction base="xs:string"><xs:maxLength value="200"/></xs:restriction>
</xs:simpleType>
<xs:simpleType name="text300"><xs:restriction base="xs:string"><xs:maxLength value="300"/></xs:restriction>
</xs:simpleType>
<xs:element name="audit"><xs:complexType><xs:sequence>
 <xs:element name="eik"><xs:simpleType><xs:restriction base="xs:string"><xs:minLength value="9"/>
  <xs:maxLength value="13"/></xs:restriction></xs:simpleType></xs:element>
 <xs:element name="e_shop_n"><xs:simpleType><xs:restriction base="xs:string"><xs:minLength value="1"/>
  <xs:maxLength value="10"/></xs:restriction></xs:simpleType></xs:element>
 <xs:element name="domain_name" type="text200"/>
 <xs:element name="e_shop_type"><xs:simpleType><xs:restriction base="xs:integer"><xs:enumeration value="1"/>
  <xs:enumeration value="2"/></xs:restriction></xs:simpleType></xs:element>
 <xs:element name="creation_date" type="xs:date"/>
 <xs:element name="mon"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="0[1-9]|1[0-2]"/>
  </xs:restriction></xs:simpleType></xs:element>
 <xs:element name="god"><xs:simpleType><xs:restriction base="xs:integer"><xs:minInclusive value="2020"/>
  <xs:maxInclusive value="9999"/></xs:restriction></xs:simpleType></xs:element>
 <xs:element name="order"><xs:complexType><xs:sequence>
  <xs:element name="orderenum" maxOccurs="unbounded"><xs:complexType><xs:sequence>
   <xs:element name="ord_n" type="text300"/><xs:element name="ord_d" type="xs:date"/>
   <xs:element name="doc_n" type="xs:integer"/><xs:element name="doc_date" type="xs:date"/>
   <xs:element name="art"><xs:complexType><xs:sequence>
    <xs:element name="artenum" maxOccurs="unbounded"><xs:complexType><xs:sequence>
     <xs:element name="art_name" type="text200"/><xs:element name="art_quant" type="amount"/>
     <xs:element name="art_price" type="amount"/>
     <xs:element name="art_vat_rate"><xs:simpleType><xs:restriction base="xs:integer"><xs:minInclusive value="0"/>
      <xs:maxInclusive value="100"/></xs:restriction></xs:simpleType></xs:element>
     <xs:element name="art_vat" type="amount"/><xs:element name="art_sum" type="amount"/>
    </xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
   <xs:element name="ord_total1" type="amount"/><xs:element name="ord_disc" type="amount"/>
   <xs:element name="ord_vat" type="amount"/><xs:element name="ord_total2" type="amount"/>
   <xs:element name="paym"><xs:simpleType><xs:restriction base="xs:integer"><xs:minInclusive value="1"/>
    <xs:maxInclusive value="6"/></xs:restriction></xs:simpleType></xs:element>
   <xs:element name="pos_n" type="text200" minOccurs="0"/><xs:element name="trans_n" type="text200" minOccurs="0"/>
   <xs:element name="proc_id" type="text200" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
 <xs:element name="r_ord" type="xs:integer"/>
 <xs:element name="rorder" minOccurs="0"><xs:complexType><xs:sequence>
  <xs:element name="rorderenum" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
   <xs:element name="r_ord_n" type="text300"/><xs:element name="r_amount" type="amount"/>
   <xs:element name="r_date" type="xs:date"/>
   <xs:element name="r_paym"><xs:simpleType><xs:restriction base="xs:integer"><xs:minInclusive value="1"/>
    <xs:maxInclusive value="4"/></xs:restriction></xs:simpleType></xs:element>
  </xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
 <xs:element name="r_total" type="amount"/>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""
    )
)


@dataclass(frozen=True)
class AuditFile:
    head: dict[str, str]
    orders: list[dict[str, Any]]
    returns: list[dict[str, str]]


def read_audit_file(content: bytes) -> AuditFile:
    """Read the audit file; fails on a structure that is not the annex's, and on sums that do not add up."""
    assert content.startswith(b'<?xml version="1.0" encoding="windows-1251"?>')
    root = etree.fromstring(content)
    SCHEMA.assertValid(root)
    orders = [_order(each) for each in root.iterfind("order/orderenum")]
    returns = [{part.tag: part.text or "" for part in each} for each in root.iterfind("rorder/rorderenum")]
    head = {part.tag: part.text or "" for part in root if len(part) == 0}
    assert int(head["r_ord"]) == len({each["r_ord_n"] for each in returns})
    assert Decimal(head["r_total"]) == sum((Decimal(each["r_amount"]) for each in returns), Decimal(0))
    return AuditFile(head, orders, returns)


def _order(element: Any) -> dict[str, Any]:
    order: dict[str, Any] = {part.tag: part.text or "" for part in element if part.tag != "art"}
    rows = [{part.tag: part.text or "" for part in each} for each in element.iterfind("art/artenum")]
    number = {name: Decimal(order[name]) for name in ("ord_total1", "ord_disc", "ord_vat", "ord_total2")}
    assert number["ord_total1"] == sum(Decimal(r["art_price"]) * Decimal(r["art_quant"]) for r in rows)
    assert number["ord_vat"] == sum(Decimal(r["art_vat"]) for r in rows)
    assert number["ord_total2"] == sum(Decimal(r["art_sum"]) for r in rows)
    assert number["ord_total2"] == number["ord_total1"] - number["ord_disc"] + number["ord_vat"]
    if not number["ord_disc"]:
        for r in rows:
            net = Decimal(r["art_price"]) * Decimal(r["art_quant"])
            assert net + Decimal(r["art_vat"]) == Decimal(r["art_sum"])
    return {**order, "art": rows}
