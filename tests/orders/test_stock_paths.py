"""Over any path of buying and cancelling, the stock ledger says what is there (complaint 6)."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from app.core.money import Money
from app.fulfilment.correcting import Act, GoneBack, refund_order
from app.invoices.service import Request
from app.orders import queries as orders
from app.payments.errors import PaymentCannotMove, RefundExceedsPayment
from app.payments.models import RefundMeans
from tests.checkout.buying import at_once
from tests.dice import dice
from tests.fulfilment import story
from tests.orders.test_cancelling import cancel
from tests.shop import Shop, a_wish

SKUS = ("ION-H-SOFT-2", "ION-SET-1")
HELD = """
SELECT orders.number, orders.status,
       (SELECT sum(quantity) FROM order_lines WHERE order_id = orders.id AND kind = 'goods'),
       (SELECT sum(change) FROM stock_movements WHERE order_id = orders.id)
FROM orders
"""
SUMS = """
SELECT stock.sku, available, (SELECT sum(change) FROM stock_movements AS moved WHERE moved.sku = stock.sku) FROM stock
"""

OWED = """
SELECT CASE WHEN payments.status = 'received' THEN amount
       ELSE (SELECT coalesce(sum("left"), 0) FROM receipt_cases WHERE receipt_cases.order_id = orders.id) END,
       orders.status, refund_due_on IS NOT NULL,
       (SELECT coalesce(sum(refunds.amount), 0) FROM refunds WHERE refunds.order_id = orders.id)
FROM orders JOIN payments ON payments.order_id = orders.id
"""
CREDITED = """
SELECT orders.number FROM documents JOIN orders ON orders.id = order_id
WHERE orders.status = 'cancelled' GROUP BY orders.number
HAVING sum(CASE documents.kind WHEN 'invoice' THEN documents.total ELSE -documents.total END) <> 0
"""

REFUSALS = {PaymentCannotMove, RefundExceedsPayment}


async def check(shop: Shop) -> None:
    for _, available, moved in await shop.rows(SUMS):
        assert available == moved >= 0
    for number, status, bought, held in await shop.rows(HELD):
        assert held == (0 if status == "cancelled" else -bought), number


async def buy(shop: Shop, luck: random.Random) -> tuple[dict[str, Any], str]:
    lines = {sku: luck.randint(1, 30) for sku in luck.sample(SKUS, luck.randint(1, 2))}
    method = luck.choice(["cash_on_delivery", "bank_transfer"])
    return a_wish(await shop.cart(lines), payment_method=method), luck.randbytes(8).hex()


@pytest.mark.parametrize("path", range(3))
async def test_any_path_adds_up(shop: Shop, path: int) -> None:
    """Thirty steps drawn by dice: buy, submit twice, cancel, cancel twice, cancel while others buy."""
    luck = dice(str(path))
    placed: list[dict[str, Any]] = []
    for _ in range(30):
        wish, key = await buy(shop, luck)
        calls = [shop.place(wish, key) for _ in range(luck.randint(1, 3))]
        unlucky = [luck.choice(placed)] * luck.randint(1, 2) if placed and luck.random() < 0.6 else []
        answers = await at_once([*calls, *(cancel(shop, order) for order in unlucky)])
        assert {answer.status_code for answer in answers} <= {201, 204, 409}
        placed += [answer.json() for answer in answers if answer.status_code == 201][:1]
        await check(shop)
    assert {status for (status,) in await shop.rows("SELECT DISTINCT status FROM orders")} >= {"cancelled", "confirmed"}
    for order in placed:
        await cancel(shop, order)
    await check(shop)
    assert [available for _, available, _ in await shop.rows(SUMS)] == [100, 100]


async def refund(shop: Shop, order: dict[str, Any], amount: str, *, key: str) -> None:
    async with shop.sessions.begin() as session:
        found = await orders.get_order(session, order["number"])
        act = Act("test", shop.clock.now(), Request(key, key))
        gone = GoneBack(RefundMeans.ACCOUNT, date(2026, 11, 23))
        await refund_order(session, await orders.lock_order(session, found.id), gone, Money.of(amount), act)


@pytest.mark.parametrize("path", range(3))
async def test_any_path_of_paid_orders_adds_up(shop: Shop, path: int) -> None:
    """Steps drawn by dice: pay, cancel, refund a part or all, several at once; what is owed is what did not go back."""
    luck = dice(f"paid {path}")
    placed: list[dict[str, Any]] = []
    for step in range(25):
        if len(placed) < 4 or luck.random() < 0.3:
            wish, key = await buy(shop, luck)
            answer = await shop.place({**wish, "payment_method": "bank_transfer"}, key)
            placed += [answer.json()] if answer.status_code == 201 else []
        unlucky = luck.choice(placed)
        amount = luck.choice([unlucky["totals"]["total"], "1.00"])
        acts: list[Callable[[], Awaitable[Any]]] = [
            partial(story.pay, shop, unlucky),
            partial(refund, shop, unlucky, amount, key=f"{path} {step}"),
            partial(cancel, shop, unlucky),
        ]
        drawn = luck.sample(acts, luck.randint(1, 3))
        ends = await asyncio.gather(*(act() for act in drawn), return_exceptions=True)
        assert {type(end) for end in ends if isinstance(end, BaseException)} <= REFUSALS
        await check(shop)
    await shop.run_jobs(concurrency=8)  # of all orders side by side, as a worker does
    await check(shop)
    for received, status, is_owed, back in await shop.rows(OWED):
        assert is_owed == (status == "cancelled" and received > back)
    assert await shop.rows(CREDITED) == []
