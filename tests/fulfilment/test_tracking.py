"""What the courier tells of a parcel moves its shipment, and the shipment its order."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.fulfilment.concerns import Settled, settle
from app.fulfilment.tracking import apply
from app.integrations.speedy.simulator import Fault, FaultKind
from app.integrations.speedy.simulator.shipments import State
from app.orders import queries as orders
from app.shipping import queries as shipments
from app.shipping.ports import CourierUnavailable, Phase, TrackingEvent
from tests.checkout.watching import contents
from tests.fulfilment import story
from tests.fulfilment.test_correcting import invoiced, send
from tests.processes import PATIENCE
from tests.shop import NOON, Shop

SCANNED = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
ON_ITS_WAY = ("shipped", "handed_over")
OUTCOMES: dict[Phase, tuple[str, str]] = {
    Phase.REGISTERED: ("confirmed", "booked"),
    Phase.PICKED_UP: ON_ITS_WAY,
    Phase.IN_TRANSIT: ON_ITS_WAY,
    Phase.DELAYED: ON_ITS_WAY,
    Phase.OUT_FOR_DELIVERY: ON_ITS_WAY,
    Phase.ATTEMPTED: ON_ITS_WAY,
    Phase.READY_FOR_PICKUP: ON_ITS_WAY,
    Phase.REFUSED: ON_ITS_WAY,
    Phase.RETURNING: ON_ITS_WAY,
    Phase.DELIVERED: ("delivered", "delivered"),
    Phase.RETURNED: ("refused", "returned"),
    Phase.CANCELLED: ("confirmed", "booked"),
    Phase.ATTENTION: ("confirmed", "booked"),
}


async def tell(shop: Shop, order: dict[str, Any], *events: TrackingEvent) -> None:
    async with shop.sessions.begin() as session:
        found = await orders.get_order(session, order["number"])
        await apply(session, found.id, events, at=shop.clock.now())


def scan(phase: Phase, at: datetime = SCANNED) -> TrackingEvent:
    return TrackingEvent(at, code=list(Phase).index(phase), phase=phase)


async def test_every_phase_brings_order_and_shipment_where_they_belong(shop: Shop) -> None:
    placed = {phase: await shop.ordered() for phase in Phase}
    await shop.run_jobs()
    for phase, order in placed.items():
        await tell(shop, order, scan(phase))

    assert {phase: await story.status(shop, order) for phase, order in placed.items()} == OUTCOMES
    assert await story.concerns(shop) == [
        ("shipment", placed[Phase.RETURNED]["number"], "courier_returned"),
        ("shipment", placed[Phase.CANCELLED]["number"], "courier_cancelled"),
        ("shipment", placed[Phase.ATTENTION]["number"], "courier_attention"),
    ]
    phases = {phase: (await story.shipment(shop, order, "phase"))[0] for phase, order in placed.items()}
    assert phases == {phase: phase.value for phase in Phase}


async def test_a_history_told_twice_changes_nothing(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    shop.clock.at = SCANNED
    await story.scan(shop, order, State.OUT)
    before = await contents(shop)
    await shop.track()
    await shop.run_jobs()

    assert await contents(shop) == before
    assert await story.history(shop, order) == [("confirmed", NOON, "customer"), ("shipped", SCANNED, "courier")]


async def test_scans_are_kept_in_the_order_of_their_moments(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    shop.clock.at = SCANNED
    await story.scan(shop, order, State.OUT)

    assert await shop.rows("SELECT code FROM tracking_records ORDER BY at") == [(148,), (39,), (2,), (1,), (12,)]


async def test_the_first_scan_of_the_courier_is_the_moment_of_handing_over(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    shop.clock.at = LATER
    await tell(shop, order, scan(Phase.OUT_FOR_DELIVERY, LATER), scan(Phase.PICKED_UP), scan(Phase.REGISTERED, NOON))

    assert await story.shipment(shop, order, "handed_over_at", "phase") == (SCANNED, "out_for_delivery")
    await shop.run_jobs()
    [document] = await story.documents(shop, order)
    assert document["issued_on"] == "2026-11-24"
    [(tax_event_on,)] = await shop.rows("SELECT snapshot ->> 'tax_event_on' FROM documents")
    assert tax_event_on == "2026-11-23"


async def test_a_parcel_seen_only_when_delivered_has_been_shipped_too(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    shop.clock.at = LATER
    await story.scan(shop, order, State.DELIVERED)

    assert await story.status(shop, order) == ("delivered", "delivered")
    assert await story.history(shop, order) == [
        ("confirmed", NOON, "customer"),
        ("shipped", LATER, "courier"),
        ("delivered", LATER, "courier"),
    ]
    assert [document["number"] for document in await story.documents(shop, order)] == ["0000000001"]


async def test_a_parcel_that_came_back_was_refused(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    shop.clock.at = SCANNED
    await story.scan(shop, order, State.OUT)
    shop.clock.at = LATER
    await story.scan(shop, order, State.RETURNING)
    assert await story.status(shop, order) == ON_ITS_WAY
    await story.scan(shop, order, State.RETURNED)

    assert await story.status(shop, order) == ("refused", "returned")
    assert await story.history(shop, order) == [
        ("confirmed", NOON, "customer"),
        ("shipped", SCANNED, "courier"),
        ("refused", LATER, "courier"),
    ]
    assert await story.concerns(shop) == [("shipment", order["number"], "courier_returned")]


async def test_a_parcel_that_the_courier_cancelled_waits_for_a_person(shop: Shop) -> None:
    shop.speedy.conduct.cancellation_seconds = 0  # the clock of the test stands still
    order = await shop.ordered()
    await shop.run_jobs()
    async with httpx.AsyncClient(timeout=PATIENCE) as speedy:
        wish = {"userName": "demo", "password": "demo", "shipmentId": shop.speedy.shipments[0].id, "comment": "Грешка"}
        await speedy.post(f"{shop.speedy.url}/shipment/cancel", json=wish)
    await shop.track()

    assert await story.status(shop, order) == ("confirmed", "booked")
    assert await story.concerns(shop) == [("shipment", order["number"], "courier_cancelled")]


async def test_a_concern_is_over_when_the_courier_says_so(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await tell(shop, order, scan(Phase.ATTENTION))
    assert len(await story.concerns(shop)) == 1
    await tell(shop, order, scan(Phase.ATTENTION), scan(Phase.DELIVERED, LATER))
    assert await story.concerns(shop) == []
    assert await story.status(shop, order) == ("delivered", "delivered")


async def test_a_concern_that_was_settled_stays_so_until_the_courier_tells_something_new(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    damaged = [scan(Phase.PICKED_UP), scan(Phase.ATTENTION)]
    await tell(shop, order, *damaged)
    assert await story.concerns(shop) == [("shipment", order["number"], "courier_attention")]
    async with shop.sessions.begin() as session:
        found = await orders.get_order(session, order["number"])
        assert await settle(session, found, Settled.SHIPMENT, at=shop.clock.now())
    await tell(shop, order, *damaged)
    assert await story.concerns(shop) == []
    await tell(shop, order, *damaged, scan(Phase.RETURNED, LATER))
    assert await story.concerns(shop) == [("shipment", order["number"], "courier_returned")]


async def test_what_a_cancelled_parcel_is_told_of_concerns_nobody(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await story.cancel(shop, order)
    await tell(shop, order, scan(Phase.CANCELLED))
    assert [concern for concern in await story.concerns(shop) if concern[0] == "shipment"] == []
    assert await story.status(shop, order) == ("cancelled", "cancelled")


async def test_a_parcel_that_leaves_though_its_order_was_cancelled_is_followed(shop: Shop) -> None:
    """The courier had it, and had not scanned it: nothing may be taken for back that the customer gets."""
    order = await invoiced(shop)
    parcel = story.parcel_of(shop, order)
    shop.speedy.advance(parcel, State.ACCEPTED)
    assert (await story.cancel(shop, order)).status_code == 204
    await shop.run_jobs()
    followed = []
    for to in (State.IN_TRANSIT, State.DELIVERED):
        shop.speedy.advance(parcel, to)
        await shop.track()
        await story.release(shop)  # the courier refuses to call it off again
        followed += [code for about, _, code in await story.concerns(shop) if about == "shipment"]
    assert followed == ["parcel_left_though_cancelled", "parcel_delivered_though_cancelled"]
    assert await story.status(shop, order) == ("cancelled", "cancelled")
    assert await story.shipment(shop, order, "phase") == ("delivered",)

    refund = {"amount": "30.79", "means": "account", "refunded_on": "2026-11-23"}
    assert (await send(shop, order, "refunds", refund)).status_code == 201
    async with shop.sessions.begin() as session:
        found = await orders.get_order(session, order["number"])
        assert await settle(session, found, Settled.SHIPMENT, at=shop.clock.now())
    await shop.track()
    assert [concern for concern in await story.concerns(shop) if concern[0] == "shipment"] == []


async def test_a_parcel_whose_booking_was_never_answered_is_followed_too(shop: Shop) -> None:
    order = await shop.ordered()
    shop.speedy.lose_next_answer()
    await shop.run_jobs()
    await story.cancel(shop, order)
    shop.speedy.advance(story.parcel_of(shop, order), State.ACCEPTED)
    await story.retry(shop)
    await story.retry(shop)
    assert ("shipment", order["number"], "parcel_not_called_off") in await story.concerns(shop)
    await story.scan(shop, order, State.DELIVERED)
    assert ("shipment", order["number"], "parcel_delivered_though_cancelled") in await story.concerns(shop)


@pytest.mark.parametrize(
    ("phase", "left"), [(Phase.RETURNED, ["parcel_returned_though_cancelled"]), (Phase.CANCELLED, [])]
)
async def test_a_cancelled_parcel_that_comes_back_or_is_called_off_late_is_told(
    shop: Shop, phase: Phase, left: list[str]
) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    shop.speedy.advance(story.parcel_of(shop, order), State.ACCEPTED)
    await story.cancel(shop, order)
    await shop.run_jobs()
    await tell(shop, order, scan(Phase.PICKED_UP), scan(phase, LATER))
    assert [code for about, _, code in await story.concerns(shop) if about == "shipment"] == left
    assert await shop.stock("ION-H-SOFT-2") == 100


async def test_a_parcel_the_courier_forgets_for_a_while_stays_where_it_was(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await tell(shop, order, scan(Phase.OUT_FOR_DELIVERY))
    await tell(shop, order)
    assert await story.shipment(shop, order, "status", "phase") == ("handed_over", "out_for_delivery")


async def test_two_trackers_at_once_move_an_order_once(shop: Shop) -> None:
    placed = [await shop.ordered() for _ in range(5)]
    await shop.run_jobs()
    shop.clock.at = SCANNED
    for order in placed:
        shop.speedy.advance(story.parcel_of(shop, order), State.DELIVERED)
    await asyncio.gather(shop.track(), shop.track(), shop.track())
    await shop.run_jobs()

    for order in placed:
        events = [event for event, _, _ in await story.history(shop, order)]
        assert events == ["confirmed", "shipped", "delivered"]
    assert (await shop.jobs())["issue_invoice", "succeeded"] == 5
    numbers = await shop.rows("SELECT number FROM documents ORDER BY number")
    assert numbers == [(f"{number:010d}",) for number in range(1, 6)]


async def test_a_courier_who_does_not_answer_changes_nothing(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    shop.speedy.advance(story.parcel_of(shop, order), State.DELIVERED)
    shop.speedy.fail_with(503, on="/track", times=3)
    before = await contents(shop)
    with pytest.raises(CourierUnavailable):
        await shop.track()
    assert await contents(shop) == before

    await shop.track()
    assert await story.status(shop, order) == ("delivered", "delivered")


def keep_silent(shop: Shop, order: dict[str, Any]) -> None:
    """Let Speedy fail whenever it is asked about a parcel."""
    about = story.parcel_of(shop, order).id
    shop.speedy.faults.order(Fault(fault=FaultKind.STATUS, on="/track", about=about, times=1_000))


async def test_f2_parcels_that_cannot_be_tracked_stop_no_others(shop: Shop) -> None:
    placed = [await shop.ordered() for _ in range(4)]
    await shop.run_jobs()
    silent, told = placed[1:3], [placed[0], placed[3]]
    for order in silent:
        keep_silent(shop, order)
    for order in placed:
        shop.speedy.advance(story.parcel_of(shop, order), State.DELIVERED)
    await shop.track()
    assert [await story.status(shop, order) for order in told] == [("delivered", "delivered")] * 2
    assert [await story.status(shop, order) for order in silent] == [("confirmed", "booked")] * 2
    untold = [("shipment", order["number"], "courier_untold") for order in silent]
    assert await story.concerns(shop) == untold

    shop.speedy.calls.clear()
    another = await shop.ordered()
    await shop.run_jobs()
    await story.scan(shop, another, State.DELIVERED)
    assert await story.status(shop, another) == ("delivered", "delivered")
    assert shop.speedy.calls["/track"] == 1 + 2 * 3, "what failed before is asked about alone, and last"
    assert await story.concerns(shop) == untold


async def test_f2_an_attention_item_of_tracking_comes_once_and_ends_by_itself(shop: Shop) -> None:
    order, _ = await shop.ordered(), await shop.ordered()
    await shop.run_jobs()
    keep_silent(shop, order)
    await shop.track()
    assert await story.concerns(shop) == [("shipment", order["number"], "courier_untold")]
    async with shop.sessions.begin() as session:
        found = await orders.get_order(session, order["number"])
        assert await settle(session, found, Settled.SHIPMENT, at=shop.clock.now())
    await shop.track()
    assert await story.concerns(shop) == [], "a person has looked at it"
    assert await story.shipment(shop, order, "untold_since") == (NOON,)

    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE shipments SET untold_since = NULL"))
    await shop.track()
    assert await story.concerns(shop) == [("shipment", order["number"], "courier_untold")]
    shop.speedy.faults.clear()
    await story.scan(shop, order, State.DELIVERED)
    assert await story.concerns(shop) == []
    assert await story.shipment(shop, order, "untold_since") == (None,)
    assert await story.status(shop, order) == ("delivered", "delivered")


async def test_f2_what_another_concern_is_about_stays_beside_a_parcel_that_is_not_told_of(shop: Shop) -> None:
    shop.speedy.conduct.drop_cash_on_delivery = True
    order, _ = await shop.ordered(), await shop.ordered()
    await shop.run_jobs()
    keep_silent(shop, order)
    await shop.track()
    assert ("shipment", order["number"], "cash_on_delivery_not_charged") in await story.concerns(shop)


async def test_f2_an_outage_is_no_parcels_fault(shop: Shop) -> None:
    for _ in range(3):
        await shop.ordered()
    await shop.run_jobs()
    shop.speedy.fail_with(503, on="/track", times=1_000)
    before = await contents(shop)
    with pytest.raises(CourierUnavailable):
        await shop.track()
    assert await contents(shop) == before


async def test_f2_the_only_one_under_way_that_fails_keeps_what_failed_before_from_nothing(shop: Shop) -> None:
    order, told = await shop.ordered(), await shop.ordered()
    await shop.run_jobs()
    keep_silent(shop, order)
    await shop.track()
    await story.scan(shop, told, State.DELIVERED)
    shop.speedy.faults.clear()
    shop.speedy.advance(story.parcel_of(shop, order), State.DELIVERED)
    another = await shop.ordered()
    await shop.run_jobs()
    keep_silent(shop, another)
    with pytest.raises(CourierUnavailable):
        await shop.track()
    assert await story.status(shop, order) == ("delivered", "delivered")


async def test_every_parcel_on_its_way_is_listed_page_by_page(shop: Shop) -> None:
    placed = [await shop.ordered() for _ in range(3)]
    await shop.run_jobs()
    waybills = [(await story.shipment(shop, order, "waybill"))[0] for order in placed]
    async with shop.sessions() as session:
        first = await shipments.list_on_their_way(session, after=None, limit=2)
        second = await shipments.list_on_their_way(session, after=first[-1].id, limit=2)
    assert [shipment.waybill for shipment in (*first, *second)] == waybills
