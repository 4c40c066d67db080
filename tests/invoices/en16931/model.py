"""Reads the table of the standard's terms, and an e-invoice by it; knows nothing of what writes one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

Terms = dict[str, list[str]]

NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
_TRADE = "rsm:SupplyChainTradeTransaction"
_PARTS_OF_CII = {
    "agreed": f"{_TRADE}/ram:ApplicableHeaderTradeAgreement",
    "delivered": f"{_TRADE}/ram:ApplicableHeaderTradeDelivery",
    "settled": f"{_TRADE}/ram:ApplicableHeaderTradeSettlement",
    "line": "ram:SpecifiedLineTradeSettlement",
}
_IN_CREDIT_NOTE = {
    "cbc:InvoiceTypeCode": "cbc:CreditNoteTypeCode",
    "cbc:DueDate": "cac:PaymentMeans/cbc:PaymentDueDate",
    "cac:ProjectReference/cbc:ID": "cac:AdditionalDocumentReference[cbc:DocumentTypeCode='50']/cbc:ID",
    "cac:InvoiceLine": "cac:CreditNoteLine",
    "cbc:InvoicedQuantity": "cbc:CreditedQuantity",
    "cbc:InvoicedQuantity/@unitCode": "cbc:CreditedQuantity/@unitCode",
}
SYNTAXES = ("Invoice", "CreditNote", "CrossIndustryInvoice")
"""The names of the root elements: of UBL, and of CII."""


@dataclass
class Node:
    """A term, or a group with what stands in it."""

    name: str
    least: int
    most: int | None
    path: str
    """From the group it stands in; empty where the spelling has no place for the term."""
    nodes: list["Node"] = field(default_factory=list)

    @property
    def is_group(self) -> bool:
        return self.name.startswith("BG")

    def all(self) -> Iterator["Node"]:
        yield self
        for node in self.nodes:
            yield from node.all()


@cache
def model(syntax: str) -> Node:
    """Return the invoice as a group of all groups, with the paths of one spelling."""
    root = Node("invoice", 1, 1, ".")
    open_groups = [(-1, root)]
    for line in (Path(__file__).parent / "model.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        name, often, in_ubl, in_cii = re.split(r"\s+", line.strip())
        while open_groups[-1][0] >= indent:
            open_groups.pop()
        least, most = often.split("..")
        path = _spelled(in_ubl, in_cii, syntax)
        node = Node(name, int(least), None if most == "n" else int(most), path)
        open_groups[-1][1].nodes.append(node)
        if node.is_group:
            open_groups.append((indent, node))
    return root


def _spelled(in_ubl: str, in_cii: str, syntax: str) -> str:
    if syntax == "CrossIndustryInvoice":
        for name, path in _PARTS_OF_CII.items():
            in_cii = in_cii.replace(f"{{{name}}}", path)
        return in_cii
    return "" if in_ubl == "-" else _IN_CREDIT_NOTE.get(in_ubl, in_ubl) if syntax == "CreditNote" else in_ubl


def find(element: Any, node: Node) -> list[Any]:
    found: list[Any] = element.xpath(node.path, namespaces=NAMES) if node.path else []
    return found


def spelling(root: Any) -> str:
    return str(etree.QName(root).localname)


def miscounted(root: Any) -> list[str]:
    """Return each term that stands too seldom or too often, with how often it stands."""
    return list(_miscounted(root, model(spelling(root))))


def _miscounted(element: Any, group: Node) -> Iterator[str]:
    for node in group.nodes:
        found = find(element, node)
        if not node.least <= len(found) or (node.most is not None and len(found) > node.most):
            yield f"{node.name} {len(found)}"
        if node.is_group:
            for each in found:
                yield from _miscounted(each, node)


@dataclass
class Group:
    """What a document says in one of its groups."""

    terms: Terms
    groups: dict[str, list["Group"]]

    def of(self, name: str) -> list["Group"]:
        """Return all groups of a name, however deep."""
        return [each for key, groups in self.groups.items() for one in groups for each in one.named(key, name)]

    def named(self, key: str, name: str) -> list["Group"]:
        return [*([self] if key == name else []), *self.of(name)]

    def __getitem__(self, term: str) -> list[str]:
        """Return what a term says wherever it stands in this group."""
        inner = [value for groups in self.groups.values() for group in groups for value in group[term]]
        return [*self.terms.get(term, []), *inner]

    def flat(self, *, without: tuple[str, ...] = ()) -> Terms:
        """Return every term of this group and those within; one that is not there is left out."""
        flat = dict(self.terms)
        for name, groups in self.groups.items():
            for group in groups if name not in without else ():
                for term, values in group.flat().items():
                    flat[term] = [*flat.get(term, []), *values]
        return flat


def parsed(root: Any) -> Group:
    return _group(root, model(spelling(root)))


def _group(element: Any, group: Node) -> Group:
    found = {node.name: (node, find(element, node)) for node in group.nodes}
    return Group(
        {
            name: [_text(each) for each in values]
            for name, (node, values) in found.items()
            if values and not node.is_group
        },
        {name: [_group(each, node) for each in values] for name, (node, values) in found.items() if node.is_group},
    )


def _text(found: Any) -> str:
    return str(found if isinstance(found, str) else found.text or "")


def read(xml: bytes) -> tuple[Terms, list[Terms], list[Terms]]:
    """Return the document's terms, and those of each rate of VAT and of each line."""
    document = parsed(etree.fromstring(xml))
    return (
        document.flat(without=("BG-23", "BG-25")),
        [each.flat() for each in document.groups["BG-23"]],
        [each.flat() for each in document.groups["BG-25"]],
    )
