"""A box under an address that nobody proved is a wish (complaint 22); what was ticked can be shown (complaint 21)."""

import asyncio
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest

from app.auth.models import StaffRole
from app.core.holders import Person
from app.privacy.restricting import RestrictionGround, restrict
from tests.accounts.registering import registered
from tests.fulfilment.story import guest, letters
from tests.privacy.consents.lists import (
    ACTS,
    CONFIRM,
    IVA,
    LINK_INVALID,
    WITHDRAWALS,
    confirm,
    on_the_list,
    subscribe,
)
from tests.privacy.rights.asking import mailed_token
from tests.shop import NOON, Shop, a_wish


async def test_complaint_22_nothing_is_sent_before_the_mailed_link_is_opened(shop: Shop) -> None:
    await shop.ordered(consents=["newsletter"])
    await shop.run_jobs()
    assert not await on_the_list(shop)
    [letter] = letters(shop, CONFIRM)
    assert (letter["To"], letter["List-Unsubscribe"]) == (IVA, None)
    assert (await confirm(shop)).status_code == httpx.codes.NO_CONTENT
    assert await on_the_list(shop)


async def test_complaint_22_the_link_opened_twice_or_by_two_at_once_makes_one_consent(shop: Shop) -> None:
    await shop.ordered(consents=["newsletter"])
    await shop.run_jobs()
    token = mailed_token(shop, CONFIRM)
    answers = await asyncio.gather(*(confirm(shop, token) for _ in range(4)))
    answers.append(await confirm(shop, token))
    assert {answer.status_code for answer in answers} == {httpx.codes.NO_CONTENT}
    assert [row[2] for row in await shop.rows(ACTS)] == ["asked", "given"]


@pytest.mark.parametrize("ends", ["withdrawn", "withdrawn after", "expired", "made up"])
async def test_a_link_that_counts_no_more_makes_nothing(shop: Shop, ends: str) -> None:
    await shop.ordered(consents=["newsletter"])
    await shop.run_jobs()
    token = mailed_token(shop, CONFIRM)
    if ends == "withdrawn after":
        assert (await confirm(shop, token)).status_code == httpx.codes.NO_CONTENT
    shop.clock.advance(minutes=1)
    if ends.startswith("withdrawn"):
        assert (await shop.http.post(WITHDRAWALS, json={"email": IVA})).status_code == httpx.codes.OK
    elif ends == "expired":
        shop.clock.advance(days=7)
    else:
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    before = await shop.rows(ACTS)
    refused = await confirm(shop, token)
    assert (refused.status_code, refused.json()) == (422, LINK_INVALID)
    assert await shop.rows(ACTS) == before
    assert not await on_the_list(shop)


async def test_whoever_agreed_before_is_not_asked_again_and_no_answer_tells_it(shop: Shop) -> None:
    await subscribe(shop)
    first = await shop.place({**a_wish(await shop.cart()), "consents": ["newsletter"]})
    other = {**a_wish("")["customer"], "email": "petar@example.bg"}
    second = await shop.place({**a_wish(await shop.cart()), "consents": ["newsletter"], "customer": other})
    assert {*first.json()} == {*second.json()}
    await shop.run_jobs()
    assert [letter["To"] for letter in letters(shop, CONFIRM)] == [IVA, "petar@example.bg"]


async def test_ones_own_proved_address_needs_no_further_proof_and_another_does(shop: Shop) -> None:
    me = await shop.account()
    for email in (IVA, "petar@example.bg"):
        customer = {**a_wish("")["customer"], "email": email}
        wish = {**a_wish(await shop.cart()), "consents": ["newsletter"], "customer": customer}
        assert (await shop.place(wish, **me)).status_code == httpx.codes.CREATED
    assert [await on_the_list(shop, email) for email in (IVA, "petar@example.bg")] == [True, False]


async def test_the_registrations_box_counts_with_the_proof_of_the_address(shop: Shop) -> None:
    await registered(shop, consents=["registration", "newsletter"])
    assert await on_the_list(shop)


async def test_what_nobody_confirms_is_forgotten_after_thirty_days_with_its_address(shop: Shop) -> None:
    await shop.ordered(consents=["newsletter"])
    for days, left in ((30, 1), (1, 0)):
        shop.clock.advance(days=days)
        await shop.app.state.keeper.run(by="test")
        assert await shop.count("consents") == left
    assert await shop.count("orders") == 1


async def test_who_unsubscribed_may_agree_again_by_a_new_proof(shop: Shop) -> None:
    await subscribe(shop)
    shop.clock.advance(minutes=1)
    await shop.http.post(WITHDRAWALS, json={"email": IVA.upper()})
    assert not await on_the_list(shop)
    shop.clock.advance(minutes=1)
    await subscribe(shop)
    assert await on_the_list(shop)
    assert [row[2] for row in await shop.rows(ACTS)] == ["asked", "given", "withdrawn", "asked", "given"]


async def test_a_restricted_person_is_on_no_list(shop: Shop) -> None:
    await subscribe(shop)
    async with shop.sessions.begin() as session:
        await restrict(session, Person(IVA), ground=RestrictionGround.OBJECTION, request_id=None, at=NOON)
    assert not await on_the_list(shop)


@pytest.mark.parametrize("language", ["bg", "en"])
async def test_complaint_21_the_very_text_that_was_ticked_is_shown_again_for_any_order(
    shop: Shop, language: str
) -> None:
    spoken = {"Accept-Language": language, "Origin": "https://bg.ionickiss.com", "User-Agent": "Firefox/140"}
    before = (await shop.http.get("/v1/declarations/order", headers=spoken)).json()
    placed = (await shop.place(a_wish(await shop.cart()), **spoken)).json()
    shop.clock.advance(days=30)
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    text = {"title": "Декларация", "text": "Съвсем друга."}
    wish: dict[str, Any] = {"version": "2026-12-24", "effective_on": "2026-12-24", "material": False}
    made = await shop.http.post(
        "/v1/staff/texts", json={"purpose": "order", **wish, "bg": text, "en": text}, headers=officer
    )
    assert made.status_code == httpx.codes.CREATED, made.text
    shop.clock.advance(days=2)
    assert (await shop.http.get("/v1/declarations/order")).json()["version"] == "2026-12-24"

    shown = (await shop.http.get(f"/v1/orders/{placed['number']}/declaration", headers=guest(placed))).json()

    assert shown["text"] == before["text"]
    assert sha256(shown["text"].encode()).hexdigest() == before["sha256"]
    assert (shown["version"], shown["language"], shown["accepted_at"], shown["means"]) == (
        before["version"],
        language,
        "2026-11-23T10:00:00Z",
        "api",
    )
    proof = "SELECT text_sha256, accepted_at, means, origin, ip, user_agent FROM acceptances"
    assert await shop.rows(proof) == [
        (before["sha256"], NOON, "api", "https://bg.ionickiss.com", "127.0.0.1", "Firefox/140")
    ]


async def test_complaint_21_the_ledger_says_when_and_how_the_link_was_sent_and_opened(shop: Shop) -> None:
    await shop.ordered(consents=["newsletter"])
    await shop.run_jobs()
    shop.clock.advance(hours=5)
    await confirm(shop)
    [(wish_id,)] = await shop.rows("SELECT id FROM consents WHERE act = 'asked'")
    proof = "SELECT follows_id, proof_sent_at, proved_at, means, language, order_id IS NOT NULL FROM consents"
    assert await shop.rows(f"{proof} WHERE act = 'given'") == [
        (wish_id, NOON, NOON + timedelta(hours=5), "link", "bg", True)
    ]
