"""Which view each kind of document has, and how it is called."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from app.core.language import Text
from app.invoices.goods_view import GoodsView
from app.invoices.protocol_view import ProtocolView
from app.invoices.sale_view import SaleView
from app.invoices.view import DocumentKind, InvoiceView

K = DocumentKind
Paper = InvoiceView | SaleView | GoodsView | ProtocolView


@dataclass(frozen=True)
class Rendered:
    """What is kept of a document for ever: its pages, and the same as an e-invoice."""

    pdf: bytes
    xml: bytes | None = None


TEMPLATE_VERSION = "invoice-3"
"""Kept with each document; changes with anything that changes the page or the e-invoice within."""

FINGERPRINT = "snapshot-sha256:"
"""Before the fingerprint of the view, among the keywords of its PDF."""

TITLES: dict[DocumentKind, Text] = {
    K.INVOICE: Text("Фактура", "Invoice"),
    K.CREDIT_NOTE: Text("Кредитно известие", "Credit note"),
    K.DEBIT_NOTE: Text("Дебитно известие", "Debit note"),
    K.PROFORMA: Text("Проформа фактура", "Proforma invoice"),
    K.SALE: Text("Документ за регистриране на продажба", "Sale document"),
    K.GOODS_NOTE: Text("Стокова разписка", "Goods note"),
    K.PROTOCOL: Text("Протокол за анулиране", "Protocol of annulment"),
}
FILES: dict[DocumentKind, str] = {
    K.INVOICE: "faktura",
    K.CREDIT_NOTE: "kreditno-izvestie",
    K.DEBIT_NOTE: "debitno-izvestie",
    K.PROFORMA: "proforma",
    K.SALE: "prodazhba",
    K.GOODS_NOTE: "stokova-razpiska",
    K.PROTOCOL: "protokol",
}
_VIEWS: dict[DocumentKind, type[Paper]] = {K.SALE: SaleView, K.GOODS_NOTE: GoodsView, K.PROTOCOL: ProtocolView}


def restored(kind: DocumentKind, snapshot: dict[str, Any]) -> Paper:
    """Make the view again that was kept; refuses with ValueError what does not add up."""
    return _VIEWS.get(kind, InvoiceView).restored(snapshot)


def rendered(view: Paper) -> Rendered:
    """Draw a document; what draws is loaded then, so that who has it done in another process never loads it."""
    drawn: Rendered = import_module("app.invoices.rendering").rendered(view)
    return drawn


def filename(kind: DocumentKind, number: str, suffix: str = "pdf") -> str:
    return f"{FILES[kind]}-{number}.{suffix}"
