"""Cookies: a public register, a choice that is one request either way, its proof, and the gate to the pixel."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.auth.models import StaffRole
from app.privacy.cookies.service import browser_of, get_chosen, may_send_to_pixel, network_of
from tests.privacy.rights.asking import problem
from tests.shop import NOON, Shop

CHOICES = "/v1/cookie-consents"
NONE = {"functional": False, "statistics": False, "marketing": False}
ALL = dict.fromkeys(NONE, True)
SOME = {**NONE, "statistics": True}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def a_choice(method: str = "reject_all", choices: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return {"version": "2026-11-22", "method": method, "choices": choices or NONE, **changes}


async def choose(shop: Shop, *arguments: Any, **changes: Any) -> dict[str, Any]:
    wish = a_choice(*arguments, **changes)
    answer = await shop.http.post(CHOICES, json=wish, headers={"User-Agent": FIREFOX})
    assert answer.status_code == httpx.codes.CREATED, answer.text
    assert answer.headers["location"] == f"{CHOICES}/{answer.json()['consent_id']}"
    chosen: dict[str, Any] = answer.json()
    return chosen


async def sends_to_pixel(shop: Shop, chosen: dict[str, Any]) -> bool:
    async with shop.sessions() as session:
        return may_send_to_pixel(await get_chosen(session, chosen["consent_id"], months=12, at=shop.clock.now()))


async def test_s58_d9_the_register_is_public_and_names_the_pixel(shop: Shop) -> None:
    listed = (await shop.http.get("/v1/cookies")).json()["items"]
    assert {each["name"]: (each["category"], each["is_third_party"]) for each in listed} == {
        "__Secure-refresh": ("necessary", False),
        "__Host-order-…": ("necessary", False),
        "cart": ("necessary", False),
        "cookie-consent": ("necessary", False),
        "_fbp": ("marketing", True),
    }
    [pixel] = [each for each in listed if each["name"] == "_fbp"]
    assert pixel["provider"] == "Meta Platforms Ireland Ltd. (Facebook Pixel)"


async def test_s84_nothing_goes_to_the_pixel_without_a_choice_for_marketing_that_still_counts(shop: Shop) -> None:
    assert not may_send_to_pixel(None)
    shop.clock.at = begun = NOON.replace(month=12)
    version = (await shop.http.get("/v1/policies/cookies")).json()["version"]
    for method, choices in (("reject_all", NONE), ("choose", SOME)):
        assert not await sends_to_pixel(shop, await choose(shop, method, choices, version=version))
    chosen = await choose(shop, "accept_all", ALL, version=version)
    assert await sends_to_pixel(shop, chosen)
    shop.clock.at = begun.replace(year=2027) - timedelta(seconds=1)
    assert await sends_to_pixel(shop, chosen)
    shop.clock.advance(seconds=1)
    assert not await sends_to_pixel(shop, chosen)
    assert (await shop.http.get(f"{CHOICES}/{chosen['consent_id']}")).json()["ask_again"] is True


async def test_a_choice_is_changed_and_the_last_one_counts(shop: Shop) -> None:
    first = await choose(shop, "accept_all", ALL)
    shop.clock.advance(minutes=1)
    again = await choose(shop, consent_id=first["consent_id"])
    assert again["consent_id"] == first["consent_id"]
    shown = (await shop.http.get(f"{CHOICES}/{first['consent_id']}")).json()
    assert (shown["choices"], shown["method"], shown["ask_again"]) == (NONE, "reject_all", False)
    assert (shown["chosen_at"], shown["ask_again_at"]) == ("2026-11-23T10:01:00Z", "2027-11-23T10:01:00Z")
    assert await shop.rows("SELECT method FROM cookie_consents ORDER BY recorded_at") == [
        ("accept_all",),
        ("reject_all",),
    ]


async def test_kept_are_a_truncated_address_and_the_browsers_family_alone(shop: Shop) -> None:
    await choose(shop)
    assert await shop.rows(
        "SELECT network, browser, language, text_sha256 = sha256_bg FROM cookie_consents"
        " JOIN declarations ON declarations.id = declaration_id"
    ) == [("127.0.0.0/24", "Firefox", "bg", True)]


async def test_a_new_text_is_asked_about_anew(shop: Shop) -> None:
    chosen = await choose(shop, "accept_all", ALL)
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    text = {"title": "Политика за бисквитките", "text": "Друга."}
    wish = {"purpose": "cookies", "version": "2", "effective_on": "2026-11-23", "material": False}
    await shop.http.post("/v1/staff/texts", json={**wish, "bg": text, "en": text}, headers=officer)
    assert (await shop.http.get(f"{CHOICES}/{chosen['consent_id']}")).json()["ask_again"] is True
    assert not await sends_to_pixel(shop, chosen)
    refused = await shop.http.post(CHOICES, json=a_choice())
    assert (problem(refused), refused.json()["current_version"]) == ((409, "declaration-outdated"), "2")


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        (a_choice("accept_all", NONE), ""),
        (a_choice("reject_all", ALL), ""),
        (a_choice("choose", {**NONE, "necessary": True}), "/choices/necessary"),
        (a_choice(choices={"functional": 1, "statistics": False, "marketing": False}), "/choices/functional"),
        (a_choice(consent_id="x"), "/consent_id"),
    ],
)
async def test_what_the_banner_cannot_have_said_is_refused(shop: Shop, wish: dict[str, Any], pointer: str) -> None:
    refused = await shop.http.post(CHOICES, json=wish)
    assert problem(refused) == (422, "invalid")
    assert pointer in [error["pointer"] for error in refused.json()["errors"]]
    assert await shop.count("cookie_consents") == 0


async def test_nobodys_choice_is_not_found(shop: Shop) -> None:
    assert problem(await shop.http.get(f"{CHOICES}/{uuid4()}")) == (404, "not-found")


async def test_the_log_of_choices_goes_after_four_years_and_not_before(shop: Shop) -> None:
    await choose(shop)
    for moment, left in ((NOON.replace(year=2030), 1), (NOON.replace(year=2030) + timedelta(seconds=1), 0)):
        shop.clock.at = moment
        await shop.app.state.keeper.run(by="test")
        assert await shop.count("cookie_consents") == left


async def test_staff_keep_the_register_and_the_audit_has_it(shop: Shop) -> None:
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    wish = {
        "provider": "Google Ireland Ltd.",
        "purpose_bg": "Брои посещения",
        "purpose_en": "Counts visits",
        "category": "statistics",
        "lifetime_bg": "13 месеца",
        "lifetime_en": "13 months",
        "is_third_party": True,
    }
    for lifetime in ("13 месеца", "6 месеца"):
        put = {**wish, "lifetime_bg": lifetime}
        answer = await shop.http.put("/v1/staff/cookies/_ga", json=put, headers=officer)
        assert (answer.status_code, answer.json()["lifetime"]) == (200, lifetime)
    assert (await shop.http.delete("/v1/staff/cookies/_ga", headers=officer)).status_code == httpx.codes.NO_CONTENT
    assert problem(await shop.http.delete("/v1/staff/cookies/_ga", headers=officer)) == (404, "not-found")
    assert await shop.rows("SELECT subject, detail FROM audit_entries WHERE action = 'text_published'") == [
        ("cookie:_ga", None),
        ("cookie:_ga", None),
        ("cookie:_ga", "struck"),
    ]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1234:5678::1", "2001:db8:1234::/48"),
        (None, None),
        ("testclient", None),
    ],
)
def test_an_address_is_truncated_to_what_many_share(address: str | None, network: str | None) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("agent", "family"),
    [
        (FIREFOX, "Firefox"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 OPR/120.0", "Opera"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome"),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1 Version/19.0 Safari/604.1", "Safari"),
        ("curl/8.0", "other"),
        (None, "other"),
    ],
)
def test_a_browser_is_known_by_its_family_alone(agent: str | None, family: str) -> None:
    assert browser_of(agent) == family
