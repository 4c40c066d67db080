"""C4: not a cent is lost, whatever is done with money that came, in whatever order."""

import asyncio
from random import Random
from typing import Any

import httpx
import pytest

from app.auth.models import StaffRole
from tests.dice import dice
from tests.fulfilment import story
from tests.fulfilment.test_cancelling import strike
from tests.fulfilment.test_correcting import send
from tests.fulfilment.test_receipts import RECEIPTS, Desk, transfer
from tests.shop import Shop

STEPS = 48
SHORTFALL = 5
"""Cents that may be missing."""
AMOUNTS = ["0.01", "0.04", "10.00", "30.74", "30.78", "30.79", "35.79", "61.58"]
BALANCE = """
    SELECT (SELECT coalesce(sum(amount), 0) FROM receipts),
           (SELECT coalesce(sum(amount - let_off), 0) FROM payments WHERE status = 'received'),
           (SELECT coalesce(sum("left"), 0) FROM receipt_cases),
           (SELECT coalesce(sum(amount), 0) FROM receipt_settlements)
"""
ORDERS = """
    SELECT orders.status, payments.status, amount, let_off, refund_due_on IS NOT NULL,
           (SELECT coalesce(sum("left"), 0) FROM receipt_cases WHERE order_id = orders.id),
           (SELECT coalesce(sum(amount), 0) FROM refunds WHERE order_id = orders.id)
    FROM orders JOIN payments ON order_id = orders.id
"""


class Bank:
    """Throws what happens next to money: what cannot be is refused, and nothing fails."""

    def __init__(self, shop: Shop, desk: Desk, chance: Random) -> None:
        self.shop, self.desk, self.chance = shop, desk, chance
        self.orders: list[dict[str, Any]] = []
        self.answers: list[tuple[str, int, str]] = []

    async def step(self) -> None:
        order = self.chance.choice(self.orders)
        acts = [self.receive, self.receive, self.match, self.match, self.settle, self.settle, self.cancel]
        acts += [self.refund, self.credit, self.accept]
        act = self.chance.choice(acts)
        answer = await act(order)
        refused = "" if answer.is_success else answer.json()["code"]
        self.answers.append((act.__name__, answer.status_code, refused))

    async def receive(self, order: dict[str, Any]) -> httpx.Response:
        named = {"order_number": order["number"]} if self.chance.random() < 0.7 else {}
        return await self.desk.ask(RECEIPTS, {"amount": self.chance.choice(AMOUNTS), **named})

    async def match(self, order: dict[str, Any]) -> httpx.Response:
        receipt = await self._receipt()
        before = {"instead_of": receipt["order_number"]} if self.chance.random() < 0.8 else {}
        return await self.desk.match(receipt, order, **before)

    async def settle(self, _order: dict[str, Any]) -> httpx.Response:
        receipt = await self._receipt()
        amount = self.chance.choice([receipt["left"], "0.01", "5.00"])
        how = self.chance.choice([{}, {"outcome": "mistaken", "means": None}])
        return await self.desk.settle(receipt, amount, **how)

    async def cancel(self, order: dict[str, Any]) -> httpx.Response:
        return await story.cancel(self.shop, order)

    async def refund(self, order: dict[str, Any]) -> httpx.Response:
        amount = self.chance.choice(["0.01", "10.00", "30.74", "30.79"])
        wish = {"amount": amount, "means": "account", "refunded_on": "2026-11-23"}
        return await send(self.shop, order, "refunds", wish)

    async def credit(self, order: dict[str, Any]) -> httpx.Response:
        await self.shop.run_jobs()
        wish = {"ground": "Отказ", "refund": {"means": "account", "refunded_on": "2026-11-23"}}
        return await send(self.shop, order, "credit-notes", wish)

    async def accept(self, order: dict[str, Any]) -> httpx.Response:
        return await self.desk.ask(f"/v1/staff/orders/{order['number']}/shortfall-acceptance", None)

    async def _receipt(self) -> dict[str, Any]:
        answer = await self.shop.http.get(RECEIPTS, params={"limit": 100}, headers=self.desk.headers)
        items: list[dict[str, Any]] = answer.json()["items"]
        return self.chance.choice(items) if items else await self.desk.record("12.34")


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [1, 6])
async def test_typed_c4_what_came_is_what_paid_is_left_or_was_settled_whatever_happens(
    shop: Shop, at_once: int
) -> None:
    """One after the other, and several at once, which wait for each other and never in a ring."""
    desk = Desk(shop, await shop.staff(StaffRole.OWNER))
    bank = Bank(shop, desk, dice())
    for number in range(STEPS // at_once):
        if number * at_once % 12 == 0:
            bank.orders += [await transfer(shop), await transfer(shop)]
        await asyncio.gather(*(bank.step() for _ in range(at_once)))
        await require_balanced(shop, bank.answers)
    shop.clock.advance(days=12)
    await strike(shop)
    await shop.run_jobs()
    await require_balanced(shop, bank.answers)
    assert {answer for _, answer, _ in bank.answers} <= {200, 201, 204, 409, 422}, bank.answers
    assert "awaited" not in {status for (status,) in await shop.rows("SELECT status FROM payments")}


async def require_balanced(shop: Shop, done: list[tuple[str, int, str]]) -> None:
    [(came, paid, left, settled)] = await shop.rows(BALANCE)
    assert came == paid + left + settled, done
    for order, payment, amount, let_off, is_owed, left, refunded in await shop.rows(ORDERS):
        kept = amount - let_off if payment == "received" else 0
        assert refunded <= kept, done
        if payment == "awaited":
            assert (order, is_owed) == ("placed", False), done
            assert amount - left > SHORTFALL or not left, done
        elif payment == "void":
            assert (order, is_owed) == ("cancelled", left > 0), done
        else:
            assert is_owed == (order == "cancelled" and refunded < kept), done
