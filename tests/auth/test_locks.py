"""Of two who change the same person's login at once neither falls: all of them lock in one order."""

import asyncio

from sqlalchemy import text

from app.auth.models import StaffRole
from app.auth.passwords import HASHER
from tests.auth.logins import (
    EMAIL,
    INVALID_GRANT,
    bearing,
    held_at_hashing,
    log_in,
    logged_in,
    refresh,
    with_account,
)
from tests.auth.members import LINK_INVALID, UNAUTHENTICATED, accept, invited
from tests.auth.test_own_logins import NEW, ask_for_reset, reset
from tests.factories.accounts import PASSWORD
from tests.shop import Shop
from tests.waiting import under_way, until_waiting

ACCOUNT = "SELECT FROM accounts FOR UPDATE"
SESSIONS = "SELECT FROM login_sessions ORDER BY id LIMIT 1 FOR UPDATE"
ORDERS = "SELECT FROM orders FOR UPDATE"
ME = "/v1/me"


async def test_a_password_is_reset_while_its_account_is_closed(shop: Shop) -> None:
    me, token = await shop.account(EMAIL), await ask_for_reset(shop)

    closed, refused = await under_way(shop, ACCOUNT, shop.http.delete(ME, headers=me), reset(shop, token))

    assert (closed.status_code, refused.status_code) == (200, 422)
    assert refused.json() == LINK_INVALID


async def test_a_token_is_refreshed_while_its_account_is_closed(shop: Shop) -> None:
    await with_account(shop)
    given = await logged_in(shop)
    closing = shop.http.delete(ME, headers=bearing(given))

    closed, refused = await under_way(shop, SESSIONS, closing, refresh(shop, given["refresh_token"]))

    assert (closed.status_code, refused.status_code) == (200, 400)
    assert refused.json() == INVALID_GRANT


async def test_somebody_logs_in_while_the_account_is_closed(shop: Shop) -> None:
    await shop.ordered()
    me = await shop.account(EMAIL)

    closed, refused = await under_way(shop, ORDERS, shop.http.delete(ME, headers=me), log_in(shop))

    assert (closed.status_code, refused.status_code) == (200, 400)
    assert refused.json() == INVALID_GRANT


async def test_another_address_is_asked_for_while_the_account_is_closed(shop: Shop) -> None:
    await shop.ordered()
    me = await shop.account(EMAIL)
    wish = {"email": "iva@example.com", "password": PASSWORD}
    asking = shop.http.post("/v1/me/email-changes", json=wish, headers=me)

    closed, refused = await under_way(shop, ORDERS, shop.http.delete(ME, headers=me), asking)

    assert (closed.status_code, refused.status_code) == (200, 401)
    assert refused.json() == UNAUTHENTICATED


async def test_a_password_set_while_somebody_logs_in_counts(shop: Shop) -> None:
    """Otherwise a thief's session, opened a moment later, would outlive the change."""
    await with_account(shop)
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE accounts SET password_hash = :new"), {"new": HASHER.hash(NEW)})
        call = asyncio.create_task(log_in(shop))
        await until_waiting(shop, 1)

    assert (await call).json() == INVALID_GRANT
    assert await shop.count("login_sessions") == 0


async def test_g2_a_password_set_while_somebody_logs_in_where_they_were_before_counts(shop: Shop) -> None:
    """There the lock is taken, the password's hash compared and the session opened in one statement."""
    await with_account(shop)
    await logged_in(shop)
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE accounts SET password_hash = :new"), {"new": HASHER.hash(NEW)})
        call = asyncio.create_task(log_in(shop))
        await until_waiting(shop, 1)

    assert (await call).json() == INVALID_GRANT
    counted = [await shop.count(table) for table in ("login_sessions", "refresh_tokens")]
    assert (*counted, await shop.rows("SELECT action FROM audit_entries")) == (1, 1, [("logged_in",)])


async def test_g2_who_waits_to_log_in_holds_up_nobody_elses_entry_in_the_audit(shop: Shop) -> None:
    await with_account(shop)
    await logged_in(shop)
    await with_account(shop, "another@example.bg")
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE accounts SET language = 'en' WHERE email = :email"), {"email": EMAIL})
        call = asyncio.create_task(log_in(shop))
        await until_waiting(shop, 1)
        await logged_in(shop, username="another@example.bg")

    assert (await call).status_code == 200, "another language changes no password"


async def test_of_two_logins_that_renew_the_hash_at_once_both_come_in(shop: Shop, full_cost: None) -> None:
    await with_account(shop)
    cheap = HASHER.using(time_cost=1).hash(PASSWORD)
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE accounts SET password_hash = :cheap"), {"cheap": cheap})

    answers = await under_way(shop, ACCOUNT, log_in(shop), log_in(shop))

    assert [answer.status_code for answer in answers] == [200, 200]
    [[kept]] = await shop.rows("SELECT password_hash FROM accounts")
    assert not HASHER.needs_update(kept)


async def test_one_session_ends_while_all_are_ended(shop: Shop) -> None:
    await with_account(shop)
    oldest, newest = await logged_in(shop), await logged_in(shop)
    one = shop.http.post("/v1/auth/revoke", data={"token": oldest["refresh_token"]})
    both = shop.http.delete("/v1/me/sessions", headers=bearing(newest))

    answers = await under_way(shop, SESSIONS, one, both)

    assert [answer.status_code for answer in answers] == [200, 204]
    assert await shop.rows("SELECT ended_because FROM login_sessions ORDER BY id") == [
        ("logout",),
        ("ended_by_owner",),
    ]
    assert await shop.rows("SELECT action FROM audit_entries WHERE action <> 'logged_in' ORDER BY sequence") == [
        ("logged_out",),
        ("session_ended",),
    ]


async def test_no_connection_is_held_while_a_new_password_is_hashed(shop: Shop) -> None:
    await with_account(shop)
    token = await ask_for_reset(shop)
    shop.clock.advance(seconds=1)
    invitation = await invited(shop, await shop.staff(StaffRole.OWNER))
    async with held_at_hashing(reset(shop, token), accept(shop, invitation)) as calls:
        assert shop.engine.pool.checkedout() == 0
    assert [answer.status_code for answer in await asyncio.gather(*calls)] == [204, 200]


async def test_a_session_that_is_noted_as_used_holds_up_nobody(shop: Shop) -> None:
    """The note is written last: a request that waits for the account holds no session meanwhile."""
    await with_account(shop)
    phone, laptop = await logged_in(shop), await logged_in(shop)
    shop.clock.advance(minutes=5)
    wish = {"current_password": PASSWORD, "new_password": NEW}
    renaming = shop.http.patch(ME, json={"first_name": "Ивелина"}, headers=bearing(phone))
    changing = shop.http.put("/v1/me/password", json=wish, headers=bearing(laptop))

    renamed, changed = await under_way(shop, ACCOUNT, renaming, changing)

    assert (renamed.status_code, changed.status_code) in {(200, 204), (401, 204)}
