"""Buyers who do not give up: the same request again, under the same key, until it is answered."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from app.core.money import Money
from tests.faults.house import House
from tests.processes import PATIENCE, until
from tests.shop import a_wish_today

IN_PROGRESS = "order-in-progress"


@dataclass(frozen=True)
class Bought:
    """An order as its buyer knows it."""

    number: str
    method: str
    total: Money
    key: str
    token: str = field(repr=False)


@dataclass
class Buyers:
    """Everybody who buys in one test."""

    house: House
    again: int = 0
    """How often a request had to be said again."""

    async def buy(self, lines: dict[str, int], method: str = "cash_on_delivery") -> Bought:
        cart_id = (await self._ask("POST", "/v1/carts", 201)).json()["id"]
        for sku, quantity in lines.items():
            await self._ask("PUT", f"/v1/carts/{cart_id}/lines/{sku}", 200, {"quantity": quantity})
        key = uuid4().hex
        answer = await self._ask("POST", "/v1/orders", 201, a_wish_today(cart_id, payment_method=method), key)
        order = answer.json()
        return Bought(order["number"], method, Money.of(order["totals"]["total"]), key, order["access_token"])

    async def cancel(self, order: Bought) -> None:
        """Cancel until it is answered; again, it changes nothing."""

        async def is_cancelled() -> bool:
            answer = await self._try(
                "POST", f"/v1/orders/{order.number}/cancellation", None, {"X-Order-Token": order.token}
            )
            return answer is not None and answer.status_code == httpx.codes.NO_CONTENT

        await until(is_cancelled, 2 * PATIENCE, every=0.1)

    async def _ask(
        self, method: str, path: str, wanted: int, body: Any = None, key: str | None = None
    ) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        answers: list[httpx.Response] = []

        async def is_answered() -> bool:
            answer = await self._try(method, path, body, headers)
            if answer is not None and answer.status_code == wanted:
                answers.append(answer)
                return True
            passing = answer is None or answer.is_server_error or answer.json()["code"] == IN_PROGRESS
            assert passing, answer and answer.text
            self.again += 1
            return False

        await until(is_answered, 2 * PATIENCE, every=0.1)
        return answers[0]

    async def _try(self, method: str, path: str, body: Any, headers: dict[str, str]) -> httpx.Response | None:
        try:
            return await self.house.http.request(method, path, json=body, headers=headers)
        except httpx.TransportError:
            return None
