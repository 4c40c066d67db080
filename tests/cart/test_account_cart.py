"""The cart of an account: what was put in before the login is there after it, and nothing is there twice."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from app.auth.scopes import Scope
from tests.checkout.buying import ENGLISH, add_products, at_once, statuses
from tests.checkout.watching import contents
from tests.problems import of_kind
from tests.shop import NOON, Shop, a_wish
from tests.waiting import until_waiting

NOT_FOUND = {
    **of_kind("not-found"),
    "title": "Not found",
    "status": 404,
    "detail": "Check the address and that it is yours to see.",
}
FEW = {"A": 100, "B": 100, "C": 100}


async def adopt(shop: Shop, cart_id: str, headers: dict[str, str]) -> httpx.Response:
    return await shop.http.put("/v1/me/cart", json={"cart_id": cart_id}, headers={**headers, **ENGLISH})


async def own(shop: Shop, headers: dict[str, str]) -> httpx.Response:
    return await shop.http.get("/v1/me/cart", headers={**headers, **ENGLISH})


def lines(answer: httpx.Response) -> dict[str, int]:
    assert answer.status_code == 200, answer.text
    return {line["sku"]: line["quantity"] for line in answer.json()["lines"]}


async def test_the_first_cart_filled_before_a_login_becomes_the_account_s(shop: Shop) -> None:
    iva = await shop.account()
    assert (await own(shop, iva)).json() == NOT_FOUND
    cart = await shop.cart({"ION-SET-1": 2})
    expected = (await shop.http.get(f"/v1/carts/{cart}", headers=ENGLISH)).json()
    assert (expected["goods"], expected["lines"][0]["name"]) == ("179.80", "Ionic toothbrush, white")
    for _ in range(2):
        answer = await adopt(shop, cart, iva)
        assert (answer.status_code, answer.json()) == (200, expected)
    assert (await own(shop, iva)).json() == expected
    # Its id is still the key to its lines.
    assert (await shop.http.put(f"/v1/carts/{cart}/lines/ION-SET-1", json={"quantity": 3})).status_code == 200
    assert lines(await own(shop, iva)) == {"ION-SET-1": 3}


async def test_two_carts_become_one_with_the_larger_quantity_of_each_article(shop: Shop) -> None:
    await add_products(shop, FEW)
    iva = await shop.account()
    hers = await shop.cart({"A": 3, "B": 1})
    await adopt(shop, hers, iva)
    guests = await shop.cart({"A": 2, "B": 5, "C": 1})
    answer = await adopt(shop, guests, iva)
    assert answer.json()["id"] == hers
    assert lines(answer) == {"A": 3, "B": 5, "C": 1}
    assert (await shop.http.get(f"/v1/carts/{guests}")).status_code == 404
    before = await contents(shop)
    again = await adopt(shop, guests, iva)  # the answer was lost
    assert (again.status_code, again.json()) == (404, NOT_FOUND)
    assert await contents(shop) == before
    assert await shop.count("carts") == 1


async def test_what_is_nobodys_to_take_is_refused_and_nothing_changes(shop: Shop) -> None:
    iva, petar = await shop.account(), await shop.account("petar@example.bg")
    await adopt(shop, await shop.cart(), iva)
    his = await shop.cart({"ION-SET-1": 1})
    await adopt(shop, his, petar)
    ordered = await shop.cart()
    await shop.place(a_wish(ordered))
    his_ordered = await shop.cart()
    await adopt(shop, his_ordered, petar)
    await shop.place(a_wish(his))
    before = await contents(shop)
    for cart in (str(uuid4()), his, his_ordered):
        answer = await adopt(shop, cart, iva)
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
    answer = await adopt(shop, ordered, iva)
    assert (answer.status_code, answer.json()["code"]) == (409, "cart-ordered")
    assert await contents(shop) == before


async def test_only_a_shopper_has_a_cart(shop: Shop) -> None:
    cart = await shop.cart()
    machine = await shop.client(Scope.ACCOUNTING)
    for headers, status in (({}, 401), ({"Authorization": "Bearer x"}, 401), (machine, 403)):
        assert (await own(shop, headers)).status_code == status
        assert (await adopt(shop, cart, headers)).status_code == status
    assert await shop.rows("SELECT account_id FROM carts") == [(None,)]


async def test_two_carts_that_do_not_fit_into_one_stay_two(shop: Shop) -> None:
    skus = [f"S-{number:02}" for number in range(51)]
    await add_products(shop, dict.fromkeys(skus, 100))
    iva = await shop.account()
    await adopt(shop, await shop.cart(dict.fromkeys(skus[:50], 1)), iva)
    guests = await shop.cart(dict.fromkeys(skus[49:], 2))
    before = await contents(shop)
    answer = await adopt(shop, guests, iva)
    assert (answer.status_code, answer.json()) == (
        409,
        {
            **of_kind("cart-full"),
            "title": "Too many different products",
            "status": 409,
            "detail": "At most 50 lines in one cart.",
            "most": 50,
        },
    )
    assert await contents(shop) == before
    await shop.http.delete(f"/v1/carts/{guests}/lines/S-50")
    assert lines(await adopt(shop, guests, iva)) == {**dict.fromkeys(skus[:49], 1), "S-49": 2}


async def test_logins_at_once_leave_one_cart_with_all_of_it(shop: Shop) -> None:
    """On real connections: whichever is first, nothing is lost and nobody waits for the other in a circle."""
    skus = [f"S-{number:02}" for number in range(12)]
    await add_products(shop, dict.fromkeys(skus, 100))
    iva = await shop.account()
    carts = [await shop.cart({sku: number + 1, "ION-SET-1": number + 1}) for number, sku in enumerate(skus)]
    answers = await at_once([adopt(shop, cart, iva) for cart in carts])
    assert statuses(answers) == {200: 12}
    assert await shop.count("carts") == 1
    assert lines(await own(shop, iva)) == {**{sku: n + 1 for n, sku in enumerate(skus)}, "ION-SET-1": 12}


async def test_a_cart_that_is_ordered_while_another_is_merged_into_it_loses_nothing(shop: Shop) -> None:
    iva = await shop.account()
    hers, guests = await shop.cart({"ION-SET-1": 1}), await shop.cart({"ION-H-SOFT-2": 1})
    await adopt(shop, hers, iva)
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE carts SET ordered_at = now() WHERE id = :id"), {"id": UUID(hers)})
        merging = asyncio.create_task(adopt(shop, guests, iva))
        await until_waiting(shop)
    answer = await merging
    assert (answer.json()["id"], lines(answer)) == (guests, {"ION-H-SOFT-2": 1})
    assert await shop.rows("SELECT sku FROM cart_lines WHERE cart_id = :id", id=UUID(hers)) == [("ION-SET-1",)]


async def test_a_merged_cart_is_not_ordered_beside(shop: Shop) -> None:
    """Whoever orders the guest's cart while it is merged finds it gone, or orders it and it is not merged."""
    iva = await shop.account()
    await adopt(shop, await shop.cart({"ION-SET-1": 1}), iva)
    guests = await shop.cart({"ION-H-SOFT-2": 1})
    merged, placed = await asyncio.gather(adopt(shop, guests, iva), shop.place(a_wish(guests)))
    assert (merged.status_code, placed.status_code) in {(200, 404), (409, 201)}
    assert await shop.stock("ION-H-SOFT-2") == (100 if merged.status_code == 200 else 99)


async def test_a_body_that_names_no_cart(shop: Shop) -> None:
    iva = await shop.account()
    bodies: list[dict[str, Any]] = [{}, {"cart_id": "x"}, {"cart_id": None}, {"cart_id": str(uuid4()), "more": 1}]
    for body in bodies:
        assert (await shop.http.put("/v1/me/cart", json=body, headers=iva)).status_code == 422


async def test_an_account_s_cart_is_kept_longer_than_a_guest_s(shop: Shop) -> None:
    iva = await shop.account()
    hers, guests = UUID(await shop.cart()), UUID(await shop.cart())
    await adopt(shop, str(hers), iva)
    [clean] = [periodic for periodic in shop.work.periodic if periodic.name == "clean"]
    for days, left in ((30, {hers, guests}), (31, {hers}), (90, {hers}), (91, set())):
        shop.clock.at = NOON + timedelta(days=days)
        await clean.run()
        assert {id_ for (id_,) in await shop.rows("SELECT id FROM carts")} == left
