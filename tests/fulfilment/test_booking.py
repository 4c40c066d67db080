"""A parcel is booked once, for an order that still wants it, and called off when it no longer does (complaint 25)."""

import asyncio
import runpy
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.personal import Recipient
from app.core.schema import MIGRATIONS
from app.fulfilment.booking import promise_missing_sales
from app.fulfilment.concerns import Settled, settle
from app.fulfilment.jobs import BookShipment
from app.fulfilment.posting import promise_sale
from app.integrations.speedy.simulator import Fault, FaultKind
from app.integrations.speedy.simulator.shipments import State
from app.orders import queries as orders
from tests.fulfilment import story
from tests.processes import PATIENCE, until
from tests.shop import NOON, Shop, open_shop

CANCELLED = httpx.codes.NO_CONTENT


async def asked(shop: Shop, path: str) -> None:
    """Wait until Speedy was asked."""
    await until(lambda: shop.speedy.calls[path] > 0, every=0.01)


async def test_an_order_cancelled_before_its_job_runs_never_reaches_the_courier(shop: Shop) -> None:
    order = await shop.ordered()
    assert (await story.cancel(shop, order)).status_code == CANCELLED
    await shop.run_jobs()

    assert shop.speedy.calls == story.ASKED_ONCE
    assert await story.status(shop, order) == ("cancelled", "cancelled")
    assert await shop.rows("SELECT recipient FROM disclosures") == []
    assert await shop.stock("ION-H-SOFT-2") == 100


async def test_an_order_cancelled_while_the_courier_looks_is_not_booked(shop: Shop) -> None:
    order = await shop.ordered()
    shop.speedy.answer_slowly(PATIENCE, on="/shipment/search")
    working = asyncio.create_task(shop.run_jobs())
    await asked(shop, "/shipment/search")
    assert (await story.cancel(shop, order)).status_code == CANCELLED
    shop.speedy.let_go.set()
    await working

    assert shop.speedy.calls["/shipment"] == 0
    assert await story.status(shop, order) == ("cancelled", "cancelled")
    assert await shop.rows("SELECT recipient FROM disclosures WHERE recipient = 'speedy'") == []


async def test_an_order_cancelled_while_the_courier_books_leaves_no_parcel_alive(shop: Shop) -> None:
    shop.speedy.conduct.cancellation_seconds = 0  # the clock of the test stands still
    order = await shop.ordered()
    shop.speedy.answer_slowly(PATIENCE)
    working = asyncio.create_task(shop.run_jobs())
    await asked(shop, "/shipment")
    assert (await story.cancel(shop, order)).status_code == CANCELLED
    shop.speedy.let_go.set()
    await working
    await shop.run_jobs()

    assert [parcel.state for parcel in shop.speedy.shipments] == [State.CANCELLED]
    assert await story.status(shop, order) == ("cancelled", "cancelled")
    assert await shop.count("labels") == 0
    # The sale may be in the books by then: that is a concern of its own.
    assert [concern for concern in await story.concerns(shop) if concern[0] == "shipment"] == []
    assert await story.parked(shop) == []


