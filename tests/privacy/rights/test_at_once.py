"""What needs no decision happens in the transaction that asks for it: no marketing, no consent."""

from typing import Any

from app.core.db import together
from app.privacy import queries
from app.privacy.models import DeclarationPurpose
from app.privacy.service import NEWSLETTER_BY_EMAIL, consent_insert
from tests.factories.privacy import make_evidence
from tests.fulfilment.story import attached, letters, pdf_text
from tests.privacy.rights.asking import (
    IVA,
    REQUESTS,
    act,
    ask,
    ask_as_guest,
    body,
    case,
    enter,
    log_of,
    mind,
    officer,
    problem,
    settle,
)
from tests.shop import NOON, Shop

ANSWER = "Отговор на искането Ви"
CONSENTS = "SELECT purpose, act, means, words FROM consents ORDER BY recorded_at, id"


async def subscribed(shop: Shop) -> None:
    """Buy, and agree to the newsletter under a proved address."""
    await shop.ordered()
    async with shop.sessions.begin() as session:
        wording = await queries.get_current(session, DeclarationPurpose.NEWSLETTER, at=NOON)
        given = consent_insert(NEWSLETTER_BY_EMAIL, wording, make_evidence(at=NOON), email=IVA)
        await session.execute(together(given))


async def acts(shop: Shop) -> list[tuple[Any, ...]]:
    return await shop.rows(CONSENTS)


async def test_s72_an_objection_to_marketing_needs_no_reason_and_stops_in_the_same_transaction(shop: Shop) -> None:
    await subscribed(shop)
    me = await shop.account()
    seen = await ask(shop, me, "objection", against="marketing")
    # Nothing was run: it is so with the answer itself.
    assert await acts(shop) == [("newsletter", "given", "api", None), ("newsletter", "withdrawn", "api", None)]
    assert (seen["state"], seen["outcome"], seen["text"]) == ("granted", "granted", None)
    await shop.run_jobs()
    [letter] = letters(shop, ANSWER)
    [(_, paper)] = attached(letter)
    for words in ("Уважихме искането Ви", "бюлетинът (имейл)", "Няма да Ви изпращаме рекламни съобщения"):
        assert words in pdf_text(paper)
    await mind(shop)
    assert await log_of(shop, await officer(shop), seen) == [
        "received",
        "open",
        "executed",
        "granted",
        "decided",
        "answer_sent",
        "closed",
    ]


async def test_s72_a_guests_objection_stops_with_the_proof_of_the_address(shop: Shop) -> None:
    await subscribed(shop)
    answer = await shop.http.post(REQUESTS, json={"kind": "objection", "against": "marketing", "email": IVA})
    assert answer.status_code == 202
    assert [act for _, act, _, _ in await acts(shop)] == ["given"], "a stranger's word is not hers"
    seen = await ask_as_guest(shop, "objection", against="marketing")
    assert seen["outcome"] == "granted"
    assert [act for _, act, _, _ in await acts(shop)] == ["given", "withdrawn"]


async def test_c09_staff_record_an_objection_heard_by_phone_with_the_same_effect(shop: Shop) -> None:
    await subscribed(shop)
    desk = await officer(shop)
    wish = {"kind": "objection", "against": "marketing", "via": "phone", "email": IVA, "text": "Спрете!"}
    entered = await shop.http.post("/v1/staff/privacy/requests", json=wish, headers=desk)
    assert (entered.status_code, entered.json()["outcome"]) == (201, "granted")
    assert (await acts(shop))[-1] == ("newsletter", "withdrawn", "staff", "Спрете!")
    found = await case(shop, desk, entered.json())
    assert (found["via"], found["entered_by"].startswith("staff:")) == ("phone", True)


