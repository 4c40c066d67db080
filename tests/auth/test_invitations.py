"""Invitations: who is to work here chooses a password and proves a second factor by one mailed link."""

import asyncio
from email import message_from_bytes
from email.policy import default

from app.auth.models import StaffRole
from app.auth.staff_errors import CodeWrong
from tests.auth.members import (
    CODE_WRONG,
    LINK_INVALID,
    MARIA,
    accept,
    answered,
    audited,
    code_of,
    confirm,
    invite,
    invited,
    log_in,
    member_id,
    newest_link,
    of_role,
)
from tests.factories.accounts import PASSWORD
from tests.problems import of_kind
from tests.shop import Shop

MEMBER = (
    "SELECT role, name, email, password_hash IS NULL, totp IS NULL, activated_at FROM staff WHERE email ILIKE :email"
)


async def test_who_answers_the_invitation_logs_in_with_both_factors(shop: Shop) -> None:
    owner, actor = await of_role(shop, StaffRole.OWNER)
    answer = await invite(shop, owner)
    maria = await member_id(shop, MARIA)
    assert answer.json() == {"staff_id": maria, "expires_at": "2026-11-26T10:00:00Z"}
    token = await newest_link(shop)
    await shop.run_jobs()
    [letter] = [message_from_bytes(file.read_bytes(), policy=default) for file in shop.mails.iterdir()]
    assert letter["To"] == MARIA
    text = letter.get_body(("plain",))
    assert text is not None
    assert f"http://127.0.0.1:8000/staff/invitation#token={token}" in text.get_content()

    given = await accept(shop, token)
    assert given.headers["cache-control"] == "no-store"
    secret = given.json()["secret"]
    assert given.json()["otpauth_uri"].startswith("otpauth://totp/Ionickiss:maria@example.bg?secret=")
    assert (await log_in(shop, code_of(shop, secret))).json()["error"] == "invalid_grant"

    wrong = await confirm(shop, token, "000000")
    assert (wrong.status_code, wrong.json()) == (422, CODE_WRONG)
    confirmed = await confirm(shop, token, code_of(shop, secret))
    assert confirmed.headers["cache-control"] == "no-store"
    codes = confirmed.json()["recovery_codes"]
    assert len(set(codes)) == 10
    assert (await log_in(shop, code_of(shop, secret))).json()["error"] == "invalid_grant", "a code is for one use"
    shop.clock.advance(seconds=30)
    assert (await log_in(shop, code_of(shop, secret))).status_code == 200
    assert [(await log_in(shop, codes[0])).status_code for _ in range(2)] == [200, 400]
    assert await audited(shop) == [
        (actor, "staff_invited", f"staff:{maria}", "role: support"),
        (f"staff:{maria}", "staff_activated", f"staff:{maria}", None),
    ]


async def test_an_answer_may_be_repeated_until_it_is_confirmed(shop: Shop) -> None:
    token = await invited(shop, await shop.staff(StaffRole.OWNER))
    first, second = [(await accept(shop, token)).json()["secret"] for _ in range(2)]
    assert first != second
    assert (await confirm(shop, token, code_of(shop, first))).json() == CODE_WRONG
    assert (await confirm(shop, token, code_of(shop, second))).status_code == 200
    for late in (await accept(shop, token), await confirm(shop, token, code_of(shop, second))):
        assert (late.status_code, late.json()) == (422, LINK_INVALID)


async def test_a_newer_invitation_ends_the_older_and_what_was_answered_to_it(shop: Shop) -> None:
    owner = await shop.staff(StaffRole.OWNER)
    first = await invited(shop, owner)
    secret = (await accept(shop, first)).json()["secret"]
    shop.clock.advance(minutes=5)
    second = await invited(shop, owner, email="MARIA@example.bg", name="Мария Иванова", role="warehouse")
    assert await shop.rows(MEMBER, email=MARIA) == [
        ("warehouse", "Мария Иванова", "MARIA@example.bg", True, True, None)
    ]
    for late in (await accept(shop, first), await confirm(shop, first, code_of(shop, secret))):
        assert (late.status_code, late.json()) == (422, LINK_INVALID)
    assert (await confirm(shop, second, code_of(shop, secret))).json() == CODE_WRONG
    await shop.run_jobs()
    assert len(list(shop.mails.iterdir())) == 1, "the first mail went with its link"


async def test_one_address_is_one_person_however_many_invite_at_once(shop: Shop) -> None:
    owner = await shop.staff(StaffRole.OWNER)
    tried = ["maria@example.bg", "MARIA@example.bg", "Maria@Example.bg"]
    answers = await asyncio.gather(*(invite(shop, owner, email=email) for email in tried))
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["staff_id"] for answer in answers}) == 1
    assert await shop.count("mail_links") == 1


