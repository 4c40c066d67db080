"""Over any path of buying and cancelling, the stock ledger says what is there (complaint 6)."""

import random
from typing import Any

import pytest

from tests.checkout.buying import at_once
from tests.dice import dice
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
