"""A price not shown does not bind: what may be ordered at which total (ЗЗП чл. 49)."""

from typing import Any

from sqlalchemy import text

from tests.checkout.test_refusals import new_key, refusal, refused
from tests.shop import Shop, a_wish

RISEN = {
    "bg": (
        "Общата сума е по-висока от очакваната",
        "Поръчката вече струва {} €. Покажете новата сума и поискайте ново съгласие.",
    ),
    "en": (
        "Total above the expected one",
        "The order now costs {} €. Show the new total and ask for consent again.",
    ),
}


async def quoted(shop: Shop, cart: str, language: str = "bg") -> dict[str, Any]:
    answer = await shop.http.post(f"/v1/carts/{cart}/quote", json={}, headers={"Accept-Language": language})
    quote: dict[str, Any] = answer.json()
    return quote


async def set_price(shop: Shop, cents: int) -> None:
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE variants SET price = :cents WHERE sku = 'ION-SET-1'"), {"cents": cents})


async def test_a_total_that_rose_since_it_was_shown_is_refused_with_the_new_quote(shop: Shop) -> None:
    cart = await shop.cart({"ION-SET-1": 1})
    wish = a_wish(cart, expected_total=(await quoted(shop, cart))["totals"]["total"])
    assert wish["expected_total"] == "89.90"
    await set_price(shop, 9990)
    for language, document in (await refused(shop, wish, new_key())).items():
        quote = await quoted(shop, cart, language)
        assert quote["totals"]["total"] == "99.90"
        assert document == refusal("total-above-expected", 409, RISEN, language, "99.90", total="99.90", quote=quote)


async def test_the_new_total_agreed_to_is_ordered_under_the_same_key(shop: Shop) -> None:
    cart = await shop.cart({"ION-SET-1": 1})
    refusal = await shop.place(a_wish(cart, expected_total="89.89"), "key")
    assert refusal.status_code == 409
    agreed = refusal.json()["quote"]["totals"]["total"]
    order = await shop.place(a_wish(cart, expected_total=agreed), "key")
    assert order.json()["totals"]["total"] == "89.90"


async def test_a_total_that_fell_is_taken_as_it_is_now(shop: Shop) -> None:
    cart = await shop.cart({"ION-SET-1": 1})
    await set_price(shop, 7990)
    order = await shop.place(a_wish(cart, expected_total="89.90"))
    assert (order.status_code, order.json()["totals"]["total"]) == (201, "79.90")


async def test_what_was_ordered_is_answered_again_whatever_it_would_cost_now(shop: Shop) -> None:
    wish = a_wish(await shop.cart({"ION-SET-1": 1}), expected_total="89.90")
    first = await shop.place(wish, "key")
    await set_price(shop, 9990)
    again = await shop.place(wish, "key")
    assert (again.status_code, again.json()) == (201, first.json())
