"""Kills every process of the shop again and again while people buy: nothing is lost, nothing is done twice."""

import asyncio
import random
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import pytest

from app.fulfilment.paying import receive_payment
from app.orders.queries import find_order
from tests.dice import dice
from tests.faults.accounts import nothing_lost_nothing_doubled
from tests.faults.buyers import Bought, Buyers
from tests.faults.house import House
from tests.processes import Process, until

LONG = 300.0
FAULTS = (
    ("speedy", {"fault": "lose_answer"}),
    ("speedy", {"fault": "cut_before_commit"}),
    ("speedy", {"fault": "html"}),
    ("icash", {"kind": "cut", "endpoint": "new-operation"}),
    ("icash", {"kind": "cut", "endpoint": "add-operation-sale-item"}),
    ("icash", {"kind": "cut", "endpoint": "new-operation", "committed": False}),
    ("icash", {"kind": "session-expired"}),
)


@dataclass
class Day:
    """A day of trade with power cuts."""

    house: House
    dice: random.Random
    buyers: Buyers
    bought: list[Bought] = field(default_factory=list)
    paid: set[str] = field(default_factory=set)
    handed_over: set[str] = field(default_factory=set)

    async def trade(self, orders: int, clients: int = 4) -> None:
        """Sell so many orders; every tenth transfer never comes, every second parcel stays in the warehouse."""
        waiting = iter(range(orders))

        async def client() -> None:
            for place in waiting:
                await self._sell(place)

        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(client())

    async def _sell(self, place: int) -> None:
        lines = {"ION-H-SOFT-2": self.dice.randint(1, 3)}
        if place % 4 == 0:
            lines["ION-SET-1"] = 1
        order = await self.buyers.buy(lines, "bank_transfer" if place % 3 == 2 else "cash_on_delivery")
        self.bought.append(order)
        if order.method == "bank_transfer" and place % 10 != 9:
            await self.pay(order)
        elif order.method == "cash_on_delivery" and place % 2 == 0:
            self.handed_over.add(order.number)

    async def pay(self, order: Bought) -> None:
        async with self.house.sessions.begin() as session:
            found = await find_order(session, order.number)
            assert found is not None
            await receive_payment(session, found.id, order.total, reference=None, at=datetime.now(UTC))
        self.paid.add(order.number)

    async def hand_over(self) -> None:
        """Take parcels to the courier, and wait until the shop has heard of it."""

        async def all_known() -> bool:
            await self._take(self.handed_over - await self._known())
            return await self._known() == self.handed_over

        await until(all_known, LONG, every=0.2)

    async def _take(self, numbers: Collection[str]) -> None:
        for shipment in await self.house.speedy_state():
            if shipment["reference"] in numbers and shipment["state"] == "created":
                await self.house.advance(shipment["reference"], "accepted")

    async def _known(self) -> set[str]:
        rows = await self.house.rows(
            "SELECT lpad(number::text, 9, '0') FROM shipments JOIN orders ON orders.id = order_id"
            " WHERE handed_over_at IS NOT NULL"
        )
        return {number for (number,) in rows}

    async def kill(self, process: Process, *, down: float) -> None:
        process.kill()
        await asyncio.sleep(down)
        process.start()

    async def misfortune(self, victims: Sequence[str], *, most: float) -> None:
        """Kill these one after the other, each at a moment nobody knows; between them answers are lost."""
        for name in victims:
            await asyncio.sleep(self.dice.uniform(0.1, most))
            with suppress(httpx.TransportError):
                await self._take(self.handed_over)
            system, fault = self.dice.choice(FAULTS)
            await self.house.order_fault(system, **fault)
            await asyncio.sleep(self.dice.uniform(0, most / 2))
            await self.kill(self.house.processes[name], down=self.dice.uniform(0, 0.5))

    async def close(self) -> None:
        """Wait until all is done, and go through the books."""
        await self.house.quiet()
        await self.hand_over()
        await self.house.quiet()
        await nothing_lost_nothing_doubled(
            self.house, self.bought, paid=self.paid, invoiced=self.paid | self.handed_over
        )


@asynccontextmanager
async def day(house: House, *names: str) -> AsyncIterator[Day]:
    await house.open("speedy", "icash", "worker", "api", *names)
    yield Day(house, dice(), Buyers(house))


@pytest.mark.parametrize(
    ("orders", "victims"),
    [
        (10, ("worker", "api", "icash")),
        pytest.param(30, ("worker", "api", "speedy", "icash", "worker", "api"), marks=pytest.mark.slow),
    ],
    ids=["short", "long"],
)
async def test_processes_are_killed_while_people_buy(house: House, orders: int, victims: Sequence[str]) -> None:
    async with day(house) as today:
        async with asyncio.TaskGroup() as group:
            group.create_task(today.trade(orders))
            group.create_task(today.misfortune(victims, most=0.8))
        await today.close()


@pytest.mark.slow
async def test_everything_is_killed_many_times_in_a_long_day(house: House) -> None:
    house.add_worker("second")
    async with day(house, "second") as today:
        names = ["worker", "api", "speedy", "icash"] * 10
        today.dice.shuffle(names)
        async with asyncio.TaskGroup() as group:
            group.create_task(today.trade(300, clients=6))
            group.create_task(today.misfortune(names, most=4))
        await today.close()
