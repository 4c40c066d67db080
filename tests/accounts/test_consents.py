"""One's own consents over HTTP: how they stand, giving, taking back in one's own words."""

from typing import Any

import pytest

from app.core.db import together
from app.privacy import queries
from app.privacy.models import DeclarationPurpose
from app.privacy.service import NEWSLETTER_BY_EMAIL, consent_insert
from tests.accounts.closing import (
    ACCEPTANCE,
    CONTRACT,
    EMAIL,
    LETTER,
    LOGIN,
    PROFILE,
    RECORD,
    SUPPRESSED,
    UNAUTHENTICATED,
    bought,
    consents,
    member,
)
from tests.factories.privacy import make_evidence
from tests.shop import NOON, VERSION, Shop

CONSENTS = "/v1/me/consents"
WITHDRAWALS = f"{CONSENTS}/withdrawals"
NEWSLETTER = {
    "purpose": "newsletter",
    "channel": "email",
    "privacy_declaration": {"version": VERSION, "accepted": True},
}
ACTS = "SELECT purpose, channel, act, email, words, means, ip FROM consents ORDER BY recorded_at, id"
GROUNDS = {
    "consent": (
        "The profile and the newsletter: only while you agree. Once you withdraw, the processing stops.",
        ["address", "connection", "credential", "email", "invoice", "name", "phone"],
    ),
    "contract": (
        "Orders: the contract with you. A withdrawn consent does not stop them.",
        ["address", "email", "free_text", "name", "order", "phone"],
    ),
    "legal_obligation": (
        "Invoices and what they rest on, proof of consents: the law. They are kept to the end of the term.",
        ["address", "connection", "email", "free_text", "invoice", "name"],
    ),
    "legitimate_interest": (
        "Logins and accepted declarations: security, and defence in a dispute. You may object.",
        ["connection", "email", "free_text"],
    ),
}
REASON = "Не желая повече писма.\nБлагодаря!"


def consent(purpose: str, channel: str | None, act: str, at: str = "2026-11-23T10:00:00Z") -> dict[str, Any]:
    address = f"/v1/declarations/{purpose}/versions/{VERSION}"
    return {"purpose": purpose, "channel": channel, "act": act, "at": at, "version": VERSION, "address": address}


async def standing(shop: Shop, me: dict[str, str]) -> list[dict[str, Any]]:
    answer = await shop.http.get(CONSENTS, headers=me)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["consents"]
    return found


async def test_c17_the_overview_says_what_rests_on_consent_and_what_does_not(shop: Shop) -> None:
    me = await member(shop)

    seen = (await shop.http.get(CONSENTS, headers={**me, "Accept-Language": "en"})).json()

    assert seen["consents"] == [consent("registration", None, "given")]
    assert {each["ground"]: (each["what"], each["categories"]) for each in seen["grounds"]} == GROUNDS


async def test_s12_s18_a_consent_is_given_alone_and_taken_back_in_ones_own_words(shop: Shop) -> None:
    me = await member(shop)
    for _ in range(2):
        given = await shop.http.post(CONSENTS, json=NEWSLETTER, headers=me)
        assert given.status_code == 200
        assert given.json()["consents"][0] == consent("newsletter", "email", "given")
    shop.clock.advance(minutes=1)
    wish = {"purpose": "newsletter", "channel": "email", "words": REASON}

    first, again = [await shop.http.post(WITHDRAWALS, json=wish, headers=me) for _ in range(2)]

    withdrawn = consent("newsletter", "email", "withdrawn", "2026-11-23T10:01:00Z")
    assert (first.status_code, first.json()) == (200, {"withdrawn": [withdrawn], "closed": None})
    assert (again.status_code, again.json()) == (200, {"withdrawn": [], "closed": None})
    assert await standing(shop, me) == [withdrawn, consent("registration", None, "given")]
    assert (await shop.rows(ACTS))[1:] == [
        ("newsletter", "email", "given", EMAIL, None, "api", "127.0.0.1"),
        ("newsletter", "email", "withdrawn", EMAIL, REASON, "api", "127.0.0.1"),
    ]


