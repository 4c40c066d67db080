"""States invoices and notes as e-invoices of EN 16931, which accounting programs read: pure, without a check.

Two spellings of the same terms: UBL 2.1, a file of its own, and CII in the profile EN 16931 of Factur-X (ZUGFeRD 2),
which a PDF carries. The numbers of the terms (BT-…, BG-…) are the standard's and the keys of the library `factur-x`.
That the files keep the rules of the standard is tested with its own schemas and schematron.
"""

import logging
import re
from decimal import Decimal
from typing import Any

from facturx import generate_xml
from lxml import etree

from app.core.money import CURRENCY, Money
from app.core.vat import VatSum
from app.invoices.view import TAXED, Buyer, DocumentKind, InvoiceView, Line, NoVatGround, Payment, Seller

Terms = dict[str, Any]

# It tells of every file what it does with it; only a warning says that a term was dropped.
logging.getLogger("factur-x").setLevel(logging.WARNING)

_COUNTRY = "BG"
_HALF_A_CENT = Decimal("0.005")
_PIECE = "C62"  # UN/ECE Recommendation 20: one
_DISCOUNT = {"reason": "Отстъпка", "reason_code": "95"}  # UNTDID 5189: discount

_TYPES = {DocumentKind.INVOICE: "380", DocumentKind.CREDIT_NOTE: "381", DocumentKind.DEBIT_NOTE: "383"}  # UNTDID 1001

_MEANS = {  # UNTDID 4461; cash on delivery has no number of its own there
    Payment.CASH_ON_DELIVERY: ("10", "Наложен платеж", "Дължи се на куриера при получаване на пратката."),
    Payment.BANK_TRANSFER: ("30", "Банков превод", "Дължи се по банков път."),
    Payment.CARD: ("48", "Банкова карта", "Дължи се с банкова карта."),
}
_UNDEFINED_MEANS = "1"

_EXEMPTIONS: dict[NoVatGround, tuple[str, str | None]] = {
    NoVatGround.EXPORT: ("G", "VATEX-EU-G"),
    NoVatGround.INTRA_EU: ("K", "VATEX-EU-IC"),
    NoVatGround.REVERSE_CHARGE: ("AE", "VATEX-EU-AE"),
    NoVatGround.NOT_REGISTERED: ("E", None),  # no code says that a seller is not registered
}
"""The category of VAT (UNTDID 5305), and the code of the reason (VATEX)."""

_PREFIXES = {"EL": "GR", "XI": "GB"}
"""Where the prefix of a VAT number is not the country's code."""

_PLACE = re.compile(
    r"(?:(?P<before>\d{4}) )?(?:гр\. ?)?(?P<city>(?:с\. ?|к\.к\. ?)?[А-Яа-я]+(?:[ -][А-Яа-я]+)*)(?: (?P<after>\d{4}))?"
    r", (?P<street>.+)",
    re.DOTALL,
)
"""`гр. София 1618, …`, `4000 Пловдив, …` and `Пловдив, …`, as the shop writes addresses."""

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_NOT_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


def cii(view: InvoiceView) -> bytes:
    """Return the XML that belongs into the PDF."""
    root = _generated(view, "factur-x")
    for element in root.iter():
        # The library marks a delivery without day and place as nothing; the schema refuses the mark.
        element.attrib.pop(_NIL, None)
    return _written(root)


def ubl(view: InvoiceView) -> bytes:
    """Return a file of UBL 2.1: an Invoice, or a CreditNote."""
    root = _generated(view, "ubl-2.1")
    if view.kind is DocumentKind.CREDIT_NOTE:
        terms = {etree.QName(element).localname: element for element in root}
        # The library writes the date where an Invoice has it; the schema of a CreditNote has it before the type.
        terms["CreditNoteTypeCode"].addprevious(terms["TaxPointDate"])
    return _written(root)


def _written(root: Any) -> bytes:
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def _generated(view: InvoiceView, flavor: str) -> Any:
    if view.kind not in TAXED:
        raise ValueError("only an invoice or a note to one is exchanged as an e-invoice")
    written = generate_xml(
        _legal(_terms(view)), flavor=flavor, level="en16931", check_xsd=False, check_schematron=False
    )
    return etree.fromstring(written)


def _terms(view: InvoiceView) -> Terms:
    return {
        "BT-1": view.number,
        "BT-2": view.issued_on,
        "BT-3": _TYPES[view.kind],
        "BT-5": CURRENCY,
        "BT-7": view.tax_event_on,
        # The buyer knows the order by the shop's number; UBL has no place for BT-14 alone.
        "BT-13": view.order_number,
        "BT-14": view.order_number,
        "BG-1": [{"BT-22": note} for note in _notes(view)],
        "BG-4": _seller(view.seller),
        "BG-7": _buyer(view.buyer),
        **_corrected(view),
        **_delivery(view),
        **_payment(view),
        **_totals(view),
        "BG-23": _vat_sums(view),
        "BG-25": [_line(position, line, view.no_vat_ground) for position, line in enumerate(view.lines, start=1)],
    }


def _notes(view: InvoiceView) -> list[str]:
    if view.corrects:
        return [view.corrects.ground]
    return ["Авансово плащане (чл. 25, ал. 7 ЗДДС)"] if view.is_advance else []


def _corrected(view: InvoiceView) -> Terms:
    if view.corrects is None:
        return {}
    return {"BG-3": [{"BT-25": view.corrects.number, "BT-26": view.corrects.issued_on}]}


