"""What happens inside I-Cash without a call from the shop; ordered by tests."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.integrations.icash.simulator.ledger import Ledger, Operation, stamp


def sessions_expired(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:  # noqa: ARG001 - as all events
    ledger.sessions.clear()


def stock_counted(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:  # noqa: ARG001 - as all events
    item = ledger.item({"SaleItemInventoryID": event["sku"]})
    ledger.stock[item.id, event["store_id"]] = Decimal(event["quantity"])


def receipt_fetched(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:  # noqa: ARG001 - as all events
    """Let the till fetch an operation that waits for it."""
    _waiting(ledger, event, "FOR_DOWNLOAD").status = "DOWNLOADED"


def receipt_printed(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:
    """Let the till print what it has fetched."""
    operation = _waiting(ledger, event, "DOWNLOADED")
    operation.status, operation.completed = "NORMAL", stamp(at)
    operation.completed_at_register = stamp(at)


def status_set(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:  # noqa: ARG001 - as all events
    """Let staff delete or edit an operation on the screen."""
    ledger.operation(event["operation_id"]).status = event["status"]


def invoice_issued(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:
    """Let staff press "Генерирай фактура" for a finished sale that names its customer."""
    operation = ledger.operation(event["operation_id"])
    if operation.contragent_id is None or not operation.prints:
        raise ValueError("an invoice needs a finished sale to a known customer")
    number = len(ledger.documents) + 1
    contragent = ledger.contragents[operation.contragent_id]
    corrects = event.get("corrects_id")
    ledger.documents[number] = {
        "DocumentID": number,
        "DocumentStatus": "NORMAL",
        "DocumentNum": event.get("number", number),
        "DocumentType": "INVOICE",
        "DocumentStoreID": operation.register.store_id,
        "DocumentOperationID": operation.id,
        "DocumentOperationType": "NORMAL",
        "DocumentSubType": event.get("sub_type", "NORMAL"),
        "DocumentDate": stamp(at)[:10],
        "DocumentToDocumentID": corrects,
        "DocumentToDocumentDate": ledger.documents[corrects]["DocumentDate"] if corrects else None,
        "DocumentContragentID": operation.contragent_id,
        "DocumentContragentName": contragent["ContragentName"],
        "DocumentContragentTaxNum": contragent["ContragentTaxNum"],
        "DocumentTotalPrice": event.get("total") or f"{operation.total:.2f}",
        "DocumentCurrencyCode": ledger.rules.currency,
        "ImportSource": operation.source,
        "ImportRefID": operation.import_reference,
    }


def document_deleted(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:  # noqa: ARG001 - as all events
    """Let staff delete a document on the screen."""
    ledger.documents[event["document_id"]]["DocumentStatus"] = "DELETED"


def price_changed(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:  # noqa: ARG001 - as all events
    """Let staff change the price of an operation's first row."""
    row = next(iter(ledger.operation(event["operation_id"]).rows.values()))
    row.price = Decimal(event["price"])


def operation_doubled(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:  # noqa: ARG001 - as all events
    """Let somebody enter the same sale again, by hand."""
    first = ledger.operation(event["operation_id"])
    again = replace(first, id=next(ledger.numbers), rows=dict(first.rows))
    ledger.operations[again.id] = again
    if first.import_reference and first.import_reference.isdecimal():
        ledger.by_reference[int(first.import_reference)].append(again)


def operation_lost(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:  # noqa: ARG001 - as all events
    """Let an operation be gone, as after a restore of an old backup there."""
    lost = ledger.operations.pop(event["operation_id"])
    if lost.import_reference and lost.import_reference.isdecimal():
        ledger.by_reference[int(lost.import_reference)].remove(lost)


def _waiting(ledger: Ledger, event: dict[str, Any], status: str) -> Operation:
    operation = ledger.operation(event["operation_id"])
    if operation.status != status:
        raise ValueError(f"the operation is not {status}")
    return operation


EVENTS: dict[str, Callable[[Ledger, dict[str, Any], datetime], None]] = {
    "sessions-expired": sessions_expired,
    "stock-counted": stock_counted,
    "receipt-fetched": receipt_fetched,
    "receipt-printed": receipt_printed,
    "status-set": status_set,
    "invoice-issued": invoice_issued,
    "document-deleted": document_deleted,
    "price-changed": price_changed,
    "operation-doubled": operation_doubled,
    "operation-lost": operation_lost,
}
