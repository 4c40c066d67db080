"""The same document as an e-invoice: EN 16931 as UBL 2.1, and as the CII that a Factur-X PDF carries.

Both are made of one list of business terms (BT) and groups (BG), as the standard names them. VAT is rounded per line in
our documents; the standard's own rules allow a cent for each, and more.
"""

import logging
import re
from datetime import UTC, datetime
from typing import Any

from facturx import generate_xml

from app.invoices.view import DocumentKind, InvoiceView, Line, NoVatGround, Payment

# Its records name what an invoice says of people.
logging.getLogger("factur-x").setLevel(logging.ERROR)

LEVEL = "en16931"
ATTACHED_AS = "factur-x.xml"
TYPES = {DocumentKind.INVOICE: "380", DocumentKind.CREDIT_NOTE: "381", DocumentKind.DEBIT_NOTE: "383"}
PIECE = "C62"
UNNAMED = "—"
"""For what had no letter that XML can hold: the standard asks for some text."""
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# UNTDID 5305: the category of VAT, and where it is a known one, the code of the reason.
STANDARD = "S"
GROUNDS: dict[NoVatGround, tuple[str, str | None]] = {
    NoVatGround.EXPORT: ("G", "VATEX-EU-G"),
    NoVatGround.INTRA_EU: ("K", "VATEX-EU-IC"),
    NoVatGround.REVERSE_CHARGE: ("AE", "VATEX-EU-AE"),
    NoVatGround.NOT_REGISTERED: ("E", None),
}
# UNTDID 4461: how it is paid.
CASH, CREDIT_TRANSFER, CARD = "10", "30", "48"
MEANS = {Payment.CASH_ON_DELIVERY: CASH, Payment.BANK_TRANSFER: CREDIT_TRANSFER, Payment.CARD: CARD}


def ubl(view: InvoiceView) -> bytes:
    """Return the document as UBL 2.1: an Invoice, or a CreditNote."""
    said = terms(view)
    if view.kind is DocumentKind.CREDIT_NOTE:
        # The library writes the tax point where the schema of a credit note has no room; BT-72 is the same day.
        del said["BT-7"]
    return _made(said, "ubl-2.1")


def cii(view: InvoiceView) -> bytes:
    """Return the document as UN/CEFACT Cross Industry Invoice, profile EN 16931."""
    return _made(terms(view), "factur-x")


def _made(said: dict[str, Any], flavor: str) -> bytes:
    # Without the library's own checks: they are made by the tests, and some of them ask a server.
    made: bytes = generate_xml(said, flavor=flavor, level=LEVEL, check_xsd=False, check_schematron=False)
    return made


def terms(view: InvoiceView) -> dict[str, Any]:
    """Write the document in the standard's terms."""
    paid = view.total if view.paid_on and not view.corrects else None
    seller = view.seller
    said: dict[str, Any] = {
        "BT-1": view.number,
        "BT-2": view.issued_on,
        "BT-3": TYPES[view.kind],
        "BT-5": "EUR",
        "BT-7": view.tax_event_on,
        "BT-13": view.order_number,
        "BG-4": _party(seller.name, seller.address, seller.eik, seller.vat_number, is_seller=True),
        "BG-7": _party(view.buyer.name, view.buyer.address, view.buyer.eik, view.buyer.vat_number),
        "BT-72": view.tax_event_on,
        "BG-13": {"name": plain(view.buyer.name), "country_code": country_of(view.buyer.vat_number)},
        "BT-81": MEANS[view.payment],
        "BT-83": view.order_number,
        "BT-106": str(view.base),
        "BT-109": str(view.base),
        "BT-110": str(view.vat),
        "BT-112": str(view.total),
        "BT-115": "0.00" if paid else str(view.total),
        "BG-23": _breakdown(view),
        "BG-25": [_line(number, line, view) for number, line in enumerate(view.lines, start=1)],
    }
    if paid:
        said["BT-113"] = str(paid)
    else:
        said["BT-20"] = "При получаване" if view.payment is Payment.CASH_ON_DELIVERY else "По банков път"
    if view.payment is Payment.BANK_TRANSFER and seller.iban:
        said["BT-84"] = seller.iban
        if seller.bic:
            said["BT-86"] = seller.bic
    elif view.payment is Payment.BANK_TRANSFER:
        said["BT-81"] = "1"  # not defined: a transfer names an account, and there is none
    if view.corrects:
        said["BG-3"] = [{"BT-25": view.corrects.number, "BT-26": view.corrects.issued_on}]
        said["BG-1"] = [{"BT-22": plain(view.corrects.ground)}]
    return said


