"""A sale for which I-Cash has no usable answer holds up the others for no longer than it takes to tell."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.core import jobs
from app.core.money import Money
from app.fulfilment.posting import ANSWERS_AWAITED
from tests.factories.catalog import make_variant
from tests.fulfilment import story
from tests.shop import Shop, open_shop

LINE = (
    "SELECT args ->> 'order_id', lock, status::text FROM procrastinate_jobs WHERE task_name = 'post_sale' ORDER BY id"
)


@pytest.fixture
async def shop(stocked: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """Open a shop that gives I-Cash no rest: no time passes here."""
    async with open_shop(stocked, tmp_path, circuit_seconds=0.001) as shop:
        yield shop


def entered(shop: Shop) -> list[str | None]:
    return [operation.import_reference for operation in shop.icash.operations]


def asked_about(shop: Shop, order: dict[str, Any]) -> int:
    """Count the look-ups of one sale."""
    return sum(request.parameters.get("ImportRefID") == order["number"] for request in shop.icash.requests)


async def run(shop: Shop, times: int = 1) -> None:
    """Let the waiting time pass and do what is due, so many times."""
    for _ in range(times):
        shop.clock.advance(minutes=3)
        await story.retry(shop)


async def three_orders(shop: Shop) -> list[dict[str, Any]]:
    return [await shop.ordered() for _ in range(3)]


@pytest.mark.parametrize("kind", ["html", "html-502", "empty", "cut"])
async def test_f1_a_sale_that_is_answered_with_rubbish_steps_aside_after_three_times(shop: Shop, kind: str) -> None:
    stuck, second, third = await three_orders(shop)
    shop.icash.fail(kind, "operations-list", reference=stuck["number"], times=1000, committed=False)
    await shop.run_jobs()
    await run(shop)
    assert asked_about(shop, stuck) == 2
    assert entered(shop) == []
    assert await story.concerns(shop) == []

    await run(shop)
    assert entered(shop) == [second["number"], third["number"]]
    assert await story.concerns(shop) == [("posting", stuck["number"], "books_unanswered")]
    assert asked_about(shop, stuck) == ANSWERS_AWAITED
    fourth = await shop.ordered()
    await shop.run_jobs()
    assert entered(shop) == [each["number"] for each in (second, third, fourth)], "nobody waits for it any more"

    shop.icash.faults = type(shop.icash.faults)()
    await run(shop)
    assert entered(shop) == [each["number"] for each in (second, third, fourth, stuck)]
    assert await story.concerns(shop) == []
    assert await shop.rows("SELECT unanswered FROM postings WHERE unanswered > 0") == []


async def test_f1_a_sale_whose_opening_gets_no_answer_steps_aside_and_is_entered_once(shop: Shop) -> None:
    stuck, second, third = await three_orders(shop)
    shop.icash.fail("html-502", "new-operation", reference=stuck["number"], times=2, committed=False)
    shop.icash.fail("html-502", "new-operation", reference=stuck["number"])
    await shop.run_jobs()
    await run(shop, 2)
    assert sorted(filter(None, entered(shop))) == sorted(each["number"] for each in (stuck, second, third))
    assert await story.concerns(shop) == [("posting", stuck["number"], "books_unanswered")]
    await run(shop, 2)
    assert len(shop.icash.operations) == 3, "it was looked up before it was opened again"
    assert await story.concerns(shop) == []
    assert await shop.rows("SELECT DISTINCT state FROM postings") == [("checked",)]


async def test_f1_an_outage_keeps_the_order(shop: Shop) -> None:
    first, second, third = await three_orders(shop)
    shop.icash.fail("html-502", times=1000, committed=False)
    await shop.run_jobs()
    await run(shop, 5)
    assert await story.concerns(shop) == []
    assert {lock for _, lock, _ in await shop.rows(LINE)} == {"icash"}
    shop.icash.faults = type(shop.icash.faults)()
    await run(shop)
    assert entered(shop) == [each["number"] for each in (first, second, third)]
    assert await shop.rows("SELECT unanswered FROM postings WHERE unanswered > 0") == []


async def test_f1_two_in_a_row_with_the_same_trouble_hold_up_nobody_for_ever(shop: Shop) -> None:
    one, another, sound = await three_orders(shop)
    for stuck in (one, another):
        shop.icash.fail("html", "operations-list", reference=stuck["number"], times=1000, committed=False)
    await shop.run_jobs()
    await run(shop, 8)
    assert entered(shop) == [sound["number"]]
    assert ("posting", one["number"], "books_unanswered") in await story.concerns(shop)
    later = await shop.ordered()
    await run(shop, 3)
    assert entered(shop) == [sound["number"], later["number"]]
    stuck_ones = [("posting", each["number"], "books_unanswered") for each in (one, another)]
    assert await story.concerns(shop) == stuck_ones


async def test_f1_a_sale_behind_that_the_books_were_not_asked_about_tells_nothing(shop: Shop) -> None:
    """Nine per cent has no group of taxes at I-Cash: that is refused here, also while I-Cash is away."""
    first = await shop.ordered()
    async with shop.sessions.begin() as session:
        await make_variant(session, sku="BOOK-1", price=Money(1000), stock=5, vat_rate=9)
    await shop.ordered({"BOOK-1": 1})
    shop.icash.fail("html-502", times=1000, committed=False)
    await shop.run_jobs()
    await run(shop, 3)
    assert await shop.rows("SELECT max(unanswered) FROM postings") == [(ANSWERS_AWAITED + 1,)]
    assert ("posting", first["number"], "books_unanswered") not in await story.concerns(shop)
    assert (await shop.rows(LINE))[0][1] == "icash"


async def test_f1_a_sale_with_nobody_behind_it_becomes_a_concern_too(shop: Shop) -> None:
    stuck = await shop.ordered()
    shop.icash.fail("html", "operations-list", reference=stuck["number"], times=1000, committed=False)
    await shop.run_jobs()
    await run(shop, 2)
    assert await story.concerns(shop) == [("posting", stuck["number"], "books_unanswered")]
    later = await shop.ordered()
    await shop.run_jobs()
    assert entered(shop) == [later["number"]]


async def test_f1_an_outage_with_nobody_behind_is_no_concern_of_the_sale(shop: Shop) -> None:
    await shop.ordered()
    shop.icash.fail("html-502", times=1000, committed=False)
    await shop.run_jobs()
    await run(shop, 4)
    assert await story.concerns(shop) == []
    assert [lock for _, lock, _ in await shop.rows(LINE)] == ["icash"]


async def test_f1_an_open_circuit_lets_the_next_one_through(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, circuit_seconds=3600) as shop:
        one, another, sound = await three_orders(shop)
        for stuck in (one, another):
            shop.icash.fail("html", "operations-list", reference=stuck["number"], times=1000, committed=False)
        await shop.run_jobs()
        await run(shop, 2)
        assert entered(shop) == []
        await run(shop)  # the fifth failure in a row: the circuit opens, and the one behind is tried all the same
        assert entered(shop) == [sound["number"]]
        assert ("posting", one["number"], "books_unanswered") in await story.concerns(shop)


async def test_f1_staff_set_a_sale_aside_that_is_stuck_and_release_it(shop: Shop) -> None:
    stuck, second, third = await three_orders(shop)
    shop.icash.fail("html", "operations-list", reference=stuck["number"], committed=False)
    await shop.run_jobs()
    assert entered(shop) == []
    [(job_id,)] = await shop.rows("SELECT id FROM procrastinate_jobs WHERE task_name = 'post_sale' AND attempts > 0")
    async with shop.sessions.begin() as session:
        assert [job.id for job in await jobs.list_retried(session, attempts=1)] == [job_id]
        assert await jobs.set_aside(session, job_id)
    await shop.run_jobs()
    assert entered(shop) == [second["number"], third["number"]]
    assert await story.parked(shop) == ["post_sale"]
    async with shop.sessions.begin() as session:
        assert not await jobs.set_aside(session, job_id), "it is aside"
    await story.release(shop)
    assert entered(shop) == [each["number"] for each in (second, third, stuck)]


async def test_f1_staff_try_a_sale_again_that_waits(shop: Shop) -> None:
    stuck = await shop.ordered()
    shop.icash.fail("html", "operations-list", reference=stuck["number"], committed=False)
    await shop.run_jobs()
    [(job_id,)] = await shop.rows("SELECT id FROM procrastinate_jobs WHERE task_name = 'post_sale' AND attempts > 0")
    async with shop.sessions.begin() as session:
        assert await jobs.hasten_one(session, job_id)
    await shop.run_jobs()
    assert entered(shop) == [stuck["number"]]
    async with shop.sessions.begin() as session:
        assert not await jobs.hasten_one(session, job_id), "it is done"
