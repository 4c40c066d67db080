"""Cancelling gives the goods back once, and stops what was promised (complaint 6)."""

import asyncio
from typing import Any

import httpx
import pytest

from app.integrations.speedy.simulator import State
from app.orders import queries as orders
from app.orders.models import OrderStatus
from app.orders.states import STATUSES, Actor, move
from tests.checkout.buying import ENGLISH, at_once, statuses
from tests.checkout.watching import contents, ledger_sums
from tests.problems import of_kind
from tests.shop import Shop
from tests.waiting import until_waiting

ALL_BACK = {"ION-H-SOFT-2": (100, 100), "ION-SET-1": (100, 100)}


async def cancel(shop: Shop, order: dict[str, Any]) -> httpx.Response:
    return await shop.http.post(
        f"{order['links']['self']}/cancellation", headers={"X-Order-Token": order["access_token"], **ENGLISH}
    )


def cannot_move(status: str, *allowed: str) -> dict[str, Any]:
    return {
        **of_kind("order-cannot-move"),
        "title": "Order cannot move there",
        "status": 409,
        "detail": f"Its status is “{STATUSES[OrderStatus(status)].en}”.",
        "order_status": status,
        "allowed": list(allowed),
    }


async def history(shop: Shop) -> list[tuple[str, str]]:
    return [(status, by) for status, by in await shop.rows('SELECT status, "by" FROM order_events ORDER BY id')]


async def state(shop: Shop) -> tuple[Any, ...]:
    (found,) = await shop.rows(
        "SELECT orders.status, payments.status, shipments.status FROM orders"
        " JOIN payments ON payments.order_id = orders.id LEFT JOIN shipments ON shipments.order_id = orders.id"
    )
    return found


@pytest.mark.parametrize(
    ("method", "first", "shipment"), [("cash_on_delivery", "confirmed", "cancelled"), ("bank_transfer", "placed", None)]
)
async def test_a_cancelled_order_gives_everything_back(
    shop: Shop, method: str, first: str, shipment: str | None
) -> None:
    order = await shop.ordered({"ION-H-SOFT-2": 3, "ION-SET-1": 1}, payment_method=method)
    answer = await cancel(shop, order)
    assert (answer.status_code, answer.content) == (204, b"")
    assert await state(shop) == ("cancelled", "void", shipment)
    assert await history(shop) == [(first, "customer"), ("cancelled", "customer")]
    assert await ledger_sums(shop) == ALL_BACK
    assert await shop.rows(
        "SELECT sku, change, reason FROM stock_movements WHERE order_id IS NOT NULL ORDER BY id"
    ) == [
        ("ION-H-SOFT-2", -3, "sale"),
        ("ION-SET-1", -1, "sale"),
        ("ION-H-SOFT-2", 3, "cancellation"),
        ("ION-SET-1", 1, "cancellation"),
    ]


async def test_cancelling_again_changes_nothing(shop: Shop) -> None:
    order = await shop.ordered()
    await cancel(shop, order)
    before = await contents(shop)
    again = await cancel(shop, order)
    assert (again.status_code, again.content) == (204, b"")
    assert await contents(shop) == before


async def test_twenty_cancellations_at_once_give_back_once(shop: Shop) -> None:
    order = await shop.ordered({"ION-H-SOFT-2": 3, "ION-SET-1": 1})
    answers = await at_once([cancel(shop, order) for _ in range(20)])
    assert statuses(answers) == {204: 20}
    assert await ledger_sums(shop) == ALL_BACK
    assert [status for status, _ in await history(shop)] == ["confirmed", "cancelled"]


async def test_nothing_leaves_the_house_for_a_cancelled_order(shop: Shop) -> None:
    """No label is made for it, no sale entered (complaint 25)."""
    await cancel(shop, await shop.ordered())
    await shop.run_jobs()
    assert shop.speedy.shipments == []
    assert shop.icash.operations == []
    assert await shop.count("labels") == 0
    assert await shop.rows("SELECT count(*) FROM disclosures WHERE recipient = 'speedy'") == [(0,)]


async def test_no_label_is_made_for_an_unpaid_order(shop: Shop) -> None:
    """A transfer is waited for before anything is sent (complaint 25)."""
    await shop.ordered(payment_method="bank_transfer")
    await shop.run_jobs()
    assert shop.speedy.shipments == []
    assert shop.icash.operations == []


async def test_a_booked_parcel_is_called_off(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    assert shop.speedy.references() == [order["number"]]
    assert (await cancel(shop, order)).status_code == 204
    await shop.run_jobs()
    assert shop.speedy.references() == []
    assert [shipment.state for shipment in shop.speedy.shipments] == [State.CANCELLED]
    assert await ledger_sums(shop) == ALL_BACK


@pytest.mark.parametrize(
    ("way", "status", "allowed"),
    [
        (State.IN_TRANSIT, "shipped", ["delivered", "refused"]),
        (State.DELIVERED, "delivered", ["returned"]),
        (State.RETURNED, "refused", []),
    ],
)
async def test_what_was_shipped_cannot_be_cancelled(shop: Shop, way: State, status: str, allowed: list[str]) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    (shipment,) = shop.speedy.shipments
    shop.speedy.advance(shipment, way)
    shop.clock.advance(days=1)
    await shop.track()
    before = await contents(shop)
    answer = await cancel(shop, order)
    assert (answer.status_code, answer.json()) == (409, cannot_move(status, *allowed))
    assert await contents(shop) == before


async def test_what_is_shipped_while_its_cancellation_waits_stays_shipped(shop: Shop) -> None:
    """The order is seen as confirmed, then waited for: what counts is what it became meanwhile."""
    order = await shop.ordered()
    await shop.run_jobs()
    ((order_id,),) = await shop.rows("SELECT id FROM orders")
    async with shop.sessions.begin() as session:
        locked = await orders.lock_order(session, order_id)
        move(session, locked, OrderStatus.SHIPPED, at=shop.clock.now(), by=Actor.COURIER)
        await session.flush()
        cancelling = asyncio.create_task(cancel(shop, order))
        await until_waiting(shop)
    answer = await cancelling
    assert (answer.status_code, answer.json()) == (409, cannot_move("shipped", "delivered", "refused"))
    assert await shop.stock("ION-H-SOFT-2") == 98
