"""One day of I-Cash read back: the operations that the shop entered, and the documents issued for them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from app.accounting.ports import BookedDocument, BookedKind, BookedSale, BooksUnavailable, BooksUnsure
from app.core.money import Money
from app.integrations.icash import wire
from app.integrations.icash.account import ICashAccount
from app.integrations.icash.client import Conversation, ICashClient
from app.integrations.icash.states import state_of
from app.integrations.icash.wire import N, Value

DOCUMENTS_A_TURN = 20
KINDS = {
    "NORMAL": BookedKind.INVOICE,
    "ADVANCE": BookedKind.INVOICE,
    "CREDIT": BookedKind.CREDIT_NOTE,
    "DEBIT": BookedKind.DEBIT_NOTE,
}


class Reading:
    def __init__(self, client: ICashClient, account: ICashAccount) -> None:
        self._client, self._account = client, account

    async def sales(self, on: date) -> list[BookedSale]:
        filters = {
            "ImportSource": self._account.import_source,
            "OperationType": self._set("Sell", "ReturnClient"),
            "OperationStatus": self._set(*self._account.assumptions.all_statuses),
            "OperationDateFrom": on.isoformat(),
            "OperationDateTo": on.isoformat(),
        }
        async with self._client.open() as talk:
            records = await self._whole(talk, wire.BookedOperation, "operations-list", filters)
        return [self._sale(record) for record in records if record.on == on]

    async def documents(self, on: date) -> list[BookedDocument]:
        filters = {
            "ImportSource": self._account.import_source,
            "DocumentType": "INVOICE",
            "DocumentStatus": self._set("NORMAL", "DELETED"),
            # By default those over money alone are not listed, which could leave gaps in the numbers.
            "DocumentOperationType": self._set("NORMAL", "FINANCIAL"),
            "DocumentSubType": self._set(*KINDS),
            "DocumentDateFrom": on.isoformat(),
            "DocumentDateTo": on.isoformat(),
        }
        async with self._client.open() as talk:
            listed = await self._whole(talk, wire.ListedDocument, "documents-list", filters)
        found: list[wire.Document] = []
        for start in range(0, len(listed), DOCUMENTS_A_TURN):
            # Each costs a call: a sale must not wait until all of a day's are read.
            async with self._client.open() as talk:
                found += [await _read(talk, each.id) for each in listed[start : start + DOCUMENTS_A_TURN]]
        return [self._document(document) for document in found if document.type == "INVOICE" and document.on == on]

    def _set(self, *values: str) -> str:
        return self._account.assumptions.set_separator.join(values)

    async def _whole(self, talk: Conversation, kind: type[N], endpoint: str, filters: Mapping[str, Value]) -> list[N]:
        """Return all that is listed, or fail: a list that changes between two pages leaves records out."""
        found: dict[int, N] = {}
        totals: set[int] = set()
        async for page in talk.pages(endpoint, filters, self._account.assumptions.pages_of_a_day):
            totals.add(page.total)
            found |= {record.id: record for record in (wire.parse(kind, each) for each in page.records)}
        if totals != {len(found)}:
            raise BooksUnavailable(endpoint, "list-changed")
        return list(found.values())

    def _sale(self, operation: wire.BookedOperation) -> BookedSale:
        is_return = operation.kind == "ReturnClient"
        total = self._money(operation.price, operation.currency, "operation", operation.id)
        return BookedSale(
            operation_id=operation.id,
            reference=operation.import_reference or None,
            state=state_of(operation, self._account.assumptions),
            total=_unsigned(total) if is_return else total,
            is_return=is_return,
            on=operation.on,
        )

    def _document(self, document: wire.Document) -> BookedDocument:
        kind = KINDS[document.sub_type]
        subject = f"document {document.id} operation"
        total = self._money(document.total, document.currency, subject, document.operation_id)
        return BookedDocument(
            document_id=document.id,
            number=document.number,
            kind=kind,
            operation_id=document.operation_id,
            issued_on=document.on,
            total=_unsigned(total) if kind is BookedKind.CREDIT_NOTE else total,
            is_deleted=document.status == "DELETED",
            corrects_id=None if kind is BookedKind.INVOICE else document.corrected_id,
        )

    def _money(self, amount: Decimal, currency: str | None, subject: str, operation_id: int | None) -> Money:
        if currency not in (None, "", self._account.assumptions.currency):
            raise BooksUnsure(f"currency-differs {subject}", operation_id)
        try:
            return Money.of(amount)
        except ValueError:
            raise BooksUnsure(f"not-in-cents {subject}", operation_id) from None


async def _read(talk: Conversation, document_id: int) -> wire.Document:
    document = await talk.read(wire.Document, "get-document", {"DocumentID": document_id})
    if document.id != document_id:
        raise BooksUnsure(f"another-document {document_id}")
    return document


def _unsigned(total: Money) -> Money:
    """Drop the sign; whether I-Cash writes what it gives back with a minus is not documented."""
    return Money(abs(total.cents))
