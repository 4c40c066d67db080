"""A profile: exactly what the policy names, changed by its owner alone."""

import asyncio
from typing import Any

from sqlalchemy import text

from app.accounts.models import Address, InvoiceProfile, Profile
from app.accounts.profile_schemas import ChangeProfile, KeepAddress, KeepInvoiceProfile
from app.core.personal import Ground
from tests.checkout.bad_values import places
from tests.checkout.watching import contents, statements
from tests.problems import of_kind
from tests.shop import NOON, Shop
from tests.waiting import until_waiting

ME = "/v1/me"
INVALID = {
    **of_kind("invalid"),
    "title": "Невалидни данни",
    "status": 422,
    "detail": "Поправете посочените полета и изпратете отново.",
}
NOT_FOUND = {
    **of_kind("not-found"),
    "title": "Няма такъв запис",
    "status": 404,
    "detail": "Проверете адреса и правата си за достъп.",
}
UNKNOWN_FIELD = "Непознато поле; не се приема"


async def change(shop: Shop, me: dict[str, str], wish: Any) -> dict[str, Any]:
    answer = await shop.http.patch(ME, json=wish, headers=me)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


async def test_a_profile_says_all_that_is_kept_of_its_owner_alone(shop: Shop) -> None:
    me, _ = await shop.account(), await shop.account("petar@example.bg")
    [[account_id]] = await shop.rows("SELECT id FROM accounts WHERE email = 'iva@example.bg'")

    assert (await shop.http.get(ME, headers=me)).json() == {
        "id": str(account_id),
        "email": "iva@example.bg",
        "first_name": "Ива",
        "last_name": "Петрова",
        "phone": "+359888123456",
        "language": "bg",
        "created_at": "2026-11-23T10:00:00Z",
        "links": {
            "self": "/v1/me",
            "addresses": "/v1/me/addresses",
            "invoice_profiles": "/v1/me/invoice-profiles",
            "orders": "/v1/me/orders",
            "consents": "/v1/me/consents",
            "sessions": "/v1/me/sessions",
        },
    }


async def test_each_link_of_a_profile_leads_somewhere(shop: Shop) -> None:
    me = await shop.account()
    links = (await shop.http.get(ME, headers=me)).json()["links"]

    assert [(await shop.http.get(link, headers=me)).status_code for link in links.values()] == [200] * 6


async def test_a_change_touches_what_it_names_and_nothing_else(shop: Shop) -> None:
    me, his = await shop.account(), await shop.account("petar@example.bg")
    before, others = (await shop.http.get(ME, headers=me)).json(), (await shop.http.get(ME, headers=his)).json()
    shop.clock.advance(minutes=1)
    kept = await contents(shop)

    assert await change(shop, me, {"last_name": " Иванова "}) == {**before, "last_name": "Иванова"}
    assert await change(shop, me, {"phone": None}) == {**before, "last_name": "Иванова", "phone": None}
    renewed = {"first_name": "Iva", "last_name": "Ivanova", "phone": "+359888765432", "language": "en"}
    assert await change(shop, me, {**renewed, "phone": "0888 765 432"}) == {**before, **renewed}
    assert (await shop.http.get(ME, headers=me)).json() == {**before, **renewed}
    assert (await shop.http.get(ME, headers=his)).json() == others
    assert await shop.rows("SELECT changed_at FROM profiles ORDER BY account_id") == [
        (shop.clock.now(),),
        (NOON,),
    ]
    # Its owner's own act: the staff's audit hears nothing of it.
    after = await contents(shop)
    assert {name for name in after if after[name] != kept[name]} - {"login_sessions"} == {"accounts", "profiles"}


async def test_an_empty_change_changes_nothing(shop: Shop) -> None:
    me = await shop.account()
    before = await contents(shop)

    assert await change(shop, me, {}) == (await shop.http.get(ME, headers=me)).json()
    assert await contents(shop) == before


