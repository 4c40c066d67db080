"""Staff lift what limits one mailbox: it is written to and logged in with again, and the audit says who did it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.auth.models import Staff, StaffRole
from tests.auth.logins import EMAIL, OWNER, come_from, log_in, with_account, with_staff
from tests.fulfilment.story import letters
from tests.security.callers import claims_of, token_of
from tests.shop import Shop, open_shop

LIFTS = "/v1/staff/limit-lifts"
RESET = "Избор на нова парола"


@pytest.fixture
async def shop(stocked: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """Open a shop that holds back what a real one would."""
    async with open_shop(stocked, tmp_path, mails_at_once=5) as shop:
        yield shop


async def lift(shop: Shop, staff: dict[str, str], email: str = EMAIL) -> int:
    return (await shop.http.post(LIFTS, json={"email": email}, headers=staff)).status_code


async def guess(shop: Shop, email: str = EMAIL, *, times: int = 50, **form: str) -> None:
    for number in range(times):
        come_from(shop, f"198.51.100.{number}")
        await log_in(shop, email, "познавам я", **form)


async def test_b3_what_was_held_back_of_a_mailbox_is_sent_and_the_next_mails_too(shop: Shop) -> None:
    account_id = await with_account(shop)
    support = await shop.staff(StaffRole.SUPPORT)
    for number in range(8):
        come_from(shop, f"198.51.100.{number}")
        await shop.http.post("/v1/auth/forgot-password", json={"email": EMAIL})
    await shop.run_jobs()
    assert len(letters(shop, RESET)) == 5

    assert await lift(shop, support, "IVA@example.bg") == 204
    await shop.run_jobs()
    assert len(letters(shop, RESET)) == 6
    assert await shop.rows("SELECT count(*) FROM mails WHERE state <> 'sent'") == [(0,)]
    await shop.http.post("/v1/auth/forgot-password", json={"email": EMAIL})
    await shop.run_jobs()
    assert len(letters(shop, RESET)) == 7

    [(actor, subject, detail)] = await shop.rows(
        "SELECT actor, subject, detail FROM audit_entries WHERE action = 'limits_lifted'"
    )
    assert (actor, subject) == (f"staff:{claims_of(token_of(support))['sub']}", f"account:{account_id}")
    assert detail.startswith("mailbox:")
    assert detail.endswith(f" account:{account_id}")
    assert EMAIL not in detail


async def test_b3_a_login_that_strangers_locked_is_open_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.auth.entering.EVERYWHERE", 4)
    await with_account(shop)
    await guess(shop, times=5)
    come_from(shop, "203.0.113.7")
    assert (await log_in(shop)).status_code == 429
    assert await lift(shop, await shop.staff(StaffRole.SUPPORT)) == 204
    assert (await log_in(shop)).status_code == 200


async def test_b3_the_lock_of_a_members_login_is_lifted_by_who_manages_the_staff(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.auth.entering.EVERYWHERE", 4)
    staff_id = await with_staff(shop, StaffRole.WAREHOUSE, OWNER)
    async with shop.sessions.begin() as session:
        member = await session.get_one(Staff, UUID(staff_id))
        member.refused_codes, member.locked_until = 5, shop.clock.now() + timedelta(minutes=15)
    await guess(shop, OWNER, times=5, scope="staff")
    come_from(shop, "203.0.113.7")
    for role, status, locked in ((StaffRole.SUPPORT, 429, 1), (StaffRole.OWNER, 400, 0)):
        assert await lift(shop, await shop.staff(role, email=f"{role}@example.bg"), OWNER) == 204
        assert (await log_in(shop, OWNER, scope="staff")).status_code == status
        assert await shop.rows("SELECT count(*) FROM staff WHERE locked_until IS NOT NULL") == [(locked,)]
    assert await shop.rows("SELECT subject FROM audit_entries WHERE action = 'second_factor_unlocked'") == [
        (f"staff:{staff_id}",)
    ]


async def test_b3_a_mailbox_that_nothing_is_known_of_may_be_lifted_too(shop: Shop) -> None:
    assert await lift(shop, await shop.staff(StaffRole.PRIVACY_OFFICER), "nobody@example.bg") == 204
    assert await shop.rows("SELECT subject FROM audit_entries WHERE action = 'limits_lifted'") == [(None,)]
