"""A retry or a double click makes one order (complaint 1); every request has a connection of its own."""

from collections.abc import Sequence
from uuid import uuid4

import httpx

from tests.checkout.buying import ENGLISH, at_once, carts, of_status, order_in_english, statuses
from tests.checkout.watching import contents, ledger_sums
from tests.problems import of_kind
from tests.shop import Shop, a_wish

IN_PROGRESS = {
    **of_kind("order-in-progress"),
    "title": "Order in progress",
    "status": 409,
    "detail": "Repeat the same request in a second.",
}
ORDERED = {
    **of_kind("cart-ordered"),
    "title": "Cart already ordered",
    "status": 409,
    "detail": "Start a new cart.",
}
OF_ONE_ORDER = {
    "orders": 1,
    "order_lines": 2,
    "order_events": 1,
    "acceptances": 1,
    "payments": 1,
    "shipments": 1,
    "mails": 1,
    "procrastinate_jobs": 2,
}


async def rows_of_orders(shop: Shop) -> dict[str, int]:
    found = await contents(shop)
    return {table: found[table][1] for table in OF_ONE_ORDER}


async def submit(shop: Shop, cart: str, key: str, times: int = 50) -> Sequence[httpx.Response]:
    return await at_once([order_in_english(shop, cart, key) for _ in range(times)])


async def test_fifty_identical_submits_make_one_order(shop: Shop) -> None:
    key = uuid4().hex
    cart = await shop.cart({"ION-H-SOFT-2": 3})
    answers = await submit(shop, cart, key)
    placed = of_status(answers, 201)
    assert statuses(answers) == {201: len(placed), 409: 50 - len(placed)}
    assert len([answer for answer in placed if "idempotent-replayed" not in answer.headers]) == 1
    assert {answer.headers.get("idempotent-replayed", "true") for answer in placed} == {"true"}
    assert all(answer.content == placed[0].content for answer in placed)
    for answer in of_status(answers, 409):
        assert answer.json() == IN_PROGRESS
        assert answer.headers["retry-after"] == "1"
    assert await rows_of_orders(shop) == OF_ONE_ORDER
    assert await shop.stock("ION-H-SOFT-2") == 97
    sold = await shop.rows("SELECT sku, change FROM stock_movements WHERE reason = 'sale'")
    assert sold == [("ION-H-SOFT-2", -3)]

    later = await order_in_english(shop, cart, key)
    assert later.status_code == 201
    assert later.headers["idempotent-replayed"] == "true"
    assert later.content == placed[0].content
    assert await rows_of_orders(shop) == OF_ONE_ORDER

    await shop.run_jobs()
    assert shop.speedy.references() == [placed[0].json()["number"]]
    assert [operation.import_reference for operation in shop.icash.operations] == [placed[0].json()["number"]]
    assert len(list(shop.mails.glob("*.eml"))) == 1


async def test_one_cart_under_twenty_keys_is_ordered_once(shop: Shop) -> None:
    cart = await shop.cart({"ION-H-SOFT-2": 3})
    answers = await at_once([order_in_english(shop, cart, f"key-{number}") for number in range(20)])
    assert statuses(answers) == {201: 1, 409: 19}
    assert all(answer.json() == ORDERED for answer in of_status(answers, 409))
    assert await rows_of_orders(shop) == OF_ONE_ORDER
    assert await shop.stock("ION-H-SOFT-2") == 97


async def test_a_key_is_of_its_cart_so_that_one_that_is_guessed_harms_nobody(shop: Shop) -> None:
    wanted = await carts(shop, 5)
    answers = await at_once([order_in_english(shop, cart, "order-1") for cart in wanted])
    assert statuses(answers) == {201: 5}
    assert len({answer.json()["number"] for answer in answers}) == 5
    for cart, first in zip(wanted, answers, strict=True):
        again = await order_in_english(shop, cart, "order-1")
        assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    assert await shop.stock("ION-H-SOFT-2") == 90


async def test_many_buyers_who_all_click_twice(shop: Shop) -> None:
    wanted = await carts(shop, 15, {"ION-H-SOFT-2": 1, "ION-SET-1": 1})
    answers = await at_once([order_in_english(shop, cart, cart) for cart in wanted for _ in range(4)])
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert all(answer.json() == IN_PROGRESS for answer in of_status(answers, 409))
    assert len({answer.json()["number"] for answer in of_status(answers, 201)}) == 15
    assert await shop.count("orders") == 15
    assert await ledger_sums(shop) == {"ION-H-SOFT-2": (85, 85), "ION-SET-1": (85, 85)}


async def test_a_refused_key_is_free_again(shop: Shop) -> None:
    """What was refused is not remembered: the same key orders once the box is ticked."""
    cart = await shop.cart()
    unticked = {"version": "2026-11-22", "accepted": False}
    refused = await shop.place(a_wish(cart, privacy_declaration=unticked), "key", **ENGLISH)
    assert refused.status_code == 422
    assert (await shop.place(a_wish(cart), "key")).status_code == 201
