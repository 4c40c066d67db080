"""Requests come in: from who is logged in, from guests, from the post; what is missing is asked for."""

from datetime import timedelta

import pytest

from app.auth.models import StaffRole
from tests.fulfilment.story import letters
from tests.privacy.rights.asking import (
    ADDRESS,
    IVA,
    PROOFS,
    REQUESTS,
    TEXT,
    act,
    ask,
    ask_as_guest,
    asks,
    body,
    case,
    confirm,
    enter,
    log_of,
    mailed_token,
    officer,
    problem,
)
from tests.shop import Shop

RECEIPT = "Получихме искането Ви"
PROOF = "Потвърдете искането си"


async def test_who_is_logged_in_is_identified_and_acknowledged_at_once(shop: Shop) -> None:
    me, desk = await shop.account(), await officer(shop)
    seen = await ask(shop, me)

    assert (seen["state"], seen["via"], seen["missing"]) == ("open", "account", [])
    assert (seen["received_at"], seen["due_on"], seen["extended_to"]) == ("2026-11-23T10:00:00Z", "2026-12-23", None)
    found = await case(shop, desk, seen)
    assert (found["email"], found["person_email"], found["identified_at"]) == (IVA, IVA, "2026-11-23T10:00:00Z")
    assert (found["preferred_form"], found["dated_on"], found["is_signed"]) == ("electronic", "2026-11-23", False)
    assert await log_of(shop, desk, seen) == ["received", "open"]
    await shop.run_jobs()
    [receipt] = letters(shop, RECEIPT)
    assert receipt["To"] == IVA
    text = body(shop, RECEIPT)
    assert "достъп до личните данни" in text
    assert "23 декември 2026" in text
    assert f"account/privacy-requests/{seen['id']}" in text
    assert "#token" not in text
    own = await shop.http.get(f"{REQUESTS}/{seen['id']}", headers=me)
    assert own.json() == seen
    listed = (await shop.http.get("/v1/me/privacy-requests", headers=me)).json()
    assert [each["id"] for each in listed["items"]] == [seen["id"]]


async def test_ones_own_list_goes_on_over_pages(shop: Shop) -> None:
    me = await shop.account()
    made = [(await ask(shop, me))["id"] for _ in range(3)]
    first = (await shop.http.get("/v1/me/privacy-requests", params={"limit": 2}, headers=me)).json()
    rest = (await shop.http.get("/v1/me/privacy-requests", params={"cursor": first["next_cursor"]}, headers=me)).json()
    assert sorted(each["id"] for each in first["items"] + rest["items"]) == sorted(made)
    assert (len(first["items"]), rest["next_cursor"]) == (2, None)


async def test_an_account_names_no_other_address(shop: Shop) -> None:
    refused = await shop.http.post(REQUESTS, json=asks(email="boris@example.bg"), headers=await shop.account())
    assert problem(refused) == (422, "invalid")
    assert refused.json()["errors"][0]["pointer"] == "/email"
    assert await shop.count("rights_requests") == 0


async def test_a_guest_proves_the_address_by_the_mailed_link(shop: Shop) -> None:
    desk = await officer(shop)
    answer = await shop.http.post(REQUESTS, json=asks(email=IVA))
    assert (answer.status_code, answer.json()) == (202, {"email": IVA, "expires_at": "2026-11-24T10:00:00Z"})
    listed = await shop.http.get("/v1/staff/privacy/requests", headers=desk)
    assert listed.json()["items"] == []
    await shop.run_jobs()
    assert TEXT not in body(shop, PROOF), "a stranger's words in a stranger's mailbox"
    assert letters(shop, RECEIPT) == []
    shop.clock.advance(hours=5)
    desk = await officer(shop)
    token = mailed_token(shop, PROOF)
    proved = await confirm(shop, token)
    assert proved.status_code == 200
    seen = proved.json()["request"]
    # The clock runs since it was asked.
    assert (seen["state"], seen["via"], seen["received_at"]) == ("open", "email_proof", "2026-11-23T10:00:00Z")
    assert await log_of(shop, desk, seen) == ["proved", "received", "open"]
    again = await confirm(shop, token)
    assert problem(again) == (422, "link-invalid")
    await shop.run_jobs()
    assert f"privacy-requests/{seen['id']}#token={proved.json()['access_token']}" in body(shop, RECEIPT)


async def test_a_guest_without_an_address_is_told_so(shop: Shop) -> None:
    refused = await shop.http.post(REQUESTS, json=asks())
    assert problem(refused) == (422, "invalid")
    assert refused.json()["errors"] == [{"pointer": "/email", "detail": "Задължително поле за гост"}]


