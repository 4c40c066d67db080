"""Whatever is lost, and whenever: one operation, its rows, its total, one receipt (complaint 1: never double)."""

from datetime import datetime
from decimal import Decimal
from itertools import count

import pytest

from app.accounting.ports import BooksUnavailable, PostingProgress, PostingState, Sale
from app.integrations.icash.simulator import FaultKind
from tests.integrations.icash.desk import AT, BUYER, LINES, Desk, giving_up, later, make_sale

SALE = make_sale(lines=(LINES[1], LINES[3]), buyer=BUYER)
ROWS = [("ION-HEAD-4", Decimal(3), Decimal("12.99")), ("DELIVERY", Decimal(1), Decimal("5.99"))]
CALLS = [
    "login",
    "operations-list",
    "get-sale-items",
    "add-sale-item",
    "get-sale-items",
    "add-sale-item",
    "get-contragents",
    "add-contragent",
    "new-operation",
    "add-operation-sale-item",
    "add-operation-sale-item",
    "get-operation",
    "print-operation",
    "get-operation",
]
EVERY_CALL = pytest.mark.parametrize("call", range(len(CALLS)), ids=[f"{i}-{name}" for i, name in enumerate(CALLS)])


async def post_until_done(desk: Desk, sale: Sale = SALE, *, restarting: bool = False) -> list[str]:
    """Post as a worker does, again and again; return the endpoints at which it failed."""
    failed: list[str] = []
    for attempt in count():
        assert attempt < 5
        try:
            if (await desk.post(sale, later(3 + 3 * attempt))).finished(sale):
                return failed
        except BooksUnavailable as fault:
            failed.append(fault.endpoint)
        if restarting:
            desk.restart()
    raise AssertionError


def assert_posted_once(desk: Desk) -> None:
    [operation] = desk.simulator.operations
    assert [(row.item.sku, row.quantity, row.price) for row in operation.rows.values()] == ROWS
    assert (operation.total, operation.status) == (Decimal("44.96"), "NORMAL")
    assert (operation.prints, operation.print_attempts) == (1, 1)
    assert len(desk.simulator.machine.ledger.contragents) == 1
    assert len(desk.simulator.machine.ledger.items) == 2
    assert desk.progress.state is PostingState.COMPLETE
    assert (desk.progress.operation_id, desk.progress.sale_unique_number) == (operation.id, operation.unique_number)
    known = [row for row in desk.progress.rows if row is not None]
    assert len(desk.progress.rows) == 2
    assert set(known) <= set(operation.rows)
    assert desk.simulator.faults.ordered == 0, "what was ordered has struck"


async def test_the_calls_are_those_the_tests_count(desk: Desk) -> None:
    await desk.post(SALE)
    assert desk.called() == CALLS
    assert_posted_once(desk)


@EVERY_CALL
@pytest.mark.parametrize(
    "restarting", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["same process", "new process"]
)
@pytest.mark.parametrize(
    ("kind", "committed"),
    [
        (FaultKind.CUT, False),
        (FaultKind.CUT, True),
        (FaultKind.EMPTY, False),
        (FaultKind.EMPTY, True),
        (FaultKind.HTML, True),
        (FaultKind.HTML_502, False),
        (FaultKind.HTML_502, True),
    ],
)
async def test_a_lost_answer(desk: Desk, call: int, kind: FaultKind, committed: bool, restarting: bool) -> None:  # noqa: FBT001 - parameters
    desk.simulator.fail(kind, skip=call, committed=committed)
    assert await post_until_done(desk, restarting=restarting) == [CALLS[call]]
    assert_posted_once(desk)


@EVERY_CALL
async def test_an_answer_that_comes_too_late(desk: Desk, call: int) -> None:
    desk.simulator.fail(FaultKind.DELAY, skip=call)
    async with giving_up(desk):
        assert await post_until_done(desk) == [CALLS[call]]
    assert_posted_once(desk)


@EVERY_CALL
async def test_a_nonce_used_by_another_program(desk: Desk, call: int) -> None:
    desk.simulator.fail(FaultKind.STALE_NONCE, skip=call)
    assert await post_until_done(desk) == [CALLS[call]]
    assert_posted_once(desk)


@EVERY_CALL
async def test_a_session_that_ends_is_renewed_without_a_word(desk: Desk, call: int) -> None:
    desk.simulator.fail(FaultKind.SESSION_EXPIRED, skip=call)
    assert await post_until_done(desk) == []
    assert_posted_once(desk)
    assert desk.called().count("login") == (1 if call == 0 else 2)


async def test_a_session_that_does_not_live_is_not_renewed_for_ever(desk: Desk) -> None:
    desk.simulator.fail(FaultKind.SESSION_EXPIRED, "operations-list", times=2)
    assert await post_until_done(desk) == ["operations-list"]
    assert_posted_once(desk)


@pytest.mark.parametrize("step", range(8))
@pytest.mark.parametrize("kept", [False, True], ids=["before keeping", "after keeping"])
async def test_a_process_that_dies(desk: Desk, step: int, kept: bool) -> None:  # noqa: FBT001 - a parameter
    """Each step happened in I-Cash; then the process ends, before or after the step was kept."""

    class Died(BaseException):
        pass

    steps = count()

    async def keep(progress: PostingProgress) -> None:
        dying = next(steps) == step
        if kept or not dying:
            await desk.keep(progress)
        if dying:
            raise Died

    with pytest.raises(Died):
        await desk.books.post(SALE, desk.progress, keep, at=AT)
    desk.restart()
    assert await post_until_done(desk) == []
    assert_posted_once(desk)


@pytest.mark.parametrize("endpoint", ["new-operation", "print-operation"])
async def test_what_may_still_be_under_way_is_not_asked_for_again(desk: Desk, endpoint: str) -> None:
    desk.simulator.fail(FaultKind.CUT, endpoint, committed=False)
    moments: list[datetime] = [AT, later(0.1), later(1.9)]
    reasons = []
    for at in moments:
        with pytest.raises(BooksUnavailable) as caught:
            await desk.post(SALE, at)
        reasons.append((caught.value.endpoint, caught.value.reason))
    assert reasons == [(endpoint, "RemoteProtocolError"), *[(endpoint, "may-be-under-way")] * 2]
    assert desk.called().count(endpoint) == 1
    assert (await desk.post(SALE, later(2))).state is PostingState.COMPLETE
    assert_posted_once(desk)


async def test_many_losses_in_a_row(desk: Desk) -> None:
    for endpoint in ("new-operation", "add-operation-sale-item", "add-operation-sale-item", "print-operation"):
        desk.simulator.fail(FaultKind.CUT, endpoint)
    assert await post_until_done(desk, restarting=True) == [
        "new-operation",
        "add-operation-sale-item",
        "add-operation-sale-item",
        "print-operation",
    ]
    assert_posted_once(desk)
    assert desk.progress.rows == (None, None)