REFUSED: tuple[tuple[Any, str, str], ...] = (
    ({"email": "other@example.bg"}, "/email", UNKNOWN_FIELD),
    ({"password": "a long enough password"}, "/password", UNKNOWN_FIELD),
    ({"egn": "8001010000"}, "/egn", UNKNOWN_FIELD),
    ({"last_name": "Иванова", "id": "5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"}, "/id", UNKNOWN_FIELD),
    ({"first_name": None}, "/first_name", "Трябва да е текст"),
    ({"last_name": "  "}, "/last_name", "Не може да е празно"),
    ({"last_name": "я" * 51}, "/last_name", "Най-много 50 знака"),
    ({"phone": "12"}, "/phone", "Не е телефонен номер"),
    ({"language": None}, "/language", "Изберете „Български“ или „Английски“"),
    ([], "", "Трябва да е обект"),
)


async def test_s03_what_a_profile_does_not_hold_is_refused(shop: Shop) -> None:
    """The policy: "we collect only data connected with our activity"; e-mail and password are changed elsewhere."""
    me = await shop.account()
    before = await contents(shop)

    for wish, pointer, detail in REFUSED:
        refused = await shop.http.patch(ME, json=wish, headers=me)
        assert refused.json() == {**INVALID, "errors": [{"pointer": pointer, "detail": detail}]}
    assert await contents(shop) == before


async def test_two_changes_at_once_both_take_effect(shop: Shop) -> None:
    me = await shop.account()
    async with shop.sessions.begin() as session:
        await session.execute(text("SELECT FROM accounts FOR UPDATE"))
        wishes = ({"first_name": "Мария"}, {"last_name": "Иванова"})
        under_way = [asyncio.ensure_future(change(shop, me, wish)) for wish in wishes]
        await until_waiting(shop, len(wishes))

    seen = await asyncio.gather(*under_way)

    assert {(each["first_name"], each["last_name"]) for each in seen} & {("Мария", "Иванова")}
    assert await shop.rows("SELECT first_name, last_name FROM profiles") == [("Мария", "Иванова")]


async def test_a_change_that_waits_for_the_account_to_close_finds_it_gone(shop: Shop) -> None:
    me = await shop.account()
    async with shop.sessions.begin() as session:
        await session.execute(text("DELETE FROM accounts"))
        under_way = asyncio.ensure_future(shop.http.patch(ME, json={"first_name": "Мария"}, headers=me))
        await until_waiting(shop)

    assert (await under_way).json()["code"] == "unauthenticated"
    assert await shop.count("profiles") == 0


async def test_reading_costs_one_statement_beyond_knowing_who_asks(shop: Shop) -> None:
    me = await shop.account()
    for path in (ME, f"{ME}/addresses", f"{ME}/invoice-profiles"):
        with statements(shop) as sent:
            assert (await shop.http.get(path, headers=me)).status_code == 200
        assert len([statement for statement in sent if "login_sessions" not in statement]) == 1, sent
        assert len(sent) <= 2


def test_s05_s06_s07_a_profile_holds_exactly_what_an_order_takes() -> None:
    """Profile and order require "first and last name, e-mail, delivery address, phone", and invoice data as an option.

    The e-mail is the account's; the label names an address in its owner's words.
    """
    kept = {
        model: {column.name for column in model.__table__.columns if column.info.get("personal")}
        for model in (Profile, Address, InvoiceProfile)
    }
    asked = {
        model: {place.path[-1] for place in places(wish) if place.kind is not dict}
        for model, wish in ((Profile, ChangeProfile), (Address, KeepAddress), (InvoiceProfile, KeepInvoiceProfile))
    }
    assert kept[Profile] == {"first_name", "last_name", "phone"} == asked[Profile] - {"language"}
    assert kept[Address] == {
        "label",
        *("city", "postcode", "street", "street_no", "block", "entrance", "floor", "apartment", "note"),
    }
    assert asked[Address] - kept[Address] == {"method", "office_id", "site_id", "is_default"}
    assert kept[InvoiceProfile] == asked[InvoiceProfile]
    grounds = {
        column.info["personal"].ground
        for model in kept
        for column in model.__table__.columns
        if column.info.get("personal")
    }
    assert grounds == {Ground.CONSENT}  # S13