async def test_the_answer_is_the_same_whoever_has_the_address(shop: Shop) -> None:
    await shop.account()
    known = await shop.http.post(REQUESTS, json=asks(email=IVA))
    unknown = await shop.http.post(REQUESTS, json=asks(email="nobody@example.bg"))
    assert known.status_code == unknown.status_code == 202
    assert known.json()["expires_at"] == unknown.json()["expires_at"]
    assert {*known.json()} == {*unknown.json()}
    await shop.run_jobs()
    assert sorted(letter["To"] for letter in letters(shop, PROOF)) == [IVA, "nobody@example.bg"]


async def test_what_nobody_proves_is_forgotten_after_a_day(shop: Shop) -> None:
    await shop.http.post(REQUESTS, json=asks(email=IVA))
    await shop.run_jobs()
    token = mailed_token(shop, PROOF)
    shop.clock.advance(hours=23)
    await shop.app.state.keeper.tidy()
    assert await shop.count("rights_requests") == 1
    shop.clock.advance(hours=1)
    late = await shop.http.post(PROOFS, json={"token": token})
    assert problem(late) == (422, "link-invalid")
    await shop.app.state.keeper.tidy()
    assert (await shop.count("rights_requests"), await shop.count("mails")) == (0, 0)


async def test_a_stranger_finds_nothing(shop: Shop) -> None:
    me, other = await shop.account(), await shop.account("boris@example.bg")
    seen = await ask(shop, me)
    guests = await ask_as_guest(shop, email="guest@example.bg")
    for request, key in ((seen, guests["key"]), (seen, other), (seen, {}), (guests, me), (guests, {})):
        path = f"{REQUESTS}/{request['id']}"
        for verb, below, wish in (
            ("GET", "", None),
            ("POST", "/messages", {"text": "Аз съм"}),
            ("POST", "/withdrawal", None),
            ("GET", "/copy.zip", None),
        ):
            answer = await shop.http.request(verb, path + below, json=wish, headers=key)
            assert problem(answer) == (404, "not-found"), (path, below)
    assert (await shop.http.get(f"{REQUESTS}/{guests['id']}", headers=guests["key"])).status_code == 200
    assert (await shop.rows("SELECT count(*) FROM rights_events WHERE kind = 'message'")) == [(0,)]


async def test_a_key_of_a_proof_opens_nothing(shop: Shop) -> None:
    await shop.http.post(REQUESTS, json=asks(email=IVA))
    await shop.run_jobs()
    token = mailed_token(shop, PROOF)
    proved = (await confirm(shop, token)).json()
    refused = await shop.http.get(f"{REQUESTS}/{proved['request']['id']}", headers={"X-Request-Token": token})
    assert problem(refused) == (404, "not-found")
    crossed = await shop.http.post(PROOFS, json={"token": proved["access_token"]})
    assert problem(crossed) == (422, "link-invalid")


async def test_asking_again_and_again_is_slowed_down(shop: Shop) -> None:
    for number in range(20):
        await shop.http.post(REQUESTS, json=asks(email=f"g{number}@example.bg"))
    refused = await shop.http.post(REQUESTS, json=asks(email="one-more@example.bg"))
    assert problem(refused) == (429, "too-many-requests")
    assert await shop.count("rights_requests") == 20


async def test_one_mailbox_is_not_filled_from_one_place(shop: Shop) -> None:
    answers = [(await shop.http.post(REQUESTS, json=asks(email=IVA))).status_code for _ in range(6)]
    assert answers == [202, 202, 202, 202, 202, 429]


async def test_s76_missing_parts_are_asked_for_and_stop_nothing_where_the_person_is_known(shop: Shop) -> None:
    me = await shop.account()
    answer = await shop.http.post(REQUESTS, json={"kind": "access", "text": TEXT}, headers=me)
    seen = answer.json()
    assert (answer.status_code, seen["state"], seen["missing"]) == (201, "open", ["name", "address"])
    await shop.run_jobs()
    assert "За да е пълно искането, моля, изпратете: името на лицето" in body(shop, RECEIPT)
    added = await shop.http.post(
        f"{REQUESTS}/{seen['id']}/messages", json={"name": "Ива Петрова", "address": ADDRESS}, headers=me
    )
    assert (added.status_code, added.json()["missing"], added.json()["state"]) == (200, [], "open")


