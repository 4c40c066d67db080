"""What stands in I-Cash is read back, day by day: sales and returns, invoices and notes."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from app.accounting.ports import (
    BookedDocument,
    BookedKind,
    BookedSale,
    BookedState,
    BooksReader,
    BooksRefused,
    BooksUnavailable,
    BooksUnsure,
    PostingProgress,
    RequestStream,
    Stream,
)
from app.core.money import Money
from app.integrations.icash import Assumptions
from app.integrations.icash.simulator import FaultKind, ICashSimulator, Rules
from tests.integrations.icash.desk import CountingStream, Desk, make_account, make_sale
from tests.integrations.icash.spoken import COMPANY, ITEM, STORNO, Line, add_row, sell

DAY = date(2026, 11, 22)
A_WEEK = 7 * 86_400
STATUSES = "TEMP,NORMAL,EDITED,DELETED,FOR_DOWNLOAD,DOWNLOADED,POS_OPEN"


@dataclass
class SetClock:
    at: datetime

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 11, 22, 10, 0, tzinfo=UTC))


@pytest.fixture
def rules() -> Rules:
    return Rules(session_seconds=A_WEEK)


@pytest.fixture
async def simulator(clock: SetClock, rules: Rules) -> AsyncIterator[ICashSimulator]:
    async with ICashSimulator.serve(clock=clock, rules=rules) as simulator:
        yield simulator


@pytest.fixture
async def line(http: httpx.AsyncClient) -> Line:
    """Give a line on which there is something to sell."""
    line = Line(http)
    await line.login()
    await line.ask("add-sale-item", **ITEM)
    return line


async def enter(line: Line, reference: int = 100000123, price: str = "12.50", **changes: Any) -> int:
    operation = await sell(line, ImportSource="IONICKISS", ImportRefID=reference, **changes)
    await add_row(line, operation, Qty=1, SaleItemSinglePrice=price)
    return operation


async def enter_return(line: Line, reference: int = 200000123, price: str = "12.50") -> int:
    return await enter(line, reference, price, OperationType="ReturnClient", **STORNO)


async def enter_invoiced(line: Line, simulator: ICashSimulator, **details: Any) -> int:
    """Sell to a company, which gets its invoice."""
    contragent = (await line.ask("add-contragent", **COMPANY))["ContragentID"]
    operation = await enter(line, ContragentID=contragent)
    await line.ask("print-operation", OperationID=operation, PayTypeID=2)
    simulator.happen("invoice-issued", operation_id=operation, **details)
    return operation


def reader(desk: Desk, line: Line) -> BooksReader:
    """Let the shop speak after what was said by hand."""
    desk.restart(after=line.nonce)
    return desk.books


def repeat(simulator: ICashSimulator, operation: int, times: int) -> None:
    for _ in range(times):
        simulator.happen("operation-duplicated", operation_id=operation)


# Sales


async def test_a_sale_and_a_return(desk: Desk, line: Line) -> None:
    returned = await enter_return(line)
    books = reader(desk, line)
    sold = (await desk.post(make_sale())).operation_id
    assert sold is not None
    assert await books.list_sales(DAY) == [
        BookedSale(returned, "200000123", BookedState.OPEN, Money(1250), is_return=True, on=DAY),
        BookedSale(sold, "100000123", BookedState.COMPLETE, Money(12588), is_return=False, on=DAY),
    ]


async def test_a_day_without_sales(desk: Desk) -> None:
    assert await desk.books.list_sales(DAY) == []
    assert await desk.books.list_documents(DAY) == []
    assert desk.called() == ["login", "operations-list", "documents-list"]


async def test_what_is_asked_of_sales(desk: Desk, line: Line) -> None:
    await reader(desk, line).list_sales(DAY)
    assert desk.sent("operations-list") == [
        {
            "ImportSource": "IONICKISS",
            "OperationType": "Sell,ReturnClient",
            "OperationStatus": STATUSES,
            "OperationDateFrom": "2026-11-22",
            "OperationDateTo": "2026-11-22",
            "offset": "0",
            "count": "100",
        }
    ]


async def test_sets_are_written_as_assumed(desk: Desk) -> None:
    desk.account = make_account(assumptions=Assumptions(all_statuses=("TEMP", "NORMAL"), set_separator="|"))
    desk.restart()
    with pytest.raises(BooksRefused):
        await desk.books.list_sales(DAY)
    with pytest.raises(BooksRefused):
        await desk.books.list_documents(DAY)
    [sales], [documents] = desk.sent("operations-list"), desk.sent("documents-list")
    assert (sales["OperationType"], sales["OperationStatus"]) == ("Sell|ReturnClient", "TEMP|NORMAL")
    assert (documents["DocumentStatus"], documents["DocumentSubType"]) == (
        "NORMAL|DELETED",
        "NORMAL|ADVANCE|CREDIT|DEBIT",
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("TEMP", BookedState.OPEN),
        ("FOR_DOWNLOAD", BookedState.WAITING),
        ("DOWNLOADED", BookedState.WAITING),
        ("POS_OPEN", BookedState.WAITING),
        ("NORMAL", BookedState.COMPLETE),
        ("DELETED", BookedState.DELETED),
        ("EDITED", BookedState.OTHER),
    ],
)
async def test_every_status(desk: Desk, line: Line, status: str, state: BookedState) -> None:
    desk.simulator.happen("status-set", operation_id=await enter(line), status=status)
    [sale] = await reader(desk, line).list_sales(DAY)
    assert sale.state is state


async def test_a_receipt_on_its_way(desk: Desk, line: Line) -> None:
    operation = await enter(line, CashRegisterID=2)
    await line.ask("add-operation-payment", OperationID=operation, PayTypeID=2, PaymentSum="12.50")
    books, states = reader(desk, line), []
    states += [sale.state for sale in await books.list_sales(DAY)]
    [kept] = desk.simulator.operations
    kept.status, kept.completed_at_register = "DOWNLOADED", "0000-00-00 00:00:00"
    states += [sale.state for sale in await books.list_sales(DAY)]
    kept.completed_at_register = "2026-11-22 12:05:00"
    states += [sale.state for sale in await books.list_sales(DAY)]
    assert states == [BookedState.WAITING, BookedState.WAITING, BookedState.COMPLETE]


async def test_only_our_own_sales_of_that_day(desk: Desk, line: Line, clock: SetClock) -> None:
    await sell(line, ImportSource="OTHER")
    clock.at = datetime(2026, 11, 21, 21, 59, tzinfo=UTC)
    before = await enter(line, 100000121)
    clock.at = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)  # midnight in Sofia
    first = await enter(line, 100000122)
    clock.at = datetime(2026, 11, 22, 21, 59, tzinfo=UTC)
    last = await enter(line, 100000123)
    books = reader(desk, line)
    assert [(sale.operation_id, sale.on) for sale in await books.list_sales(DAY)] == [(first, DAY), (last, DAY)]
    [earlier] = await books.list_sales(date(2026, 11, 21))
    assert (earlier.operation_id, earlier.on) == (before, date(2026, 11, 21))


@pytest.mark.parametrize("rules", [Rules(session_seconds=A_WEEK, date_filters=False)], ids=["dates not filtered"])
async def test_another_day_is_left_out_whatever_is_listed(desk: Desk, line: Line, clock: SetClock) -> None:
    await enter_invoiced(line, desk.simulator, on="2026-11-21")
    clock.at = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    await enter(line)
    books = reader(desk, line)
    assert len(await books.list_sales(DAY)) == 1
    assert await books.list_documents(DAY) == []
    assert len(await books.list_documents(date(2026, 11, 21))) == 1


@pytest.mark.parametrize("rules", [Rules(tells_import_reference=False)], ids=["reference not told"])
async def test_a_reference_that_is_not_told(desk: Desk, line: Line) -> None:
    operation = await enter(line)
    assert await reader(desk, line).list_sales(DAY) == [
        BookedSale(operation, None, BookedState.OPEN, Money(1250), is_return=False, on=DAY)
    ]


@pytest.mark.parametrize("rules", [Rules(ids_as_strings=True)], ids=["ids as text"])
async def test_ids_as_text(desk: Desk, line: Line) -> None:
    operation = await enter_invoiced(line, desk.simulator)
    books = reader(desk, line)
    assert [sale.operation_id for sale in await books.list_sales(DAY)] == [operation]
    assert [(each.document_id, each.operation_id) for each in await books.list_documents(DAY)] == [(1, operation)]


async def test_what_a_reconciliation_is_to_find(desk: Desk, line: Line) -> None:
    doubled, changed, gone, deleted = [await enter(line, 100000121 + number) for number in range(4)]
    desk.simulator.happen("operation-duplicated", operation_id=doubled)
    desk.simulator.happen("total-set", operation_id=changed, total="9.99")
    desk.simulator.happen("operation-removed", operation_id=gone)
    desk.simulator.happen("status-set", operation_id=deleted, status="DELETED")
    found = await reader(desk, line).list_sales(DAY)
    assert [(sale.reference, sale.total, sale.state) for sale in found] == [
        ("100000121", Money(1250), BookedState.OPEN),
        ("100000122", Money(999), BookedState.OPEN),
        ("100000124", Money(1250), BookedState.DELETED),
        ("100000121", Money(1250), BookedState.OPEN),
    ]
    assert len({sale.operation_id for sale in found}) == 4


async def test_what_is_given_back_has_no_sign(desk: Desk, line: Line) -> None:
    for operation in (await enter(line), await enter_return(line)):
        desk.simulator.happen("total-set", operation_id=operation, total="-12.50")
    found = await reader(desk, line).list_sales(DAY)
    assert [(sale.total, sale.is_return) for sale in found] == [(Money(-1250), False), (Money(1250), True)]


async def test_an_amount_of_three_places_is_for_a_person(desk: Desk, line: Line) -> None:
    operation = await enter(line, price="12.345")
    with pytest.raises(BooksUnsure) as caught:
        await reader(desk, line).list_sales(DAY)
    assert (caught.value.reason, caught.value.operation_id) == ("not-in-cents operation", operation)


@pytest.mark.parametrize("rules", [Rules(currency="BGN")], ids=["in leva"])
async def test_another_currency_is_for_a_person(desk: Desk, line: Line) -> None:
    operation = await enter_invoiced(line, desk.simulator)
    books = reader(desk, line)
    with pytest.raises(BooksUnsure, match=f"^currency-differs operation {operation}$"):
        await books.list_sales(DAY)
    with pytest.raises(BooksUnsure, match=f"^currency-differs document 1 operation {operation}$"):
        await books.list_documents(DAY)


# Pages


async def test_a_day_of_many_pages(desk: Desk, line: Line) -> None:
    operation = await enter(line)
    repeat(desk.simulator, operation, 1_049)
    found = await reader(desk, line).list_sales(DAY)
    assert [sale.operation_id for sale in found] == [each.id for each in desk.simulator.operations]
    assert len(found) == 1_050
    assert [sent["offset"] for sent in desk.sent("operations-list")] == [str(100 * page) for page in range(11)]


async def test_a_list_without_end_is_for_a_person(desk: Desk, line: Line) -> None:
    repeat(desk.simulator, await enter(line), 200)
    desk.account = make_account(assumptions=Assumptions(pages_of_a_day=2))
    with pytest.raises(BooksUnsure, match="list-too-long"):
        await reader(desk, line).list_sales(DAY)
    assert desk.called().count("operations-list") == 2


async def test_the_look_up_of_one_sale_keeps_its_own_bound(desk: Desk, line: Line) -> None:
    repeat(desk.simulator, await enter(line), 1_000)
    reader(desk, line)
    desk.progress = PostingProgress()
    with pytest.raises(BooksUnsure, match="list-too-long"):
        await desk.post(make_sale())
    assert desk.called().count("operations-list") == 10


@pytest.mark.parametrize("event", ["operation-removed", "operation-duplicated"])
async def test_a_list_that_changes_while_it_is_read(desk: Desk, line: Line, event: str) -> None:
    operation = await enter(line)
    repeat(desk.simulator, operation, 149)
    books = reader(desk, line)

    async def change(request: httpx.Request) -> None:
        if request.url.path.endswith("operations-list") and "operations-list" in desk.called():
            desk.http.event_hooks = {"request": []}
            desk.simulator.happen(event, operation_id=operation)

    desk.http.event_hooks = {"request": [change]}
    with pytest.raises(BooksUnavailable) as caught:
        await books.list_sales(DAY)
    assert (caught.value.endpoint, caught.value.reason) == ("operations-list", "list-changed")
    assert len(await books.list_sales(DAY)) == len(desk.simulator.operations)


async def test_a_session_that_ends_within_a_list(desk: Desk, line: Line) -> None:
    repeat(desk.simulator, await enter_invoiced(line, desk.simulator), 249)
    books = reader(desk, line)
    desk.simulator.requests.clear()
    desk.simulator.fail(FaultKind.SESSION_EXPIRED, "operations-list", skip=1)
    assert len({sale.operation_id for sale in await books.list_sales(DAY)}) == 250
    assert desk.called() == ["login", *["operations-list"] * 2, "login", *["operations-list"] * 2]
    desk.simulator.fail(FaultKind.SESSION_EXPIRED, "get-document")
    assert len(await books.list_documents(DAY)) == 1


@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.EMPTY, FaultKind.HTML_502])
async def test_a_lost_answer(desk: Desk, line: Line, kind: FaultKind) -> None:
    repeat(desk.simulator, await enter_invoiced(line, desk.simulator), 149)
    books, lost = reader(desk, line), []
    desk.simulator.fail(kind, "operations-list", skip=1)
    desk.simulator.fail(kind, "documents-list")
    desk.simulator.fail(kind, "get-document")
    for reading in (books.list_sales, books.list_documents, books.list_documents):
        with pytest.raises(BooksUnavailable) as caught:
            await reading(DAY)
        lost.append(caught.value.endpoint)
    assert lost == ["operations-list", "documents-list", "get-document"]
    assert (len(await books.list_sales(DAY)), len(await books.list_documents(DAY))) == (150, 1)


# Documents


async def test_what_is_asked_of_documents(desk: Desk, line: Line) -> None:
    await enter_invoiced(line, desk.simulator)
    await reader(desk, line).list_documents(DAY)
    assert desk.sent("documents-list") == [
        {
            "ImportSource": "IONICKISS",
            "DocumentType": "INVOICE",
            "DocumentStatus": "NORMAL,DELETED",
            "DocumentOperationType": "NORMAL,FINANCIAL",
            "DocumentSubType": "NORMAL,ADVANCE,CREDIT,DEBIT",
            "DocumentDateFrom": "2026-11-22",
            "DocumentDateTo": "2026-11-22",
            "offset": "0",
            "count": "100",
        }
    ]
    assert desk.sent("get-document") == [{"DocumentID": "1"}]


@pytest.mark.parametrize("rules", [Rules(), Rules(tells_listed_documents_whole=False)], ids=["whole", "ids alone"])
async def test_invoices_and_notes(desk: Desk, line: Line) -> None:
    happen = desk.simulator.happen
    sale = await enter_invoiced(line, desk.simulator, number=1_000_000_017, on="2026-11-20")
    returned = await enter_return(line, price="2.50")
    happen("credit-note-issued", operation_id=returned, corrects=1, number=1_000_000_018)
    happen("debit-note-issued", operation_id=sale, total="1.20")
    happen("invoice-issued", operation_id=sale, sub_type="ADVANCE", operation_type="FINANCIAL")
    happen("invoice-issued", operation_id=sale, document_type="PROFORMA")
    happen("document-deleted", document_id=3)
    books = reader(desk, line)
    assert await books.list_documents(date(2026, 11, 20)) == [
        document(1, 1_000_000_017, BookedKind.INVOICE, sale, 1250, issued_on=date(2026, 11, 20))
    ]
    assert await books.list_documents(DAY) == [
        document(2, 1_000_000_018, BookedKind.CREDIT_NOTE, returned, 250, corrects_id=1),
        document(3, 1_000_000_019, BookedKind.DEBIT_NOTE, sale, 120, corrects_id=1, is_deleted=True),
        document(4, 1_000_000_020, BookedKind.INVOICE, sale, 1250),
    ]


def document(
    document_id: int, number: int, kind: BookedKind, operation_id: int | None, cents: int, **changes: Any
) -> BookedDocument:
    values: dict[str, Any] = {"issued_on": DAY, "is_deleted": False, "corrects_id": None, **changes}
    return BookedDocument(document_id, number, kind, operation_id, total=Money(cents), **values)


async def test_a_credit_note_written_with_a_minus(desk: Desk, line: Line) -> None:
    sale = await enter_invoiced(line, desk.simulator)
    desk.simulator.happen("credit-note-issued", operation_id=sale, total="-12.50")
    [_, note] = await reader(desk, line).list_documents(DAY)
    assert note == document(2, 2, BookedKind.CREDIT_NOTE, sale, 1250, corrects_id=1)


@pytest.mark.parametrize("absent", [None, "", 0, "0"])
async def test_a_document_of_no_operation(desk: Desk, line: Line, absent: Any) -> None:
    await enter_invoiced(line, desk.simulator)
    desk.simulator.machine.ledger.documents[1].update(DocumentOperationID=absent, DocumentToDocumentID=absent)
    assert await reader(desk, line).list_documents(DAY) == [document(1, 1, BookedKind.INVOICE, None, 1250)]


async def test_a_document_of_three_places_is_for_a_person(desk: Desk, line: Line) -> None:
    operation = await enter_invoiced(line, desk.simulator, total="12.345")
    with pytest.raises(BooksUnsure) as caught:
        await reader(desk, line).list_documents(DAY)
    assert str(caught.value) == f"not-in-cents document 1 operation {operation}"


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"DocumentID": 2}, "another-document 1"),
        ({"DocumentSubType": "STORNO"}, "unexpected-answer"),
        ({"DocumentDate": 1795305600}, "unexpected-answer"),
        ({"DocumentTotalPrice": None}, "unexpected-answer"),
        ({"DocumentTotalPrice": "1e99999"}, "unexpected-answer"),
    ],
)
async def test_a_document_that_cannot_be_told(desk: Desk, line: Line, told: dict[str, Any], reason: str) -> None:
    await enter_invoiced(line, desk.simulator)
    books = reader(desk, line)
    change_when_read(desk, told)
    with pytest.raises(BooksUnsure, match=f"^{reason}$"):
        await books.list_documents(DAY)


@pytest.mark.parametrize("told", [{"DocumentDate": "2026-11-23"}, {"DocumentType": "PROFORMA"}])
async def test_a_document_that_turns_out_to_be_another_is_left_out(
    desk: Desk, line: Line, told: dict[str, Any]
) -> None:
    await enter_invoiced(line, desk.simulator)
    books = reader(desk, line)
    change_when_read(desk, told)
    assert await books.list_documents(DAY) == []
    assert desk.called()[-1] == "get-document"


def change_when_read(desk: Desk, told: dict[str, Any]) -> None:
    """Let the first document be another once it is asked for."""

    async def change(request: httpx.Request) -> None:
        if request.url.path.endswith("get-document"):
            desk.simulator.machine.ledger.documents[1].update(told)

    desk.http.event_hooks = {"request": [change]}


async def test_a_document_that_is_refused(desk: Desk, line: Line) -> None:
    await enter_invoiced(line, desk.simulator)
    books = reader(desk, line)
    desk.simulator.fail(FaultKind.REFUSAL, "get-document", text="Wrong value for DocumentID")
    with pytest.raises(BooksRefused, match=r"^get-document wrong value DocumentID$"):
        await books.list_documents(DAY)


class CountedTurns:
    def __init__(self, stream: RequestStream) -> None:
        self._stream, self.turns = stream, 0

    def open(self) -> AbstractAsyncContextManager[Stream]:
        self.turns += 1
        return self._stream.open()


async def test_sales_get_between_the_documents_of_a_day(desk: Desk, line: Line) -> None:
    sale = await enter_invoiced(line, desk.simulator)
    for _ in range(44):
        desk.simulator.happen("debit-note-issued", operation_id=sale)
    desk.stream = stream = CountedTurns(CountingStream(line.nonce))
    desk.restart()
    assert [each.document_id for each in await desk.books.list_documents(DAY)] == list(range(1, 46))
    assert stream.turns == 4, "one for the list, one for every twenty documents"
