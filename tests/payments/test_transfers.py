"""A bank transfer: waited for, received once and whole, and only then anything is sent."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.errors import ShopError
from app.core.language import Language
from app.core.money import Money
from app.fulfilment.paying import receive_payment
from tests.checkout.watching import contents
from tests.orders.test_cancelling import cancel
from tests.shop import Shop

OWED = Money(3079)


async def order_of(shop: Shop) -> tuple[dict[str, Any], UUID]:
    order = await shop.ordered(payment_method="bank_transfer")
    ((order_id,),) = await shop.rows("SELECT id FROM orders")
    return order, order_id


async def receive(shop: Shop, order_id: UUID, amount: Money = OWED, *, on: date | None = None) -> None:
    async with shop.sessions.begin() as session:
        await receive_payment(session, order_id, amount, reference="ИВА ПЕТРОВА", received_on=on, at=shop.clock.now())


async def test_a_transfer_from_the_order_to_the_invoice(shop: Shop) -> None:
    order, order_id = await order_of(shop)
    await shop.run_jobs()
    assert (shop.speedy.shipments, shop.icash.operations) == ([], [])
    assert await shop.count("documents") == 0

    shop.clock.advance(days=2)
    await receive(shop, order_id)
    await shop.run_jobs()
    assert await shop.rows("SELECT status, received_at FROM payments") == [("received", shop.clock.now())]
    assert await shop.rows('SELECT status, "by" FROM order_events ORDER BY id') == [
        ("placed", "customer"),
        ("confirmed", "staff"),
    ]
    assert shop.speedy.references() == [order["number"]]
    assert [operation.import_reference for operation in shop.icash.operations] == [order["number"]]
    assert await shop.rows("SELECT status, cash_on_delivery FROM shipments") == [("booked", None)]
    assert await shop.rows("SELECT number, total FROM documents") == [("0000000001", 3079)]
    assert await shop.rows("SELECT kind, sent_at IS NOT NULL FROM mails ORDER BY kind") == [
        ("invoice_issued", True),
        ("order_confirmation", True),
        ("payment_received", True),
    ]


async def test_typed_c4_the_tax_event_is_the_day_on_which_the_money_came(shop: Shop) -> None:
    """Noted on Monday, it came on Friday: the invoice says so (ЗДДС чл. 25, ал. 7)."""
    _, order_id = await order_of(shop)
    shop.clock.advance(days=7)
    await receive(shop, order_id, on=date(2026, 11, 27))
    await shop.run_jobs()
    assert await shop.rows("SELECT paid_on, received_at FROM payments") == [(date(2026, 11, 27), shop.clock.now())]
    assert await shop.rows(
        "SELECT issued_on, snapshot ->> 'tax_event_on', snapshot ->> 'paid_on',"
        " snapshot ->> 'is_advance' FROM documents"
    ) == [(date(2026, 11, 30), "2026-11-27", "2026-11-27", "true")]


@pytest.mark.parametrize(
    ("day", "title"),
    [(date(2026, 11, 24), "The date is in the future"), (date(2026, 11, 22), "The date is before the order")],
)
async def test_typed_c4_a_day_that_cannot_be_is_refused_at_its_field(shop: Shop, day: date, title: str) -> None:
    _, order_id = await order_of(shop)
    before = await contents(shop)
    with pytest.raises(ShopError) as refused:
        await receive(shop, order_id, on=day)
    document = refused.value.document(Language.EN)
    assert (document["status"], document["title"]) == (422, title)
    assert document["errors"] == [{"pointer": "/received_on", "detail": document["detail"]}]
    assert await contents(shop) == before


async def test_typed_c4_a_transfer_of_today_came_today_in_bulgaria(shop: Shop) -> None:
    _, order_id = await order_of(shop)
    shop.clock.advance(hours=13)  # 23:00 UTC
    await receive(shop, order_id)
    assert await shop.rows("SELECT paid_on FROM payments") == [(date(2026, 11, 24),)]


async def test_a_payment_that_comes_twice_is_recorded_twice_and_pays_once(shop: Shop) -> None:
    _, order_id = await order_of(shop)
    await asyncio.gather(*(receive(shop, order_id) for _ in range(20)))
    await shop.run_jobs()
    assert len(shop.speedy.shipments) == len(shop.icash.operations) == await shop.count("documents") == 1
    assert await shop.rows('SELECT "left", count(*) FROM receipt_cases GROUP BY 1 ORDER BY 1') == [(0, 1), (3079, 19)]
    assert await shop.rows("SELECT status, let_off FROM payments") == [("received", 0)]


async def test_payment_and_cancellation_at_once_end_in_money_that_is_owed(shop: Shop) -> None:
    """Whichever comes first: what was paid for goods that went back, or came for an order that was gone, is owed."""
    for _ in range(5):
        order = await shop.ordered(payment_method="bank_transfer")
        ((order_id,),) = await shop.rows("SELECT id FROM orders WHERE number = :n", n=int(order["number"]))
        await asyncio.gather(receive(shop, order_id), cancel(shop, order))
    ends = await shop.rows(
        'SELECT DISTINCT orders.status, payments.status, refund_due_on::text, "left"'
        " FROM orders JOIN payments ON payments.order_id = orders.id"
        " JOIN receipt_cases ON receipt_cases.order_id = orders.id"
    )
    assert set(ends) <= {("cancelled", "received", "2026-12-07", 0), ("cancelled", "void", "2026-12-07", 3079)}


async def test_typed_c4_what_the_previous_release_notes_meanwhile_has_its_day(shop: Shop) -> None:
    """It knows of no day: without one the invoice could not be dated, and the sale was in no report."""
    await order_of(shop)
    async with shop.sessions.begin() as session:
        await session.execute(
            text("UPDATE payments SET status = 'received', received_at = :at"),
            {"at": datetime(2026, 11, 24, 23, 30, tzinfo=UTC)},
        )
    assert await shop.rows("SELECT paid_on FROM payments") == [(date(2026, 11, 25),)]