async def test_s76_a_letter_without_signature_waits_and_the_clock_with_it(shop: Shop) -> None:
    desk = await officer(shop)
    entered = await enter(shop, desk, is_signed=False, dated_on=None, received_at="2026-11-20T07:00:00Z")
    assert (entered["state"], entered["missing"]) == ("incomplete", ["signature", "date"])
    assert entered["due_on"] == "2026-12-20"  # 30 days after the receipt, a Sunday
    await shop.run_jobs()
    asked = body(shop, "Моля, допълнете искането си")
    assert "подпис, дата" in asked
    assert "срокът не тече" in asked
    shop.clock.advance(days=10)
    desk = await officer(shop)
    added = await act(shop, desk, entered, "messages", text="Подписах го, вижте приложението.")
    # Only staff can see that a signature is there.
    assert (added.status_code, added.json()["state"]) == (200, "incomplete")
    shop.clock.advance(days=4)
    desk = await officer(shop)
    resumed = await act(shop, desk, entered, "resumption")
    # It waited for the ten days until she answered, not for the four until that was read.
    assert (resumed.json()["state"], resumed.json()["due_on"]) == ("open", "2026-12-30")
    assert resumed.json()["complete_at"] == "2026-12-03T10:00:00Z"
    assert resumed.json()["received_at"] == "2026-11-20T07:00:00Z"


async def test_s78_who_is_not_known_is_asked_and_the_step_is_logged(shop: Shop) -> None:
    desk = await officer(shop)
    entered = await enter(shop, desk, via="email", identified_by=None)
    assert entered["state"] == "identity_needed"
    await shop.run_jobs()
    asked = body(shop, "Моля, потвърдете самоличността си")
    assert "ЕГН не ни е нужен" in asked
    refused = await act(shop, desk, entered, "decision", outcome="granted")
    assert problem(refused) == (409, "not-identified")
    shop.clock.advance(days=2)
    desk = await officer(shop)
    await act(shop, desk, entered, "messages", text="Поръчка 100000001 от 3 ноември.")
    recorded = await act(shop, desk, entered, "identity", how="Назова номер и дата на своя поръчка.")
    assert (recorded.json()["state"], recorded.json()["due_on"]) == ("open", "2026-12-25")
    assert await log_of(shop, desk, entered) == [
        "received",
        "identity_needed",
        "identity_asked",
        "message",
        "identity_recorded",
        "open",
    ]
    [step] = [event for event in recorded.json()["events"] if event["kind"] == "identity_recorded"]
    assert (step["words"], step["actor"].startswith("staff:")) == ("Назова номер и дата на своя поръчка.", True)


async def test_support_enters_and_reads_nothing(shop: Shop) -> None:
    support = await shop.staff(StaffRole.SUPPORT)
    entered = await enter(shop, support)
    refused = await shop.http.get(f"/v1/staff/privacy/requests/{entered['id']}", headers=support)
    assert problem(refused) == (403, "role-insufficient")


@pytest.mark.parametrize(
    ("wish", "detail"),
    [
        ({"kind": "access", "text": TEXT, "corrections": [{"wrong": "a", "right": "b"}]}, "Поле за друг вид искане"),
        ({"kind": "objection", "text": TEXT}, "Посочете срещу какво възразявате"),
        ({"kind": "erasure"}, "Посочете какво искате"),
    ],
)
async def test_a_request_says_what_it_is_about(shop: Shop, wish: dict[str, object], detail: str) -> None:
    refused = await shop.http.post(REQUESTS, json={"email": IVA, **wish})
    assert problem(refused) == (422, "invalid")
    assert [error["detail"] for error in refused.json()["errors"]] == [detail]


async def test_the_list_of_the_desk_goes_by_due_date(shop: Shop) -> None:
    desk = await officer(shop)
    at = shop.clock.now()
    days = {}
    for before in (3, 9, 1, 6):
        received = (at - timedelta(days=before)).isoformat()
        days[before] = (await enter(shop, desk, received_at=received))["id"]
    first = (await shop.http.get("/v1/staff/privacy/requests", params={"limit": 3}, headers=desk)).json()
    rest = await shop.http.get("/v1/staff/privacy/requests", params={"cursor": first["next_cursor"]}, headers=desk)
    assert [each["id"] for each in first["items"] + rest.json()["items"]] == [days[n] for n in (9, 6, 3, 1)]
    none = await shop.http.get("/v1/staff/privacy/requests", params={"state": "closed"}, headers=desk)
    assert none.json() == {"items": [], "next_cursor": None}
    found = await shop.http.post("/v1/staff/privacy/requests/searches", json={"email": "IVA@example.bg"}, headers=desk)
    assert len(found.json()["items"]) == 4
