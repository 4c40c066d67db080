"""Promises about consents from a further side: each form has its text, and no purpose serves another."""

from typing import Any

import httpx
import pytest

from app.auth.models import StaffRole
from app.privacy import consenting
from app.privacy.marketing import list_addressees, may_write_to
from app.privacy.models import Channel, ConsentPurpose
from app.privacy.purposes import ASKABLE, MARKETING, Point
from app.privacy.schemas import DeclarationWish
from app.privacy.service import ConsentWish
from tests.factories.privacy import make_evidence
from tests.shop import NOON, VERSION, Shop

IVA = "iva@example.bg"
BOX = {"version": VERSION, "accepted": True}
CONSENTS = "/v1/me/consents"
WORDINGS = sorted({each.wording.value for each in ASKABLE} - {"third_party_marketing"})
STATED = {
    "bg": (
        "„Комплийт Дентал Солюшънс“ ЕООД, ЕИК 204235072",
        "Манол Ивчев",
        "office@completedental.solutions",
        "чл. 6, пар. 1, б. „а“ от Регламент (ЕС) 2016/679",
        "оттеглите",
        "без да посочвате причина",
        "достъп",
        "коригиране",
        "изтриване",
        "ограничаване на обработването",
        "жалба до Комисията за защита на личните данни",
    ),
    "en": (
        "204235072",
        "office@completedental.solutions",
        "Regulation (EU) 2016/679",
        "withdraw",
        "without giving a reason",
        "access",
        "rectification",
        "erasure",
        "restriction of processing",
        "Commission for Personal Data Protection",
    ),
}


async def reached(shop: Shop) -> list[tuple[str, str]]:
    """List by which purpose and channel Ива Петрова may be written to; both questions of a campaign agree."""
    found = []
    async with shop.sessions() as session:
        for purpose in sorted(MARKETING):
            for channel in Channel:
                one = await may_write_to(session, IVA, purpose, channel)
                assert [each.email for each in await list_addressees(session, purpose, channel)] == (
                    [IVA] if one else []
                )
                found += [(purpose.value, channel.value)] if one else []
    return found


async def agree(shop: Shop, me: dict[str, str], purpose: str, channel: str, version: str = VERSION) -> httpx.Response:
    wish = {"purpose": purpose, "channel": channel, "privacy_declaration": {**BOX, "version": version}}
    return await shop.http.post(CONSENTS, json=wish, headers=me)


@pytest.mark.parametrize("language", ["bg", "en"])
@pytest.mark.parametrize("wording", WORDINGS)
async def test_s11_s27_each_form_that_asks_for_a_consent_has_a_text_that_informs_beforehand(
    shop: Shop, wording: str, language: str
) -> None:
    """Promised: informed beforehand "at every operation of collecting" by a matching declaration."""
    shop.clock.advance(days=3)  # the last texts of this release are in force
    shown = (await shop.http.get(f"/v1/declarations/{wording}", headers={"Accept-Language": language})).json()
    assert (shown["purpose"], shown["language"]) == (wording, language)
    assert [stated for stated in STATED[language] if stated not in shown["text"]] == []


async def test_s12_a_box_that_nobody_ticked_is_no_consent(shop: Shop) -> None:
    """Promised: "for every separate purpose a separate consent"; none comes along with an order or a profile."""
    await shop.ordered()
    await shop.account()
    assert await shop.count("consents") == 0
    assert await reached(shop) == []


async def test_s28_what_was_agreed_to_for_one_purpose_serves_no_other(shop: Shop) -> None:
    """Promised: "not processed further in an incompatible way"."""
    me = await shop.account()
    assert (await agree(shop, me, "survey", "email")).status_code == httpx.codes.OK
    assert await reached(shop) == [("survey", "email")]
    async with shop.sessions.begin() as session:
        box = DeclarationWish(version=VERSION, accepted=True)
        for purpose, point in (
            (ConsentPurpose.CONTACT, Point.CONTACT),
            (ConsentPurpose.BLOG_COMMENT, Point.BLOG),
            (ConsentPurpose.REVIEW, Point.REVIEW),
            (ConsentPurpose.REGISTRATION, Point.REGISTRATION),
        ):
            await consenting.give(session, IVA, ConsentWish(purpose), box, make_evidence(at=NOON), point=point)
    assert await reached(shop) == [("survey", "email")]


async def test_c08_an_objection_to_one_channel_leaves_the_others(shop: Shop) -> None:
    """Promised: marketing by "e-mail, Viber, SMS", each on a consent of its own."""
    me = await shop.account()
    await shop.http.patch("/v1/me", json={"phone": "0888123456"}, headers=me)
    for channel in ("email", "sms", "viber"):
        assert (await agree(shop, me, "newsletter", channel)).status_code == httpx.codes.OK
    assert await reached(shop) == [("newsletter", "email"), ("newsletter", "sms"), ("newsletter", "viber")]
    shop.clock.advance(minutes=1)
    said = {"email": IVA, "channel": "sms", "received_by": "phone"}
    answer = await shop.http.post(
        "/v1/staff/consents/withdrawals", json=said, headers=await shop.staff(StaffRole.SUPPORT)
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    assert await reached(shop) == [("newsletter", "email"), ("newsletter", "viber")]
    shop.clock.advance(minutes=1)
    assert (await agree(shop, me, "newsletter", "sms")).status_code == httpx.codes.OK
    assert len(await reached(shop)) == 3, "whoever agrees anew is written to anew"


async def test_c13_once_a_text_names_them_third_parties_are_agreed_to_alone_and_ended_alone(shop: Shop) -> None:
    """Promised: third parties for marketing "only after explicit consent"."""
    me = await shop.account()
    assert (await agree(shop, me, "newsletter", "email")).status_code == httpx.codes.OK
    written = {"title": "Съгласие за маркетинг от трети лица", "text": "„Зъбна“ ООД ще Ви пише."}
    text: dict[str, Any] = {
        "purpose": "third_party_marketing",
        "version": "1",
        "effective_on": "2026-11-23",
        "material": False,
        "bg": written,
        "en": written,
    }
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    assert (await shop.http.post("/v1/staff/texts", json=text, headers=officer)).status_code == httpx.codes.CREATED
    assert await reached(shop) == [("newsletter", "email")], "off until somebody turns it on"
    outdated = await agree(shop, me, "third_party_marketing", "email")
    assert (outdated.status_code, outdated.json()["code"]) == (409, "declaration-outdated")
    assert (await agree(shop, me, "third_party_marketing", "email", "1")).status_code == httpx.codes.OK
    assert await reached(shop) == [("newsletter", "email"), ("third_party_marketing", "email")]
    shop.clock.advance(minutes=1)
    await shop.http.post("/v1/consents/withdrawals", json={"purpose": "third_party_marketing"}, headers=me)
    assert await reached(shop) == [("newsletter", "email")]
