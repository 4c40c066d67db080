"""Refused entries of staff leave a trace; whoever guesses codes locks the second factor, and its member is told."""

from typing import Any

import httpx
from sqlalchemy import text

from app.auth.models import StaffRole
from app.auth.totp import digest_of
from tests.auth.logins import INVALID_GRANT, OWNER, code_at, come_from, log_in, with_staff
from tests.checkout.watching import statements
from tests.factories.accounts import PASSWORD
from tests.shop import Shop

REFUSED = "SELECT actor, subject, detail FROM audit_entries WHERE action = 'entry_refused' ORDER BY sequence"
MAILED = "SELECT kind, address FROM mails"
TOLD = [("second_factor_locked", OWNER)]


async def enter(shop: Shop, otp: str, password: str = PASSWORD) -> httpx.Response:
    return await log_in(shop, OWNER, password, scope="staff", otp=otp)


async def guess(shop: Shop, times: int) -> None:
    for _ in range(times):
        assert (await enter(shop, "000000")).json() == INVALID_GRANT


async def locked_for(shop: Shop) -> int:
    """Return for how many seconds the right code is refused."""
    answer = await enter(shop, code_at(shop))
    assert (answer.status_code, answer.json()["error"]) == (429, "slow_down")
    return int(answer.headers["retry-after"])


async def test_wrong_codes_are_audited_mailed_of_and_lock_the_factor(shop: Shop) -> None:
    staff_id = await with_staff(shop)

    await guess(shop, 4)
    assert await shop.rows(MAILED) == []
    await guess(shop, 1)

    assert await shop.rows(MAILED) == TOLD
    assert await locked_for(shop) == 15 * 60
    of_member = ("stranger", f"staff:{staff_id}")
    assert await shop.rows(REFUSED) == [(*of_member, "code")] * 5 + [(*of_member, "locked")]
    assert await shop.count("login_sessions") == 0
    shop.clock.advance(minutes=15)
    assert (await enter(shop, code_at(shop))).status_code == 200


async def test_each_lock_is_twice_as_long_as_the_one_before_and_a_day_at_most(shop: Shop) -> None:
    await with_staff(shop)
    hours = []
    for _ in range(9):
        await guess(shop, 5)
        hours.append(await locked_for(shop) / 3600)
        shop.clock.advance(hours=hours[-1])
    assert hours == [0.25, 0.5, 1, 2, 4, 8, 16, 24, 24]


async def test_the_right_code_forgets_the_wrong_ones(shop: Shop) -> None:
    await with_staff(shop)
    await guess(shop, 4)
    assert (await enter(shop, code_at(shop))).status_code == 200
    await guess(shop, 4)
    shop.clock.advance(minutes=15)
    assert (await enter(shop, code_at(shop))).status_code == 200
    assert await shop.rows(MAILED) == []


async def test_a_recovery_code_opens_no_lock(shop: Shop) -> None:
    staff_id = await with_staff(shop)
    async with shop.sessions.begin() as session:
        kept = {"id": staff_id, "hash": digest_of("ABCD-EFGH-IJKL-MNOP")}
        await session.execute(text("INSERT INTO recovery_codes (staff_id, code_hash) VALUES (:id, :hash)"), kept)
    await guess(shop, 5)

    assert (await enter(shop, "ABCD-EFGH-IJKL-MNOP")).status_code == 429

    shop.clock.advance(minutes=15)
    assert (await enter(shop, "ABCD-EFGH-IJKL-MNOP")).status_code == 200


async def test_a_wrong_password_is_audited_whoever_has_the_address(shop: Shop) -> None:
    assert (await enter(shop, "000000", "a wrong password")).json() == INVALID_GRANT
    staff_id = await with_staff(shop)
    assert (await enter(shop, "000000", "a wrong password")).json() == INVALID_GRANT

    assert await shop.rows(REFUSED) == [
        ("stranger", None, "password"),
        ("stranger", f"staff:{staff_id}", "password"),
    ]
    assert await shop.rows(MAILED) == []  # a stranger's to cause


async def test_strangers_fill_the_audit_with_nobodys_addresses_up_to_a_bound_and_learn_nothing_by_it(
    shop: Shop,
) -> None:
    staff_id = await with_staff(shop)
    for guessed in range(25):
        come_from(shop, f"198.51.100.{guessed}")
        assert (await log_in(shop, f"nobody{guessed}@shop.example", "x" * 12, scope="staff")).json() == INVALID_GRANT
    assert await shop.rows(REFUSED) == [("stranger", None, "password")] * 20

    asked = []
    for email in ("nobody@shop.example", OWNER):
        with statements(shop) as sent:
            assert (await log_in(shop, email, "x" * 12, scope="staff")).json() == INVALID_GRANT
        asked.append(len(sent))
    assert asked[0] == asked[1]
    assert (await shop.rows(REFUSED))[20:] == [("stranger", f"staff:{staff_id}", "password")], "a member's always is"

    shop.clock.advance(minutes=3)
    await log_in(shop, "nobody@shop.example", "x" * 12, scope="staff")
    assert len(await shop.rows(REFUSED)) == 22


async def test_codes_guessed_behind_an_open_session_count_too(shop: Shop) -> None:
    headers = await shop.staff(StaffRole.OWNER, email=OWNER)
    [[staff_id]] = await shop.rows("SELECT id FROM staff")

    async def renew(otp: str) -> tuple[int, dict[str, Any]]:
        wish = {"password": PASSWORD, "otp": otp}
        answer = await shop.http.post("/v1/auth/mfa/recovery-codes", json=wish, headers=headers)
        return answer.status_code, answer.json()

    for _ in range(5):
        assert (await renew("000000"))[1]["code"] == "code-wrong"

    status, problem = await renew(code_at(shop))
    assert (status, problem["code"], problem["retry_after"]) == (429, "too-many-requests", 900)
    assert await shop.rows(MAILED) == TOLD
    who = f"staff:{staff_id}"
    assert await shop.rows(REFUSED) == [(who, who, "code")] * 5 + [(who, who, "locked")]


async def test_a_password_guessed_behind_a_members_open_session_is_audited(shop: Shop) -> None:
    headers, shopper = await shop.staff(StaffRole.OWNER), await shop.account()
    [[staff_id]] = await shop.rows("SELECT id FROM staff")
    codes = {"password": "a wrong password", "otp": code_at(shop)}
    change = {"current_password": "a wrong password", "new_password": "седем стълби към реката"}

    assert (await shop.http.post("/v1/auth/mfa/recovery-codes", json=codes, headers=headers)).status_code == 422
    for whose in (headers, shopper):
        assert (await shop.http.put("/v1/me/password", json=change, headers=whose)).status_code == 422

    who = f"staff:{staff_id}"
    assert await shop.rows(REFUSED) == [(who, who, "password")] * 2


async def test_an_owner_lets_a_locked_member_in_again(shop: Shop) -> None:
    owner = await shop.staff(StaffRole.OWNER, email="other@shop.example")
    staff_id = await with_staff(shop, StaffRole.SUPPORT)
    await guess(shop, 5)

    reset = await shop.http.post(f"/v1/staff/members/{staff_id}/mfa-reset", headers=owner)

    assert reset.status_code == 202
    assert await shop.rows("SELECT refused_codes, locked_until FROM staff WHERE id = :id", id=staff_id) == [(0, None)]
