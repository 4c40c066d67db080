"""Each kind of decision end to end: who may, with which reasons, what is done, what the letter says."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import text as sql

from app.auth.models import StaffRole
from app.core.personal import Recipient
from app.integrations.speedy.simulator.shipments import State
from app.privacy.rights.models import RequestKind
from app.privacy.rights.reasons import REASONS, WORDS, Reason
from app.privacy.storage_terms import BOOKS, OWED
from tests.fulfilment.story import TRANSFER, attached, letters, pay, pdf_text, scan
from tests.privacy.rights.asking import (
    IVA,
    REQUESTS,
    act,
    ask,
    ask_as_guest,
    attachment,
    body,
    case,
    decide,
    enter,
    log_of,
    mind,
    officer,
    problem,
    renewed,
    settle,
)
from tests.shop import Shop

ANSWER = "Отговор на искането Ви"
WHY = "Прегледахме внимателно искането и приложенията към него."
AUTHORITY = "1592 София, бул. „Проф. Цветан Лазаров“ № 2, kzld@cpdp.bg, www.cpdp.bg"


def answered(shop: Shop) -> str:
    """Read the paper of the last answer."""
    [(filename, paper)] = attached(letters(shop, ANSWER)[-1])
    assert filename == "answer.pdf"
    return pdf_text(paper)


def details(found: dict[str, Any], kind: str = "decided") -> dict[str, Any]:
    [event] = [event for event in found["events"] if event["kind"] == kind]
    told: dict[str, Any] = event["details"]
    return told


def inside(archive: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(archive)) as entries:
        return {name: entries.read(name) for name in entries.namelist()}


async def delivered(shop: Shop) -> dict[str, Any]:
    """Sell and deliver, so that Speedy and I-Cash really have data and the books hold some."""
    await shop.agree(Recipient.SPEEDY, Recipient.ICASH)
    order = await shop.ordered(payment_method=TRANSFER, comment="Звънете два пъти")
    await pay(shop, order)
    await shop.run_jobs()
    await scan(shop, order, State.DELIVERED)
    return order


async def test_s60_c16_access_is_confirmed_and_the_copy_made_when_it_is_asked_for(shop: Shop) -> None:
    order = await delivered(shop)
    me, desk = await shop.account(), await officer(shop)
    asked = await ask(shop, me)
    early = await shop.http.get(f"{REQUESTS}/{asked['id']}/copy.zip", headers=me)
    assert problem(early) == (409, "copy-not-granted")
    found = await decide(shop, desk, asked)
    assert (found["state"], found["outcome"]) == ("granted", "granted")
    assert details(found)["held"] is True
    text = answered(shop)
    assert "Потвърждаваме, че обработваме лични данни за Вас." in text
    assert "До 23 декември 2026" in text
    assert AUTHORITY in text
    seen = (await shop.http.get(f"{REQUESTS}/{asked['id']}", headers=me)).json()
    assert seen["copy_until"] == "2026-12-23"
    assert (await shop.http.head(f"{REQUESTS}/{asked['id']}/copy.zip", headers=me)).status_code == 200
    kinds = [event["kind"] for event in (await case(shop, desk, asked))["events"]]
    assert "copy_given" not in kinds, "D8: nothing was given"
    copy = await shop.http.get(f"{REQUESTS}/{asked['id']}/copy.zip", headers=me)
    assert (copy.status_code, copy.headers["content-type"]) == (200, "application/zip")
    files = inside(copy.content)
    assert files["access.pdf"].startswith(b"%PDF")
    assert str(order["number"]) in files["access.json"].decode()
    given = details(await case(shop, desk, asked), "copy_given")
    assert given["tables"]["orders"] == 1
    assert len(given["sha256"]) == 64
    # Made at that moment: what came since is in the next one.
    await shop.ordered()
    again = await shop.http.get(f"{REQUESTS}/{asked['id']}/copy.zip", headers=me)
    assert len(json.loads(inside(again.content)["access.json"])["tables"]["orders"]) == 2


async def test_copies_are_slowed_down_and_end_with_their_day(shop: Shop) -> None:
    me = await shop.account()
    asked = await ask(shop, me, "portability")
    await decide(shop, await officer(shop), asked)
    path = f"{REQUESTS}/{asked['id']}/copy.zip"
    answers = [(await shop.http.get(path, headers=me)).status_code for _ in range(6)]
    assert answers == [200, 200, 200, 200, 200, 429]
    shop.clock.advance(days=29)
    assert (await shop.http.get(path, headers=renewed(shop, me))).status_code == 200
    shop.clock.advance(days=2)
    late = await shop.http.get(f"/v1/staff{path.removeprefix('/v1')}", headers=await officer(shop))
    assert problem(late) == (409, "copy-not-granted")


async def test_c16_who_is_unknown_is_told_so(shop: Shop) -> None:
    asked = await ask_as_guest(shop, email="unknown@example.bg")
    found = await decide(shop, await officer(shop), asked)
    assert details(found)["held"] is False
    assert "освен това искане и кореспонденцията по него не обработваме лични данни за Вас" in answered(shop)
    refused = await shop.http.get(f"{REQUESTS}/{asked['id']}/copy.zip", headers=asked["key"])
    assert problem(refused) == (409, "copy-not-granted")


async def test_complaint_19_a_guest_downloads_a_copy_with_the_key_of_the_mail(shop: Shop) -> None:
    await delivered(shop)
    asked = await ask_as_guest(shop)
    await decide(shop, await officer(shop), asked)
    assert f"privacy-requests/{asked['id']}#token={asked['key']['X-Request-Token']}" in body(shop, ANSWER)
    copy = await shop.http.get(f"{REQUESTS}/{asked['id']}/copy.zip", headers=asked["key"])
    assert "access.pdf" in inside(copy.content)


async def test_s66_s67_the_portable_copy_holds_what_was_given_as_json_and_csv(shop: Shop) -> None:
    await delivered(shop)
    me = await shop.account()
    asked = await ask(shop, me, "portability")
    await decide(shop, await officer(shop), asked)
    copy = await shop.http.get(f"{REQUESTS}/{asked['id']}/copy.zip", headers=me)
    files = inside(copy.content)
    assert {"portable.json", "schema.json", "orders.csv"} <= set(files)
    assert "documents.csv" not in files, "the shop made these"
    [order] = json.loads(files["portable.json"])["tables"]["orders"]
    assert order["comment"] == "Звънете два пъти"


@pytest.mark.parametrize("reason", ["unclear_data", "unclear_person", "public_interest"])
async def test_s61_access_is_refused_with_a_reason_and_reasoning_or_not_at_all(shop: Shop, reason: str) -> None:
    me, desk = await shop.account(), await officer(shop)
    asked = await ask(shop, me)
    for wish in ({"outcome": "refused"}, {"outcome": "refused", "reason": reason}):
        bare = await act(shop, desk, asked, "decision", **wish)
        assert problem(bare) == (422, "decision-unfit")
    foreign = await act(shop, desk, asked, "decision", outcome="refused", reason="public_health", reasoning=WHY)
    assert problem(foreign) == (422, "decision-unfit")
    assert foreign.json()["errors"][0]["pointer"] == "/reason"
    assert (await case(shop, desk, asked))["state"] == "open"
    found = await decide(shop, desk, asked, outcome="refused", reason=reason, reasoning=WHY)
    assert (found["state"], details(found)["reason"]) == ("refused", reason)
    text = answered(shop)
    assert "Не уважаваме искането Ви." in text
    assert WORDS[Reason(reason)].bg[:60] in text
    assert WHY in text
    refused = await shop.http.get(f"{REQUESTS}/{asked['id']}/copy.zip", headers=me)
    assert problem(refused) == (409, "copy-not-granted")


async def test_s74_c18_every_answer_and_every_refusal_names_where_to_complain(shop: Shop) -> None:
    me, desk = await shop.account(), await officer(shop)
    granted, refused = await ask(shop, me, "complaint"), await ask(shop, me, "complaint")
    await decide(shop, desk, granted, reasoning="Прави сте.")
    await decide(shop, desk, refused, outcome="refused", reason="unfounded_complaint", reasoning=WHY)
    papers = [pdf_text(paper) for letter in letters(shop, ANSWER) for _, paper in attached(letter)]
    assert len(papers) == 2
    for text in (*papers, " ".join(body(shop, ANSWER).replace("\N{NO-BREAK SPACE}", " ").split())):
        assert f"Комисията за защита на личните данни (КЗЛД), {AUTHORITY}" in text
        assert "до друг надзорен орган" in text
        assert "по съдебен ред" in text


async def test_s62_rectification_names_wrong_and_right_and_goes_on_to_the_recipients(shop: Shop) -> None:
    await delivered(shop)
    me, desk = await shop.account(), await officer(shop)
    asked = await ask(
        shop, me, "rectification", text="Омъжих се.", corrections=[{"wrong": "Петрова", "right": "Петкова"}]
    )
    bare = await act(shop, desk, asked, "decision", outcome="granted")
    assert problem(bare) == (422, "decision-unfit")
    unfit = await act(shop, desk, asked, "decision", outcome="granted", corrections=[{"field": "sku", "right": "X"}])
    assert problem(unfit) == (422, "correction-unfit")
    fields = [{"field": "last_name", "wrong": "Петрова", "right": "Петкова"}]
    found = await decide(shop, desk, asked, corrections=fields)
    changed = {(each["table"], each["before"], each["after"]) for each in details(found)["corrected"]}
    assert ("profiles", "Петрова", "Петкова") in changed
    assert (await shop.http.get("/v1/me", headers=me)).json()["last_name"] == "Петкова"
    assert {*details(found)["told"]} == {"speedy", "icash"}
    text = answered(shop)
    for words in ("Петрова", "Петкова", "куриерска фирма Спиди"):
        assert words in text


@pytest.mark.parametrize("ground", ["accuracy_contested", "unlawful", "claims", "objection"])
async def test_s63_restriction_on_each_of_four_grounds(shop: Shop, ground: str) -> None:
    me, desk = await shop.account(), await officer(shop)
    asked = await ask(shop, me, "restriction", restriction_ground=ground)
    found = await decide(shop, desk, asked)
    assert (found["outcome"], details(found)["restriction_ground"]) == ("granted", ground)
    in_force = await shop.rows("SELECT email, ground, request_id::text FROM restrictions WHERE lifted_at IS NULL")
    assert in_force == [(IVA, ground, asked["id"])]
    assert "данните само се съхраняват" in answered(shop)
    assert "Преди ограничаването да бъде отменено, ще Ви уведомим" in answered(shop)


async def test_s63_a_restriction_needs_a_ground(shop: Shop) -> None:
    me, desk = await shop.account(), await officer(shop)
    asked = await ask(shop, me, "restriction")
    bare = await act(shop, desk, asked, "decision", outcome="granted")
    assert (problem(bare), bare.json()["errors"][0]["pointer"]) == ((422, "decision-unfit"), "/restriction_ground")
    found = await decide(shop, desk, asked, restriction_ground="claims")
    assert found["outcome"] == "granted"


async def test_s65_only_the_responsible_person_refuses_to_restrict_in_writing_and_with_reasons(shop: Shop) -> None:
    me = await shop.account()
    asked = await ask(shop, me, "restriction", restriction_ground="unlawful")
    wish = {"outcome": "refused", "reason": "no_ground", "reasoning": WHY}
    owner = await officer(shop, StaffRole.OWNER)
    refused = await act(shop, owner, asked, "decision", **wish)
    assert problem(refused) == (403, "officer-only")
    assert (await case(shop, owner, asked))["state"] == "open"
    found = await decide(shop, await officer(shop), asked, **wish)
    assert found["outcome"] == "refused"
    assert WHY in answered(shop)


GROUNDS = ["not_needed", "consent_withdrawn", "objected", "unlawful", "legal_duty"]


@pytest.mark.parametrize("ground", GROUNDS)
async def test_s68_erasure_on_each_of_five_grounds(shop: Shop, ground: str) -> None:
    me, desk = await shop.account(), await officer(shop)
    asked = await ask(shop, me, "erasure", erasure_ground=ground)
    found = await decide(shop, desk, asked)
    assert (found["outcome"], details(found)["erasure_ground"]) == ("granted", ground)
    assert await shop.count("accounts") == 0
    text = answered(shop)
    assert "Удостоверение: изтрихме" in text
    assert "Входът: имейл, парола, сесии" in text


async def test_s68_s69_an_erasure_has_a_certificate_and_travels_to_the_recipients(shop: Shop) -> None:
    await delivered(shop)
    desk = await officer(shop)
    asked = await ask_as_guest(shop, "erasure", erasure_ground="not_needed")
    found = await decide(shop, desk, asked)
    told = details(found)
    assert {*told["told"]} == {"speedy", "icash"}
    # D5: most is kept by law, and the mail itself says what, by which law and until when.
    assert (found["state"], found["outcome"], told["reason"]) == (
        "partly_granted",
        "partly_granted",
        "legal_obligation",
    )
    mailed = " ".join(body(shop, ANSWER).split())
    assert "Уважихме искането Ви частично." in mailed
    for each in told["kept"]:
        assert f"- {each['what']['bg']}; основание: {each['law']['bg']}; до: " in mailed
    assert f"{OWED.bg}; до: 23 ноември 2028 г." in mailed
    assert f"{BOOKS.bg}; до: 31 декември 2037 г." in mailed
    text = answered(shop)
    for words in (
        "Удостоверение: изтрихме",
        "Коментарите, бележките за куриера и етикетите на приключените поръчки",
        "Удостоверение: пазим",
        "чл. 12 от Закона за счетоводството",
        "31 декември 2037",
        "куриерска фирма Спиди",
    ):
        assert words in text
    assert letters(shop, ANSWER)[-1]["To"] == IVA
    [(cause,)] = await shop.rows("SELECT DISTINCT cause_id FROM recipient_tasks")
    assert str(cause) == asked["id"]
    [(actor, subject)] = await shop.rows("SELECT actor, subject FROM audit_entries WHERE action = 'person_erased'")
    assert (actor.startswith("staff:"), subject) == (True, f"request:{asked['id']}")
    # The case file outlives what was erased.
    assert (await case(shop, desk, asked))["email"] == IVA


async def test_s68_an_erasure_needs_a_ground(shop: Shop) -> None:
    asked = await ask(shop, await shop.account(), "erasure")
    bare = await act(shop, await officer(shop), asked, "decision", outcome="granted")
    assert (problem(bare), bare.json()["errors"][0]["pointer"]) == ((422, "decision-unfit"), "/erasure_ground")
    assert await shop.count("accounts") == 1


CASES = ["freedom_of_expression", "legal_obligation", "public_health", "archiving", "legal_claims"]


@pytest.mark.parametrize("reason", CASES)
async def test_s70_erasure_is_refused_in_cases_a_to_e_in_writing_and_with_reasons(shop: Shop, reason: str) -> None:
    me, desk = await shop.account(), await officer(shop)
    asked = await ask(shop, me, "erasure", erasure_ground="not_needed")
    found = await decide(shop, desk, asked, outcome="refused", reason=reason, reasoning=WHY)
    assert found["outcome"] == "refused"
    assert await shop.count("accounts") == 1
    text = answered(shop)
    assert WORDS[Reason(reason)].bg[:50] in text
    assert WHY in text


async def test_s71_s73_an_objection_is_weighed_and_ends_the_processing_unless_compelling_grounds_do_not(
    shop: Shop,
) -> None:
    me, desk = await shop.account(), await officer(shop)
    weighed = "Сигурността на входа срещу нежеланието да се пази IP адресът: второто натежава."
    asked = await ask(shop, me, "objection", against="processing", text="Не пазете IP адреса ми.")
    assert asked["state"] == "open"
    bare = await act(shop, desk, asked, "decision", outcome="granted")
    assert (problem(bare), bare.json()["errors"][0]["pointer"]) == ((422, "decision-unfit"), "/balance")
    found = await decide(shop, desk, asked, balance=weighed)
    [note] = [event for event in found["events"] if event["details"].get("balance")]
    assert note["words"] == weighed
    assert "Прекратихме обработването, срещу което възразихте" in answered(shop)
    again = await ask(shop, me, "objection", against="processing", text="И приетата декларация.")
    kept = await decide(
        shop, desk, again, outcome="refused", reason="compelling_grounds", reasoning=WHY, balance="Доказателство."
    )
    assert kept["outcome"] == "refused"
    assert "убедителни законови основания" in answered(shop)


async def test_s13_withdrawing_the_profiles_consent_ends_the_profile(shop: Shop) -> None:
    me, desk = await shop.account(), await officer(shop)
    asked = await ask(shop, me, "withdrawal", consent="registration")
    assert asked["state"] == "open"
    found = await decide(shop, desk, asked)
    assert await shop.count("accounts") == 0
    assert "Профилът: име и телефон" in [each["bg"] for each in details(found)["erased"]]
    assert "Върху какво почиват останалите данни" in answered(shop)


async def test_what_is_granted_in_part_says_what_not_and_why(shop: Shop) -> None:
    await delivered(shop)
    me, desk = await shop.account(), await officer(shop)
    asked = await ask(shop, me)
    found = await decide(
        shop, desk, asked, outcome="partly_granted", reason="rights_of_others", reasoning="Без записите на колегите."
    )
    assert found["state"] == "partly_granted"
    text = answered(shop)
    for words in ("Уважихме искането Ви частично", "правата и свободите на други лица", "Без записите на колегите."):
        assert words in text
    assert (await shop.http.get(f"{REQUESTS}/{asked['id']}/copy.zip", headers=me)).status_code == 200


async def test_a_decision_is_made_once_and_nothing_is_added_to_it(shop: Shop) -> None:
    me, desk = await shop.account(), await officer(shop)
    asked = await ask(shop, me, "complaint")
    await decide(shop, desk, asked, reasoning="Прави сте.")
    for what, wish in (
        ("decision", {"outcome": "granted"}),
        ("extension", {"reasons": WHY}),
        ("delay", {"reasons": WHY}),
        ("questions", {"words": WHY}),
        ("identity", {"how": WHY}),
        ("resumption", {}),
        ("messages", {"text": WHY}),
    ):
        assert problem(await act(shop, desk, asked, what, **wish)) == (409, "request-decided"), what
    added = await shop.http.post(f"{REQUESTS}/{asked['id']}/messages", json={"text": "Още нещо"}, headers=me)
    assert problem(added) == (409, "request-decided")


async def test_s56_the_file_keeps_letters_as_they_were_sent_and_is_closed_with_the_proof_of_sending(
    shop: Shop,
) -> None:
    me, desk = await shop.account(), await officer(shop)
    asked = await ask(shop, me, "complaint", text="Получих чуждо писмо.")
    await decide(shop, desk, asked, reasoning="Прави сте; съжаляваме.")
    await mind(shop)
    found = await case(shop, desk, asked)
    assert (found["state"], found["outcome"], found["text"]) == ("closed", "granted", "Получих чуждо писмо.")
    [letter] = found["letters"]
    kept = await shop.http.get(f"/v1/staff/privacy/requests/{asked['id']}/letters/{letter['id']}.pdf", headers=desk)
    [(_, sent)] = attached(letters(shop, ANSWER)[-1])
    assert kept.content == sent
    assert details(found, "answer_sent")["message_id"] == letters(shop, ANSWER)[-1]["Message-ID"]
    assert await log_of(shop, desk, asked) == ["received", "open", "granted", "decided", "answer_sent", "closed"]
    noted = await act(shop, desk, asked, "notes", words="КЗЛД поиска становище с писмо П-12.", authority=True)
    assert noted.json()["events"][-1]["kind"] == "authority_notified"


async def test_a_proxys_grant_is_about_the_person_and_not_about_the_proxy(shop: Shop) -> None:
    await delivered(shop)
    proxy, desk = await shop.account("petar@example.bg"), await officer(shop)
    entered = await enter(shop, desk, email="petar@example.bg", proxy={"name": "Петър Иванов", "person_email": IVA})
    assert entered["state"] == "incomplete"
    path = f"/v1/staff/privacy/requests/{entered['id']}"
    await shop.http.post(f"{path}/attachments", **attachment(), headers=desk)
    await act(shop, desk, entered, "identity", how="Пълномощно № 5 с нотариална заверка.")
    refused = await act(shop, desk, entered, "decision", outcome="granted")
    assert problem(refused) == (409, "destination-not-settled")
    await settle(shop, desk, entered, "Пощата му е в пълномощното.")
    await decide(shop, desk, entered)
    stranger = await shop.http.get(f"{REQUESTS}/{entered['id']}/copy.zip", headers=proxy)
    assert problem(stranger) == (404, "not-found")
    copy = await shop.http.get(f"{path}/copy.zip", headers=desk)
    document = json.loads(inside(copy.content)["access.json"])
    assert [order["email"] for order in document["tables"]["orders"]] == [IVA]
    assert "profiles" not in document["tables"]


async def test_who_has_a_new_address_is_answered_there_about_their_own_account(shop: Shop) -> None:
    me, desk = await shop.account(), await officer(shop)
    asked = await ask(shop, me)
    async with shop.sessions.begin() as session:
        await session.execute(sql("UPDATE accounts SET email = 'petkova@example.bg'"))
    await shop.account(IVA)  # the old address is somebody else's by now
    await decide(shop, desk, asked)
    assert letters(shop, ANSWER)[-1]["To"] == "petkova@example.bg"
    copy = await shop.http.get(f"{REQUESTS}/{asked['id']}/copy.zip", headers=me)
    [profile] = json.loads(inside(copy.content)["access.json"])["tables"]["profiles"]
    [[first]] = await shop.rows("SELECT id FROM accounts WHERE email = 'petkova@example.bg'")
    assert profile["account_id"] == str(first)


async def test_a_case_file_is_forgotten_whole_when_its_term_is_over(shop: Shop) -> None:
    me = await shop.account()
    closed, still_open = await ask(shop, me, "objection", against="marketing"), await ask(shop, me)
    await shop.run_jobs()
    await mind(shop)
    for days, left in ((366 * 5, {closed["id"], still_open["id"]}), (1, {still_open["id"]})):
        shop.clock.advance(days=days)
        await shop.app.state.keeper.run(by="test")
        assert {each for (each,) in await shop.rows("SELECT id::text FROM rights_requests")} == left
    assert await shop.rows("SELECT DISTINCT request_id::text FROM rights_events") == [(still_open["id"],)]
    assert await shop.count("rights_letters") == 0


def test_every_kind_has_its_reasons_and_each_reason_is_in_words() -> None:
    assert {*REASONS} == {*RequestKind}
    assert {*WORDS} == {*Reason} == {reason for reasons in REASONS.values() for reason in reasons}


async def test_d5_who_asks_for_erasure_and_of_whom_nothing_is_held_is_told_so(shop: Shop) -> None:
    asked = await ask_as_guest(shop, "erasure", email="unknown@example.bg")
    found = await decide(shop, await officer(shop), asked, erasure_ground="not_needed")
    assert details(found)["held"] is False
    nothing = "освен това искане и кореспонденцията по него не обработваме лични данни за Вас"
    assert nothing in answered(shop)
    assert nothing in body(shop, ANSWER)
