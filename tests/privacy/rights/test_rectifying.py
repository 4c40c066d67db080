"""C2: what is granted was done: a rectification that puts nothing right is not told as one."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import text

from app.accounts.forms import AddressDelivery, InvoiceWish
from app.fulfilment.staff_schemas import CorrectOrder
from app.orders.models import OrderStatus
from app.privacy.rectifying import FIELDS
from tests.fulfilment import story
from tests.privacy.retention.test_rules import ended, run
from tests.privacy.rights.asking import act, ask, decide, enter, officer, problem, settle
from tests.shop import NOON, Shop

DOOR = {"method": "address", "city": "София", "postcode": "1618", "note": "до аптеката"}
COMPANY = {"company_name": "„Усмивка“ ООД", "eik": "175074752", "city": "София", "address": "ул. Българска легия 2"}
TYPED = [
    *("", " ", "Лозенец", "0999", "16180", "1618", " 1618", "www.example.bg", "a.example.bg", "а\u202eб"),
    *("х" * letters for letters in (9, 10, 11, 20, 21, 50, 51, 60, 61, 100, 101, 180, 200, 201, 250, 251)),
    *("iva@example.bg", "+359888123456", "0888 123 456", "175074752", "BG175074752", "175074753"),
]


async def test_typed_c2_a_rectification_that_changes_nothing_is_not_granted(shop: Shop) -> None:
    await shop.ordered()
    await shop.run_jobs()  # sent: what the courier has is not rectified here
    me, desk = await shop.account(), await officer(shop)
    await shop.http.post("/v1/me/orders/claims", headers=me)
    request = await ask(shop, me, "rectification", text="Грешка.", corrections=[{"wrong": "1618", "right": "4000"}])
    idle = {"field": "postcode", "wrong": "1618", "right": "4000"}
    done = {"field": "phone", "wrong": "+359888123456", "right": "+359888123457"}
    for wish, place in (
        ({"outcome": "granted", "corrections": [idle]}, 0),
        ({"outcome": "granted", "corrections": [done, idle]}, 1),
        (
            {
                "outcome": "partly_granted",
                "reason": "data_accurate",
                "reasoning": "Кодът е верен.",
                "corrections": [idle],
            },
            0,
        ),
    ):
        answer = await act(shop, desk, request, "decision", **wish)
        assert problem(answer) == (422, "decision-unfit")
        assert answer.json()["errors"][0]["pointer"] == f"/corrections/{place}"
    await shop.run_jobs()
    assert story.letters(shop, "Отговор на искането Ви") == []
    assert await shop.rows("SELECT postcode, phone FROM orders") == [("1618", "+359888123456")]
    partly = {"outcome": "partly_granted", "reason": "data_accurate", "reasoning": "Кодът е верен."}
    found = await decide(shop, desk, request, **partly, corrections=[done, idle])
    assert found["state"] == "partly_granted"
    assert await shop.rows("SELECT postcode, phone FROM orders") == [("1618", "+359888123457")]


async def test_d5_how_a_buyer_was_reached_is_not_put_back_once_its_term_is_over(shop: Shop) -> None:
    """It stayed eleven years then: the run looked for an address alone."""
    me = await shop.account()
    await shop.ordered()
    await shop.http.post("/v1/me/orders/claims", headers=me)
    await ended(shop, OrderStatus.DELIVERED, NOON)
    shop.clock.at = NOON + timedelta(days=366 * 2)
    await run(shop)
    desk = await officer(shop)
    request = await enter(shop, desk, "rectification", dated_on="2028-11-20", text="Имам нов телефон.")
    await settle(shop, desk, request, "Говорихме по телефона.")
    corrections = [{"field": "phone", "right": "+359888123457"}]
    found = await decide(shop, desk, request, corrections=corrections)
    [decided] = [event for event in found["events"] if event["kind"] == "decided"]
    assert [each["table"] for each in decided["details"]["corrected"]] == ["profiles"]
    assert await shop.rows("SELECT email, phone FROM orders") == [("", "")]
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE orders SET phone = '+359888123457'"))  # as a release before this did
    await run(shop)
    assert await shop.rows("SELECT email, phone FROM orders") == [("", "")]


@pytest.mark.parametrize(
    ("form", "rest", "renamed"),
    [
        (AddressDelivery, DOOR, {}),
        (CorrectOrder, {}, {}),
        (InvoiceWish, COMPANY, {}),
        (InvoiceWish, COMPANY, {"company_address": "address"}),
    ],
)
def test_typed_c3_what_is_put_right_is_what_the_forms_take(
    form: type[Any], rest: dict[str, str], renamed: dict[str, str]
) -> None:
    fields = renamed or {name: name for name in FIELDS.keys() & form.model_fields}
    assert fields
    for field, name in fields.items():
        for value in TYPED:
            taken = getattr(_read(TypeAdapter(form), {**rest, name: value}), name, None)
            assert _read(FIELDS[field], value) == taken, (field, value)


def _read(kind: TypeAdapter[Any], value: Any) -> Any:
    with suppress(ValidationError):
        return kind.validate_python(value)
    return None


async def test_typed_c2_a_rectification_takes_no_value_that_no_order_may_have(shop: Shop) -> None:
    await shop.ordered()
    me, desk = await shop.account(), await officer(shop)
    await shop.http.post("/v1/me/orders/claims", headers=me)
    request = await ask(shop, me, "rectification", text="Грешка.", corrections=[{"wrong": "1618", "right": "1619"}])
    kept = await shop.rows("SELECT postcode, first_name FROM orders")
    for field, right in (("postcode", "Лозенец"), ("first_name", "Я" * 180), ("street", "Я" * 61)):
        answer = await act(
            shop, desk, request, "decision", outcome="granted", corrections=[{"field": field, "right": right}]
        )
        assert (problem(answer), answer.json()["field"]) == ((422, "correction-unfit"), field)
    assert await shop.rows("SELECT postcode, first_name FROM orders") == kept
