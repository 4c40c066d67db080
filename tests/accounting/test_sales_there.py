"""Sales that a return undid in I-Cash, that never came there, or came in another month than they were promised in."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.core.personal import Recipient
from app.integrations.icash.simulator.ledger import Operation
from app.integrations.speedy.simulator.shipments import State
from tests.accounting.test_reconciling import TODAY, icash_in_summary, reconcile, three_sales
from tests.fulfilment import story
from tests.shop import Shop, open_shop


async def refused_after_its_sale_was_finished(shop: Shop) -> tuple[dict[str, Any], Operation]:
    order = await shop.ordered()
    await shop.run_jobs()
    await story.scan(shop, order, State.IN_TRANSIT)
    await story.scan(shop, order, State.RETURNED)
    [operation] = shop.icash.operations
    return order, operation


async def test_a_sale_that_a_return_undid_counts_on_neither_side(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, icash_finalise="cash_on_delivery") as shop:
        order, operation = await refused_after_its_sale_was_finished(shop)
        assert await reconcile(shop) == [("not_cancelled", order["number"], None, "30.79", TODAY)]
        shop.clock.advance(days=10)  # the return counts where the sale did
        shop.icash.happen("operation-returned", operation_id=operation.id)
        assert await reconcile(shop) == []
        assert await shop.rows("SELECT sums FROM reconciliations ORDER BY made_at DESC LIMIT 1") == [
            ({"2026-11": ["0.00", "0.00"]},)
        ]
        check, told = await icash_in_summary(shop, "2026-11")
        assert (check, told) == ({"name": "icash", "expected": "0.00", "found": "0.00", "agrees": True}, [])


async def test_a_return_of_another_total_or_one_being_entered_undoes_nothing(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, icash_finalise="cash_on_delivery") as shop:
        order, operation = await refused_after_its_sale_was_finished(shop)
        shop.icash.happen("operation-returned", operation_id=operation.id)
        [_, returned] = shop.icash.operations
        shop.icash.happen("total-set", operation_id=returned.id, total="30.00")
        assert await reconcile(shop) == [("not_cancelled", order["number"], None, "0.79", TODAY)]
        assert (await icash_in_summary(shop, "2026-11"))[0]["found"] == "0.79"
        shop.icash.happen("total-set", operation_id=returned.id, total="30.79")
        returned.status, returned.prints, returned.completed, returned.completed_at_register = "TEMP", 0, None, None
        assert await reconcile(shop) == [("not_cancelled", order["number"], None, "30.79", TODAY)]


async def test_a_sale_that_never_came_there_is_missing_after_a_day(shop: Shop) -> None:
    await story.end_agreement(shop, Recipient.ICASH)
    order = await shop.ordered()
    await shop.run_jobs()
    assert await reconcile(shop) == []  # it is still being entered
    shop.clock.advance(days=9)
    assert await reconcile(shop) == [("missing_there", order["number"], "30.79", None, TODAY)]
    check, [told] = await icash_in_summary(shop, "2026-11")
    assert check == {"name": "icash", "expected": "30.79", "found": "0.00", "agrees": False}
    assert (told["reference"], told["expected"], told["found"]) == (order["number"], "30.79", None)
    assert (await story.cancel(shop, order)).status_code == 204
    assert await reconcile(shop) == []


async def test_a_sale_entered_the_month_after_it_was_promised_is_known_there(shop: Shop) -> None:
    await story.end_agreement(shop, Recipient.ICASH)
    order = await shop.ordered()
    await shop.run_jobs()
    shop.clock.at = datetime(2026, 12, 2, 12, tzinfo=UTC)
    await shop.agree(Recipient.ICASH)
    await story.release(shop)
    [operation] = shop.icash.operations
    shop.clock.at = datetime(2027, 1, 4, 3, tzinfo=UTC)
    whole = {"name": "icash", "expected": "30.79", "found": "30.79", "agrees": True}
    assert await reconcile(shop) == []
    assert await icash_in_summary(shop, "2026-12") == (whole, [])
    # Compared as usual, and known by its number too.
    shop.icash.happen("total-set", operation_id=operation.id, total="30.80")
    different = ("different_total", order["number"], "30.79", "30.80", date(2026, 12, 2))
    assert await reconcile(shop) == [different]
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE postings SET operation_id = NULL"))
    assert await reconcile(shop) == [different]


async def test_a_sale_entered_again_a_month_later_is_there_alone(shop: Shop) -> None:
    [order, *_] = await three_sales(shop)
    [operation, *_] = shop.icash.operations
    shop.icash.happen("operation-duplicated", operation_id=operation.id)
    [*_, again] = shop.icash.operations
    again.created = "2027-01-03 12:00:00"
    shop.clock.at = datetime(2027, 1, 4, 3, tzinfo=UTC)
    assert await reconcile(shop) == [("missing_here", order["number"], None, "30.79", date(2027, 1, 3))]
