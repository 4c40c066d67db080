"""Draws a document as PDF/A-3b: pure and deterministic, the same view gives the same bytes.

The letters are Inter's (Debian: fonts-inter): clear at seven points, complete in Cyrillic, with figures of one width
for the columns. Its Cyrillic has the common forms, as Bulgarian accounting documents mostly do, and no Bulgarian ones.
Other scripts fall to DejaVu Sans (fonts-dejavu-core). Faces are the system's: a page fetches nothing.
"""

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TypeGuard

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.core.drawing import draw
from app.core.language import Text
from app.core.money import Money
from app.invoices.einvoice import ubl
from app.invoices.embedding import enclosed
from app.invoices.papers import FINGERPRINT, TEMPLATE_VERSION, TITLES, Paper, Rendered
from app.invoices.protocol_view import ProtocolView
from app.invoices.sale_view import SaleView
from app.invoices.view import TAXED, DocumentKind, InvoiceView, Payment

_VARIANT = "pdf/a-3b"
_NBSP = "\N{NO-BREAK SPACE}"
_BOUND = re.compile(r"(?<=№) |(?<=\b(?:гр|ул|пл|кв|бл|вх|ет|ап)\.) |(?<=\bбул\.) |(?<=\d) (?=бр\.|\d)")

_PAYMENTS = {
    Payment.CASH_ON_DELIVERY: Text("Наложен платеж", "Cash on delivery"),
    Payment.BANK_TRANSFER: Text("Банков превод", "Bank transfer"),
    Payment.CARD: Text("Банкова карта", "Card"),
}


def render(view: Paper) -> bytes:
    """Return the PDF, in which its e-invoice is; characters that no installed face can draw become �."""
    enclosure = enclosed(view) if _is_exchanged(view) else None
    return draw(_html(view), _stylesheet(), variant=_VARIANT, enclosure=enclosure)


def rendered(view: Paper) -> Rendered:
    """Return all that is kept of a document."""
    return Rendered(render(view), ubl(view) if _is_exchanged(view) else None)


def _is_exchanged(view: Paper) -> TypeGuard[InvoiceView]:
    return isinstance(view, InvoiceView) and view.kind in TAXED


def _html(view: Paper) -> str:
    template, facts = _PAGES.get(view.kind, _invoice_page)(view)
    return (
        _templates()
        .get_template(template)
        .render(
            view=view,
            title=TITLES[view.kind],
            template_version=TEMPLATE_VERSION,
            fingerprint=f"{FINGERPRINT}{view.fingerprint()}",
            **facts,
        )
    )


def _invoice_page(view: Paper) -> tuple[str, dict[str, object]]:
    assert isinstance(view, InvoiceView)
    return "invoice.html", {"payment": _PAYMENTS[view.payment], "total": _total(view)}


def _total(view: InvoiceView) -> Text:
    """Call the sum what it is: what is paid asks for no payment."""
    if view.corrects:
        return Text("Сума на известието", "Total")
    return Text("Обща сума, платена", "Total, paid") if view.paid_on else Text("Сума за плащане", "Total")


def _sale_page(view: Paper) -> tuple[str, dict[str, object]]:
    assert isinstance(view, SaleView)
    # Level M: a code that is printed small and stamped over is still read.
    code = segno.make_qr(view.qr_payload, error="m", encoding="iso-8859-5", eci=False)
    return "sale.html", {"payment": _PAYMENTS[view.payment], "qr": code.svg_inline(border=4, omitsize=True)}


def _goods_page(_: Paper) -> tuple[str, dict[str, object]]:
    return "goods.html", {}


def _protocol_page(view: Paper) -> tuple[str, dict[str, object]]:
    assert isinstance(view, ProtocolView)
    instead = TITLES[view.replacement.kind] if view.replacement else None
    return "protocol.html", {"annulled": TITLES[view.annulled.kind], "replacement": instead}


_PAGES = {
    DocumentKind.SALE: _sale_page,
    DocumentKind.GOODS_NOTE: _goods_page,
    DocumentKind.PROTOCOL: _protocol_page,
}


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
