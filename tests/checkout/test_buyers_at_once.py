"""Many buyers at once: no conflicts between strangers (complaint 2), nothing sold twice (complaint 5)."""

import asyncio
from uuid import UUID

import pytest

from app.cart import service as carts_service
from app.catalog import service as stock
from app.catalog.models import Reason
from tests.checkout.buying import ENGLISH, add_products, at_once, carts, of_status, order_in_english, statuses
from tests.checkout.watching import contents, ledger_sums
from tests.problems import of_kind
from tests.shop import Shop, a_wish
from tests.waiting import until_waiting

SOLD_OUT = {
    **of_kind("out-of-stock"),
    "title": "Not enough in stock",
    "status": 409,
    "detail": "Lower the quantities to those in items, or remove what is sold out.",
    "items": [{"sku": "LAST", "available": 0}],
    "sku": "LAST",
    "available": 0,
}


async def test_twenty_buyers_get_twenty_orders(shop: Shop) -> None:
    wanted = await carts(shop, 20, {"ION-H-SOFT-2": 2, "ION-SET-1": 1})
    answers = await at_once([shop.place(a_wish(cart)) for cart in wanted])
    assert statuses(answers) == {201: 20}
    numbers = {answer.json()["number"] for answer in answers}
    assert len(numbers) == 20
    assert len({answer.json()["access_token"] for answer in answers}) == 20
    assert await ledger_sums(shop) == {"ION-H-SOFT-2": (60, 60), "ION-SET-1": (80, 80)}


async def test_the_last_item_is_sold_once_to_a_hundred(shop: Shop) -> None:
    await add_products(shop, {"LAST": 1990}, stock=1)
    wanted = await carts(shop, 100, {"LAST": 1})
    answers = await at_once([order_in_english(shop, cart, cart) for cart in wanted])
    assert statuses(answers) == {201: 1, 409: 99}
    assert all(answer.json() == SOLD_OUT for answer in of_status(answers, 409))
    assert await shop.count("orders") == 1
    assert (await ledger_sums(shop))["LAST"] == (0, 0)

    before = await contents(shop)
    loser = next(cart for cart, answer in zip(wanted, answers, strict=True) if answer.status_code == 409)
    again = await order_in_english(shop, loser, loser)
    assert again.json() == SOLD_OUT
    assert await contents(shop) == before


async def test_what_is_left_is_sold_to_the_last_piece(shop: Shop) -> None:
    await add_products(shop, {"FEW": 1990}, stock=25)
    wanted = await carts(shop, 40, {"FEW": 2, "ION-H-SOFT-2": 1})
    answers = await at_once([shop.place(a_wish(cart), **ENGLISH) for cart in wanted])
    assert statuses(answers) == {201: 12, 409: 28}
    assert {answer.json()["available"] for answer in of_status(answers, 409)} == {1}
    assert await ledger_sums(shop) == {
        "FEW": (1, 1),
        "ION-H-SOFT-2": (88, 88),
        "ION-SET-1": (100, 100),
    }
    assert await shop.count("orders") == await shop.count("payments") == await shop.count("acceptances") == 12


@pytest.mark.parametrize("rounds", [3, pytest.param(10, marks=pytest.mark.slow)])
async def test_baskets_in_opposite_order_never_wait_for_each_other(shop: Shop, rounds: int) -> None:
    """Buying and cancelling the same two articles again and again; a deadlock would be a 503."""
    there, back = {"ION-H-SOFT-2": 1, "ION-SET-1": 1}, {"ION-SET-1": 1, "ION-H-SOFT-2": 1}
    for _ in range(rounds):
        wanted = [*await carts(shop, 4, there), *await carts(shop, 4, back)]
        placed = await at_once([shop.place(a_wish(cart)) for cart in wanted])
        assert statuses(placed) == {201: 8}
        more = await carts(shop, 4, back)
        cancelled = [
            shop.http.post(
                f"{answer.json()['links']['self']}/cancellation",
                headers={"X-Order-Token": answer.json()["access_token"]},
            )
            for answer in placed
        ]
        mixed = await at_once([*cancelled, *(shop.place(a_wish(cart)) for cart in more)])
        assert statuses(mixed) == {204: 8, 201: 4}
    assert await ledger_sums(shop) == dict.fromkeys(("ION-H-SOFT-2", "ION-SET-1"), (100 - 4 * rounds, 100 - 4 * rounds))


async def test_a_line_changed_while_the_cart_is_being_ordered_is_ordered_as_changed(shop: Shop) -> None:
    """Whoever changes a cart holds it; an order that waits for it must not take what was in it before."""
    cart = await shop.cart({"ION-H-SOFT-2": 2})
    async with shop.sessions.begin() as session:
        await carts_service.put_line(session, UUID(cart), "ION-H-SOFT-2", 5)
        ordering = asyncio.create_task(shop.place(a_wish(cart)))
        await until_waiting(shop)
    answer = await ordering
    assert [line["quantity"] for line in answer.json()["lines"]] == [5, 1]
    assert await shop.stock("ION-H-SOFT-2") == 95


async def test_goods_that_another_gives_back_can_be_bought_at_once(shop: Shop) -> None:
    await add_products(shop, {"FEW": 1990}, stock=5)
    await shop.ordered({"FEW": 5})
    ((order_id,),) = await shop.rows("SELECT id FROM orders")
    wish = a_wish(await shop.cart({"FEW": 4}))
    async with shop.sessions.begin() as session:
        await stock.restock(session, order_id, Reason.CANCELLATION, at=shop.clock.now())
        buying = asyncio.create_task(shop.place(wish))
        await until_waiting(shop)
    assert (await buying).status_code == 201
    assert (await ledger_sums(shop))["FEW"] == (1, 1)