def _seller(seller: Seller) -> Terms:
    contact = {name: value for name, value in (("phone", seller.phone), ("email", seller.email)) if value}
    return {
        "name": _named(seller.name),
        "legal_identifier": seller.eik,
        # Who is not registered for VAT is known to the revenue by the EIK.
        **({"vat_identifier": seller.vat_number} if seller.vat_number else {"tax_identifier": seller.eik}),
        **_address(seller.address, _COUNTRY),
        "contacts": [contact] if contact else [],
    }


def _buyer(buyer: Buyer) -> Terms:
    return {
        "name": _named(buyer.name),
        "legal_identifier": buyer.eik,
        "vat_identifier": buyer.vat_number,
        **_address(buyer.address, _country(buyer)),
    }


def _named(name: str) -> str:
    return name if name.strip() else "—"  # the standard asks for a name that is more than spaces


def _country(buyer: Buyer) -> str:
    """Say where the buyer is: a view has nothing else to tell it by than the VAT number."""
    prefix = (buyer.vat_number or _COUNTRY)[:2]
    return _PREFIXES.get(prefix, prefix)


def _address(address: str, country: str) -> Terms:
    """Take the place out of an address where it is plain; what is not understood stays one line."""
    place = _PLACE.fullmatch(address)
    if place is None:
        return {"addr_l1": address, "country_code": country}
    return {
        "addr_l1": place["street"],
        "city": place["city"],
        "postcode": place["before"] or place["after"],
        "country_code": country,
    }


def _delivery(view: InvoiceView) -> Terms:
    """State the day of the delivery where that is the tax event: not of a note, nor of goods that are still to go."""
    delivered = view.kind is DocumentKind.INVOICE and not view.is_advance
    day: Terms = {"BT-72": view.tax_event_on} if delivered else {}
    if view.no_vat_ground is not NoVatGround.INTRA_EU:
        return day
    # An intra-EU supply has to name a day or a period, and the country that the goods go to (BR-IC-11, BR-IC-12).
    period: Terms = {} if delivered else {"BT-73": view.tax_event_on, "BT-74": view.tax_event_on}
    there = {"name": _named(view.buyer.name), **_address(view.buyer.address, _country(view.buyer))}
    return {**day, **period, "BG-13": there}


def _payment(view: InvoiceView) -> Terms:
    """Say how to pay, and on what terms while something is owed (BR-CO-25).

    A note says no way to pay, as on the page: it changes what its invoice claims, and may be set off against it.
    """
    code, name, terms = _MEANS[view.payment]
    if view.paid_on:
        terms = f"Платено на {view.paid_on:%d.%m.%Y} г."
    if view.corrects:
        changes = "Намалява" if view.kind is DocumentKind.CREDIT_NOTE else "Увеличава"
        return {"BT-20": terms if view.paid_on else f"{changes} дължимото по фактурата."}
    if view.payment is not Payment.BANK_TRANSFER:
        return {"BT-20": terms, "BT-81": code, "BT-82": name}
    seller = view.seller
    if view.paid_on or not seller.iban:
        # What is paid asks for nothing; and a credit transfer without an account is refused (BR-61).
        return {"BT-20": terms, "BT-81": _UNDEFINED_MEANS, "BT-82": name}
    account = {"BT-83": view.order_number, "BT-84": seller.iban, "BT-85": seller.name, "BT-86": seller.bic or None}
    return {"BT-20": terms, "BT-81": code, "BT-82": name, **account}


def _totals(view: InvoiceView) -> Terms:
    paid = view.total if view.paid_on else Money.ZERO
    return {
        "BT-106": str(view.base),
        "BT-109": str(view.base),
        "BT-110": str(view.vat),
        "BT-112": str(view.total),
        "BT-113": str(paid) if paid else None,
        "BT-115": str(view.total - paid),
    }


def _vat_sums(view: InvoiceView) -> list[Terms]:
    first, *others = (_vat(each, view.no_vat_ground) for each in view.vat_sums)
    # CII has the date of the tax point beside a rate, and once for all rates (CII-SR-461).
    return [{"BT-7": view.tax_event_on, **first}, *others]


def _vat(each: VatSum, ground: NoVatGround | None) -> Terms:
    category, reason, code = _category(each.rate, ground)
    return {
        "BT-116": str(each.base),
        "BT-117": str(each.vat),
        "BT-118": category,
        "BT-119": str(each.rate),
        "BT-120": reason,
        "BT-121": code,
    }


def _category(rate: int, ground: NoVatGround | None) -> tuple[str, str | None, str | None]:
    """Return the category of VAT, and for goods without VAT why: in the law's words and as a code."""
    if rate or ground is None:
        return "S", None, None
    category, code = _EXEMPTIONS[ground]
    return category, ground.value, code


def _line(position: int, line: Line, ground: NoVatGround | None) -> Terms:
    category, _, _ = _category(line.rate, ground)
    return {
        "BT-126": str(position),
        "BT-129": str(line.quantity),
        "BT-130": _PIECE,
        "BT-131": str(line.base),
        **_price(line),
        "BT-151": category,
        "BT-152": str(line.rate),
        "BT-153": line.description,
        "BT-155": line.sku,
        "BG-27": [{"amount": str(line.discount), **_DISCOUNT}] if line.discount else [],
    }


def _price(line: Line) -> Terms:
    """Price one piece; or all together, where a price of one in four places would not give the line to the cent."""
    whole = line.base + line.discount
    if abs(line.unit_price * line.quantity - whole.decimal) < _HALF_A_CENT:
        return {"BT-146": str(line.unit_price)}
    return {"BT-146": str(whole), "BT-149": str(line.quantity)}


def _legal(value: Any) -> Any:
    """Put � in the place of characters that no XML can hold, such as control characters."""
    match value:
        case str():
            return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value)
        case dict():
            return {key: _legal(each) for key, each in value.items()}
        case list():
            return [_legal(each) for each in value]
        case _:
            return value
