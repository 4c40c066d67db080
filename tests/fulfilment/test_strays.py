"""No second parcel of an order stays alive at the courier unseen: its cash would be collected twice."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.fulfilment.concerns import Settled, settle
from app.fulfilment.jobs import BookShipment, CallOffStray
from app.integrations.speedy.simulator import Fault, FaultKind, SpeedySimulator, State
from app.orders import queries as orders
from app.shipping.ports import CourierUnavailable
from tests.fulfilment import story
from tests.processes import PATIENCE, until
from tests.shop import Shop, open_shop

LONG = 600
QUIET = 120
"""Seconds, as in production."""


@pytest.fixture
async def timed(stocked: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """Give a shop with production's timings."""
    async with open_shop(stocked, tmp_path, speedy_quiet_seconds=QUIET) as shop:
        shop.speedy.conduct.cancellation_seconds = 0  # the clock of the test stands still
        yield shop


async def look(shop: Shop) -> None:
    """Compare with the courier, as each night."""
    [nightly] = [periodic for periodic in shop.work.periodic if periodic.name == "find_stray_waybills"]
    await nightly.run()


async def book(shop: Shop) -> None:
    """Book as a worker does that took another for dead: the lock of the queue does not hold it."""
    [(order_id,)] = await shop.rows("SELECT id FROM orders")
    await shop.work.handlers[BookShipment](BookShipment(order_id))


async def arrived(speedy: SpeedySimulator, count: int) -> None:
    await until(lambda: speedy.calls["/shipment"] == count, every=0.01)


def live(shop: Shop) -> list[str]:
    return [parcel.id for parcel in shop.speedy.shipments if parcel.state is not State.CANCELLED]


async def book_twice(shop: Shop) -> tuple[dict[str, Any], asyncio.Task[None]]:
    """Let the network hold one booking for longer than the quiet time, while another worker books the parcel."""
    order = await shop.ordered()
    shop.speedy.hold(LONG)
    first = asyncio.create_task(book(shop))
    await arrived(shop.speedy, 1)
    shop.clock.advance(seconds=QUIET + 1)
    await shop.run_jobs()
    assert shop.speedy.calls["/shipment"] == 2
    return order, first


async def test_f3_a_number_that_comes_back_late_and_is_not_the_orders_is_called_off(timed: Shop) -> None:
    order, first = await book_twice(timed)
    timed.speedy.let_go.set()
    await first
    own = await story.shipment(timed, order, "waybill")
    assert len(live(timed)) == 2
    await timed.run_jobs()
    assert (*live(timed),) == own
    assert await story.concerns(timed) == []
    assert await timed.count("labels") == 1
    assert await timed.rows("SELECT concern FROM stray_waybills") == [(None,)]
    await look(timed)
    assert await story.concerns(timed) == []


async def test_f3_one_that_cannot_be_called_off_any_more_waits_for_a_person(timed: Shop) -> None:
    order, first = await book_twice(timed)
    timed.speedy.let_go.set()
    await first
    [own] = await story.shipment(timed, order, "waybill")
    [stray] = [parcel for parcel in timed.speedy.shipments if parcel.id != own]
    timed.speedy.advance(stray, State.ACCEPTED)
    await timed.run_jobs()
    waits = [("shipment", order["number"], f"stray_waybill_{stray.id}")]
    assert await story.concerns(timed) == waits
    await look(timed)
    assert await story.concerns(timed) == waits
    async with timed.sessions.begin() as session:
        found = await orders.get_order(session, order["number"])
        assert await settle(session, found, Settled.SHIPMENT, at=timed.clock.now())
    await look(timed)
    assert await story.concerns(timed) == [], "a person has looked at it"


async def test_f3_the_nightly_look_finds_a_booking_of_which_nobody_hears(timed: Shop) -> None:
    """Its worker is gone when the network lets go of it: no number comes back to anybody."""
    order, first = await book_twice(timed)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    another = await timed.ordered()
    await timed.run_jobs()
    await look(timed)
    assert await story.concerns(timed) == []
    timed.speedy.let_go.set()
    await until(lambda: len(timed.speedy.shipments) == 3, every=0.01)

    await look(timed)
    [own] = await story.shipment(timed, order, "waybill")
    [stray] = [
        parcel.id for parcel in timed.speedy.shipments if parcel.reference == order["number"] and parcel.id != own
    ]
    assert await story.concerns(timed) == [("shipment", order["number"], f"stray_waybill_{stray}")]
    assert {own, stray} < {*live(timed)}, "it may be what staff entered there: a person decides"
    assert await story.status(timed, another) == ("confirmed", "booked")

    async with httpx.AsyncClient(timeout=PATIENCE) as speedy:
        wish = {"userName": "demo", "password": "demo", "shipmentId": stray, "comment": "Двойна"}
        await speedy.post(f"{timed.speedy.url}/shipment/cancel", json=wish)
    await look(timed)
    assert await story.concerns(timed) == []


