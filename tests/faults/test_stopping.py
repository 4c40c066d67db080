"""Kills every process of the shop while paid orders are cancelled: each is stopped whole, and once (complaint 6)."""

import asyncio
from collections import defaultdict

import pytest

from tests.faults.accounts import dense
from tests.faults.house import STOCK, House
from tests.faults.test_kills import Day, day

ORDERS = """
SELECT orders.number, orders.status, payments.status, refund_due_on IS NOT NULL, shipments.status,
    (SELECT count(*) FROM order_events WHERE order_id = orders.id AND order_events.status = 'cancelled'),
    (SELECT sum(change) FROM stock_movements WHERE order_id = orders.id),
    (SELECT array_agg(state) FROM mails WHERE mails.order_id = orders.id AND kind = 'order_cancelled')
FROM orders JOIN payments ON payments.order_id = orders.id JOIN shipments ON shipments.order_id = orders.id
"""
DOCUMENTS = """
SELECT documents.number, orders.number, kind, documents.total, sha256 IS NOT NULL FROM documents
JOIN orders ON orders.id = order_id LEFT JOIN document_files ON document_id = documents.id ORDER BY documents.number
"""


@pytest.mark.parametrize(
    ("orders", "victims"),
    [
        (4, ("worker", "api")),
        pytest.param(20, ("worker", "api", "speedy", "icash") * 3, marks=pytest.mark.slow),
    ],
    ids=["short", "long"],
)
async def test_processes_are_killed_while_paid_orders_are_cancelled(
    house: House, orders: int, victims: tuple[str, ...]
) -> None:
    async with day(house) as today:
        async with asyncio.TaskGroup() as group:
            group.create_task(buy_and_cancel(today, orders))
            group.create_task(today.misfortune(victims, most=0.8))
        await house.quiet()
    whole = ("cancelled", "received", True, "cancelled", 1, 0, ["sent"])
    assert {row[0]: row[1:] for row in await house.rows(ORDERS)} == {int(order.number): whole for order in today.bought}
    assert {shipment["state"] for shipment in await house.speedy_state()} <= {"cancelled"}
    assert set(await house.rows("SELECT available FROM stock")) == {(STOCK,)}
    documents = await house.rows(DOCUMENTS)
    dense([number for number, *_ in documents])
    of_order = defaultdict(list)
    for _, number, kind, total, is_drawn in documents:
        of_order[number].append((kind, total))
        assert is_drawn
    for issued in of_order.values():
        [(first, invoiced), (second, credited)] = issued
        assert (first, second, invoiced) == ("invoice", "credit_note", credited)
    assert await house.unfinished() == {}, "jobs that are waiting, under way or parked"


async def buy_and_cancel(today: Day, orders: int) -> None:
    """Buy, pay, and change one's mind a moment later: before the invoice, the parcel and the sale, or after."""

    async def one() -> None:
        order = await today.buyers.buy({"ION-H-SOFT-2": 2}, "bank_transfer")
        today.bought.append(order)
        await today.pay(order)
        await asyncio.sleep(today.dice.uniform(0, 2))
        await today.buyers.cancel(order)

    async with asyncio.TaskGroup() as group:
        for _ in range(orders):
            group.create_task(one())
