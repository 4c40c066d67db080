"""Carts over HTTP: what they hold, what they cost, and what they refuse."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from tests.checkout.buying import ENGLISH, add_products, at_once, statuses
from tests.checkout.watching import contents, statements
from tests.problems import of_kind
from tests.shop import Shop, a_wish

NOT_FOUND = {
    **of_kind("not-found"),
    "title": "Not found",
    "status": 404,
    "detail": "Check the address and that it is yours to see.",
}
ORDERED = {
    **of_kind("cart-ordered"),
    "title": "Cart already ordered",
    "status": 409,
    "detail": "Start a new cart.",
}
QUOTE_LINES = [
    {
        "kind": "goods",
        "sku": "ION-H-SOFT-2",
        "name": "Йонна четка, бяла",
        "quantity": 2,
        "unit_price": "12.90",
        "discount": "0.00",
        "total": "25.80",
        "vat_rate": 20,
        "vat": "4.30",
        "slug": "ion-h-soft-2",
        "availability": "in_stock",
    },
    {
        "kind": "delivery",
        "sku": "DELIVERY",
        "name": "Доставка",
        "quantity": 1,
        "unit_price": "4.99",
        "discount": "0.00",
        "total": "4.99",
        "vat_rate": 20,
        "vat": "0.83",
        "slug": None,
        "availability": None,
    },
]


def line(cart: str, sku: str = "ION-H-SOFT-2") -> str:
    return f"/v1/carts/{cart}/lines/{sku}"


async def put(shop: Shop, cart: str, quantity: Any, sku: str = "ION-H-SOFT-2") -> httpx.Response:
    return await shop.http.put(line(cart, sku), json={"quantity": quantity}, headers=ENGLISH)


async def read(shop: Shop, cart: str) -> Any:
    return (await shop.http.get(f"/v1/carts/{cart}")).json()


def held(cart: dict[str, Any]) -> dict[str, int]:
    return {each["sku"]: each["quantity"] for each in cart["lines"]}


SOFT = {
    "sku": "ION-H-SOFT-2",
    "slug": "ion-h-soft-2",
    "name": "Йонна четка, бяла",
    "quantity": 2,
    "unit_price": "12.90",
    "total": "25.80",
    "availability": "in_stock",
}
SET = {**SOFT, "sku": "ION-SET-1", "slug": "ion-set-1", "quantity": 1, "unit_price": "89.90", "total": "89.90"}


def inside(sent: list[str]) -> list[str]:
    """Leave out the count of how often is asked: it is of the door."""
    return [statement for statement in sent if "throttle" not in statement]


def priced(cart: str, *lines: dict[str, Any], goods: str) -> dict[str, Any]:
    pieces = sum(each["quantity"] for each in lines)
    return {"id": cart, "lines": [*lines], "pieces": pieces, "goods": goods, "currency": "EUR"}


async def test_a_new_cart_is_empty_and_tells_where_it_is(shop: Shop) -> None:
    for body in (b"", b"{}", b'{"lines": []}'):
        answer = await shop.http.post("/v1/carts", content=body, headers={"Content-Type": "application/json"})
        cart = answer.json()["id"]
        assert (answer.status_code, answer.json()) == (201, priced(cart, goods="0.00"))
        assert answer.headers["location"] == f"/v1/carts/{cart}"
        assert UUID(cart).version == 4  # random: nobody guesses another's
        assert (await shop.http.get(answer.headers["location"])).json() == answer.json()


async def test_e1_a_cart_is_opened_with_its_lines_and_answers_what_they_cost(shop: Shop) -> None:
    wish = {"lines": [{"sku": "ION-SET-1", "quantity": 1}, {"sku": "ION-H-SOFT-2", "quantity": 2}]}
    with statements(shop) as sent:
        answer = await shop.http.post("/v1/carts", json=wish)
    cart = answer.json()["id"]
    assert (answer.status_code, answer.json()) == (201, priced(cart, SOFT, SET, goods="115.70"))
    assert len(inside(sent)) == 1
    with statements(shop) as sent:
        assert await read(shop, cart) == answer.json()
    assert len(inside(sent)) == 1


@pytest.mark.parametrize(
    ("lines", "status", "pointer"),
    [
        ([{"sku": "ION-SET-1", "quantity": 1}, {"sku": "NO-SUCH", "quantity": 1}], 404, None),
        ([{"sku": "ION-SET-1", "quantity": 1}, {"sku": "GONE", "quantity": 1}], 404, None),
        ([{"sku": "ION-SET-1", "quantity": 1}, {"sku": "ION-H-SOFT-2", "quantity": 100}], 422, "/lines/1/quantity"),
        ([{"sku": "ION-SET-1", "quantity": 0}], 422, "/lines/0/quantity"),
        ([{"sku": "ION-SET-1", "quantity": True}], 422, "/lines/0/quantity"),
        ([{"sku": "ION-SET-1"}], 422, "/lines/0/quantity"),
        ([{"sku": "ЙОН", "quantity": 1}], 422, "/lines/0/sku"),
        ([{"sku": "ION-SET-1", "quantity": 1, "price": "0.01"}], 422, "/lines/0/price"),
        ([{"sku": "ION-SET-1", "quantity": 1}] * 2, 422, ""),
        ([{"sku": f"S-{number}", "quantity": 1} for number in range(51)], 422, "/lines"),
        (None, 422, "/lines"),
    ],
)
async def test_e1_lines_are_taken_whole_or_there_is_no_cart(
    shop: Shop, lines: Any, status: int, pointer: str | None
) -> None:
    await add_products(shop, {"GONE": 100})
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE variants SET discontinued = true WHERE sku = 'GONE'"))
    before = await contents(shop)
    answer = await shop.http.post("/v1/carts", json={"lines": lines}, headers=ENGLISH)
    assert answer.status_code == status, answer.text
    if pointer is None:
        assert answer.json()["sku"] == lines[1]["sku"]
    else:
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert await contents(shop) == before


async def test_e1_fifty_lines_are_opened_and_changed_at_the_cost_of_one(shop: Shop) -> None:
    skus = [f"S-{number:02}" for number in range(50)]
    await add_products(shop, dict.fromkeys(skus, 100))
    asked = []
    for some in (skus[:1], skus):
        with statements(shop) as sent:
            cart = await shop.cart(dict.fromkeys(some, 1))
        opened = len(inside(sent))
        with statements(shop) as sent:
            assert (await put(shop, cart, 2, "S-00")).status_code == 200
        changed = len(inside(sent))
        with statements(shop) as sent:
            assert held((await shop.http.delete(line(cart, "S-00"))).json()) == dict.fromkeys(some[1:], 1)
        asked.append((opened, changed, len(inside(sent))))
    assert asked == [(1, 2, 2)] * 2


async def test_a_line_is_set_not_added(shop: Shop) -> None:
    cart = await shop.cart({"ION-SET-1": 1})
    for quantity in (3, 3, 99, 1):
        answer = await put(shop, cart, quantity)
        assert (answer.status_code, held(answer.json())) == (200, {"ION-H-SOFT-2": quantity, "ION-SET-1": 1})
    assert held(await read(shop, cart)) == {"ION-H-SOFT-2": 1, "ION-SET-1": 1}


async def test_e1_each_change_answers_the_priced_cart(shop: Shop) -> None:
    cart = await shop.cart({"ION-SET-1": 1})
    put_in = await shop.http.put(line(cart), json={"quantity": 2})
    assert (put_in.status_code, put_in.json()) == (200, priced(cart, SOFT, SET, goods="115.70"))
    english = await put(shop, cart, 2)
    assert [each["name"] for each in english.json()["lines"]] == ["Ionic toothbrush, white"] * 2
    for _ in range(2):
        taken_out = await shop.http.delete(line(cart))
        assert (taken_out.status_code, taken_out.json()) == (200, priced(cart, SET, goods="89.90"))
    assert await read(shop, cart) == taken_out.json()


@pytest.mark.parametrize(
    ("left", "quantity", "word"),
    [(0, 1, "sold_out"), (5, 1, "low"), (6, 1, "in_stock"), (6, 6, "in_stock"), (6, 7, "low")],
)
async def test_e5_cart_and_quote_say_in_a_word_what_is_in_stock(
    shop: Shop, left: int, quantity: int, word: str
) -> None:
    await add_products(shop, {"A": 100}, stock=left)
    cart = await shop.cart({"A": quantity})
    quote = (await shop.http.post(f"/v1/carts/{cart}/quote", json={})).json()
    for lines in ((await read(shop, cart))["lines"], quote["lines"][:1]):
        assert [(each["slug"], each["availability"]) for each in lines] == [("a", word)]
    assert quote["available"] is (left >= quantity)


@pytest.mark.parametrize(
    "withdrawal",
    [
        "UPDATE variants SET discontinued = true WHERE sku = 'A'",
        "UPDATE products SET published_at = NULL WHERE slug = 'a'",
    ],
)
async def test_e1_what_is_no_longer_sold_is_shown_without_a_page_and_can_be_taken_out(
    shop: Shop, withdrawal: str
) -> None:
    await add_products(shop, {"A": 100})
    cart = await shop.cart({"A": 3})
    async with shop.sessions.begin() as session:
        await session.execute(text(withdrawal))
    [gone] = (await read(shop, cart))["lines"]
    assert (gone["slug"], gone["availability"], gone["total"]) == (None, "sold_out", "3.00")
    assert (await shop.http.delete(line(cart, "A"))).json() == priced(cart, goods="0.00")


@pytest.mark.parametrize("quantity", [0, -1, 100, 2**63, 10**400, 1.0, 1.5, "2", None, True, [], {}, [2]])
async def test_a_quantity_is_1_to_99(shop: Shop, quantity: Any) -> None:
    cart = await shop.cart({"ION-SET-1": 1})
    before = await contents(shop)
    answer = await put(shop, cart, quantity)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/quantity"]
    assert await contents(shop) == before


async def test_bodies_that_are_no_quantity(shop: Shop) -> None:
    cart = await shop.cart({"ION-SET-1": 1})
    before = await contents(shop)
    sent = {b"": 422, b"{}": 422, b"[]": 422, b"7": 422, b'{"quantity": 1, "note": "x"}': 422, b"{": 400, b"\xff": 400}
    for body, status in sent.items():
        answer = await shop.http.put(line(cart), content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == status, body
        assert answer.headers["content-type"] == "application/problem+json"
    assert await contents(shop) == before


@pytest.mark.parametrize("cart", ["x", "1", "%00", "5b0c7a52", "5" * 300, "%ED%A0%80"])
async def test_an_id_that_is_none(shop: Shop, cart: str) -> None:
    before = await contents(shop)
    answers = [
        await shop.http.get(f"/v1/carts/{cart}", headers=ENGLISH),
        await put(shop, cart, 1),
        await shop.http.delete(line(cart), headers=ENGLISH),
        await shop.http.post(f"/v1/carts/{cart}/quote", json={}, headers=ENGLISH),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == ["path:cart_id"]
    assert await contents(shop) == before


async def test_an_id_that_nobody_has(shop: Shop) -> None:
    cart = str(uuid4())
    before = await contents(shop)
    answers = [
        await shop.http.get(f"/v1/carts/{cart}", headers=ENGLISH),
        await put(shop, cart, 1),
        await shop.http.delete(line(cart), headers=ENGLISH),
        await shop.http.post(f"/v1/carts/{cart}/quote", json={}, headers=ENGLISH),
    ]
    assert [answer.json() for answer in answers] == [NOT_FOUND] * 4
    assert await contents(shop) == before


async def test_an_unknown_product(shop: Shop) -> None:
    answer = await put(shop, await shop.cart(), 1, "NO-SUCH")
    assert answer.json() == {
        **of_kind("product-unknown"),
        "title": "No such product",
        "status": 404,
        "detail": "Check the code NO-SUCH.",
        "sku": "NO-SUCH",
    }


@pytest.mark.parametrize("sku", ["%00", "a%20b", "x" * 21, "ЙОН", "a'b", "%ED%A0%80"])
async def test_a_sku_that_is_none(shop: Shop, sku: str) -> None:
    answer = await put(shop, await shop.cart(), 1, sku)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["path:sku"]


async def test_what_is_not_sold_any_more_cannot_be_put_in(shop: Shop) -> None:
    cart = await shop.cart({"ION-SET-1": 1})
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE variants SET discontinued = true WHERE sku = 'ION-H-SOFT-2'"))
    assert (await put(shop, cart, 1)).json()["code"] == "product-unknown"
    assert await read(shop, cart) == priced(cart, SET, goods="89.90")


async def test_fifty_lines_fit(shop: Shop) -> None:
    await add_products(shop, {f"S-{number:02}": 100 for number in range(50)})
    cart = await shop.cart({f"S-{number:02}": 1 for number in range(50)})
    assert (await put(shop, cart, 1)).json() == {
        **of_kind("cart-full"),
        "title": "Too many different products",
        "status": 409,
        "detail": "At most 50 lines in one cart.",
        "most": 50,
    }
    assert (await put(shop, cart, 9, "S-00")).status_code == 200  # one that is in it may change
    assert len((await read(shop, cart))["lines"]) == 50
    assert len((await shop.place(a_wish(cart))).json()["lines"]) == 51


async def test_a_cart_that_was_ordered_stays_as_it_is(shop: Shop) -> None:
    cart = await shop.cart()
    await shop.place(a_wish(cart))
    before = await contents(shop)
    answers = [
        await put(shop, cart, 5),
        await shop.http.delete(line(cart), headers=ENGLISH),
        await shop.http.post(f"/v1/carts/{cart}/quote", json={}, headers=ENGLISH),
    ]
    assert [answer.json() for answer in answers] == [ORDERED] * 3
    assert await contents(shop) == before


async def test_a_quote_names_lines_and_sums(shop: Shop) -> None:
    cart = await shop.cart()
    before = await contents(shop)
    answer = await shop.http.post(f"/v1/carts/{cart}/quote", json={})
    assert answer.json() == {
        "lines": QUOTE_LINES,
        "totals": {
            "goods": "25.80",
            "discount": "0.00",
            "delivery": "4.99",
            "vat_by_rate": [{"rate": 20, "base": "25.66", "vat": "5.13"}],
            "vat": "5.13",
            "total": "30.79",
            "currency": "EUR",
        },
        "available": True,
    }
    assert await contents(shop) == before  # asking costs nothing and holds nothing


@pytest.mark.parametrize(
    ("accepted", "names"),
    [
        ("en", ["Ionic toothbrush, white", "Delivery"]),
        ("de, en;q=0.5", ["Ionic toothbrush, white", "Delivery"]),
        ("bg", ["Йонна четка, бяла", "Доставка"]),
        ("de", ["Йонна четка, бяла", "Доставка"]),
    ],
)
async def test_names_are_in_the_language_asked_for(shop: Shop, accepted: str, names: list[str]) -> None:
    cart = await shop.cart()
    spoken = {"Accept-Language": accepted}
    quote = await shop.http.post(f"/v1/carts/{cart}/quote", json={}, headers=spoken)
    order = await shop.place(a_wish(cart), **spoken)
    for answer in (quote, order):
        assert [each["name"] for each in answer.json()["lines"]] == names


async def test_a_quote_says_when_not_all_is_there(shop: Shop) -> None:
    cart = await shop.cart({"ION-H-SOFT-2": 99})
    await shop.ordered({"ION-H-SOFT-2": 2})
    answer = await shop.http.post(f"/v1/carts/{cart}/quote", json={})
    assert (answer.status_code, answer.json()["available"]) == (200, False)


async def test_a_quote_follows_the_price_and_an_order_does_not(shop: Shop) -> None:
    cart = await shop.cart()
    placed = await shop.ordered()
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE variants SET price = 1590 WHERE sku = 'ION-H-SOFT-2'"))
    quote = (await shop.http.post(f"/v1/carts/{cart}/quote", json={})).json()
    assert quote["totals"]["goods"] == "31.80"
    order = await shop.http.get(placed["links"]["self"], headers={"X-Order-Token": placed["access_token"]})
    assert order.json()["totals"] == placed["totals"]
    assert order.json()["totals"]["goods"] == "25.80"


@pytest.mark.parametrize("wish", [{"payment_method": "barter"}, {"payment_method": None}, {"x": 1}, [], "\ud800", None])
async def test_a_quote_of_nonsense(shop: Shop, wish: Any) -> None:
    cart = await shop.cart()
    answer = await shop.http.post(
        f"/v1/carts/{cart}/quote", content=json.dumps(wish), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422


async def test_parallel_changes_of_one_cart_end_in_one_of_them(shop: Shop) -> None:
    cart = await shop.cart({"ION-SET-1": 1})
    answers = await at_once([put(shop, cart, quantity) for quantity in range(1, 21)])
    assert statuses(answers) == {200: 20}
    lines = (await read(shop, cart))["lines"]
    assert [each["sku"] for each in lines] == ["ION-H-SOFT-2", "ION-SET-1"]
    assert 1 <= lines[0]["quantity"] <= 20


async def test_the_limit_of_lines_holds_against_a_race(shop: Shop) -> None:
    await add_products(shop, {f"S-{number:02}": 100 for number in range(55)})
    cart = await shop.cart({f"S-{number:02}": 1 for number in range(45)})
    answers = await asyncio.gather(*(put(shop, cart, 1, f"S-{number:02}") for number in range(45, 55)))
    assert statuses(answers) == {200: 5, 409: 5}
    assert len((await read(shop, cart))["lines"]) == 50
