"""C2: what the rights desk puts right of a refused order is right whole, and its parcel goes on by itself."""

import asyncio
from typing import Any

import pytest

from tests.fulfilment import story
from tests.fulfilment.test_mending import SOFIA, refused
from tests.privacy.rights.asking import act, ask, ask_as_guest, case, decide, enter, officer, problem, settle
from tests.shop import Shop
from tests.waiting import held, until_waiting

BEING_SENT = """
    WITH locked AS (SELECT id FROM orders FOR UPDATE)
    UPDATE shipments SET sent_at = now() WHERE order_id IN (SELECT id FROM locked)
"""
POSTCODE = {"field": "postcode", "wrong": "4000", "right": "1618"}


async def claimed(shop: Shop) -> dict[str, str]:
    me = await shop.account()
    await shop.http.post("/v1/me/orders/claims", headers=me)
    return me


async def test_typed_c2_a_parcel_goes_on_by_itself_once_its_order_is_rectified(shop: Shop) -> None:
    order = await refused(shop)
    me, desk = await claimed(shop), await officer(shop)
    request = await ask(
        shop, me, "rectification", text="Кодът е друг.", corrections=[{"wrong": "4000", "right": "1618"}]
    )
    await decide(shop, desk, request, corrections=[POSTCODE])
    assert shop.speedy.references() == [order["number"]]
    assert await story.status(shop, order) == ("confirmed", "booked")
    assert (await story.concerns(shop), await story.parked(shop)) == ([], [])


async def test_typed_c2_what_is_being_sent_is_not_told_as_rectified(shop: Shop) -> None:
    """Booking holds the order while it notes that the data leave; the desk decides meanwhile."""
    await shop.ordered()
    me, desk = await claimed(shop), await officer(shop)
    said = [{"wrong": "1618", "right": "4000"}]
    request = await ask(shop, me, "rectification", text="Кодът е друг.", corrections=said)
    correction = {**POSTCODE, "wrong": "1618", "right": "4000"}
    async with held(shop, BEING_SENT):
        deciding = asyncio.create_task(
            act(shop, desk, request, "decision", outcome="granted", corrections=[correction])
        )
        await until_waiting(shop)
    assert problem(await deciding) == (422, "decision-unfit")
    assert await shop.rows("SELECT postcode FROM orders") == [("1618",)]


async def test_typed_c2_a_place_that_is_rectified_is_the_site_of_its_number_no_more(shop: Shop) -> None:
    """The courier goes by the number where there is one."""
    order = await shop.ordered(payment_method=story.TRANSFER, delivery={**SOFIA, "site_id": 68134})
    me, desk = await claimed(shop), await officer(shop)
    request = await ask(
        shop, me, "rectification", text="Друг град.", corrections=[{"wrong": "София", "right": "Пловдив"}]
    )
    city = {"field": "city", "wrong": "София", "right": "Пловдив"}
    await decide(shop, desk, request, corrections=[city, {**POSTCODE, "wrong": "1618", "right": "4000"}])
    await story.pay(shop, order)
    await shop.run_jobs()
    recipient = story.parcel_of(shop, order).wish.recipient
    assert recipient is not None
    assert recipient.address is not None
    assert (recipient.address.site_id, recipient.address.site_name) == (None, "Пловдив")


async def test_typed_c2_a_guests_address_is_rectified_together_with_other_data(shop: Shop) -> None:
    await shop.ordered()
    request = await ask_as_guest(
        shop, "rectification", text="Грешка.", corrections=[{"wrong": "iva@example.bg", "right": "iva.p@example.bg"}]
    )
    email = {"field": "email", "wrong": "iva@example.bg", "right": "iva.p@example.bg"}
    phone = {"field": "phone", "wrong": "+359888123456", "right": "+359888123457"}
    await decide(shop, await officer(shop), request, corrections=[email, phone])
    assert await shop.rows("SELECT email, phone FROM orders") == [("iva.p@example.bg", "+359888123457")]


ASKED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "rectification": (
        {"corrections": [{"wrong": "1618", "right": "4000"}]},
        {"corrections": [{"field": "postcode", "wrong": "1618", "right": "4000"}]},
    ),
    "restriction": ({"restriction_ground": "accuracy_contested"}, {}),
    "objection": ({"against": "processing"}, {"balance": "Нищо не тежи повече."}),
}


@pytest.mark.parametrize("kind", ASKED)
async def test_typed_c2_what_changes_data_is_not_granted_for_somebody_of_whom_none_are_held(
    shop: Shop, kind: str
) -> None:
    """A signed letter that names no address under which there could be any."""
    asked, granted = ASKED[kind]
    desk = await officer(shop)
    request = await enter(shop, desk, kind, email=None, preferred_form="paper", **asked)
    assert (await settle(shop, desk, request, "Адресът е на плика.")).status_code == 200
    answer = await act(shop, desk, request, "decision", outcome="granted", **granted)
    assert problem(answer) == (422, "decision-unfit")
    assert answer.json()["errors"][0]["pointer"] == "/outcome"
    assert (await case(shop, desk, request))["outcome"] is None
    assert await shop.rows("SELECT count(*) FROM restrictions") == [(0,)]
    refused = {"outcome": "refused", "reason": "unclear_person", "reasoning": "Не държим данни за Вас."}
    assert (await act(shop, desk, request, "decision", **refused, **granted)).status_code == 200
