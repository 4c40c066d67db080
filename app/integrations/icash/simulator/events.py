"""What happens inside I-Cash without a call from the shop; ordered by tests."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.integrations.icash.simulator import document_events as documents
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


def total_set(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:  # noqa: ARG001 - as all events
    """Let staff change what an operation amounts to; it may be finished."""
    ledger.operation(event["operation_id"]).total_by_staff = Decimal(event["total"])


def operation_duplicated(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:  # noqa: ARG001 - as all events
    """Let the same sale be there once more, with the same reference and a number of its own."""
    first = ledger.operation(event["operation_id"])
    number = next(ledger.numbers)
    rows = [replace(row, id=next(ledger.numbers)) for row in first.rows.values()]
    second = replace(
        first,
        id=number,
        rows={row.id: row for row in rows},
        payments=list(first.payments),
        unique_number=first.unique_number and f"{first.unique_number[:-7]}{number:07}",
    )
    ledger.operations[number] = second
    for same in ledger.by_reference.values():
        if first in same:
            same.append(second)


def operation_returned(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:
    """Let staff give a finished sale back (storno), today and with its reference."""
    sold = ledger.operation(event["operation_id"])
    number = next(ledger.numbers)
    ledger.operations[number] = replace(
        sold, id=number, kind="ReturnClient", rows=dict(sold.rows), created=stamp(at), unique_number=None
    )
    ledger.move_stock(ledger.operations[number])


def operation_removed(ledger: Ledger, event: dict[str, Any], at: datetime) -> None:  # noqa: ARG001 - as all events
    """Let an operation be gone as if it had never been entered."""
    operation = ledger.operation(event["operation_id"])
    del ledger.operations[operation.id]
    for same in ledger.by_reference.values():
        same[:] = [each for each in same if each is not operation]


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
    "total-set": total_set,
    "operation-duplicated": operation_duplicated,
    "operation-returned": operation_returned,
    "operation-removed": operation_removed,
    "invoice-issued": documents.invoice_issued,
    "credit-note-issued": documents.credit_note_issued,
    "debit-note-issued": documents.debit_note_issued,
    "document-deleted": documents.document_deleted,
}