async def test_an_order_cancelled_after_its_booking_has_its_parcel_called_off(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    assert (await story.cancel(shop, order)).status_code == CANCELLED
    await shop.run_jobs()

    assert [parcel.state for parcel in shop.speedy.shipments] == [State.CANCELLED]
    assert await story.history(shop, order) == [("confirmed", NOON, "customer"), ("cancelled", NOON, "customer")]
    assert await shop.stock("ION-H-SOFT-2") == 100


async def test_a_parcel_whose_answer_was_lost_is_called_off_too(shop: Shop) -> None:
    order = await shop.ordered()
    shop.speedy.lose_next_answer()
    await shop.run_jobs()
    assert (await story.status(shop, order)) == ("confirmed", "waiting")
    assert (await story.cancel(shop, order)).status_code == CANCELLED
    await story.retry(shop)
    await story.retry(shop)

    assert [parcel.state for parcel in shop.speedy.shipments] == [State.CANCELLED]
    assert await story.parked(shop) == []


async def test_a_parcel_that_cannot_be_called_off_any_more_is_a_concern(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    shop.speedy.advance(story.parcel_of(shop, order), State.ACCEPTED)
    assert (await story.cancel(shop, order)).status_code == CANCELLED
    await shop.run_jobs()

    assert ("shipment", order["number"], "parcel_not_called_off") in await story.concerns(shop)
    assert await story.parked(shop) == ["cancel_shipment"]


async def test_a_lost_answer_books_one_parcel(shop: Shop) -> None:
    order = await shop.ordered()
    shop.speedy.lose_next_answer()
    await shop.run_jobs()
    assert (await shop.jobs())["book_shipment", "todo"] == 1
    await story.retry(shop)

    assert shop.speedy.references() == [order["number"]]
    assert shop.speedy.calls["/shipment"] == 1
    assert await story.shipment(shop, order, "status", "waybill") == ("booked", shop.speedy.shipments[0].id)
    assert await shop.count("labels") == 1


async def lost_and_silent(shop: Shop, **how: Any) -> dict[str, Any]:
    """Lose the answer to a booking that Speedy then fails to track."""
    order = await shop.ordered()
    shop.speedy.lose_next_answer()
    await shop.run_jobs()
    about = story.parcel_of(shop, order).id
    shop.speedy.faults.order(Fault(on="/track", about=about, times=1_000, **how))
    return order


SILENCES = pytest.mark.parametrize(
    "how", [{"fault": FaultKind.STATUS}, {"fault": FaultKind.REFUSE}], ids=["unanswered", "refused"]
)


@SILENCES
async def test_f2_a_lost_booking_that_cannot_be_tracked_is_found(shop: Shop, how: dict[str, Any]) -> None:
    order = await lost_and_silent(shop, **how)
    await story.retry(shop)
    assert await story.status(shop, order) == ("confirmed", "booked")
    assert shop.speedy.calls["/shipment"] == 1
    assert await story.concerns(shop) == []


@SILENCES
async def test_f3_a_lost_booking_that_cannot_be_tracked_is_called_off(shop: Shop, how: dict[str, Any]) -> None:
    order = await lost_and_silent(shop, **how)
    await story.cancel(shop, order)
    await story.retry(shop)
    assert shop.speedy.references() == []
    assert (await story.concerns(shop), await story.parked(shop)) == ([], [])


async def test_f3_what_the_courier_may_have_goes_no_other_way(shop: Shop) -> None:
    """The look-up of a lost booking is refused, as while the password is being changed, and a person settles that."""
    order = await shop.ordered()
    shop.speedy.lose_next_answer()
    await shop.run_jobs()
    shop.speedy.refuse_next(1, "authentication", on="/shipment/search")
    await story.retry(shop)
    async with shop.sessions.begin() as session:
        found = await orders.get_order(session, order["number"])
        assert await settle(session, found, Settled.SHIPMENT, at=shop.clock.now())
    assert await story.status(shop, order) == ("confirmed", "waiting")
    await story.release(shop)
    assert await story.shipment(shop, order, "status", "waybill") == ("booked", shop.speedy.shipments[0].id)


async def test_f3_a_booking_that_may_have_arrived_asks_for_a_person_while_it_cannot_be_looked_up(shop: Shop) -> None:
    """Its worker died before it could say so."""
    order = await shop.ordered()
    shop.speedy.lose_next_answer()
    await shop.run_jobs()
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE shipments SET concern = NULL"))
    shop.speedy.fail_with(503, on="/shipment/search", times=3)
    await story.retry(shop)
    assert await story.concerns(shop) == [("shipment", order["number"], "courier_unsure")]


async def test_a_parcel_not_found_yet_is_not_sent_again_before_the_quiet_time_is_over(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path, speedy_quiet_seconds=120) as shop:
        order = await shop.ordered()
        shop.speedy.cut_before_commit()
        await shop.run_jobs()
        await story.retry(shop)
        assert shop.speedy.calls["/shipment"] == 1
        assert await story.concerns(shop) == [("shipment", order["number"], "courier_unsure")]
        shop.clock.advance(minutes=3)
        await story.retry(shop)

        assert shop.speedy.references() == [order["number"]]
        assert await story.shipment(shop, order, "status", "concern", "sent_at") == (
            "booked",
            None,
            NOON + timedelta(minutes=3),
        )


async def test_f4_what_a_clock_that_ran_ahead_sent_is_in_doubt_no_longer_than_anything_else(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path, speedy_quiet_seconds=120) as shop:
        order = await shop.ordered()
        shop.clock.advance(days=90)
        shop.speedy.cut_before_commit()
        await shop.run_jobs()
        shop.clock.at = NOON
        for _ in range(2):
            await story.retry(shop)
        assert shop.speedy.calls["/shipment"] == 1
        shop.clock.advance(minutes=3)
        await story.retry(shop)
        assert shop.speedy.references() == [order["number"]]
        assert shop.speedy.calls["/shipment"] == 2


async def test_two_workers_with_the_same_job_book_one_parcel(shop: Shop) -> None:
    """The lock of the queue aside: a worker taken for dead may still be at work."""
    order = await shop.ordered()
    [(order_id,)] = await shop.rows("SELECT id FROM orders")
    await shop.run_jobs()
    book = shop.work.handlers[BookShipment]
    await asyncio.gather(*(book(BookShipment(order_id)) for _ in range(3)))

    assert shop.speedy.references() == [order["number"]]
    assert await shop.count("labels") == 1


async def test_a_refusal_waits_for_a_person_and_is_booked_once_when_mended(shop: Shop) -> None:
    shop.speedy.conduct.money_transfer_allowed = False
    order = await shop.ordered()
    await shop.run_jobs()
    [(about, number, code)] = await story.concerns(shop)
    assert (about, number) == ("shipment", order["number"])
    assert code.startswith("courier_refused_")
    assert await story.parked(shop) == ["book_shipment"]
    assert list(shop.icash.requests) == [], "what may come to nothing is not entered as a sale"
    assert await story.status(shop, order) == ("confirmed", "waiting")
    await story.retry(shop)
    assert shop.speedy.calls["/shipment"] == 1, "a refusal is not tried again by itself"

    shop.speedy.conduct.money_transfer_allowed = True
    await story.release(shop)
    assert shop.speedy.references() == [order["number"]]
    assert [operation.import_reference for operation in shop.icash.operations] == [order["number"]]
    assert await story.concerns(shop) == []
    assert await story.parked(shop) == []
    assert await shop.count("labels") == 1


async def test_a_refused_parcel_that_goes_another_way_is_sold_once_a_person_says_so(shop: Shop) -> None:
    shop.speedy.conduct.money_transfer_allowed = False
    order = await shop.ordered()
    await shop.run_jobs()
    async with shop.sessions.begin() as session:
        found = await orders.get_order(session, order["number"])
        assert await settle(session, found, Settled.SHIPMENT, at=shop.clock.now())
    await shop.run_jobs()
    assert [operation.import_reference for operation in shop.icash.operations] == [order["number"]]

    # The courier does not come for it too.
    shop.speedy.conduct.money_transfer_allowed = True
    await story.release(shop)
    assert shop.speedy.references() == []
    assert await story.status(shop, order) == ("shipped", "cancelled")
    assert await story.history(shop, order) == [("confirmed", NOON, "customer"), ("shipped", NOON, "staff")]
    assert await story.concerns(shop) == []
    # Handed over by the shop itself: its cash is still to come, and its invoice is due.
    assert await shop.rows("SELECT kind, total FROM documents") == [("invoice", 3079)]
    assert (await story.read(shop, order))["payment"]["status"] == "awaited"


async def test_what_went_another_way_before_that_moved_its_order_is_moved_on_by_a_migration(shop: Shop) -> None:
    shop.speedy.conduct.money_transfer_allowed = False
    order, waits, cancelled = [await shop.ordered() for _ in range(3)]
    await shop.run_jobs()
    async with shop.sessions.begin() as session:
        found = await orders.get_order(session, order["number"])
        await session.execute(text("UPDATE shipments SET status = 'cancelled' WHERE order_id = :id"), {"id": found.id})
        await promise_sale(session, found.id, at=NOON)
    await story.cancel(shop, cancelled)

    def moved_on(session: Session) -> None:
        with Operations.context(MigrationContext.configure(session.connection())):
            runpy.run_path(str(MIGRATIONS / "versions/0042_gone_another_way.py"))["upgrade"]()

    for _ in range(2):
        async with shop.sessions.begin() as session:
            await session.run_sync(moved_on)
    assert await story.history(shop, order) == [("confirmed", NOON, "customer"), ("shipped", NOON, "staff")]
    assert [await story.status(shop, each) for each in (order, waits, cancelled)] == [
        ("shipped", "cancelled"),
        ("confirmed", "waiting"),
        ("cancelled", "cancelled"),
    ]


async def test_while_it_is_open_whether_the_courier_has_it_a_person_cannot_say_that_it_is_sold(shop: Shop) -> None:
    order = await shop.ordered()
    shop.speedy.lose_next_answer()
    await shop.run_jobs()
    assert await story.concerns(shop) == [("shipment", order["number"], "courier_unsure")]
    async with shop.sessions.begin() as session:
        found = await orders.get_order(session, order["number"])
        assert await settle(session, found, Settled.SHIPMENT, at=shop.clock.now())
    assert await shop.count("postings") == 0
    await story.retry(shop)
    assert await story.status(shop, order) == ("confirmed", "booked")
    assert [operation.import_reference for operation in shop.icash.operations] == [order["number"]]


@pytest.mark.parametrize("found_by", ["booking", "sweep"])
async def test_a_sale_that_a_release_beside_this_one_left_out_is_entered(shop: Shop, found_by: str) -> None:
    """Its parcel was booked by a worker to whom whoever confirmed promises the sale."""
    order = await shop.ordered()
    await shop.run_jobs()
    [(order_id,)] = await shop.rows("SELECT id FROM orders")
    async with shop.sessions.begin() as session:
        await session.execute(text("DELETE FROM postings"))
    shop.icash.operations.clear()
    for _ in range(2):  # entered once
        if found_by == "booking":
            await shop.work.handlers[BookShipment](BookShipment(order_id))
        else:
            await promise_missing_sales(shop.sessions, at=shop.clock.now())
        await shop.run_jobs()
    assert [operation.import_reference for operation in shop.icash.operations] == [order["number"]]


async def test_f2_one_sale_that_cannot_be_promised_keeps_none_behind_it_from_being_entered(shop: Shop) -> None:
    await shop.ordered()
    await shop.ordered()
    await shop.run_jobs()
    [(first,), (second,)] = await shop.rows("SELECT order_id FROM shipments ORDER BY booked_at, id")
    async with shop.sessions.begin() as session:
        await session.execute(text("DELETE FROM postings"))
        never = f"ALTER TABLE postings ADD CONSTRAINT never CHECK (order_id <> '{first}')"
        await session.execute(text(never))
    await promise_missing_sales(shop.sessions, at=shop.clock.now())
    assert await shop.rows("SELECT order_id FROM postings") == [(second,)]


async def test_a_cancelled_order_is_not_taken_for_a_sale_left_out(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    assert (await story.cancel(shop, order)).status_code == CANCELLED
    async with shop.sessions.begin() as session:
        await session.execute(text("DELETE FROM postings"))
        await session.execute(text("UPDATE shipments SET status = 'booked'"))
    await promise_missing_sales(shop.sessions, at=shop.clock.now())
    assert await shop.count("postings") == 0


async def test_a_refused_order_that_is_cancelled_concerns_nobody_any_more(shop: Shop) -> None:
    shop.speedy.conduct.money_transfer_allowed = False
    order = await shop.ordered()
    await shop.run_jobs()
    assert (await story.cancel(shop, order)).status_code == CANCELLED
    await shop.run_jobs()

    assert [concern for concern in await story.concerns(shop) if concern[0] == "shipment"] == []
    assert shop.speedy.shipments == []
    await story.release(shop)
    assert shop.speedy.calls["/shipment"] == 1
    assert list(shop.icash.requests) == []
    assert await story.parked(shop) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({}, ["address", "name", "phone"]), ({"delivery": story.OFFICE}, ["name", "phone"])],
    ids=["address", "office"],
)
async def test_s33_the_courier_is_told_what_delivering_needs(
    shop: Shop, changes: dict[str, Any], expected: list[str]
) -> None:
    order = await shop.ordered(comment="Моля, звънете след 18 ч.", **changes)
    await shop.run_jobs()

    told = str(story.parcel_of(shop, order).wish.model_dump())
    assert "Ива Петрова" in told
    assert "iva@example.bg" not in told
    assert "звънете" not in told
    assert "ION-H-SOFT-2" not in told
    [(categories,)] = await shop.rows("SELECT categories FROM disclosures WHERE recipient = 'speedy'")
    assert categories == expected


async def test_a_label_that_fails_is_fetched_later_without_a_second_booking(shop: Shop) -> None:
    order = await shop.ordered()
    shop.speedy.fail_with(503, on="/print", times=3)
    await shop.run_jobs()
    assert await story.status(shop, order) == ("confirmed", "booked")
    assert await shop.count("labels") == 0
    await story.retry(shop)

    assert await shop.count("labels") == 1
    assert shop.speedy.calls["/shipment"] == 1
    assert len(await shop.rows("SELECT 1 FROM disclosures WHERE recipient = 'speedy'")) == 1
    assert await story.concerns(shop) == []


async def test_a_parcel_taken_before_its_label_was_kept_gets_it_still(shop: Shop) -> None:
    order = await shop.ordered()
    shop.speedy.fail_with(503, on="/print", times=3)
    await shop.run_jobs()
    await story.scan(shop, order, State.ACCEPTED)
    assert await story.status(shop, order) == ("shipped", "handed_over")
    assert await shop.count("labels") == 0
    await story.retry(shop)

    assert await shop.count("labels") == 1
    assert shop.speedy.calls["/shipment"] == 1


async def test_a_label_that_is_refused_waits_for_a_person(shop: Shop) -> None:
    order = await shop.ordered()
    shop.speedy.refuse_next(1, "sim.ordered", on="/print")
    await shop.run_jobs()
    assert await story.concerns(shop) == [("shipment", order["number"], "label_refused_1")]
    assert await story.parked(shop) == ["book_shipment"]
    await story.release(shop)

    assert await story.concerns(shop) == []
    assert await shop.count("labels") == 1
    assert shop.speedy.references() == [order["number"]]


async def test_no_label_is_made_for_what_is_not_paid(shop: Shop) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER)
    await shop.run_jobs()
    await story.retry(shop)
    assert shop.speedy.calls == story.ASKED_ONCE
    assert await shop.count("labels") == 0
    assert (await story.read(shop, order))["shipment"] is None

    await story.pay(shop, order)
    await shop.run_jobs()
    assert shop.speedy.references() == [order["number"]]
    assert story.parcel_of(shop, order).collected is None
    assert await shop.count("labels") == 1


async def test_a_parcel_without_a_fee_for_the_cash_is_booked_and_is_a_concern(shop: Shop) -> None:
    shop.speedy.conduct.drop_cash_on_delivery = True
    order = await shop.ordered()
    await shop.run_jobs()

    assert await story.status(shop, order) == ("confirmed", "booked")
    assert await story.concerns(shop) == [("shipment", order["number"], "cash_on_delivery_not_charged")]


async def test_s38_without_an_agreement_nothing_is_sent_until_there_is_one(shop: Shop) -> None:
    await story.end_agreement(shop, Recipient.SPEEDY)
    order = await shop.ordered()
    await shop.run_jobs()
    assert shop.speedy.calls == story.ASKED_ONCE
    assert await story.concerns(shop) == [("shipment", order["number"], "agreement_missing")]
    assert await story.parked(shop) == ["book_shipment"]
    assert await shop.rows("SELECT 1 FROM disclosures WHERE recipient = 'speedy'") == []

    await shop.agree(Recipient.SPEEDY)
    await story.release(shop)
    assert shop.speedy.references() == [order["number"]]
    assert await story.concerns(shop) == []
    assert len(await shop.rows("SELECT 1 FROM disclosures WHERE recipient = 'speedy'")) == 1
