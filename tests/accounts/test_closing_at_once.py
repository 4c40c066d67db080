"""Closing an account while somebody else is at it: an order is placed or claimed, it is closed twice, it is changed."""

import httpx

from tests.accounts.closing import EMAIL, HOME, ME, UNAUTHENTICATED, WHO, bought, member
from tests.checkout.test_cut_transactions import cut
from tests.checkout.watching import contents, statements
from tests.shop import Shop, a_wish
from tests.waiting import Call, under_way

ACCOUNT = "SELECT FROM accounts FOR UPDATE"
STOCK = "SELECT FROM stock FOR UPDATE"
ORDERS = "SELECT FROM orders FOR UPDATE"


def named(closed: httpx.Response) -> list[str]:
    return [kept["what"] for kept in closed.json()["kept"] if kept["what"].startswith("Поръчки")]


async def placing(shop: Shop, me: dict[str, str], *, own_cart: bool) -> Call:
    cart_id = await shop.cart()
    if own_cart:
        await shop.http.put(f"{ME}/cart", json={"cart_id": cart_id}, headers=me)
    return shop.place(a_wish(cart_id, customer=WHO, delivery=HOME), **me)


async def test_an_order_that_is_being_placed_is_waited_for_and_named(shop: Shop) -> None:
    for own_cart in (True, False):
        me = await member(shop)
        order = await placing(shop, me, own_cart=own_cart)

        placed, closed = await under_way(shop, STOCK, order, shop.http.delete(ME, headers=me))

        assert (placed.status_code, closed.status_code) == (201, 200)
        number = placed.json()["number"]
        assert named(closed)[0].endswith(number)
        [row] = await shop.rows(
            "SELECT account_id, status FROM orders WHERE number = :number",
            number=int(number),
        )
        assert row == (None, "confirmed")
    await shop.run_jobs()
    assert await shop.rows("SELECT DISTINCT status FROM shipments") == [("booked",)]


async def test_an_order_that_comes_after_it_is_refused_whole(shop: Shop) -> None:
    me = await member(shop)
    number = await bought(shop, me)
    order = await placing(shop, me, own_cart=False)

    closed, refused = await under_way(shop, ORDERS, shop.http.delete(ME, headers=me), order)

    assert named(closed) == [f"Поръчки в изпълнение: {number}"]
    assert (refused.status_code, refused.json()) == (401, UNAUTHENTICATED)
    assert await shop.count("orders") == 1
    assert await shop.stock("ION-H-SOFT-2") == 98


async def test_of_two_closings_at_once_one_finds_no_account(shop: Shop) -> None:
    me = await member(shop)

    closed, refused = await under_way(shop, ACCOUNT, *(shop.http.delete(ME, headers=me) for _ in range(2)))

    assert closed.status_code == 200
    assert (refused.status_code, refused.json()) == (401, UNAUTHENTICATED)
    assert await shop.rows("SELECT kind FROM mails") == [("account_closed",)]
    assert await shop.rows("SELECT act FROM consents ORDER BY recorded_at, id") == [("given",), ("withdrawn",)]


async def test_an_account_is_closed_whole_or_not_at_all(shop: Shop) -> None:
    with statements(shop) as sent:
        assert (await shop.http.delete(ME, headers=await member(shop))).status_code == 200
    me = await member(shop, newsletter=True)
    await shop.run_jobs()
    before = await contents(shop)
    for moment, number in (("before_cursor_execute", len(sent) // 2), ("commit", 1)):
        with cut(shop, moment, number):
            assert (await shop.http.delete(ME, headers=me)).status_code == 503
        assert await contents(shop) == before
    assert (await shop.http.delete(ME, headers=me)).status_code == 200


async def test_a_guests_order_that_is_claimed_meanwhile_is_named_in_either_order(shop: Shop) -> None:
    for closing_first in (True, False):
        me = await member(shop)
        number = await bought(shop, {}, customer={**WHO, "email": EMAIL})
        calls = [shop.http.delete(ME, headers=me), shop.http.post(f"{ME}/orders/claims", headers=me)]

        answers = await under_way(shop, ACCOUNT, *(calls if closing_first else reversed(calls)))

        closed = answers[0 if closing_first else 1]
        assert closed.status_code == 200
        assert number in named(closed)[0]
        assert await shop.rows("SELECT count(account_id) FROM orders") == [(0,)]


async def test_what_is_added_while_it_is_closed_finds_no_account(shop: Shop) -> None:
    me = await member(shop)
    adding = shop.http.post(f"{ME}/addresses", json={"delivery": HOME}, headers=me)
    give = {
        "purpose": "newsletter",
        "channel": "email",
        "privacy_declaration": {"version": "2026-11-22", "accepted": True},
    }
    giving = shop.http.post(f"{ME}/consents", json=give, headers=me)

    closed, *refused = await under_way(shop, ACCOUNT, shop.http.delete(ME, headers=me), adding, giving)

    assert closed.status_code == 200
    assert [answer.json() for answer in refused] == [UNAUTHENTICATED] * 2
    assert await shop.count("addresses") == 0
    assert await shop.rows("SELECT act FROM consents WHERE purpose = 'newsletter'") == []
