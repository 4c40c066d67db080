"""Each refusal of the checkout: the whole document in both languages, and nothing has happened."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from tests.checkout.watching import contents
from tests.factories.privacy import make_declaration
from tests.problems import of_kind
from tests.shop import Shop, a_wish

MISSING = {
    "bg": (
        "Липсва Idempotency-Key",
        "Изпратете заглавие Idempotency-Key: 1–255 печатни знака, нови за всяка поръчка, същите при повторение.",
    ),
    "en": (
        "Idempotency-Key missing",
        "Send a header Idempotency-Key: 1–255 printable characters, new for each order, the same for a repetition.",
    ),
}
NOT_FOUND = {
    "bg": ("Няма такъв запис", "Проверете адреса и правата си за достъп."),
    "en": ("Not found", "Check the address and that it is yours to see."),
}
EMPTY = {
    "bg": ("Количката е празна", "Добавете продукт и опитайте отново."),
    "en": ("Cart is empty", "Add a product and try again."),
}
ORDERED = {
    "bg": ("Количката вече е поръчана", "Започнете нова количка."),
    "en": ("Cart already ordered", "Start a new cart."),
}
WITHDRAWN = {
    "bg": ("Продукт вече не се продава", "Махнете ION-SET-1 от количката."),
    "en": ("Product no longer sold", "Take ION-SET-1 out of the cart."),
}
SHORT = {
    "bg": (
        "Недостатъчна наличност",
        "Намалете количествата до посочените в items или премахнете изчерпаните артикули.",
    ),
    "en": (
        "Not enough in stock",
        "Lower the quantities to those in items, or remove what is sold out.",
    ),
}
UNTICKED = {
    "bg": (
        "Декларацията за поверителност не е приета",
        "Прочетете декларацията за поверителност и отбележете, че я приемате.",
    ),
    "en": ("Privacy declaration not accepted", "Read the privacy declaration and tick that you accept it."),
}
OUTDATED = {
    "bg": ("Декларацията за поверителност е обновена", "Прочетете действащата версия {} и я приемете."),
    "en": ("Privacy declaration outdated", "Read the version in force, {}, and accept it."),
}
REUSED = {
    "bg": (
        "Idempotency-Key вече е използван",
        "С този ключ тази количка е поръчана с други данни. За нова поръчка започнете нова количка.",
    ),
    "en": (
        "Idempotency-Key already used",
        "With this key this cart was ordered with other data. For a new order start a new cart.",
    ),
}

NOT_OFFERED = {
    "bg": ("Този начин на плащане не се предлага", "Изберете наложен платеж."),
    "en": ("Payment method not offered", "Choose cash on delivery."),
}


def refusal(
    slug: str, status: int, words: dict[str, tuple[str, str]], language: str, *fill: str, **members: Any
) -> dict[str, Any]:
    title, detail = words[language]
    return {
        **of_kind(slug),
        "title": title,
        "status": status,
        "detail": detail.format(*fill),
        **members,
    }


async def refused(shop: Shop, wish: dict[str, Any], headers: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Send it in both languages; gives the documents, having looked that nothing was changed."""
    before = await contents(shop)
    documents: dict[str, dict[str, Any]] = {}
    for language in ("bg", "en"):
        answer = await shop.http.post("/v1/orders", json=wish, headers={**headers, "Accept-Language": language})
        document = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-language"] == language
        assert answer.headers["cache-control"] == "no-store"
        assert answer.status_code == document["status"]
        documents[language] = document
    assert await contents(shop) == before
    return documents


def new_key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


@pytest.mark.parametrize("key", [None, "", " ", "two words", "k" * 256, "tab\there", "ключ"])
async def test_no_key_or_one_that_is_none(shop: Shop, key: str | None) -> None:
    wish = a_wish(await shop.cart())
    headers = {} if key is None else {"Idempotency-Key": key}
    before = await contents(shop)
    for language in ("bg", "en"):
        spoken = {**headers, "Accept-Language": language}
        raw = [(name.encode(), value.encode()) for name, value in spoken.items()]
        answer = await shop.http.post("/v1/orders", json=wish, headers=raw)
        assert answer.json() == refusal("idempotency-key-missing", 400, MISSING, language)
    assert await contents(shop) == before


@pytest.mark.parametrize("key", ["k", "k" * 255, "~!\"#$%&'()*+,-./:;<=>?@[]^_`{|}"])
async def test_any_other_key_will_do(shop: Shop, key: str) -> None:
    assert (await shop.place(a_wish(await shop.cart()), key)).status_code == 201