async def test_f3_of_a_booking_that_arrived_twice_the_other_is_found(shop: Shop) -> None:
    shop.speedy.doubled["/shipment"] = 1
    order = await shop.ordered()
    await shop.run_jobs()
    [own] = await story.shipment(shop, order, "waybill")
    [stray] = [parcel.id for parcel in shop.speedy.shipments if parcel.id != own]
    await look(shop)
    assert await story.concerns(shop) == [("shipment", order["number"], f"stray_waybill_{stray}")]


async def doubled_and_unanswered(shop: Shop) -> dict[str, Any]:
    shop.speedy.conduct.cancellation_seconds = 0  # the clock of the test stands still
    order = await shop.ordered()
    shop.speedy.faults.order(Fault(fault=FaultKind.DOUBLE))
    await shop.run_jobs()
    assert len(live(shop)) == 2
    return order


async def test_f3_of_a_booking_that_arrived_twice_and_was_not_answered_one_is_left(shop: Shop) -> None:
    order = await doubled_and_unanswered(shop)
    for _ in range(2):
        await story.retry(shop)
    assert live(shop) == [*await story.shipment(shop, order, "waybill")]
    assert await story.status(shop, order) == ("confirmed", "booked")
    assert await story.concerns(shop) == []


async def test_f3_of_a_cancelled_order_both_are_called_off(shop: Shop) -> None:
    order = await doubled_and_unanswered(shop)
    await story.cancel(shop, order)
    for _ in range(3):
        await story.retry(shop)
    assert live(shop) == []
    assert await story.concerns(shop) == []


async def test_f3_a_parcel_of_an_order_cancelled_meanwhile_is_found_too(timed: Shop) -> None:
    order = await timed.ordered()
    timed.speedy.hold(LONG)
    first = asyncio.create_task(book(timed))
    await arrived(timed.speedy, 1)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await story.cancel(timed, order)
    timed.clock.advance(seconds=QUIET + 1)
    await story.retry(timed)
    timed.speedy.let_go.set()
    await until(lambda: len(timed.speedy.shipments) == 1, every=0.01)
    await look(timed)
    [stray] = live(timed)
    assert ("shipment", order["number"], f"stray_waybill_{stray}") in await story.concerns(timed)


async def test_f3_one_search_that_fails_keeps_none_of_the_others_from_being_compared(shop: Shop) -> None:
    first, second = await shop.ordered(), await shop.ordered()
    shop.speedy.doubled["/shipment"] = 2
    await shop.run_jobs()
    shop.speedy.faults.order(
        Fault(fault=FaultKind.STATUS, status=503, on="/shipment/search", about=first["number"], times=3)
    )
    await look(shop)
    assert [number for _, number, _ in await story.concerns(shop)] == [second["number"]]
    await look(shop)
    assert [number for _, number, _ in await story.concerns(shop)] == [first["number"], second["number"]]


async def test_f3_an_outage_ends_the_comparison_soon(shop: Shop) -> None:
    for _ in range(7):
        await shop.ordered()
    await shop.run_jobs()
    shop.speedy.calls.clear()
    shop.speedy.fail_with(503, on="/shipment/search", times=1_000)
    with pytest.raises(CourierUnavailable):
        await look(shop)
    assert shop.speedy.calls["/shipment/search"] == 5 * 3


async def test_f3_open_days_are_compared_and_no_others(shop: Shop) -> None:
    delivered, under_way = await shop.ordered(), await shop.ordered()
    await shop.run_jobs()
    await story.scan(shop, delivered, State.DELIVERED)
    shop.speedy.calls.clear()
    await look(shop)
    shop.clock.advance(days=15)
    await look(shop)
    assert shop.speedy.calls["/shipment/search"] == 3
    assert await story.status(shop, under_way) == ("confirmed", "booked")


async def test_f3_of_two_the_one_that_cannot_be_called_off_any_more_is_the_orders(shop: Shop) -> None:
    order = await doubled_and_unanswered(shop)
    accepted = max(shop.speedy.shipments, key=lambda parcel: parcel.id)
    shop.speedy.advance(accepted, State.ACCEPTED)
    for _ in range(3):
        await story.retry(shop)
    assert live(shop) == [*await story.shipment(shop, order, "waybill")] == [accepted.id]
    assert await story.concerns(shop) == []


async def test_f3_one_that_became_the_orders_own_meanwhile_is_not_called_off(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    [own] = await story.shipment(shop, order, "waybill")
    [(order_id,)] = await shop.rows("SELECT id FROM orders")
    await shop.work.handlers[CallOffStray](CallOffStray(order_id, own))
    assert live(shop) == [own]
    assert shop.speedy.calls["/shipment/cancel"] == 0
