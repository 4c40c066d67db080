"""Logging in with a password, the second factor of staff, and what slows down who guesses."""

from uuid import UUID

import pytest
from passlib.hash import argon2  # type: ignore[import-untyped] # libpass says nothing of its types
from sqlalchemy import text

from app.auth.models import StaffRole
from app.auth.totp import digest_of
from tests.auth.logins import (
    EMAIL,
    INVALID_GRANT,
    OWNER,
    bearing,
    code_at,
    come_from,
    log_in,
    logged_in,
    with_account,
    with_staff,
)
from tests.auth.test_own_logins import NEW, ask_for_reset, reset
from tests.factories.accounts import PASSWORD
from tests.shop import Shop

TRIES_OF_ONE_PLACE = 10
TRIES_OF_STRANGERS = 50


async def test_a_shopper_logs_in(shop: Shop) -> None:
    account_id = await with_account(shop)

    answer = await log_in(shop)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    given = answer.json()
    assert given.keys() == {"access_token", "token_type", "expires_in", "scope", "refresh_token"}
    assert (given["token_type"], given["expires_in"], given["scope"]) == ("Bearer", 900, "account")
    claims = shop.app.state.tokens.read(given["access_token"], at=shop.clock.now())
    assert (claims.subject, claims.client_id, claims.scopes) == (account_id, "shop", {"account"})
    assert await shop.rows("SELECT id, account_id, ended_at FROM login_sessions") == [
        (claims.session_id, UUID(account_id), None)
    ]
    [(actor, action, subject)] = await shop.rows("SELECT actor, action, subject FROM audit_entries")
    assert (actor, action, subject) == (f"account:{account_id}", "logged_in", f"session:{claims.session_id}")


async def test_the_refresh_token_is_kept_as_a_hash_alone(shop: Shop) -> None:
    await with_account(shop)
    token = (await logged_in(shop))["refresh_token"]
    for (table,) in await shop.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        [(kept,)] = await shop.rows(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} AS t")  # noqa: S608 - names of ours
        assert token not in kept
        assert token[3:] not in kept


async def test_the_address_is_known_in_any_case(shop: Shop) -> None:
    await with_account(shop, "Iva@Example.bg")
    assert (await log_in(shop, "iVA@example.BG")).status_code == 200


@pytest.mark.parametrize("email", ["nobody@example.bg", "no address", "", "\x00", "я" * 5000])
async def test_who_is_nobody_is_answered_as_a_wrong_password_is(shop: Shop, email: str) -> None:
    await with_account(shop)
    wrong = await log_in(shop, password="not the password")
    assert (wrong.status_code, wrong.json()) == (400, INVALID_GRANT)

    unknown = await log_in(shop, email)

    if email:
        assert (unknown.status_code, unknown.json()) == (400, INVALID_GRANT)
    else:
        assert unknown.json()["error"] == "invalid_request"
    assert await shop.count("login_sessions") == 0
    assert await shop.count("audit_entries") == 0


async def test_a_shoppers_login_opens_nothing_of_the_staffs(shop: Shop) -> None:
    await with_account(shop)
    assert (await log_in(shop, scope="staff")).json() == INVALID_GRANT
    assert (await log_in(shop, scope="shipments")).json()["error"] == "invalid_scope"
    assert (await log_in(shop, scope="account staff")).json()["error"] == "invalid_scope"


async def test_people_show_no_client_secret(shop: Shop) -> None:
    await with_account(shop)
    assert (await log_in(shop, client_id="spa", client_secret="x")).json()["error"] == "unauthorized_client"
    assert (await log_in(shop, client_id="spa")).status_code == 200


async def test_staff_need_a_second_factor_that_works_once(shop: Shop) -> None:
    staff_id = await with_staff(shop)

    without = await log_in(shop, OWNER, scope="staff")
    assert (without.status_code, without.json()["error"]) == (400, "mfa_required")
    assert (await log_in(shop, OWNER, scope="staff", otp="000000")).json() == INVALID_GRANT
    wrong_password = await log_in(shop, OWNER, "not the password", scope="staff")
    assert wrong_password.json() == INVALID_GRANT  # no word of a second factor to who does not know the first
    assert await shop.count("login_sessions") == 0

    code = code_at(shop)
    given = await logged_in(shop, username=OWNER, scope="staff", otp=code)
    assert given["scope"] == "staff"
    assert (await log_in(shop, OWNER, scope="staff", otp=code)).json() == INVALID_GRANT
    shop.clock.advance(seconds=60)
    assert (await log_in(shop, OWNER, scope="staff", otp=code_at(shop))).status_code == 200
    logged_in_by = "SELECT DISTINCT actor FROM audit_entries WHERE action = 'logged_in'"
    assert await shop.rows(logged_in_by) == [(f"staff:{staff_id}",)]


