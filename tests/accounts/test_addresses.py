"""The address book: one default, at most twenty, nobody else's."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx
from sqlalchemy import text

from tests.accounts.test_profile import INVALID, NOT_FOUND, UNKNOWN_FIELD
from tests.checkout.test_bad_fields import FULL_ADDRESS, OFFICE
from tests.checkout.watching import contents
from tests.problems import of_kind
from tests.shop import Shop, a_wish
from tests.waiting import until_waiting

BOOK = "/v1/me/addresses"
UNKNOWN = "5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"
FULL = {
    **of_kind("address-book-full"),
    "title": "Адресната книга е пълна",
    "status": 409,
    "detail": "Запазват се най-много 20 адреса. Изтрийте ненужен и опитайте отново.",
    "most": 20,
}
FILL = """
INSERT INTO addresses (id, account_id, is_default, method, office_id)
SELECT gen_random_uuid(), accounts.id, number = 1, 'office', number FROM accounts, generate_series(1, :count) AS number
"""


def an_office(number: int, **changes: Any) -> dict[str, Any]:
    return {"delivery": {"method": "office", "office_id": number}, **changes}


async def add(shop: Shop, me: dict[str, str], wish: dict[str, Any]) -> dict[str, Any]:
    answer = await shop.http.post(BOOK, json=wish, headers=me)
    assert answer.status_code == 201, answer.text
    added: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"{BOOK}/{added['id']}"
    return added


async def listed(shop: Shop, me: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await shop.http.get(BOOK, headers=me)).json()["items"]
    return found


async def offices(shop: Shop, me: dict[str, str]) -> list[tuple[int, bool]]:
    """Show a book of offices in its order, and which of them is the default."""
    return [(each["delivery"]["office_id"], each["is_default"]) for each in await listed(shop, me)]


async def fill(shop: Shop, count: int) -> None:
    async with shop.sessions.begin() as session:
        await session.execute(text(FILL), {"count": count})


async def at_once(shop: Shop, *requests: Coroutine[Any, Any, httpx.Response]) -> list[httpx.Response]:
    """Send requests while the account's row is held, so that all of them meet there."""
    async with shop.sessions.begin() as session:
        await session.execute(text("SELECT FROM accounts FOR UPDATE"))
        under_way = [asyncio.ensure_future(request) for request in requests]
        await until_waiting(shop, len(requests))
    return await asyncio.gather(*under_way)


async def test_an_address_is_kept_as_an_order_takes_it(shop: Shop) -> None:
    me = await shop.account()
    assert await listed(shop, me) == []

    home = await add(shop, me, {"label": " Вкъщи ", "delivery": FULL_ADDRESS})
    office = await add(shop, me, {"delivery": OFFICE})

    assert home == {"id": home["id"], "label": "Вкъщи", "is_default": True, "delivery": FULL_ADDRESS}
    assert office == {"id": office["id"], "label": None, "is_default": False, "delivery": OFFICE}
    assert await listed(shop, me) == [home, office]
    assert (await shop.http.get(f"{BOOK}/{office['id']}", headers=me)).json() == office
    for kept in (home, office):
        placed = await shop.place(a_wish(await shop.cart(), delivery=kept["delivery"]))
        assert placed.status_code == 201
    assert await shop.rows("SELECT office_id, site_id, street FROM orders ORDER BY number") == [
        (None, 68134, "ул. Българска легия"),
        (14, None, None),
    ]


async def test_replacing_leaves_nothing_of_what_was_there(shop: Shop) -> None:
    me = await shop.account()
    home = await add(shop, me, {"label": "Вкъщи", "delivery": FULL_ADDRESS})

    answer = await shop.http.put(f"{BOOK}/{home['id']}", json={"delivery": OFFICE}, headers=me)

    assert answer.json() == {"id": home["id"], "label": None, "is_default": True, "delivery": OFFICE}
    kept = "method, office_id, site_id, city, postcode, street, street_no, block, entrance, floor, apartment, note"
    assert await shop.rows(f"SELECT {kept} FROM addresses") == [("office", 14, *[None] * 10)]  # noqa: S608 - names of ours
    door = {"method": "address", "city": "Варна", "postcode": "9000", "note": "до гарата"}
    answer = await shop.http.put(f"{BOOK}/{home['id']}", json={"delivery": door}, headers=me)
    assert {name: value for name, value in answer.json()["delivery"].items() if value} == door
    assert await listed(shop, me) == [answer.json()]


async def test_one_is_the_default_whatever_is_done(shop: Shop) -> None:
    me = await shop.account()
    first, second = await add(shop, me, an_office(1)), await add(shop, me, an_office(2))
    third = await add(shop, me, an_office(3, is_default=True))
    assert await offices(shop, me) == [(3, True), (1, False), (2, False)]

    await shop.http.put(f"{BOOK}/{second['id']}", json=an_office(2, is_default=True), headers=me)
    assert await offices(shop, me) == [(2, True), (1, False), (3, False)]
    for is_default in (False, True):  # false takes nothing away, true again changes nothing
        await shop.http.put(f"{BOOK}/{second['id']}", json=an_office(2, is_default=is_default), headers=me)
        assert await offices(shop, me) == [(2, True), (1, False), (3, False)]

    for gone, left in (
        (second, [(1, True), (3, False)]),
        (third, [(1, True)]),
        (first, []),
    ):
        assert (await shop.http.delete(f"{BOOK}/{gone['id']}", headers=me)).status_code == 204
        assert await offices(shop, me) == left
    assert await add(shop, me, an_office(4)) | {"id": ""} == {
        "id": "",
        "label": None,
        "is_default": True,
        "delivery": {"method": "office", "office_id": 4},
    }


