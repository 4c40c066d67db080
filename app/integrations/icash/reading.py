"""Reads what stands in the books: the operations and the documents of a day."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from app.accounting.ports import BookedDocument, BookedKind, BookedSale, BookedState, BooksUnsure
from app.core.money import Money
from app.integrations.icash.account import Assumptions, ICashAccount
from app.integrations.icash.client import Conversation
from app.integrations.icash.wire import Document, ListedDocument, ListedOperation

PAGES_OF_A_DAY = 200
KINDS = {
    "NORMAL": BookedKind.INVOICE,
    "ADVANCE": BookedKind.INVOICE,
    "CREDIT": BookedKind.CREDIT_NOTE,
    "DEBIT": BookedKind.DEBIT_NOTE,
}


async def list_sales(talk: Conversation, account: ICashAccount, on: date) -> Sequence[BookedSale]:
    assumptions = account.assumptions
    found = await talk.search(
        ListedOperation,
        "operations-list",
        {
            "ImportSource": account.import_source,
            "OperationType": assumptions.set_separator.join(("Sell", "ReturnClient")),
            "OperationStatus": assumptions.set_separator.join(assumptions.all_statuses),
            "OperationDateFrom": on.isoformat(),
            "OperationDateTo": on.isoformat(),
        },
        pages=PAGES_OF_A_DAY,
    )
    return [
        BookedSale(
            operation.id,
            operation.import_reference,
            _state(operation.status, assumptions),
            _money(operation.price, operation.id),
            operation.kind == "ReturnClient",
            operation.day,
        )
        for operation in found
        if operation.day == on  # whether the list filters exactly is not documented
    ]


async def list_documents(talk: Conversation, account: ICashAccount, on: date) -> Sequence[int]:
    separator = account.assumptions.set_separator
    found = await talk.search(
        ListedDocument,
        "documents-list",
        {
            "ImportSource": account.import_source,
            "DocumentType": "INVOICE",
            "DocumentStatus": separator.join(("NORMAL", "DELETED")),
            "DocumentSubType": separator.join(KINDS),
            "DocumentDateFrom": on.isoformat(),
            "DocumentDateTo": on.isoformat(),
        },
        pages=PAGES_OF_A_DAY,
    )
    return [document.id for document in found]


async def get_document(talk: Conversation, document_id: int) -> BookedDocument:
    document = await talk.read(Document, "get-document", {"DocumentID": document_id})
    if document.id != document_id or document.sub_type not in KINDS:
        raise BooksUnsure("another-document", document_id)
    return BookedDocument(
        document.id,
        document.number,
        KINDS[document.sub_type],
        document.operation_id,
        document.day,
        _money(document.total, document.id),
        document.status == "DELETED",
        document.corrects_id,
    )


def _state(status: str, assumptions: Assumptions) -> BookedState:
    for statuses, state in (
        (assumptions.building, BookedState.OPEN),
        (assumptions.waiting, BookedState.WAITING),
        (assumptions.complete, BookedState.COMPLETE),
        (frozenset({"DELETED"}), BookedState.DELETED),
    ):
        if status in statuses:
            return state
    return BookedState.OTHER


def _money(amount: Decimal, of: int) -> Money:
    try:
        return Money.of(amount)
    except ValueError:
        raise BooksUnsure("not-whole-cents", of) from None
