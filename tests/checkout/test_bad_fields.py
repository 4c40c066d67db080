"""Every field of an order: missing, empty, too long, of the wrong type, unprintable, unknown (S3, S5, S7)."""

import json
import re
from typing import Any

import httpx
import pytest

from app.checkout.schemas import PlaceOrder
from app.core.problems import LONGEST_POINTER
from tests.checkout.bad_values import Path, changed, has, misfits, places, without
from tests.checkout.watching import contents
from tests.problems import of_kind
from tests.shop import Shop, a_wish

COMPANY = {
    "company_name": "„Усмивка“ ООД",
    "eik": "175074752",
    "vat_number": "BG175074752",
    "city": "Варна",
    "address": "бул. „Владислав Варненчик“ № 48",
    "responsible_person": "Мария Стоянова",
}
FULL_ADDRESS = {
    "method": "address",
    "city": "София",
    "postcode": "1618",
    "street": "ул. Българска легия",
    "street_no": "2",
    "block": "5",
    "entrance": "Б",
    "floor": "3",
    "apartment": "12",
    "note": "зад аптеката",
    "site_id": 68134,
}
OFFICE = {"method": "office", "office_id": 14}
CYRILLIC = re.compile("[а-я]")
INVALID = {"bg": "Невалидни данни", "en": "Invalid request"}
ADVICE = {
    "bg": "Поправете посочените полета и изпратете отново.",
    "en": "Correct the fields named and send again.",
}


async def full_wish(shop: Shop, delivery: dict[str, Any]) -> dict[str, Any]:
    """Give a wish with every field there is."""
    cart = await shop.cart()
    return a_wish(cart, delivery=delivery, invoice=COMPANY, consents=["newsletter"], comment="Моля, звънете")


async def send(shop: Shop, wish: Any, language: str = "bg") -> httpx.Response:
    headers = {
        "Idempotency-Key": "bad",
        "Content-Type": "application/json",
        "Accept-Language": language,
    }
    return await shop.http.post("/v1/orders", content=json.dumps(wish), headers=headers)


def check(answer: httpx.Response, pointer: str, language: str) -> list[dict[str, str]]:
    """See that it is the one refusal of invalid fields, and that it names this field."""
    assert answer.status_code == 422, (pointer, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    errors: list[dict[str, str]] = document.pop("errors")
    assert document == {
        **of_kind("invalid"),
        "title": INVALID[language],
        "status": 422,
        "detail": ADVICE[language],
    }
    assert {error["pointer"] for error in errors} == {pointer}, answer.text
    assert all(bool(CYRILLIC.search(error["detail"])) is (language == "bg") for error in errors), answer.text
    return errors


FIELDS = {place.path: place for place in places(PlaceOrder)}


def test_the_fields_are_exactly_these() -> None:
    """Whoever adds a field to an order comes by here, and says what the shop needs it for (S7)."""
    required = {place.pointer for place in FIELDS.values() if place.required}
    assert required == {
        "/cart_id",
        "/customer",
        "/customer/first_name",
        "/customer/last_name",
        "/customer/email",
        "/customer/phone",
        "/delivery",
        "/delivery/method",
        "/delivery/city",
        "/delivery/postcode",
        "/delivery/office_id",
        "/invoice/company_name",
        "/invoice/eik",
        "/invoice/city",
        "/invoice/address",
        "/payment_method",
        "/expected_total",
        "/privacy_declaration",
        "/privacy_declaration/version",
        "/privacy_declaration/accepted",
    }
    assert {place.pointer for place in FIELDS.values()} - required == {
        *(f"/delivery/{name}" for name in FULL_ADDRESS if name not in {"method", "city", "postcode"}),
        "/invoice",
        "/invoice/vat_number",
        "/invoice/responsible_person",
        "/consents",
        "/comment",
    }


@pytest.mark.parametrize(("delivery", "language"), [(FULL_ADDRESS, "bg"), (OFFICE, "en")])
async def test_what_does_not_fit_a_field_is_refused_by_name(
    shop: Shop, delivery: dict[str, Any], language: str
) -> None:
    wish = await full_wish(shop, delivery)
    before = await contents(shop)
    for place in FIELDS.values():
        if not has(wish, place.path):
            continue
        for value in misfits(place):
            answer = await send(shop, changed(wish, place.path, value), language)
            one = place.kind is list and isinstance(value, list) and len(value) == 1
            check(answer, f"{place.pointer}/0" if one else place.pointer, language)
    assert await contents(shop) == before


@pytest.mark.parametrize("delivery", [FULL_ADDRESS, OFFICE])
async def test_what_is_required_must_be_there(shop: Shop, delivery: dict[str, Any]) -> None:
    wish = await full_wish(shop, delivery)
    before = await contents(shop)
    for place in FIELDS.values():
        if place.required and has(wish, place.path):
            (error,) = check(await send(shop, without(wish, place.path)), place.pointer, "bg")
            assert error["detail"] == "Попълнете това поле"
    assert await contents(shop) == before


@pytest.mark.parametrize("delivery", [FULL_ADDRESS, OFFICE])
async def test_an_unknown_field_is_refused_at_every_level(shop: Shop, delivery: dict[str, Any]) -> None:
    wish = await full_wish(shop, delivery)
    before = await contents(shop)
    levels: list[Path] = [(), *(place.path for place in FIELDS.values() if place.kind is dict)]
    for level in levels:
        for name in ("egn", "birth_date", "", "Ж", "first_name ", "__proto__", "x" * 1000):
            pointer = "".join(f"/{step}" for step in (*level, name))[:LONGEST_POINTER]
            (error,) = check(await send(shop, changed(wish, (*level, name), "8001014509")), pointer, "bg")
            assert error["detail"] == "Непознато поле; не се приема"
    for name, written in (("a/b", "/a~1b"), ("a~b", "/a~0b"), ("\ud800", "")):
        check(await send(shop, changed(wish, (name,), 1)), written, "bg")
    assert await contents(shop) == before


@pytest.mark.parametrize("field", ["first_name", "email", "phone"])
async def test_a_refusal_does_not_repeat_what_was_entered(shop: Shop, field: str) -> None:
    wish = changed(await full_wish(shop, OFFICE), ("customer", field), "Заглавие\x07Нечуваното")
    answer = await send(shop, wish)
    assert answer.status_code == 422
    assert "Нечуваното" not in answer.text


def test_every_text_has_an_end() -> None:
    endless = [place.pointer for place in FIELDS.values() if place.kind is str and place.longest is None]
    assert endless == ["/delivery/postcode"]  # its pattern has four digits
