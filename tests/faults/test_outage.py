"""Speedy and I-Cash both down from the start: orders are taken all the same, and delivered once when they return."""

import asyncio
from collections.abc import Sequence

import pytest

from tests.faults.accounts import nothing_lost_nothing_doubled, taken_in_order
from tests.faults.buyers import Bought, Buyers
from tests.faults.house import House
from tests.processes import until

AT_ONCE = 4
ABOUT_PLACES = "/validation/address"


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "orders", [12, pytest.param(60, marks=SLOW), pytest.param(500, marks=SLOW)], ids=["short", "long", "very long"]
)
async def test_what_was_sold_while_both_were_down_is_delivered_once_and_in_order(house: House, orders: int) -> None:
    buyers = Buyers(house)
    await house.open("worker", "api")
    bought = await _buy(buyers, orders)
    assert buyers.again == 0
    await _tried_in_vain(house, "book_shipment")
    await house.open("speedy")
    await _tried_in_vain(house, "post_sale")  # sold is what the courier has
    await house.open("icash")
    await house.quiet()
    await nothing_lost_nothing_doubled(house, bought, paid=[], invoiced=[])
    await taken_in_order(house)

    # In a request the courier is asked about a place alone, and once: with the worker away nobody else is called.
    assert house.worker.terminate() == 0
    before = await house.calls(), await house.icash_state()
    late = await _buy(buyers, 12)
    assert (await house.calls(), await house.icash_state()) == ({**before[0], ABOUT_PLACES: 1}, before[1])
    await house.open("worker")
    await house.quiet()
    await nothing_lost_nothing_doubled(house, [*bought, *late], paid=[], invoiced=[])


async def _buy(buyers: Buyers, orders: int) -> Sequence[Bought]:
    at_once = asyncio.Semaphore(AT_ONCE)

    async def buy() -> Bought:
        async with at_once:
            return await buyers.buy({"ION-H-SOFT-2": 1})

    return await asyncio.gather(*(buy() for _ in range(orders)))


async def _tried_in_vain(house: House, job: str) -> None:
    """Wait until the worker has asked again and again, and got nowhere."""

    async def tried() -> bool:
        rows = await house.rows(
            "SELECT coalesce(max(attempts), 0) FROM procrastinate_jobs"
            " WHERE task_name = :job AND status IN ('todo', 'doing')",
            job=job,
        )
        return int(rows[0][0]) >= 3

    await until(tried)
    assert not [status for _, status in await house.unfinished() if status == "failed"]
