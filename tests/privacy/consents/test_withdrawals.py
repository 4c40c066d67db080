"""Taking back: by anybody, in free text or none, at once; what it would destroy is proved first (S18, C9)."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.auth.models import StaffRole
from tests.accounts.closing import EMAIL, IDENTITY, member
from tests.checkout.watching import contents
from tests.fulfilment.story import letters
from tests.privacy.consents.lists import (
    ACTS,
    IVA,
    LINK_INVALID,
    PROOFS,
    STAFFS,
    WITHDRAW,
    WITHDRAWALS,
    on_the_list,
    subscribe,
    words,
)
from tests.privacy.rights.asking import mailed_token, problem
from tests.privacy.scanning import traces
from tests.shop import Shop, open_shop

REGISTRATION: dict[str, Any] = {"purpose": "registration", "words": "Не ми трябва повече профил."}
HEARD: dict[str, Any] = {"email": IVA, "received_by": "phone", "words": "Обади се да спрем."}


async def withdraw(shop: Shop, headers: dict[str, str] | None = None, **wish: Any) -> dict[str, Any]:
    answer = await shop.http.post(WITHDRAWALS, json=wish, headers=headers)
    assert answer.status_code == httpx.codes.OK, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_s18_a_guest_takes_back_in_free_text_and_it_is_so_with_the_answer(shop: Shop) -> None:
    await subscribe(shop)
    told = await withdraw(shop, email=IVA, words="Моля, не ми пишете повече.\nБлагодаря!")
    assert not await on_the_list(shop)
    assert {*told["stopped"]} == {"newsletter", "third_party_marketing", "survey"}
    assert told["closed"] is None
    assert (await shop.rows(ACTS))[-1] == (
        "newsletter",
        "email",
        "withdrawn",
        "api",
        "Моля, не ми пишете повече.\nБлагодаря!",
    )


async def test_s18_no_reason_is_asked_for_and_repeated_it_changes_nothing(shop: Shop) -> None:
    await subscribe(shop)
    first = await withdraw(shop, email=IVA)
    before = await shop.rows(ACTS)
    assert await withdraw(shop, email=IVA) == first
    assert await shop.rows(ACTS) == before


async def test_no_answer_tells_whether_an_address_is_known(shop: Shop) -> None:
    await subscribe(shop)
    await shop.account()
    wishes: list[dict[str, Any]] = [{}, {"purpose": "registration"}, {"purpose": "newsletter", "channel": "email"}]
    for wish in wishes:
        known, unknown = [await withdraw(shop, email=email, **wish) for email in (IVA, "nobody@example.bg")]
        assert known == unknown
    await shop.run_jobs()
    assert {letter["To"] for letter in letters(shop, WITHDRAW)} == {IVA}


async def test_c11_who_objects_before_ever_agreeing_is_not_written_to_either(shop: Shop) -> None:
    """A list that is brought in later does not begin anew with an address that said no."""
    await withdraw(shop, email=IVA, purpose="newsletter")
    assert await shop.rows("SELECT purpose, channel, octet_length(key) FROM suppressions") == [("newsletter", None, 32)]
    assert await traces(shop, IVA) == [], "of who is unknown nothing is kept that names them"


async def test_s13_a_stranger_closes_nobodys_account_and_its_owner_does_by_the_mailed_link(shop: Shop) -> None:
    await member(shop, newsletter=True)
    told = await withdraw(shop, email=EMAIL, **REGISTRATION)
    assert (told["stopped"], told["to_be_proved"], told["closed"]) == ([], ["registration"], None)
    assert await shop.count("accounts") == 1
    await shop.run_jobs()
    token = mailed_token(shop, WITHDRAW)
    proved = await shop.http.post(PROOFS, json={"token": token})
    assert proved.status_code == httpx.codes.OK, proved.text
    assert proved.json()["stopped"] == ["registration"]
    assert proved.json()["closed"]["closed_at"] == "2026-11-23T10:00:00Z"
    assert await shop.count("accounts") == 0
    assert await shop.rows("SELECT words FROM consents WHERE act = 'withdrawn' AND purpose = 'registration'") == [
        (REGISTRATION["words"],)
    ]
    again = await shop.http.post(PROOFS, json={"token": token})
    assert (again.status_code, again.json()) == (422, LINK_INVALID)
    await shop.run_jobs()
    assert not [column for column in await traces(shop, *IDENTITY) if column not in {"consents.email", "mails.address"}]


async def test_of_two_who_open_one_link_at_once_one_closes_the_account(shop: Shop) -> None:
    await member(shop)
    await withdraw(shop, email=EMAIL, **REGISTRATION)
    await shop.run_jobs()
    token = mailed_token(shop, WITHDRAW)
    answers = await asyncio.gather(*(shop.http.post(PROOFS, json={"token": token}) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422]
    assert await shop.count("erasures") == 1


async def test_a_link_that_nobody_opened_expires_and_its_address_goes(shop: Shop) -> None:
    await member(shop)
    await withdraw(shop, email=EMAIL, **REGISTRATION)
    await shop.run_jobs()
    token = mailed_token(shop, WITHDRAW)
    shop.clock.advance(hours=48)
    late = await shop.http.post(PROOFS, json={"token": token})
    assert (late.status_code, late.json()) == (422, LINK_INVALID)
    await shop.app.state.keeper.tidy()
    assert await shop.count("pending_withdrawals") == 0
    assert await shop.count("accounts") == 1


async def test_nobody_fills_a_mailbox_by_typing_its_address(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, mails_at_once=5) as shop:
        await member(shop)
        for _ in range(8):
            await withdraw(shop, email=EMAIL, **REGISTRATION)
        await shop.run_jobs()
        assert len(letters(shop, WITHDRAW)) == 5


async def test_s13_logged_in_it_needs_no_further_proof(shop: Shop) -> None:
    me = await member(shop)
    told = await withdraw(shop, me, **REGISTRATION)
    assert (told["stopped"], told["closed"]["erased"][0]) == (["registration"], "Профилът: име и телефон")


async def test_c17_the_answer_says_what_rests_on_another_ground_and_goes_on(shop: Shop) -> None:
    told = await withdraw(shop, {"Accept-Language": "en"}, email=IVA)
    grounds = {each["ground"]: each["what"] for each in told["grounds"]}
    assert grounds["contract"] == "Orders: the contract with you. A withdrawn consent does not stop them."
    assert {*grounds} == {"consent", "contract", "legal_obligation", "legitimate_interest"}


async def test_c09_staff_record_what_they_were_told_by_whom_and_how(shop: Shop) -> None:
    await subscribe(shop)
    support = await shop.staff(StaffRole.SUPPORT)
    answer = await shop.http.post(STAFFS, json={**HEARD, "said_by": "proxy"}, headers=support)
    assert answer.status_code == httpx.codes.OK, answer.text
    assert not await on_the_list(shop)
    assert await shop.rows("SELECT means, words, received_by, said_by, ip FROM consents WHERE act = 'withdrawn'") == [
        ("staff", HEARD["words"], "phone", "proxy", None)
    ]
    audited = await shop.rows("SELECT subject FROM audit_entries WHERE action = 'personal_data_changed'")
    assert [subject.split()[0] for (subject,) in audited] == ["withdraw_for_somebody"]


async def test_c09_a_registration_is_taken_back_by_its_owner_whatever_staff_are_told(shop: Shop) -> None:
    await member(shop)
    wish = {**HEARD, "email": EMAIL, "purpose": "registration"}
    answer = await shop.http.post(STAFFS, json=wish, headers=await shop.staff(StaffRole.PRIVACY_OFFICER))
    assert (answer.json()["to_be_proved"], answer.json()["closed"]) == (["registration"], None)
    await shop.run_jobs()
    assert [letter["To"] for letter in letters(shop, WITHDRAW)] == [EMAIL]
    assert await shop.count("accounts") == 1


async def test_a_parents_word_for_a_child_under_14_closes_the_account_by_whoever_may_decide(shop: Shop) -> None:
    """ЗЗЛД чл. 25в: without the parent there was no consent."""
    await member(shop)
    wish = {**HEARD, "email": EMAIL, "purpose": "registration", "said_by": "parent"}
    before = await contents(shop)
    refused = await shop.http.post(STAFFS, json=wish, headers=await shop.staff(StaffRole.SUPPORT))
    assert problem(refused) == (403, "role-insufficient")
    assert {name: rows for name, rows in (await contents(shop)).items() if name in {"accounts", "consents"}} == {
        name: rows for name, rows in before.items() if name in {"accounts", "consents"}
    }
    done = await shop.http.post(STAFFS, json=wish, headers=await shop.staff(StaffRole.PRIVACY_OFFICER))
    assert done.json()["closed"]["closed_at"] == "2026-11-23T10:00:00Z"
    assert await shop.count("accounts") == 0


@pytest.mark.parametrize(
    ("wish", "status", "kind", "pointer"),
    [
        ({}, 422, "address-missing", None),
        ({"email": "iva"}, 422, "invalid", "/email"),
        ({"email": IVA, "token": "A" * 64}, 422, "invalid", ""),
        ({"email": IVA, "reason": "спешно"}, 422, "invalid", "/reason"),
        ({"email": IVA, "words": "д" * 2001}, 422, "invalid", "/words"),
        ({"token": "A" * 64}, 422, "link-invalid", None),
    ],
)
async def test_what_names_nobody_is_refused_and_changes_nothing(
    shop: Shop, wish: dict[str, Any], status: int, kind: str, pointer: str | None
) -> None:
    await subscribe(shop)
    refused = await shop.http.post(WITHDRAWALS, json=wish)
    assert problem(refused) == (status, kind)
    if pointer is not None:
        assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert await on_the_list(shop)


STOPPED = "Спряхме писмата с предложения"


async def test_the_owner_of_an_address_is_told_once_that_anybody_stopped_its_offers(shop: Shop) -> None:
    await subscribe(shop)
    for _ in range(2):
        await withdraw(shop, {"Accept-Language": "en"}, email=IVA.upper(), words="Думи на непознат.")
    await shop.run_jobs()

    [letter] = letters(shop, STOPPED)
    assert letter["To"] == IVA
    said = words(letter)
    assert "не използваме повече този имейл адрес за: бюлетин с оферти и промоции." in said
    assert ("Думи на непознат" in said, letter["List-Unsubscribe"]) == (False, None)


async def test_whose_offers_staff_stop_is_told_too(shop: Shop) -> None:
    await subscribe(shop)
    staff = await shop.staff(StaffRole.SUPPORT)
    answer = await shop.http.post(STAFFS, json={**HEARD, "said_by": "person"}, headers=staff)
    assert answer.status_code == httpx.codes.OK, answer.text
    await shop.run_jobs()
    assert [letter["To"] for letter in letters(shop, STOPPED)] == [IVA]


async def test_who_stops_offers_in_person_and_who_had_none_are_not_written_to(shop: Shop) -> None:
    await subscribe(shop)
    await withdraw(shop, email="nobody@example.bg")
    await withdraw(shop, await shop.account())
    await shop.run_jobs()
    assert letters(shop, STOPPED) == []
