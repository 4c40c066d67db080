"""What two do at once, and what a link, a channel or a record of an earlier release may not do."""

import asyncio

import httpx

from app.core.db import together
from app.core.ids import uuid7
from app.privacy import consenting, queries
from app.privacy.models import ConsentPurpose, DeclarationPurpose
from app.privacy.purposes import Point
from app.privacy.schemas import DeclarationWish
from app.privacy.service import NEWSLETTER_BY_EMAIL, ConsentWish, consent_insert
from tests.accounts.closing import EMAIL, member
from tests.factories.privacy import make_evidence
from tests.fulfilment.story import letters
from tests.privacy.consents.lists import (
    CONFIRM,
    IVA,
    WITHDRAWALS,
    confirm,
    on_the_list,
)
from tests.shop import NOON, VERSION, Shop

REGISTRATION = {"purpose": "registration", "email": EMAIL}


async def test_of_many_who_ask_the_same_at_once_one_waits_for_proof(shop: Shop) -> None:
    await member(shop)
    answers = await asyncio.gather(*(shop.http.post(WITHDRAWALS, json=REGISTRATION) for _ in range(12)))
    assert {answer.status_code for answer in answers} == {httpx.codes.OK}
    assert await shop.count("pending_withdrawals") == 1


async def test_b3_every_withdrawal_is_kept_until_it_is_proved(shop: Shop) -> None:
    await member(shop)
    for number in range(7):
        wish = {**REGISTRATION, "words": f"Не желая повече профил, {number}"}
        assert (await shop.http.post(WITHDRAWALS, json=wish)).status_code == httpx.codes.OK
    assert await shop.count("pending_withdrawals") == 7


async def test_of_a_channel_named_nothing_else_is_said_to_have_stopped(shop: Shop) -> None:
    me = await shop.account()
    async with shop.sessions.begin() as session:
        box = DeclarationWish(version=VERSION, accepted=True)
        await consenting.give(
            session, IVA, ConsentWish(ConsentPurpose.REVIEW), box, make_evidence(at=NOON), point=Point.REVIEW
        )
    told = (await shop.http.post(WITHDRAWALS, json={"channel": "viber"}, headers=me)).json()
    assert told["stopped"] == ["newsletter", "third_party_marketing", "survey"]
    guest = (await shop.http.post(WITHDRAWALS, json={"email": IVA, "channel": "viber"})).json()
    assert (guest["stopped"], guest["to_be_proved"]) == (told["stopped"], [])
    named = (await shop.http.post(WITHDRAWALS, json={"purpose": "review", "channel": "email"}, headers=me)).json()
    assert named["stopped"] == ["review"]
    async with shop.sessions() as session:
        assert await consenting.live_consents(session, IVA) == []


async def test_a_box_that_an_earlier_release_recorded_unproved_is_proved_like_any_other(shop: Shop) -> None:
    async with shop.sessions.begin() as session:
        wording = await queries.get_current(session, DeclarationPurpose.NEWSLETTER, at=NOON)
        evidence = make_evidence(at=NOON)
        box = consent_insert(NEWSLETTER_BY_EMAIL, wording, evidence, email=IVA, order_id=uuid7())
        await session.execute(together(box))
    assert not await on_the_list(shop)
    shop.clock.advance(minutes=1)
    await shop.ordered(consents=["newsletter"])
    await shop.run_jobs()
    assert [letter["To"] for letter in letters(shop, CONFIRM)] == [IVA]
    assert (await confirm(shop)).status_code == httpx.codes.NO_CONTENT
    assert await on_the_list(shop)
