"""A statement finds its order, and ends one that its own buyer withdraws from before it left; the window of each."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.auth.models import StaffRole
from app.core import jobs
from app.core.jobs import Promise
from app.fulfilment.withdrawal_period import may_be_withdrawn_from
from app.fulfilment.withdrawing import Withdrawing
from app.integrations.speedy.simulator.shipments import State
from app.orders import queries as order_queries
from app.returns.jobs import MatchWithdrawal
from tests.fulfilment.story import TRANSFER, cancel, guest, history, parcel_of, pay, read, scan
from tests.fulfilment.test_receipts import Desk
from tests.returns.stating import state
from tests.shop import Shop

CASE = (
    "SELECT orders.number, identity, matched_by, outcome, settled_by FROM withdrawal_cases"
    " LEFT JOIN orders ON orders.id = order_id ORDER BY withdrawal_id"
)


async def case(shop: Shop) -> tuple[Any, ...]:
    [found] = await shop.rows(CASE)
    return found


@pytest.mark.parametrize("typed", ["100000001", "№ 100000001", "Поръчка № 100 000 001", "100000001 от 23.11.2026 г."])
async def test_a_statement_finds_its_order_by_the_number_as_people_write_it(shop: Shop, typed: str) -> None:
    await shop.ordered()
    await state(shop, order_number=typed)
    await shop.run_jobs()
    assert await case(shop) == (100000001, "same_address", "system", None, None)


async def test_a_number_that_is_nobodys_is_left_unmatched(shop: Shop) -> None:
    await shop.ordered()
    await state(shop, order_number="100000009")
    await shop.run_jobs()
    assert await case(shop) == (None, "unproved", None, None, None)


async def test_a_stranger_with_an_order_number_changes_nothing_of_the_order(shop: Shop) -> None:
    order = await shop.ordered()
    await state(shop, email="stranger@example.bg")
    await shop.run_jobs()
    assert await case(shop) == (100000001, "unproved", "system", None, None)
    assert (await read(shop, order))["status"] == "confirmed"


async def test_the_address_alone_cancels_nothing(shop: Shop) -> None:
    order = await shop.ordered()
    await state(shop)
    await shop.run_jobs()
    assert (await case(shop))[:2] == (100000001, "same_address")
    assert (await read(shop, order))["status"] == "confirmed"


async def test_who_opens_the_order_and_withdraws_from_all_of_it_has_it_cancelled(shop: Shop) -> None:
    order = await shop.ordered()
    await state(shop, guest(order))
    await shop.run_jobs()
    assert await case(shop) == (100000001, "proved", "system", "nothing_owed", "system")
    seen = await read(shop, order)
    assert (seen["status"], seen["payment"]["status"]) == ("cancelled", "void")
    assert [by for status, _, by in await history(shop, order) if status == "cancelled"] == ["customer"]


async def test_typed_c4_what_came_in_part_is_owed_to_who_withdraws_until_it_went_back(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    desk = Desk(shop, await shop.staff(StaffRole.OWNER))
    parts = [await desk.record("10.00", order), await desk.record("5.00", order)]
    await state(shop, guest(order))
    await shop.run_jobs()
    seen = await read(shop, order)
    assert (seen["status"], seen["payment"]["refund_owed"]) == ("cancelled", "15.00")
    assert (await case(shop))[1:] == ("proved", "system", None, None), "it is not said that nothing is owed"
    assert (await desk.settle(parts[0], "10.00")).status_code == 201
    assert (await case(shop))[3] is None
    assert (await desk.settle(parts[1], "5.00")).status_code == 201
    assert (await case(shop))[3] == "refunded"
    assert await shop.stock("ION-H-SOFT-2") == 100


async def test_what_was_paid_is_owed_and_the_statement_stays_open(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await pay(shop, order)
    await state(shop, guest(order))
    shop.clock.advance(hours=13)  # it is the next day when a worker is there: the term runs from the statement
    await shop.run_jobs()
    assert await case(shop) == (100000001, "proved", "system", None, None)
    seen = await read(shop, order)
    assert (seen["status"], seen["payment"]["refund_owed"]) == ("cancelled", order["totals"]["total"])
    assert seen["payment"]["refund_due_on"] == "2026-12-07"


async def cancelled_by_staff(shop: Shop, order: dict[str, Any]) -> str:
    """Have staff cancel; give the day by which the money goes back."""
    support = await shop.staff(StaffRole.SUPPORT, email="late@shop.example")
    answer = await shop.http.post(f"/v1/staff/orders/{order['number']}/cancellation", headers=support)
    assert answer.status_code == 204, answer.text
    due_on: str = (await read(shop, order))["payment"]["refund_due_on"]
    return due_on


async def test_cancelled_by_staff_the_refund_is_due_from_the_first_statement_that_is_open(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await pay(shop, order)
    await state(shop)
    await shop.run_jobs()
    shop.clock.advance(days=4)
    await state(shop)
    await shop.run_jobs()
    shop.clock.advance(days=2)
    assert await cancelled_by_staff(shop, order) == "2026-12-07"


async def test_matched_after_staff_cancelled_a_statement_still_brings_the_refund_forward(shop: Shop) -> None:
    order = await shop.ordered(payment_method=TRANSFER)
    await pay(shop, order)
    await state(shop)  # no worker is there
    shop.clock.advance(days=6)
    assert await cancelled_by_staff(shop, order) == "2026-12-13"
    await shop.run_jobs()
    assert (await read(shop, order))["payment"]["refund_due_on"] == "2026-12-07"
    shop.clock.advance(days=6)
    await state(shop)
    await shop.run_jobs()
    assert (await read(shop, order))["payment"]["refund_due_on"] == "2026-12-07"


@pytest.mark.parametrize("part", [{"goods": "едната"}, {"lines": [{"sku": "ION-H-SOFT-2", "quantity": 1}]}])
async def test_a_part_cancels_nothing(shop: Shop, part: dict[str, Any]) -> None:
    order = await shop.ordered()
    await state(shop, guest(order), **part)
    await shop.run_jobs()
    assert await case(shop) == (100000001, "proved", "system", None, None)
    assert (await read(shop, order))["status"] == "confirmed"


async def test_what_was_handed_over_goes_on_and_is_for_staff(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await scan(shop, order, State.IN_TRANSIT)
    await state(shop, guest(order))
    await shop.run_jobs()
    assert await case(shop) == (100000001, "proved", "system", None, None)
    assert (await read(shop, order))["status"] == "shipped"


async def test_matching_done_twice_or_after_the_buyer_cancelled_changes_nothing(shop: Shop) -> None:
    order = await shop.ordered()
    await state(shop, guest(order))
    await cancel(shop, order)
    [(withdrawal_id,)] = await shop.rows("SELECT id FROM withdrawals")
    for _ in range(2):
        async with shop.sessions.begin() as session:
            await jobs.defer(session, Promise(MatchWithdrawal(withdrawal_id)))
        await shop.run_jobs()
    assert await case(shop) == (100000001, "proved", "system", None, None)
    assert len(await history(shop, order)) == 2


async def test_two_at_once_match_once(shop: Shop) -> None:
    order = await shop.ordered()
    await state(shop, guest(order))
    [(withdrawal_id,)] = await shop.rows("SELECT id FROM withdrawals")
    handler = Withdrawing(shop.sessions, shop.clock)
    await asyncio.gather(*(handler.match(MatchWithdrawal(withdrawal_id)) for _ in range(4)))
    assert await case(shop) == (100000001, "proved", "system", "nothing_owed", "system")
    assert [status for status, *_ in await history(shop, order)] == ["confirmed", "cancelled"]


async def test_the_window_is_open_to_the_last_minute_in_the_zone(shop: Shop) -> None:
    order = await shop.ordered()
    assert (await read(shop, order))["withdrawal"] == {"open": True, "until": None}
    await shop.run_jobs()
    await scan(shop, order, State.DELIVERED)
    until = datetime(2026, 12, 8, 1, 0, tzinfo=UTC)  # 7 December, by the midnight of the Azores
    shown = {"until": "2026-12-08T01:00:00Z"}
    assert (await read(shop, order))["withdrawal"] == {"open": True, **shown}
    shop.clock.at = until - timedelta(seconds=1)
    assert (await read(shop, order))["withdrawal"] == {"open": True, **shown}
    shop.clock.at = until
    assert (await read(shop, order))["withdrawal"] == {"open": False, **shown}


@pytest.mark.parametrize(("is_paid", "is_open"), [(True, True), (False, False)])
async def test_the_window_of_a_parcel_that_was_not_taken_is_open_while_money_is_here(
    shop: Shop,
    is_paid: bool,  # noqa: FBT001 - pytest's parameter
    is_open: bool,  # noqa: FBT001 - pytest's parameter
) -> None:
    order = await (shop.ordered(payment_method=TRANSFER) if is_paid else shop.ordered())
    if is_paid:
        await pay(shop, order)
    await shop.run_jobs()
    await scan(shop, order, State.RETURNED)
    seen = await read(shop, order)
    assert (seen["status"], seen["withdrawal"]) == ("refused", {"open": is_open, "until": None})
    async with shop.sessions() as session:
        kept = await order_queries.get_order(session, order["number"])
        zone = shop.app.state.view_terms.withdrawal_zone
        assert await may_be_withdrawn_from(session, kept, zone, at=shop.clock.now()) is is_open


async def test_mails_go_by_the_day_that_the_page_shows(shop: Shop) -> None:
    """The courier's scan, though the order learns of it days later."""
    order = await shop.ordered()
    await shop.run_jobs()
    shop.speedy.advance(parcel_of(shop, order), State.DELIVERED)
    shop.clock.at = datetime(2026, 12, 8, 1, 0, tzinfo=UTC)
    await shop.track()
    assert (await read(shop, order))["withdrawal"] == {"open": False, "until": "2026-12-08T01:00:00Z"}
    async with shop.sessions() as session:
        kept = await order_queries.get_order(session, order["number"])
        zone = shop.app.state.view_terms.withdrawal_zone
        assert not await may_be_withdrawn_from(session, kept, zone, at=shop.clock.now())


async def test_the_window_of_a_cancelled_order_is_closed(shop: Shop) -> None:
    order = await shop.ordered()
    await cancel(shop, order)
    assert (await read(shop, order))["withdrawal"] == {"open": False, "until": None}