async def test_s18_no_reason_and_no_channel_is_asked_for(shop: Shop) -> None:
    me = await member(shop, newsletter=True)
    answer = await shop.http.post(WITHDRAWALS, json={"purpose": "newsletter"}, headers=me)
    assert [(each["channel"], each["act"]) for each in answer.json()["withdrawn"]] == [("email", "withdrawn")]


async def test_s13_the_consent_to_registration_taken_back_closes_the_account(shop: Shop) -> None:
    me = await member(shop, newsletter=True)
    number = await bought(shop, me)
    shop.clock.advance(minutes=1)
    wish = {"purpose": "registration", "words": "Вече не ми трябва."}

    answer = await shop.http.post(WITHDRAWALS, json=wish, headers=me)

    at = "2026-11-23T10:01:00Z"
    under_way = {"what": f"Поръчки в изпълнение: {number}", "law": CONTRACT, "until": None, "count": 1}
    assert answer.status_code == 200
    assert answer.json() == {
        "withdrawn": [
            consent("newsletter", "email", "withdrawn", at),
            consent("registration", None, "withdrawn", at),
        ],
        "closed": {
            "closed_at": at,
            "erased": [PROFILE, LOGIN],
            "kept": [ACCEPTANCE, under_way, consents(4), SUPPRESSED, RECORD, LETTER],
        },
    }
    refused = await shop.http.get(CONSENTS, headers=me)
    assert (refused.status_code, refused.json()) == (401, UNAUTHENTICATED)
    words = await shop.rows("SELECT words FROM consents WHERE act = 'withdrawn'")
    assert words == [("Вече не ми трябва.",)] * 2


async def test_the_ledger_is_not_filled_by_one_who_changes_their_mind_all_day(shop: Shop) -> None:
    me = await member(shop)
    await shop.app.state.throttle.take("consent:127.0.0.1", limit=60, per_seconds=3600, at=NOON, cost=60)

    refused = await shop.http.post(CONSENTS, json=NEWSLETTER, headers=me)

    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert await standing(shop, me) == [consent("registration", None, "given")]


async def test_what_was_agreed_to_as_a_guest_stands_under_the_proved_address_alone(shop: Shop) -> None:
    async with shop.sessions.begin() as session:
        wording = await queries.get_current(session, DeclarationPurpose.NEWSLETTER, at=NOON)
        for email in (EMAIL.upper(), "petar@example.bg"):
            given = consent_insert(NEWSLETTER_BY_EMAIL, wording, make_evidence(at=NOON), email=email)
            await session.execute(together(given))
    me = await member(shop)

    seen = await standing(shop, me)
    await shop.http.post(WITHDRAWALS, json={"purpose": "newsletter"}, headers=me)

    assert seen == [consent("newsletter", "email", "given"), consent("registration", None, "given")]
    assert await shop.rows("SELECT email, act FROM consents WHERE purpose = 'newsletter' ORDER BY id") == [
        (EMAIL.upper(), "given"),
        ("petar@example.bg", "given"),
        (EMAIL, "withdrawn"),
    ]


@pytest.mark.parametrize(
    ("changes", "status", "kind"),
    [
        ({"privacy_declaration": {"version": VERSION, "accepted": False}}, 422, "declaration-not-accepted"),
        ({"privacy_declaration": {"version": "2023-08-22", "accepted": True}}, 409, "declaration-outdated"),
        ({"purpose": "third_party_marketing"}, 404, "declaration-not-found"),
        ({"reason": "спешно"}, 422, "invalid"),
    ],
)
async def test_a_consent_that_was_not_given_properly_is_none(
    shop: Shop, changes: dict[str, Any], status: int, kind: str
) -> None:
    me = await member(shop)

    refused = await shop.http.post(CONSENTS, json={**NEWSLETTER, **changes}, headers=me)

    assert (refused.status_code, refused.json()["code"]) == (status, kind)
    assert await standing(shop, me) == [consent("registration", None, "given")]