async def test_a_key_used_for_another_body(shop: Shop) -> None:
    wish = a_wish(await shop.cart())
    key = new_key()
    first = await shop.http.post("/v1/orders", json=wish, headers=key)
    assert first.status_code == 201
    for language, document in (await refused(shop, {**wish, "comment": "Моля, звънете"}, key)).items():
        assert document == refusal("idempotency-key-reused", 422, REUSED, language)


async def test_the_box_is_not_ticked(shop: Shop) -> None:
    unticked = {"version": "2026-11-22", "accepted": False}
    wish = a_wish(await shop.cart(), privacy_declaration=unticked)
    for language, document in (await refused(shop, wish, new_key())).items():
        errors = [{"pointer": "/privacy_declaration/accepted", "detail": UNTICKED[language][1]}]
        assert document == refusal("declaration-not-accepted", 422, UNTICKED, language, errors=errors)


async def test_a_version_that_is_no_longer_in_force(shop: Shop) -> None:
    async with shop.sessions.begin() as session:
        await make_declaration(session, version="2026-11-23", effective_on=shop.clock.now().date())
    wish = a_wish(await shop.cart())
    for language, document in (await refused(shop, wish, new_key())).items():
        members = {
            "current_version": "2026-11-23",
            "current": "/v1/declarations/order/versions/2026-11-23",
        }
        assert document == refusal("declaration-outdated", 409, OUTDATED, language, "2026-11-23", **members)


async def test_an_unknown_cart(shop: Shop) -> None:
    for language, document in (await refused(shop, a_wish(str(uuid4())), new_key())).items():
        assert document == refusal("not-found", 404, NOT_FOUND, language)


async def test_an_empty_cart(shop: Shop) -> None:
    wish = a_wish((await shop.http.post("/v1/carts")).json()["id"])
    for language, document in (await refused(shop, wish, new_key())).items():
        assert document == refusal("cart-empty", 409, EMPTY, language)


async def test_a_cart_that_was_ordered(shop: Shop) -> None:
    wish = a_wish(await shop.cart())
    assert (await shop.place(wish)).status_code == 201
    for language, document in (await refused(shop, wish, new_key())).items():
        assert document == refusal("cart-ordered", 409, ORDERED, language)


@pytest.mark.parametrize(
    "withdrawal",
    [
        "UPDATE variants SET discontinued = true WHERE sku = 'ION-SET-1'",
        "UPDATE products SET published_at = NULL WHERE id = (SELECT product_id FROM variants WHERE sku = 'ION-SET-1')",
    ],
)
async def test_a_product_that_was_withdrawn(shop: Shop, withdrawal: str) -> None:
    wish = a_wish(await shop.cart({"ION-H-SOFT-2": 1, "ION-SET-1": 1}))
    async with shop.sessions.begin() as session:
        await session.execute(text(withdrawal))
    for language, document in (await refused(shop, wish, new_key())).items():
        assert document == refusal("product-withdrawn", 409, WITHDRAWN, language, sku="ION-SET-1")


async def test_e5_not_enough_of_several_articles_and_no_more_than_ten_are_told_of(shop: Shop) -> None:
    wish = a_wish(await shop.cart({"ION-H-SOFT-2": 90, "ION-SET-1": 95}))
    await shop.ordered({"ION-H-SOFT-2": 50, "ION-SET-1": 91})
    short = [{"sku": "ION-H-SOFT-2", "available": 10}, {"sku": "ION-SET-1", "available": 9}]
    for language, document in (await refused(shop, wish, new_key())).items():
        assert document == refusal("out-of-stock", 409, SHORT, language, items=short, sku="ION-H-SOFT-2", available=10)


async def test_a_transfer_where_there_is_no_account(shop: Shop) -> None:
    wish = a_wish(await shop.cart(), payment_method="bank_transfer")
    shop.app.state.terms = replace(shop.app.state.terms, payee=None)
    for language, document in (await refused(shop, wish, new_key())).items():
        assert document == refusal("payment-method-unavailable", 409, NOT_OFFERED, language)


async def test_the_bulgarian_answer_is_the_first(shop: Shop) -> None:
    answer: httpx.Response = await shop.place(a_wish(str(uuid4())))
    assert answer.json()["title"] == "Няма такъв запис"