async def test_who_works_here_is_not_invited(shop: Shop) -> None:
    owner, _ = await of_role(shop, StaffRole.OWNER)
    await shop.staff(StaffRole.SUPPORT, email=MARIA)
    answer = await invite(shop, owner, email="Maria@example.bg", role="owner")
    assert (answer.status_code, answer.json()) == (
        409,
        {
            **of_kind("staff-already-exists"),
            "title": "Има служител с този адрес",
            "status": 409,
            "detail": "Използвайте друг адрес на електронна поща.",
        },
    )
    assert await shop.rows("SELECT role FROM staff WHERE email = :email", email=MARIA) == [("support",)]
    assert (await shop.count("mail_links"), await shop.count("mails"), await audited(shop)) == (0, 0, [])


async def test_a_link_that_expired_or_was_never_made_lets_nobody_in(shop: Shop) -> None:
    token = await invited(shop, await shop.staff(StaffRole.OWNER))
    shop.clock.advance(hours=72)
    forged = token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB")
    for wrong in (token, forged, "A" * 64):
        late = await accept(shop, wrong)
        assert (late.status_code, late.json()) == (422, LINK_INVALID)
        assert (await confirm(shop, wrong, "123456")).json() == LINK_INVALID
    assert (await shop.rows(MEMBER, email=MARIA))[0][3:] == (True, True, None)


async def test_a_weak_password_is_refused(shop: Shop) -> None:
    token = await invited(shop, await shop.staff(StaffRole.OWNER))
    for weak, kind in (("мария стоянова", "password-too-common"), ("short", "invalid")):
        answer = await accept(shop, token, weak)
        assert (answer.status_code, answer.json()["code"]) == (422, kind)
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/password"]
    assert (await shop.rows(MEMBER, email=MARIA))[0][3:] == (True, True, None)


async def test_codes_are_not_guessed(shop: Shop) -> None:
    token = await invited(shop, await shop.staff(StaffRole.OWNER))
    tried = [(await confirm(shop, token, f"{number:06}")).status_code for number in range(21)]
    assert tried == [CodeWrong.status] * 20 + [429]
    assert (await accept(shop, token)).headers["retry-after"] == "180"


async def test_two_confirmations_at_once_give_one_set_of_codes(shop: Shop) -> None:
    token = await invited(shop, await shop.staff(StaffRole.OWNER))
    secret = (await accept(shop, token)).json()["secret"]
    both = await asyncio.gather(*(confirm(shop, token, code_of(shop, secret)) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [200, 422]
    assert next(answer.json() for answer in both if answer.status_code == 422) == LINK_INVALID
    assert await shop.count("recovery_codes") == 10


async def test_new_recovery_codes_end_the_old_ones(shop: Shop) -> None:
    secret, old = await answered(shop, await invited(shop, await shop.staff(StaffRole.OWNER)))
    shop.clock.advance(seconds=30)
    maria = {"Authorization": f"Bearer {(await log_in(shop, code_of(shop, secret))).json()['access_token']}"}
    shop.clock.advance(seconds=30)
    who = f"staff:{await member_id(shop, MARIA)}"
    before = await audited(shop)

    async def renew(password: str, otp: str) -> tuple[int, dict[str, object]]:
        wish = {"password": password, "otp": otp}
        answer = await shop.http.post("/v1/auth/mfa/recovery-codes", json=wish, headers=maria)
        return answer.status_code, answer.json()

    assert await renew("something else", code_of(shop, secret)) == (
        422,
        {
            **of_kind("password-wrong"),
            "title": "Грешна парола",
            "status": 422,
            "detail": "Проверете паролата и опитайте отново.",
        },
    )
    assert await renew(PASSWORD, "000000") == (422, CODE_WRONG)
    assert await renew(PASSWORD, old[0]) == (422, CODE_WRONG), "a recovery code opens no others"
    assert await audited(shop) == before
    status, given = await renew(PASSWORD, code_of(shop, secret))
    assert status == 200
    new = given["recovery_codes"]
    assert isinstance(new, list)
    assert len({*new, *old}) == 20
    assert [(await log_in(shop, code)).status_code for code in (old[1], new[1])] == [400, 200]
    assert (await audited(shop))[len(before) :] == [(who, "recovery_codes_renewed", who, None)]


async def test_a_shopper_has_no_recovery_codes(shop: Shop) -> None:
    answer = await shop.http.post(
        "/v1/auth/mfa/recovery-codes", json={"password": PASSWORD, "otp": "123456"}, headers=await shop.account()
    )
    assert (answer.status_code, answer.json()["code"], answer.json()["scope"]) == (
        403,
        "insufficient-scope",
        "staff",
    )
