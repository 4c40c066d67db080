"""An order is cancelled by its owner, or when its money never came; what is shipped is a person's matter."""

from datetime import UTC, datetime

from sqlalchemy import text

from app.integrations.speedy.simulator.shipments import State
from tests.checkout.watching import contents, ledger_sums
from tests.fulfilment import story
from tests.shop import NOON, Shop

LAST_DAY = datetime(2026, 11, 30, 21, 59, tzinfo=UTC)
TOO_LATE = datetime(2026, 11, 30, 22, 0, tzinfo=UTC)


async def strike(shop: Shop) -> None:
    """Let the hour strike at which unpaid orders are looked for."""
    [job] = [periodic for periodic in shop.work.periodic if periodic.name == "release_unpaid"]
    await job.run()


async def test_a_cancelled_order_gives_its_stock_back_once(shop: Shop) -> None:
    order = await shop.ordered({"ION-H-SOFT-2": 3, "ION-SET-1": 1})
    assert (await shop.stock("ION-H-SOFT-2"), await shop.stock("ION-SET-1")) == (97, 99)
    assert (await story.cancel(shop, order)).status_code == 204
    again = await story.cancel(shop, order)
    assert again.status_code == 204

    assert await ledger_sums(shop) == {"ION-H-SOFT-2": (100, 100), "ION-SET-1": (100, 100)}
    assert await story.history(shop, order) == [("confirmed", NOON, "customer"), ("cancelled", NOON, "customer")]
    assert (await story.read(shop, order))["payment"]["status"] == "void"


async def test_what_unpaid_orders_hold_is_counted_anew_each_hour(shop: Shop) -> None:
    """A release from before the count sold and cancelled beside this one."""
    await shop.ordered({"ION-H-SOFT-2": 3}, payment_method=story.TRANSFER)
    held = "SELECT sku, unpaid FROM stock WHERE unpaid > 0"
    assert await shop.rows(held) == [("ION-H-SOFT-2", 3)]
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE stock SET unpaid = CASE sku WHEN 'ION-SET-1' THEN 5 ELSE 0 END"))

    await strike(shop)
    assert await shop.rows(held) == [("ION-H-SOFT-2", 3)]


async def test_an_order_that_was_shipped_is_not_cancelled(shop: Shop) -> None:
    order = await shop.ordered()
    await shop.run_jobs()
    await story.scan(shop, order, State.ACCEPTED)
    before = await contents(shop)
    refused = await story.cancel(shop, order)
    assert (refused.status_code, refused.json()["code"]) == (409, "order-cannot-move")
    assert await contents(shop) == before


async def test_only_the_owner_cancels(shop: Shop) -> None:
    order, other = await shop.ordered(), await shop.ordered()
    before = await contents(shop)
    for header in ({}, story.guest(other)):
        refused = await shop.http.post(f"{order['links']['self']}/cancellation", headers=header)
        assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    assert await contents(shop) == before


async def test_a_transfer_that_never_came_frees_the_stock_when_its_day_is_over(shop: Shop) -> None:
    waiting = await shop.ordered(payment_method=story.TRANSFER)
    paid = await shop.ordered(payment_method=story.TRANSFER)
    collected = await shop.ordered()
    await story.pay(shop, paid)
    assert await shop.rows("SELECT DISTINCT due_on::text FROM payments WHERE due_on IS NOT NULL") == [("2026-11-30",)]

    shop.clock.at = LAST_DAY
    await strike(shop)
    assert (await story.read(shop, waiting))["status"] == "placed", "its last day is not over in Bulgaria"
    shop.clock.at = TOO_LATE
    await strike(shop)
    await strike(shop)

    assert await story.history(shop, waiting) == [("placed", NOON, "customer"), ("cancelled", TOO_LATE, "shop")]
    assert (await story.read(shop, waiting))["payment"]["status"] == "void"
    statuses = [(await story.read(shop, order))["status"] for order in (paid, collected)]
    assert statuses == ["confirmed", "confirmed"]
    assert await shop.stock("ION-H-SOFT-2") == 96
    assert shop.speedy.shipments == []
