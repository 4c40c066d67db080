"""C1: an order is taken only to where the courier goes; while the courier is silent, our own rules decide."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from app.shipping.places import AT_ONCE, CERTAIN, EACH, MOST, KnownPlaces
from app.shipping.ports import OfficeDestination, Place, Settlement
from tests.checkout.buying import at_once, carts, statuses
from tests.checkout.test_bad_fields import ADVICE, INVALID
from tests.checkout.watching import contents
from tests.problems import of_kind
from tests.processes import PATIENCE, until
from tests.security.narrow import a_cart_is_opened, narrow
from tests.shop import NOON, Shop, a_wish

SOFIA = {"method": "address", "city": "София", "postcode": "1618", "street": "ул. Българска легия", "street_no": "2"}
NOWHERE: dict[str, tuple[dict[str, Any], set[str]]] = {
    "office": ({"method": "office", "office_id": 999999}, {"/delivery/office_id"}),
    "office that gives out nothing": ({"method": "office", "office_id": 301}, {"/delivery/office_id"}),
    "post code of another city": ({**SOFIA, "postcode": "4000"}, {"/delivery/city", "/delivery/postcode"}),
    "city": ({**SOFIA, "city": "Нямаград", "postcode": "9999"}, {"/delivery/city", "/delivery/postcode"}),
    "number of no site": ({**SOFIA, "site_id": 1}, {"/delivery/site_id", "/delivery/postcode"}),
    "site of another code": ({**SOFIA, "site_id": 56784}, {"/delivery/site_id", "/delivery/postcode"}),
}
LOOKED_UP = "/validation/address"


@pytest.mark.parametrize(("delivery", "pointers"), NOWHERE.values(), ids=NOWHERE)
async def test_typed_c1_an_order_to_where_the_courier_does_not_go_is_refused_with_the_field(
    shop: Shop, delivery: dict[str, Any], pointers: set[str]
) -> None:
    wish = a_wish(await shop.cart(), delivery=delivery)
    before = await contents(shop)
    for language, word in (("bg", "Куриерът"), ("en", "The courier")):
        answer = await shop.place(wish, "key", **{"Accept-Language": language})
        document = answer.json()
        errors = document.pop("errors")
        assert document == {
            **of_kind("invalid"),
            "title": INVALID[language],
            "status": 422,
            "detail": ADVICE[language],
        }
        assert {error["pointer"] for error in errors} == pointers
        assert all(error["detail"].startswith(word) for error in errors)
    assert await contents(shop) == before
    # The same key takes the order once the place is put right.
    assert (await shop.place({**wish, "delivery": SOFIA}, "key")).status_code == 201


@pytest.mark.parametrize(
    "delivery",
    [
        {**SOFIA, "city": "гр. Варна", "postcode": "9010"},
        {**SOFIA, "site_id": 68134},
        {"method": "office", "office_id": 77},
        {"method": "office", "office_id": 9016},
    ],
    ids=["city", "site", "office", "locker"],
)
async def test_typed_c1_an_order_to_where_the_courier_goes_is_taken(shop: Shop, delivery: dict[str, Any]) -> None:
    assert (await shop.place(a_wish(await shop.cart(), delivery=delivery))).status_code == 201


async def test_typed_c1_a_place_is_asked_about_once_a_day(shop: Shop) -> None:
    for _ in range(3):
        await shop.ordered(delivery=SOFIA)
    shop.clock.advance(hours=23, minutes=59)
    await shop.ordered(delivery={**SOFIA, "street": "ул. Шипка"})
    assert shop.speedy.calls == {LOOKED_UP: 1}
    shop.clock.advance(minutes=2)
    await shop.ordered(delivery=SOFIA)
    assert shop.speedy.calls == {LOOKED_UP: 2}


async def test_typed_c1_a_refused_place_is_asked_about_again_after_ten_minutes(shop: Shop) -> None:
    delivery = {"method": "office", "office_id": 999999}
    wish = a_wish(await shop.cart(), delivery=delivery)
    for minutes in (0, 9, 2):
        shop.clock.advance(minutes=minutes)
        assert (await shop.place(wish)).status_code == 422
    # And once whether it says no to everything.
    assert shop.speedy.calls == {"/location/office/999999": 2, LOOKED_UP: 1}


async def test_typed_c1_those_who_order_at_once_ask_once(shop: Shop) -> None:
    wishes = [a_wish(cart) for cart in await carts(shop, 5)]
    shop.speedy.answer_slowly(PATIENCE, on=LOOKED_UP)
    placing = asyncio.create_task(at_once([shop.place(wish) for wish in wishes]))
    await until(lambda: shop.speedy.calls[LOOKED_UP] > 0, every=0.01)
    shop.speedy.let_go.set()
    assert statuses(await placing) == {201: 5}
    assert shop.speedy.calls == {LOOKED_UP: 1}


async def test_typed_c1_while_the_courier_is_down_an_order_is_taken_by_our_own_rules(shop: Shop) -> None:
    nowhere, _ = NOWHERE["city"]
    shop.speedy.fail_with(503, on=LOOKED_UP)
    shop.speedy.cut_before_commit(on=LOOKED_UP)
    shop.speedy.truncate_json(on=LOOKED_UP)
    shop.speedy.refuse_next(1, "authentication", on=LOOKED_UP)
    for _ in range(4):
        assert (await shop.place(a_wish(await shop.cart(), delivery=nowhere))).status_code == 201
    # A fault is no answer: nothing of it is remembered.
    assert (await shop.place(a_wish(await shop.cart(), delivery=nowhere))).status_code == 422
    misspelt = a_wish(await shop.cart(), delivery={**SOFIA, "postcode": "0161"})
    assert (await shop.place(misspelt)).json()["errors"][0]["pointer"] == "/delivery/postcode"


async def test_typed_c1_a_courier_who_does_not_answer_is_not_asked_by_every_order(shop: Shop) -> None:
    shop.speedy.fail_with(503, on=LOOKED_UP, times=100)
    for _ in range(7):
        await shop.ordered()
    assert shop.speedy.calls == {LOOKED_UP: 5}


async def test_typed_c1_a_slow_courier_holds_up_nobody_else_and_this_order_for_two_seconds(shop: Shop) -> None:
    """The API has one connection to the database: who waits for the courier does not hold it."""
    wish = a_wish(await shop.cart())
    shop.speedy.answer_slowly(PATIENCE, on=LOOKED_UP)
    async with narrow(shop):
        placing = asyncio.create_task(shop.place(wish))
        await until(lambda: shop.speedy.calls[LOOKED_UP] > 0, every=0.01)
        await a_cart_is_opened(shop)
        assert not placing.done()
        assert (await asyncio.wait_for(placing, PATIENCE)).status_code == 201
    shop.speedy.let_go.set()


async def test_typed_c1_an_order_that_was_taken_is_told_again_though_its_place_is_refused_by_now(shop: Shop) -> None:
    nowhere, _ = NOWHERE["city"]
    wish = a_wish(await shop.cart(), delivery=nowhere)
    shop.speedy.fail_with(503, on=LOOKED_UP)
    taken = await shop.place(wish, "key")
    again = await shop.place(wish, "key")
    assert (taken.status_code, again.status_code) == (201, 201)
    assert again.json() == taken.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert shop.speedy.calls == {LOOKED_UP: 3}  # the last: whether it says no to everything


async def test_typed_c1_without_a_courier_our_own_rules_are_all_there_is() -> None:
    assert await KnownPlaces(None).serves(OfficeDestination(999999), at=NOON)


class Everywhere:
    """A courier who goes everywhere, and counts who asks."""

    def __init__(self) -> None:
        self.asked = 0

    async def serves(self, place: Place, *, on: date, within: float) -> bool:
        self.asked += 1
        return True


async def test_typed_c1_no_more_is_remembered_than_there_are_places() -> None:
    courier = Everywhere()
    known = KnownPlaces(courier)
    for number in range(MOST + 5):
        assert await known.serves(OfficeDestination(number), at=NOON + number * EACH)
    assert len(known._known) == MOST
    later = NOON + (MOST + 5) * EACH
    await known.serves(OfficeDestination(MOST), at=later)
    assert courier.asked == MOST + 5
    await known.serves(OfficeDestination(0), at=later)
    assert courier.asked == MOST + 6


async def test_typed_c1_what_strangers_invent_leaves_the_couriers_account_to_others() -> None:
    courier = Everywhere()
    known = KnownPlaces(courier)
    for number in range(10_000):
        assert await known.serves(Settlement("Нямаград", str(number)), at=NOON)
    assert courier.asked == AT_ONCE
    for number in range(20):
        await known.serves(Settlement("Нямаград", str(number)), at=NOON + 3 * EACH)
    assert courier.asked == AT_ONCE + 3


async def test_f4_what_a_clock_that_ran_ahead_was_told_is_asked_again() -> None:
    courier = Everywhere()
    known = KnownPlaces(courier)
    for number in range(2 * AT_ONCE):
        await known.serves(OfficeDestination(number), at=NOON + timedelta(days=90))
    assert courier.asked == AT_ONCE
    await known.serves(OfficeDestination(0), at=NOON)
    assert courier.asked == AT_ONCE, "it rests no longer than for as many questions as there may be at once"
    await known.serves(OfficeDestination(0), at=NOON + EACH)
    assert courier.asked == AT_ONCE + 1


class Nowhere:
    """A courier who says no to everything, as if the place were at fault: we ask wrongly."""

    async def serves(self, place: Place, *, on: date, within: float) -> bool:
        return False


async def test_typed_c1_a_courier_who_says_no_to_everything_stops_no_sale() -> None:
    known = KnownPlaces(Nowhere())
    for place in (CERTAIN, Settlement("Варна", "9000"), OfficeDestination(14), CERTAIN):
        assert await known.serves(place, at=NOON)


async def test_typed_c1_who_may_not_order_or_not_so_often_asks_the_courier_nothing(shop: Shop) -> None:
    wish = a_wish(await shop.cart(), delivery=SOFIA)
    assert (await shop.place(wish, "key", Authorization="Bearer none")).status_code == 401
    assert (await shop.http.post("/v1/orders", json=wish)).status_code == 400
    shop.app.state.orders_per_hour = 1
    elsewhere = [{**wish, "delivery": {**SOFIA, "postcode": str(1600 + number)}} for number in range(3)]
    answers = [(await shop.place(each)).status_code for each in elsewhere]
    assert answers == [429] * 3
    assert shop.speedy.calls == {}