async def test_the_same_address_again_is_the_same(shop: Shop) -> None:
    """A client that lost the answer asks once more."""
    me = await shop.account()
    first, wish = await add(shop, me, an_office(1)), {"label": "Вкъщи", "delivery": FULL_ADDRESS}
    added = await add(shop, me, wish)

    assert await add(shop, me, wish) == added
    assert await add(shop, me, {**wish, "is_default": True}) == {**added, "is_default": True}
    assert await listed(shop, me) == [{**added, "is_default": True}, {**first, "is_default": False}]


async def test_the_twenty_first_address_is_refused(shop: Shop) -> None:
    me, his = await shop.account(), await shop.account("petar@example.bg")
    await fill(shop, 20)
    before = await contents(shop)

    refused = await shop.http.post(BOOK, json=an_office(21, is_default=True), headers=me)

    assert (refused.status_code, refused.json()) == (409, FULL)
    assert await contents(shop) == before
    again = await add(shop, me, an_office(20))  # there already
    assert (await shop.http.delete(f"{BOOK}/{again['id']}", headers=me)).status_code == 204
    await add(shop, me, an_office(21))
    assert (len(await listed(shop, me)), len(await listed(shop, his))) == (20, 20)


async def test_of_two_who_add_the_twentieth_one_is_refused(shop: Shop) -> None:
    me = await shop.account()
    await fill(shop, 19)

    answers = await at_once(shop, *(shop.http.post(BOOK, json=an_office(each), headers=me) for each in (20, 21)))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert await shop.count("addresses") == 20


async def test_the_default_moves_once_for_each_who_moves_it(shop: Shop) -> None:
    me = await shop.account()
    added = [await add(shop, me, an_office(each)) for each in (1, 2, 3)]

    answers = await at_once(
        shop,
        *(
            shop.http.put(f"{BOOK}/{each['id']}", json={**an_office(number, is_default=True)}, headers=me)
            for number, each in enumerate(added[1:], start=2)
        ),
        shop.http.delete(f"{BOOK}/{added[0]['id']}", headers=me),
        shop.http.post(BOOK, json=an_office(4, is_default=True), headers=me),
    )

    assert sorted(answer.status_code for answer in answers) == [200, 200, 201, 204]
    book = await offices(shop, me)
    assert sorted(number for number, _ in book) == [2, 3, 4]
    assert [is_default for _, is_default in book] == [True, False, False]


async def test_two_first_addresses_at_once_have_one_default(shop: Shop) -> None:
    me = await shop.account()

    answers = await at_once(shop, *(shop.http.post(BOOK, json=an_office(each), headers=me) for each in (1, 2)))

    assert [answer.status_code for answer in answers] == [201, 201]
    assert sorted(is_default for _, is_default in await offices(shop, me)) == [False, True]


async def test_an_address_for_a_closed_account_is_not_kept(shop: Shop) -> None:
    me = await shop.account()
    async with shop.sessions.begin() as session:
        await session.execute(text("DELETE FROM accounts"))
        under_way = asyncio.ensure_future(shop.http.post(BOOK, json=an_office(1), headers=me))
        await until_waiting(shop)

    assert (await under_way).json()["code"] == "unauthenticated"
    assert await shop.count("addresses") == 0


async def test_a_strangers_address_is_answered_as_one_that_does_not_exist(shop: Shop) -> None:
    me, his = await shop.account(), await shop.account("petar@example.bg")
    hers = await add(shop, me, {"label": "Вкъщи", "delivery": FULL_ADDRESS})
    await add(shop, his, {"delivery": OFFICE})
    before = await contents(shop)

    for verb, wish in (("GET", None), ("PUT", an_office(1, is_default=True)), ("DELETE", None)):
        for address_id in (hers["id"], UNKNOWN):
            answer = await shop.http.request(verb, f"{BOOK}/{address_id}", json=wish, headers=his)
            assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
        assert (await shop.http.request(verb, f"{BOOK}/{hers['id']}", json=wish)).status_code == 401
    assert await contents(shop) == before


REFUSED: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({}, "/delivery", "Попълнете това поле"),
    ({"delivery": {"office_id": 14}}, "/delivery/method", "Попълнете това поле"),
    (an_office(0), "/delivery/office_id", "Най-малко 1"),
    ({"delivery": {**OFFICE, "city": "София"}}, "/delivery/city", UNKNOWN_FIELD),
    (an_office(1, is_default="yes"), "/is_default", "Изберете „да“ или „не“"),
    (an_office(1, label="я" * 51), "/label", "Най-много 50 знака"),
    (an_office(1, phone="+359888123456"), "/phone", UNKNOWN_FIELD),
    (
        {"delivery": {"method": "address", "city": "София", "postcode": "1618"}},
        "/delivery",
        "Посочете улица, блок или бележка, по която да Ви намерят",
    ),
)


async def test_what_is_no_address_is_refused(shop: Shop) -> None:
    me = await shop.account()

    for wish, pointer, detail in REFUSED:
        refused = await shop.http.post(BOOK, json=wish, headers=me)
        assert refused.json() == {**INVALID, "errors": [{"pointer": pointer, "detail": detail}]}
    assert await shop.count("addresses") == 0