def country_of(vat_number: str | None) -> str:
    """Tell a buyer's country by the VAT number, else it is ours; Greece has a prefix of its own there."""
    prefix = (vat_number or "BG")[:2]
    return {"EL": "GR"}.get(prefix, prefix)


def plain(text: str) -> str:
    """Leave out what XML cannot hold: control characters, halves of letters, and what is no letter at all."""
    return NO_XML.sub("", text).strip() or UNNAMED


def _party(
    name: str, address: str, eik: str | None, vat_number: str | None, *, is_seller: bool = False
) -> dict[str, Any]:
    city, _, street = address.partition(", ")
    party: dict[str, Any] = {
        "name": plain(name),
        "addr_l1": plain(street or address),
        "city": plain(city) if street else None,
        "country_code": country_of(vat_number),
    }
    if eik:
        party["legal_identifier"] = eik
    if vat_number:
        party["vat_identifier"] = vat_number
    elif is_seller:
        party["tax_identifier"] = eik
    return {key: value for key, value in party.items() if value}


def _category(view: InvoiceView, rate: int) -> tuple[str, str | None]:
    if rate:
        return STANDARD, None
    assert view.no_vat_ground is not None  # the view has seen to it
    return GROUNDS[view.no_vat_ground]


def _breakdown(view: InvoiceView) -> list[dict[str, Any]]:
    groups = []
    for each in view.vat_sums:
        category, code = _category(view, each.rate)
        group: dict[str, Any] = {
            "BT-116": str(each.base),
            "BT-117": str(each.vat),
            "BT-118": category,
            "BT-119": str(each.rate),
        }
        if category != STANDARD and view.no_vat_ground:
            group["BT-120"] = view.no_vat_ground.value
            if code:
                group["BT-121"] = code
        groups.append(group)
    return groups


def _line(number: int, line: Line, view: InvoiceView) -> dict[str, Any]:
    category, _ = _category(view, line.rate)
    said: dict[str, Any] = {
        "BT-126": str(number),
        "BT-129": str(line.quantity),
        "BT-130": PIECE,
        "BT-131": str(line.base),
        "BT-146": str(line.unit_price),
        "BT-151": category,
        "BT-152": str(line.rate),
        "BT-153": plain(line.description),
    }
    if line.sku:
        said["BT-155"] = plain(line.sku)
    if line.discount:
        said["BG-27"] = [{"amount": str(line.discount), "reason": "Отстъпка", "reason_code": "95"}]
    return said


def metadata() -> bytes:
    """Return what a Factur-X PDF says of its attachment: the descriptions that belong into its XMP."""
    return _DESCRIPTIONS.encode()


def issued_at(view: InvoiceView) -> datetime:
    """Return the moment that the attachment is dated with: the same view gives the same bytes."""
    return datetime(view.issued_on.year, view.issued_on.month, view.issued_on.day, tzinfo=UTC)


_URN = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_PROPERTIES = (
    ("DocumentFileName", "The name of the embedded XML document"),
    ("DocumentType", "The type of the hybrid document in capital letters, e.g. INVOICE or ORDER"),
    ("Version", "The actual version of the standard applying to the embedded XML document"),
    ("ConformanceLevel", "The conformance level of the embedded XML document"),
)
_DESCRIPTIONS = (
    '<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
    ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
    ' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" rdf:about="">'
    '<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">'
    "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
    f"<pdfaSchema:namespaceURI>{_URN}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
    "<pdfaSchema:property><rdf:Seq>"
    + "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{what}</pdfaProperty:description></rdf:li>"
        for name, what in _PROPERTIES
    )
    + "</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
    f'<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:fx="{_URN}" rdf:about="">'
    f"<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>{ATTACHED_AS}</fx:DocumentFileName>"
    "<fx:Version>1.0</fx:Version><fx:ConformanceLevel>EN 16931</fx:ConformanceLevel></rdf:Description>"
)