async def test_s18_c17_a_withdrawal_has_effect_at_once_and_says_what_rests_on_what(shop: Shop) -> None:
    await subscribed(shop)
    me = await shop.account()
    seen = await ask(shop, me, "withdrawal", text="Не искам повече.")
    assert (await acts(shop))[-1] == ("newsletter", "withdrawn", "api", "Не искам повече.")
    assert seen["outcome"] == "granted"
    await shop.run_jobs()
    [(_, paper)] = attached(letters(shop, ANSWER)[-1])
    text = pdf_text(paper)
    assert "Оттеглянето засяга само данните, които обработваме въз основа на съгласие" in text
    for ground in ("съгласие (чл. 6", "договор (чл. 6", "законово задължение (чл. 6", "легитимни интереси (чл. 6"):
        assert ground in text


async def test_a_withdrawal_of_what_was_never_given_is_answered_too(shop: Shop) -> None:
    await ask(shop, await shop.account(), "withdrawal")
    await shop.run_jobs()
    assert "нямаше дадено съгласие" in body(shop, ANSWER)
    assert await shop.count("consents") == 0


async def test_withdrawing_one_consent_leaves_the_others(shop: Shop) -> None:
    await subscribed(shop)
    await ask(shop, await shop.account(), "withdrawal", consent="review")
    assert [act for _, act, _, _ in await acts(shop)] == ["given"]


async def test_a_proxys_word_stops_nothing_before_the_power_of_attorney_is_seen(shop: Shop) -> None:
    await subscribed(shop)
    proxy = await shop.account("petar@example.bg")
    seen = await ask(shop, proxy, "objection", against="marketing", proxy={"name": "Петър Иванов", "person_email": IVA})
    assert seen["state"] == "incomplete"
    assert [act for _, act, _, _ in await acts(shop)] == ["given"]


async def test_one_takes_ones_own_request_back(shop: Shop) -> None:
    me = await shop.account()
    asked = await ask(shop, me)
    answer = await shop.http.post(f"{REQUESTS}/{asked['id']}/withdrawal", headers=me)
    assert (answer.json()["state"], answer.json()["outcome"]) == ("closed", "withdrawn")
    again = await shop.http.post(f"{REQUESTS}/{asked['id']}/withdrawal", headers=me)
    assert problem(again) == (409, "request-decided")
    refused = await act(shop, await officer(shop), asked, "decision", outcome="granted")
    assert problem(refused) == (409, "request-decided")


async def test_letters_are_english_to_who_speaks_english(shop: Shop) -> None:
    me = {**await shop.account(), "Accept-Language": "en"}
    await ask(shop, me, "withdrawal")
    await shop.run_jobs()
    [letter] = letters(shop, "Answer to your request")
    [(_, paper)] = attached(letter)
    text = pdf_text(paper)
    for words in ("We have granted your request", "Commission for Personal Data Protection", "kzld@cpdp.bg"):
        assert words in text
    assert "another supervisory authority" in text


async def test_who_wants_paper_is_sent_a_letter_and_no_mail(shop: Shop) -> None:
    desk = await officer(shop)
    entered = await enter(shop, desk, "complaint", preferred_form="paper")
    await settle(shop, desk, entered, "Така е и в писмото с подписа.")
    decided = await act(shop, desk, entered, "decision", outcome="granted", reasoning="Прави сте.")
    await shop.run_jobs()
    assert decided.json()["is_for_the_post"]
    assert letters(shop, ANSWER) == []
    [letter] = (await case(shop, desk, entered))["letters"]
    paper = await shop.http.get(f"/v1/staff/privacy/requests/{entered['id']}/letters/{letter['id']}.pdf", headers=desk)
    text = pdf_text(paper.content)
    assert "Прави сте." in text
    assert "Ива Петрова гр. София 1618" in text
    posted = await act(shop, desk, entered, "posting", reference="R PS 1618 000123 4")
    assert (posted.json()["state"], posted.json()["events"][-2]["details"]) == (
        "closed",
        {"registered_letter": "R PS 1618 000123 4"},
    )
