"""What several buyers do at once, and what they may buy."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

import httpx

from app.core.money import Money
from tests.factories.catalog import make_variant
from tests.shop import Shop, a_wish

ENGLISH = {"Accept-Language": "en"}


async def add_products(shop: Shop, prices: Mapping[str, int], *, stock: int = 1000) -> None:
    """Put articles on offer at these prices in cents."""
    async with shop.sessions.begin() as session:
        for sku, cents in prices.items():
            await make_variant(session, sku, price=Money(cents), stock=stock)


async def carts(shop: Shop, number: int, lines: dict[str, int] | None = None) -> list[str]:
    return [await shop.cart(lines) for _ in range(number)]


async def at_once(calls: Sequence[Awaitable[httpx.Response]]) -> list[httpx.Response]:
    return list(await asyncio.gather(*calls))


def statuses(answers: Sequence[httpx.Response]) -> dict[int, int]:
    found: dict[int, int] = {}
    for answer in answers:
        found[answer.status_code] = found.get(answer.status_code, 0) + 1
    return found


def of_status(answers: Sequence[httpx.Response], status: int) -> list[httpx.Response]:
    return [answer for answer in answers if answer.status_code == status]


async def order_in_english(shop: Shop, cart: str, key: str, **changes: Any) -> httpx.Response:
    return await shop.place(a_wish(cart, **changes), key, **ENGLISH)
