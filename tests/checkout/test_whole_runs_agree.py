"""Whole orders over HTTP: quote, order, courier, books and invoice name one amount (complaint 11)."""

from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.core.money import Money
from app.fulfilment.paying import receive_payment
from app.integrations.speedy.simulator import State
from tests.checkout.buying import add_products
from tests.shop import Shop, a_wish, open_shop

ARTICLES = {"ODD-1": 333, "ODD-2": 1, "ODD-3": 1999, "ODD-4": 777}
TERMS = {"bank_transfer_discount_percent": 7, "delivery_price": Money(499), "free_delivery_from": Money(6000)}


async def quoted_total(shop: Shop, cart: str, method: str) -> str:
    answer = await shop.http.post(f"/v1/carts/{cart}/quote", json={"payment_method": method})
    total: str = answer.json()["totals"]["total"]
    return total


async def order(shop: Shop, lines: dict[str, int], method: str) -> tuple[str, dict[str, Any]]:
    cart = await shop.cart(lines)
    quoted = await quoted_total(shop, cart, method)
    placed = await shop.place(a_wish(cart, payment_method=method))
    assert placed.status_code == 201, placed.text
    return quoted, placed.json()


async def documents(shop: Shop, placed: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await shop.http.get(placed["links"]["documents"], headers={"X-Order-Token": placed["access_token"]})
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def track(shop: Shop) -> None:
    for periodic in shop.work.periodic:
        if periodic.name == "track_shipments":
            await periodic.run()


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ({"ION-H-SOFT-2": 1}, "17.89"),
        ({"ODD-1": 7, "ODD-2": 99, "ODD-3": 1}, "49.28"),
        ({"ODD-1": 3, "ODD-4": 8, "ION-SET-1": 1}, "162.05"),
    ],
)
async def test_cash_on_delivery_is_one_amount_everywhere(
    stocked: str, tmp_path: Path, lines: dict[str, int], total: str
) -> None:
    async with open_shop(stocked, tmp_path, **TERMS) as shop:
        await add_products(shop, ARTICLES)
        quoted, placed = await order(shop, lines, "cash_on_delivery")
        await shop.run_jobs()
        (shipment,) = shop.speedy.shipments
        (operation,) = shop.icash.operations
        shop.speedy.advance(shipment, State.IN_TRANSIT)
        await track(shop)
        await shop.run_jobs()
        (invoice,) = await documents(shop, placed)
    assert quoted == placed["totals"]["total"] == placed["payment"]["amount"] == invoice["total"] == total
    assert shipment.collected == operation.total == Decimal(total)


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ({"ION-H-SOFT-2": 1, "ODD-1": 7}, "38.67"),
        ({"ODD-1": 50, "ODD-2": 99, "ODD-4": 11, "ODD-3": 13}, "476.93"),
    ],
)
async def test_a_discounted_transfer_is_one_amount_everywhere(
    stocked: str, tmp_path: Path, lines: dict[str, int], total: str
) -> None:
    async with open_shop(stocked, tmp_path, **TERMS) as shop:
        await add_products(shop, ARTICLES)
        quoted, placed = await order(shop, lines, "bank_transfer")
        ((order_id,),) = await shop.rows("SELECT id FROM orders")
        async with shop.sessions.begin() as session:
            await receive_payment(
                session, UUID(str(order_id)), Money.of(total), reference=placed["number"], at=shop.clock.now()
            )
        await shop.run_jobs()
        (shipment,) = shop.speedy.shipments
        (operation,) = shop.icash.operations
        (invoice,) = await documents(shop, placed)
    assert quoted == placed["totals"]["total"] == placed["payment"]["bank_transfer"]["amount"] == total
    assert invoice["total"] == total
    assert operation.total == Decimal(total)
    assert shipment.collected is None
