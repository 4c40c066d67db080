"""Draws an invoice as PDF/A-3b: pure and deterministic, the same view gives the same bytes.

The letters are Inter's (Debian: fonts-inter): clear at seven points, complete in Cyrillic, with figures of one width
for the columns. Its Cyrillic has the common forms, as Bulgarian accounting documents mostly do, and no Bulgarian ones.
Other scripts fall to DejaVu Sans (fonts-dejavu-core). Faces are the system's: a page fetches nothing.
"""

import re
from datetime import date
from decimal import Decimal
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.core.drawing import draw
from app.core.language import Text
from app.core.money import Money
from app.invoices.embedding import enclosed
from app.invoices.view import DocumentKind, InvoiceView, Payment

TEMPLATE_VERSION = "invoice-2"
"""Kept with each document; changes with anything that changes the page or the e-invoice within."""

_VARIANT = "pdf/a-3b"
_NBSP = "\N{NO-BREAK SPACE}"
_BOUND = re.compile(r"(?<=№) |(?<=\b(?:гр|ул|пл|кв|бл|вх|ет|ап)\.) |(?<=\bбул\.) |(?<=\d) (?=бр\.|\d)")

_TITLES = {
    DocumentKind.INVOICE: Text("Фактура", "Invoice"),
    DocumentKind.CREDIT_NOTE: Text("Кредитно известие", "Credit note"),
    DocumentKind.DEBIT_NOTE: Text("Дебитно известие", "Debit note"),
    DocumentKind.PROFORMA: Text("Проформа фактура", "Proforma invoice"),
}
_PAYMENTS = {
    Payment.CASH_ON_DELIVERY: Text("Наложен платеж", "Cash on delivery"),
    Payment.BANK_TRANSFER: Text("Банков превод", "Bank transfer"),
    Payment.CARD: Text("Банкова карта", "Card"),
}


def render(view: InvoiceView) -> bytes:
    """Return the PDF with the e-invoice within it; characters that no installed face can draw become �."""
    return draw(_html(view), _stylesheet(), variant=_VARIANT, enclosure=enclosed(view))


def _html(view: InvoiceView) -> str:
    return (
        _templates()
        .get_template("invoice.html")
        .render(view=view, title=_TITLES[view.kind], payment=_PAYMENTS[view.payment], template_version=TEMPLATE_VERSION)
    )


def amount(value: Money | Decimal) -> str:
    """Return `1 234,56`: the decimal comma and thousands apart, on one line."""
    return f"{value.decimal if isinstance(value, Money) else value:,}".replace(",", _NBSP).replace(".", ",")


def euro(value: Money) -> str:
    return f"{amount(value)}{_NBSP}€"


def day(value: date) -> str:
    return f"{value:%d.%m.%Y}{_NBSP}г."


def iban(value: str) -> str:
    """Return the account in groups of four, as banks print it."""
    return _NBSP.join(value[start : start + 4] for start in range(0, len(value), 4))


def bound(text: str) -> str:
    """Keep „№ 2“, „ул. Шипка“ and „4 бр.“ on one line."""
    return _BOUND.sub(_NBSP, text)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("app.invoices"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(amount=amount, euro=euro, day=day, iban=iban, bound=bound)
    return environment


@cache
def _stylesheet() -> str:
    loader = _templates().loader
    assert loader is not None
    source, _, _ = loader.get_source(_templates(), "invoice.css")
    return source
