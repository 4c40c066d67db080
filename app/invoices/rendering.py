"""Draws an invoice as PDF/A-3b: pure and deterministic, the same view gives the same bytes.

The letters are Inter's (Debian: fonts-inter): clear at seven points, complete in Cyrillic, with figures of one width
for the columns. Its Cyrillic has the common forms, as Bulgarian accounting documents mostly do, and no Bulgarian ones.
Other scripts fall to DejaVu Sans (fonts-dejavu-core). Faces are the system's: a page fetches nothing.
"""

import logging
import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import NoReturn

from jinja2 import Environment, PackageLoader, StrictUndefined
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

from app.core.language import Text
from app.core.money import Money
from app.invoices.view import DocumentKind, InvoiceView, Payment

TEMPLATE_VERSION = "invoice-1"
"""Kept with each document; changes with anything that changes the page."""

_VARIANT = "pdf/a-3b"
_UNDRAWABLE = "\N{REPLACEMENT CHARACTER}"
_NBSP = "\N{NO-BREAK SPACE}"
_BOUND = re.compile(r"(?<=№) |(?<=\b(?:гр|ул|пл|кв|бл|вх|ет|ап)\.) |(?<=\bбул\.) |(?<=\d) (?=бр\.|\d)")

_TITLES = {
    DocumentKind.INVOICE: Text("Фактура", "Invoice"),
    DocumentKind.CREDIT_NOTE: Text("Кредитно известие", "Credit note"),
    DocumentKind.DEBIT_NOTE: Text("Дебитно известие", "Debit note"),
}
_PAYMENTS = {
    Payment.CASH_ON_DELIVERY: Text("Наложен платеж", "Cash on delivery"),
    Payment.BANK_TRANSFER: Text("Банков превод", "Bank transfer"),
    Payment.CARD: Text("Банкова карта", "Card"),
}

# A warning of WeasyPrint's names the letter it cannot draw: a piece of somebody's name.
logging.getLogger("weasyprint").setLevel(logging.ERROR)


def render(view: InvoiceView) -> bytes:
    """Return the PDF. Characters that no installed face can draw become �, as PDF/A allows no empty glyph."""
    html = _html(view)
    pdf, missing = _draw(html)
    if missing:
        pdf, _ = _draw(html.translate(dict.fromkeys(missing, _UNDRAWABLE)))
    return pdf


def _draw(html: str) -> tuple[bytes, set[int]]:
    """Return the PDF and the code points that found no glyph."""
    document = HTML(string=html, url_fetcher=_refuse).render(
        font_config=_fonts(), stylesheets=[_stylesheet()], pdf_variant=_VARIANT
    )
    pdf: bytes = document.write_pdf(pdf_variant=_VARIANT)
    return pdf, {point for font in document.fonts.values() for point in font.missing}


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
def _fonts() -> FontConfiguration:
    """Return the one configuration of this process: making it anew costs more than a page."""
    return FontConfiguration()


@cache
def _stylesheet() -> CSS:
    loader = _templates().loader
    assert loader is not None
    source, _, _ = loader.get_source(_templates(), "invoice.css")
    return CSS(string=source, url_fetcher=_refuse, font_config=_fonts())


def _refuse(url: str) -> NoReturn:
    raise FatalURLFetchingError(f"an invoice fetches nothing: {url}")