async def test_a_recovery_code_stands_in_once(shop: Shop) -> None:
    staff_id = await with_staff(shop)
    async with shop.sessions.begin() as session:
        await session.execute(
            text("INSERT INTO recovery_codes (staff_id, code_hash) VALUES (:id, :hash)"),
            {"id": staff_id, "hash": digest_of("ABCD-EFGH-IJKL-MNOP")},
        )
    assert (await log_in(shop, OWNER, scope="staff", otp="abcd efgh ijkl mnop")).status_code == 200
    assert (await log_in(shop, OWNER, scope="staff", otp="ABCD-EFGH-IJKL-MNOP")).json() == INVALID_GRANT


async def test_a_session_of_staff_ends_after_eight_hours_however_much_it_is_used(shop: Shop) -> None:
    await with_staff(shop)
    given = await logged_in(shop, username=OWNER, scope="staff", otp=code_at(shop))
    for _ in range(4):
        shop.clock.advance(hours=1, minutes=59)
        answer = await shop.http.post(
            "/v1/auth/token", data={"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
        )
        given = answer.json()
    shop.clock.advance(minutes=3)
    assert (await shop.http.get("/v1/me/sessions", headers=bearing(given))).status_code == 200
    shop.clock.advance(minutes=1)
    assert (await shop.http.get("/v1/me/sessions", headers=bearing(given))).status_code == 401
    answer = await shop.http.post(
        "/v1/auth/token", data={"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    )
    assert answer.json() == INVALID_GRANT


@pytest.mark.parametrize("change", ["disabled_at = now()", "activated_at = NULL"])
async def test_staff_who_are_not_at_work_do_not_log_in(shop: Shop, change: str) -> None:
    await with_staff(shop)
    headers = await shop.staff(StaffRole.SUPPORT)
    async with shop.sessions.begin() as session:
        await session.execute(text(f"UPDATE staff SET {change}"))  # noqa: S608 - ours
    assert (await log_in(shop, OWNER, scope="staff", otp=code_at(shop))).json() == INVALID_GRANT
    assert (await shop.http.get("/v1/me/sessions", headers=headers)).status_code == 401


async def test_a_hash_of_lower_cost_is_renewed_at_login(shop: Shop, full_cost: None) -> None:
    await with_account(shop)
    cheap = argon2.using(type="ID", memory_cost=1024, time_cost=1, parallelism=1).hash(PASSWORD)
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE accounts SET password_hash = :cheap"), {"cheap": cheap})
    assert (await log_in(shop, password="not the password")).status_code == 400
    assert await shop.rows("SELECT password_hash FROM accounts") == [(cheap,)]

    assert (await log_in(shop)).status_code == 200

    [(renewed,)] = await shop.rows("SELECT password_hash FROM accounts")
    assert renewed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await log_in(shop)).status_code == 200


async def test_guessing_is_slowed_down_and_says_for_how_long(shop: Shop) -> None:
    await with_account(shop)
    for _ in range(TRIES_OF_ONE_PLACE):
        assert (await log_in(shop, password="a wrong guess")).status_code == 400

    refused = await log_in(shop)

    assert refused.status_code == 429
    assert refused.json() == {"error": "slow_down", "error_description": "Try again in 90 seconds."}
    assert refused.headers["retry-after"] == "90"
    shop.clock.advance(seconds=90)
    assert (await log_in(shop)).status_code == 200


async def test_an_unknown_address_is_slowed_down_alike(shop: Shop) -> None:
    for _ in range(TRIES_OF_ONE_PLACE):
        assert (await log_in(shop, "nobody@example.bg")).status_code == 400
    assert (await log_in(shop, "nobody@example.bg")).json()["error"] == "slow_down"


async def use_up(shop: Shop, key: str, uses: int, seconds: int) -> None:
    """Leave an allowance as so many tries leave it, without the work of each."""
    throttle = shop.app.state.entrance.door.throttle
    await throttle.take(key, limit=uses, per_seconds=seconds, cost=uses, at=shop.clock.now())


async def test_strangers_who_guess_do_not_lock_out_the_owner(shop: Shop) -> None:
    await with_account(shop)
    await logged_in(shop)  # the owner was here before
    shop.clock.advance(hours=1)
    await use_up(shop, f"login:account:{EMAIL}", TRIES_OF_STRANGERS, 3600)

    assert (await log_in(shop)).status_code == 200

    come_from(shop, "198.51.100.9")
    assert (await log_in(shop)).json()["error"] == "slow_down"


async def test_one_origin_alone_locks_nobody_out_elsewhere(shop: Shop) -> None:
    await with_account(shop)
    await use_up(shop, f"login-here:account:127.0.0.1:{EMAIL}", TRIES_OF_ONE_PLACE, 900)
    for _ in range(TRIES_OF_STRANGERS):
        assert (await log_in(shop)).status_code == 429

    come_from(shop, "198.51.100.9")  # the owner on the road
    assert (await log_in(shop)).status_code == 200


@pytest.mark.parametrize(("network", "tries"), [("2001:db8:1:2300::/56", 180), ("2001:db8:1::/48", 600)])
async def test_a_network_of_one_customer_is_no_source_of_new_tries(shop: Shop, network: str, tries: int) -> None:
    await with_account(shop)
    await use_up(shop, f"login-near:{network}", tries, 900)

    come_from(shop, "2001:db8:1:23ff::1")
    assert (await log_in(shop)).json()["error"] == "slow_down"

    come_from(shop, "2001:db8:2:23ff::1")
    assert (await log_in(shop)).status_code == 200


async def test_neighbours_who_guess_do_not_lock_out_an_owner_who_was_there_before(shop: Shop) -> None:
    await with_account(shop)
    come_from(shop, "2001:db8:1:23ff::1")
    await logged_in(shop)
    shop.clock.advance(hours=1)
    await use_up(shop, "login-near:2001:db8:1:2300::/56", 180, 900)
    assert (await log_in(shop)).status_code == 200


async def test_a_customer_refused_in_their_own_network_locks_out_no_neighbour_of_the_same_provider(shop: Shop) -> None:
    await with_account(shop)
    await use_up(shop, "login-near:2001:db8:1:2300::/56", 180, 900)
    for site in range(60):  # a /64 for each try: more than the login's 50 an hour, were they counted
        come_from(shop, f"2001:db8:1:{0x2300 + site:x}::1")
        assert (await log_in(shop)).json()["error"] == "slow_down"
    assert await shop.count("throttle") == 1 + 2 * 60  # neither the /48 nor the login everywhere

    come_from(shop, "2001:db8:1:2400::1")
    assert (await log_in(shop)).status_code == 200


async def test_one_place_uses_up_its_own_tries_alone(shop: Shop) -> None:
    """What its own limit refuses costs its neighbours nothing."""
    await use_up(shop, "login-from:2001:db8:1:23ff::/64", 60, 900)
    come_from(shop, "2001:db8:1:23ff::1")
    for _ in range(2):
        assert (await log_in(shop)).status_code == 429
    assert await shop.count("throttle") == 2


async def test_who_resets_the_password_by_mail_is_let_in_whatever_strangers_do(shop: Shop) -> None:
    await with_account(shop)
    await use_up(shop, f"login:account:{EMAIL}", TRIES_OF_STRANGERS, 3600)
    assert (await log_in(shop)).status_code == 429

    assert (await reset(shop, await ask_for_reset(shop))).status_code == 204

    assert (await log_in(shop, password=NEW)).status_code == 200


@pytest.mark.parametrize("email", ["\u0130va@example.bg", "iva@example.bg\u0130"])
async def test_no_other_spelling_of_an_address_has_tries_of_its_own(shop: Shop, email: str) -> None:
    """PostgreSQL takes the Turkish capital for an i, Python does not."""
    await with_account(shop)
    assert (await log_in(shop, email)).json() == INVALID_GRANT
    refused = await shop.http.post("/v1/auth/forgot-password", json={"email": email})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("iva@example.bg", "  iva@example.bg "),
        ("андрей@пример.бг", "андрей@пример.бг"),
        ("zoë@example.bg", "zoe\u0308@example.bg"),
        ("ива@пример.бг", "ива@xn--e1afmkfd.xn--90ae"),
    ],
)
async def test_an_address_may_be_typed_in_any_of_its_ways(shop: Shop, kept: str, typed: str) -> None:
    await with_account(shop, kept)
    assert (await log_in(shop, typed)).status_code == 200


async def test_no_name_that_is_typed_uses_up_an_allowance_of_another(shop: Shop) -> None:
    """Names with colons looked like the places of an owner: strangers locked one out of their own."""
    await with_account(shop)
    await logged_in(shop)
    shop.clock.advance(hours=1)
    for number, typed in enumerate((f"{EMAIL}:127.0.0.1", f"127.0.0.1:{EMAIL}") * 20):
        come_from(shop, f"198.51.100.{number % 4}")
        await log_in(shop, typed)
    come_from(shop, "127.0.0.1")
    assert (await log_in(shop)).status_code == 200
