"""Promises about consents to marketing, in the blog, to reviews, and about changes of the policy."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.auth.models import StaffRole
from app.core.language import Language
from app.privacy import consenting, opting_in
from app.privacy.marketing import may_write_to, one_click_headers
from app.privacy.models import Channel, ConsentPurpose
from app.privacy.purposes import ASKABLE, ConsentNotOffered, Point
from app.privacy.schemas import DeclarationWish
from app.privacy.service import ConsentWish
from tests.factories.privacy import make_evidence
from tests.fulfilment.story import letters
from tests.privacy.rights.asking import mailed_token
from tests.shop import NOON, VERSION, Shop

IVA = "iva@example.bg"
CONFIRM = "Потвърдете съгласието си"
WITHDRAWALS = "/v1/consents/withdrawals"
BOX = {"version": VERSION, "accepted": True}


async def may_write(shop: Shop, channel: Channel = Channel.EMAIL, purpose: str = "newsletter") -> bool:
    async with shop.sessions() as session:
        return await may_write_to(session, IVA, ConsentPurpose(purpose), channel) is not None


async def subscribed(shop: Shop) -> None:
    """Tick the box at the checkout and open the link in the mail."""
    await shop.ordered(consents=["newsletter"])
    await shop.run_jobs()
    answer = await shop.http.post("/v1/newsletter/confirmations", json={"token": mailed_token(shop, CONFIRM)})
    assert answer.status_code == httpx.codes.NO_CONTENT, answer.text


async def agree(shop: Shop, me: dict[str, str], purpose: str, channel: str | None) -> httpx.Response:
    wish = {"purpose": purpose, "channel": channel, "privacy_declaration": BOX}
    return await shop.http.post("/v1/me/consents", json=wish, headers=me)


async def shown(shop: Shop, purpose: str) -> str:
    return str((await shop.http.get(f"/v1/declarations/{purpose}")).json()["text"])


async def test_s14_the_newsletter_is_sent_on_an_explicit_consent_with_a_proved_address(shop: Shop) -> None:
    """Promised: "Бюлетин: изрично съгласие … име и имейл"."""
    assert "ще използва името и адреса на електронната Ви поща" in await shown(shop, "newsletter")
    await shop.ordered(consents=["newsletter"])
    await shop.run_jobs()
    assert not await may_write(shop)
    answer = await shop.http.post("/v1/newsletter/confirmations", json={"token": mailed_token(shop, CONFIRM)})
    assert answer.status_code == httpx.codes.NO_CONTENT
    assert await may_write(shop)
    assert await shop.rows(
        "SELECT act, means, channel, proof_sent_at IS NOT NULL, proved_at, text_sha256 = sha256_bg FROM consents"
        " JOIN declarations ON declarations.id = declaration_id ORDER BY recorded_at, consents.id"
    ) == [
        ("asked", "api", "email", False, None, True),
        ("given", "link", "email", True, NOON, True),
    ]


@pytest.mark.parametrize(
    ("purpose", "point", "stated"),
    [
        (ConsentPurpose.BLOG_COMMENT, Point.BLOG, "име, адрес на електронна поща и текста на коментара Ви"),
        (ConsentPurpose.REVIEW, Point.REVIEW, "Снимки не се изискват"),
    ],
)
async def test_s15_c03_what_is_published_rests_on_an_explicit_consent_that_can_be_taken_back(
    shop: Shop, purpose: ConsentPurpose, point: Point, stated: str
) -> None:
    """Promised: „блог: изрично съгласие“; "stories … published only after explicit and informed consent"."""
    [offered] = [each for each in ASKABLE if each.purpose is purpose]
    assert stated in await shown(shop, offered.wording)
    async with shop.sessions.begin() as session:
        wish, box = ConsentWish(purpose), DeclarationWish(version=VERSION, accepted=True)
        await consenting.give(session, IVA, wish, box, make_evidence(at=NOON), point=point)
        with pytest.raises(ConsentNotOffered):
            await consenting.give(session, IVA, wish, box, make_evidence(at=NOON), point=Point.CHECKOUT)
        assert [live.purpose for live in await consenting.live_consents(session, IVA)] == [purpose]
    me = await shop.account()
    taken = await shop.http.post(WITHDRAWALS, json={"purpose": purpose.value, "words": "Свалете го."}, headers=me)
    assert taken.json()["stopped"] == [purpose.value]
    async with shop.sessions() as session:
        assert await consenting.live_consents(session, IVA) == []


async def test_s21_visitors_are_told_that_address_and_device_are_collected_and_for_how_long(shop: Shop) -> None:
    """Promised: "at every visit IP address and device information are collected"; kept short, in no log of ours."""
    told = await shown(shop, "cookies")
    for words in (
        "при всяко посещение сървърът получава IP адреса Ви и информация за устройството",
        "90 дни",
        "24 часа",
    ):
        assert words in told
    me = await shop.account()
    assert (await shop.http.get("/v1/me/sessions", headers=me)).json()["items"][0]["device"] == "Tests"
    shop.clock.advance(days=30 + 91)
    await shop.app.state.keeper.tidy()
    assert await shop.count("login_sessions") == 0


async def test_s85_c21_every_version_is_public_with_its_day_and_none_is_ever_changed(shop: Shop) -> None:
    """Promised: "every change of the policy will be promptly reflected"."""
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    text_ = {"title": "Политика", "text": "Нова точка."}
    wish = {"purpose": "policy", "version": "2026-12-01", "effective_on": "2026-12-01", "material": False}
    made = await shop.http.post("/v1/staff/texts", json={**wish, "bg": text_, "en": text_}, headers=officer)
    assert made.status_code == httpx.codes.CREATED, made.text
    versions = (await shop.http.get("/v1/policies/privacy/versions")).json()["items"]
    assert [(each["version"], each["effective_on"]) for each in versions] == [
        ("2026-12-01", "2026-12-01"),
        ("2023-08-22", "2023-08-22"),
    ]
    assert (await shop.http.get("/v1/policies/privacy")).json()["version"] == "2023-08-22", "not before its day"
    shop.clock.advance(days=8)
    assert (await shop.http.get("/v1/policies/privacy")).json()["version"] == "2026-12-01"
    again = await shop.http.post(
        "/v1/staff/texts",
        json={**wish, "effective_on": "2026-12-02", "bg": text_, "en": text_},
        headers=await shop.staff(StaffRole.OWNER),
    )
    assert (again.status_code, again.json()["code"]) == (409, "version-published")
    for statement in ("UPDATE declarations SET material = true", "DELETE FROM declarations"):
        with pytest.raises(DBAPIError, match="table of record"):
            async with shop.sessions.begin() as session:
                await session.execute(text(statement))


async def test_c07_surveys_are_a_purpose_of_their_own(shop: Shop) -> None:
    """Promised: "feedback and survey data for service improvement"."""
    me = await shop.account()
    assert (await agree(shop, me, "survey", "email")).status_code == httpx.codes.OK
    assert await may_write(shop, purpose="survey")
    assert not await may_write(shop)


async def test_c08_each_channel_is_agreed_to_and_taken_back_alone(shop: Shop) -> None:
    """Promised: marketing by "e-mail, Viber, SMS" on consent."""
    me = await shop.account()
    assert (await shop.http.patch("/v1/me", json={"phone": None}, headers=me)).status_code == httpx.codes.OK
    for channel in ("sms", "viber"):
        assert (await agree(shop, me, "newsletter", channel)).json()["code"] == "phone-missing"
    assert (await shop.http.patch("/v1/me", json={"phone": "0888123456"}, headers=me)).status_code == httpx.codes.OK
    for channel in ("email", "sms", "viber"):
        assert (await agree(shop, me, "newsletter", channel)).status_code == httpx.codes.OK
    assert (await agree(shop, me, "newsletter", "phone")).json()["code"] == "consent-not-offered"
    await shop.http.post(WITHDRAWALS, json={"purpose": "newsletter", "channel": "viber"}, headers=me)
    assert [await may_write(shop, channel) for channel in (Channel.EMAIL, Channel.SMS, Channel.VIBER)] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("route", ["one click", "page", "account", "staff"])
async def test_c11_s72_each_way_out_ends_the_newsletter_in_the_same_moment(shop: Shop, route: str) -> None:
    """Promised: newsletter "until you withdraw or unsubscribe"; „веднага“."""
    await subscribed(shop)
    async with shop.sessions() as session:
        addressee = await may_write_to(session, IVA, ConsentPurpose.NEWSLETTER, Channel.EMAIL)
    assert addressee is not None
    answers: dict[str, Any] = {
        "page": ({"email": IVA}, {}),
        "account": ({"purpose": "newsletter"}, await shop.account()),
        "staff": (
            {"email": IVA, "received_by": "phone", "said_by": "person"},
            await shop.staff(StaffRole.SUPPORT),
        ),
    }
    if route == "one click":
        headers = one_click_headers("http://shop.test", shop.app.state.secret, addressee.consent_id)
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        url = headers["List-Unsubscribe"].strip("<>")
        assert (await shop.http.get(url)).status_code == httpx.codes.OK
        assert await may_write(shop), "whoever only opens the link has said nothing"
        answer = await shop.http.post(url, data={"List-Unsubscribe": "One-Click"})
    else:
        wish, headers = answers[route]
        path = "/v1/staff/consents/withdrawals" if route == "staff" else WITHDRAWALS
        answer = await shop.http.post(path, json=wish, headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text
    assert not await may_write(shop)
    await shop.run_jobs()
    assert [letter["Subject"] for letter in letters(shop, CONFIRM)] == [CONFIRM], "no further letter"


async def test_c13_third_parties_cannot_be_agreed_to_before_a_text_names_them(shop: Shop) -> None:
    """Promised: third parties for marketing "only after explicit consent"; nobody is asked by default."""
    me = await shop.account()
    refused = await agree(shop, me, "third_party_marketing", "email")
    assert (refused.status_code, refused.json()["code"]) == (404, "declaration-not-found")
    async with shop.sessions.begin() as session:
        for point in (Point.CHECKOUT, Point.REGISTRATION, Point.NEWSLETTER):
            with pytest.raises(ConsentNotOffered):
                await opting_in.ask(
                    session,
                    IVA,
                    ConsentWish(ConsentPurpose.THIRD_PARTY_MARKETING, Channel.EMAIL),
                    DeclarationWish(version=VERSION, accepted=True),
                    make_evidence(Language.BG, NOON),
                    point=point,
                )
    assert not await may_write(shop, purpose="third_party_marketing")
    assert await shop.count("consents") == 0
