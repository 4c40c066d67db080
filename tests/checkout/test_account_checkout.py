"""An order of whoever is logged in belongs to the account; a repetition is answered to the same caller alone."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from app.auth.models import Realm
from app.auth.persons import Person, Recent
from tests.checkout.buying import ENGLISH, add_products
from tests.checkout.watching import contents, statements
from tests.problems import of_kind
from tests.shop import Shop, a_wish

REUSED = {
    **of_kind("idempotency-key-reused"),
    "title": "Idempotency-Key already used",
    "status": 422,
    "detail": "With this key this cart was ordered with other data. For a new order start a new cart.",
}
NOT_FOUND = {
    **of_kind("not-found"),
    "title": "Not found",
    "status": 404,
    "detail": "Check the address and that it is yours to see.",
}


async def owner(shop: Shop, email: str = "iva@example.bg") -> UUID:
    ((account_id,),) = await shop.rows("SELECT id FROM accounts WHERE email = :email", email=email)
    found: UUID = account_id
    return found


async def reorder(shop: Shop, number: str, headers: dict[str, str]) -> httpx.Response:
    return await shop.http.post(f"/v1/me/orders/{number}/reorder", headers={**headers, **ENGLISH})


async def placed(shop: Shop, headers: dict[str, str], lines: dict[str, int] | None = None) -> dict[str, Any]:
    answer = await shop.place(a_wish(await shop.cart(lines)), **headers)
    assert answer.status_code == 201, answer.text
    order: dict[str, Any] = answer.json()
    return order


async def test_an_order_of_whoever_is_logged_in_belongs_to_the_account(shop: Shop) -> None:
    iva = await shop.account()
    cart = await shop.cart()
    await shop.http.put("/v1/me/cart", json={"cart_id": cart}, headers=iva)
    answer = await shop.place(a_wish(cart), **iva)
    assert answer.status_code == 201
    assert (answer.json()["access_token"], answer.json()["access_token_expires_at"]) == (None, None)
    assert await shop.rows("SELECT account_id FROM orders") == [(await owner(shop),)]
    assert (await shop.http.get(answer.json()["links"]["self"], headers=iva)).status_code == 200
    # Its cart is closed, so that the next one is new.
    assert (await shop.http.get("/v1/me/cart", headers=iva)).status_code == 404


async def test_a_key_answers_again_to_its_own_caller_alone(shop: Shop) -> None:
    iva, petar = await shop.account(), await shop.account("petar@example.bg")
    guests, hers = a_wish(await shop.cart()), a_wish(await shop.cart())
    first = await shop.place(guests, "guest's", **ENGLISH)
    second = await shop.place(hers, "hers", **iva, **ENGLISH)
    before = await contents(shop)
    for wish, key, headers, answer in ((guests, "guest's", {}, first), (hers, "hers", iva, second)):
        again = await shop.place(wish, key, **headers, **ENGLISH)
        assert (again.status_code, again.json()) == (201, answer.json())
        assert again.headers["idempotent-replayed"] == "true"
    for wish, key, headers in ((guests, "guest's", iva), (hers, "hers", {}), (hers, "hers", petar)):
        refused = await shop.place(wish, key, **headers, **ENGLISH)
        assert (refused.status_code, refused.json()) == (422, REUSED)
    assert await contents(shop) == before


async def test_a_bad_token_orders_nothing(shop: Shop) -> None:
    wish = a_wish(await shop.cart())
    before = await contents(shop)
    answer = await shop.place(wish, Authorization="Bearer x")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert await contents(shop) == before


async def test_an_account_that_was_closed_a_moment_ago_orders_nothing(shop: Shop) -> None:
    """Even where the process still takes its token for known."""
    iva = await shop.account()
    wish = a_wish(await shop.cart())
    caller = Person(await owner(shop), Realm.ACCOUNT, uuid4())
    shop.app.state.recent = Recent(timedelta(seconds=1))
    shop.app.state.recent.keep(iva["Authorization"].removeprefix("Bearer "), caller, at=shop.clock.now())
    async with shop.sessions.begin() as session:
        await session.execute(text("DELETE FROM accounts"))
    before = await contents(shop)
    assert (await shop.place(wish, **iva)).status_code == 401
    put = await shop.http.put("/v1/me/cart", json={"cart_id": wish["cart_id"]}, headers=iva)
    assert put.status_code == 401
    assert await contents(shop) == before


async def test_a_guest_s_order_costs_what_it_cost_and_an_account_s_one_look_at_the_login_more(shop: Shop) -> None:
    iva = await shop.account()
    await placed(shop, {})
    asked = []
    for headers in ({}, iva):
        wish = a_wish(await shop.cart())
        with statements(shop) as sent:
            assert (await shop.place(wish, **headers)).status_code == 201
        asked.append(len(sent))
    assert asked == [6, 7]


async def test_ordering_again_fills_the_account_s_cart_once(shop: Shop) -> None:
    await add_products(shop, {"A": 100, "B": 100, "C": 100})
    iva = await shop.account()
    order = await placed(shop, iva, {"A": 3, "B": 1, "C": 2})
    cart = await shop.cart({"A": 1, "B": 4})
    await shop.http.put("/v1/me/cart", json={"cart_id": cart}, headers=iva)
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE variants SET discontinued = true WHERE sku = 'C'"))
        await session.execute(text("UPDATE stock SET available = 0 WHERE sku = 'A'"))
    for _ in range(2):
        answer = await reorder(shop, order["number"], iva)
        assert (answer.status_code, answer.json()["no_longer_sold"]) == (200, ["C"])
        again = answer.json()["cart"]
        assert [(each["sku"], each["quantity"], each["availability"]) for each in again["lines"]] == [
            ("A", 3, "sold_out"),
            ("B", 4, "in_stock"),
        ]
        assert again == (await shop.http.get(f"/v1/carts/{cart}", headers=ENGLISH)).json()
    # What is sold out stays in the cart, and the quote says so.
    assert (await shop.http.post(f"/v1/carts/{cart}/quote", json={})).json()["available"] is False


async def test_ordering_again_begins_a_cart_and_needs_room_in_it(shop: Shop) -> None:
    skus = [f"S-{number:02}" for number in range(50)]
    await add_products(shop, dict.fromkeys(skus, 100))
    iva = await shop.account()
    order = await placed(shop, iva, {"ION-SET-1": 2})
    begun = (await reorder(shop, order["number"], iva)).json()["cart"]
    assert [(each["sku"], each["quantity"]) for each in begun["lines"]] == [("ION-SET-1", 2)]
    assert (await shop.http.get("/v1/me/cart", headers={**iva, **ENGLISH})).json() == begun
    await shop.http.delete(f"/v1/carts/{begun['id']}/lines/ION-SET-1")
    for sku in skus:
        await shop.http.put(f"/v1/carts/{begun['id']}/lines/{sku}", json={"quantity": 1})
    before = await contents(shop)
    answer = await reorder(shop, order["number"], iva)
    assert (answer.status_code, answer.json()["code"]) == (409, "cart-full")
    assert await contents(shop) == before


async def test_a_strangers_order_is_not_ordered_again(shop: Shop) -> None:
    iva, petar = await shop.account(), await shop.account("petar@example.bg")
    numbers = [(await placed(shop, {}))["number"], (await placed(shop, petar))["number"], "999999999"]
    before = await contents(shop)
    for number in numbers:
        answer = await reorder(shop, number, iva)
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
        assert (await reorder(shop, number, {})).status_code == 401
    assert await contents(shop) == before
