"""One's own sessions and password: listed, ended, changed, reset; each change is told by mail and ends what it must."""

import asyncio
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import text

from app.auth.link_tokens import link_token
from app.auth.models import StaffRole
from app.auth.own_schemas import ChangePassword
from tests.auth.logins import (
    EMAIL,
    INVALID_GRANT,
    OWNER,
    bearing,
    code_at,
    come_from,
    held_at_hashing,
    log_in,
    logged_in,
    refresh,
    with_account,
    with_staff,
)
from tests.checkout.watching import statements
from tests.factories.accounts import PASSWORD
from tests.problems import of_kind
from tests.security.callers import claims_of
from tests.shop import Shop

NEW = "трамвай лимон петък облак"
NOT_FOUND = {
    **of_kind("not-found"),
    "title": "Няма такъв запис",
    "status": 404,
    "detail": "Проверете адреса и правата си за достъп.",
}
LINK_INVALID = {
    **of_kind("link-invalid"),
    "title": "Връзката не е валидна",
    "status": 422,
    "detail": "Връзката е използвана или срокът ѝ е изтекъл. Поискайте нова.",
}


@pytest.fixture
async def given(shop: Shop) -> dict[str, Any]:
    await with_account(shop)
    return await logged_in(shop)


async def ask_for_reset(shop: Shop, email: str = EMAIL, **more: str) -> str:
    """Ask for a link; returns the token that its mail will bear."""
    answer = await shop.http.post("/v1/auth/forgot-password", json={"email": email, **more})
    assert (answer.status_code, answer.content) == (202, b"")
    [[link_id]] = await shop.rows("SELECT id FROM mail_links ORDER BY created_at DESC, id LIMIT 1")
    return link_token(shop.app.state.secret, "reset_password", link_id)


async def reset(shop: Shop, token: str, password: str = NEW) -> Any:
    return await shop.http.post("/v1/auth/reset-password", json={"token": token, "new_password": password})


async def test_sessions_are_listed_with_device_and_last_use(shop: Shop) -> None:
    await with_account(shop)
    await with_account(shop, "other@example.bg")
    await logged_in(shop, username="other@example.bg")
    shop.http.headers["user-agent"] = "x" * 500
    first = await logged_in(shop)
    shop.clock.advance(minutes=5)
    shop.http.headers["user-agent"] = "Mozilla/5.0"
    second = await logged_in(shop)
    shop.clock.advance(minutes=5)

    items = (await shop.http.get("/v1/me/sessions", headers=bearing(first))).json()["items"]

    assert [{**item, "id": None} for item in items] == [
        {
            "id": None,
            "device": "x" * 200,
            "created_at": "2026-11-23T10:00:00Z",
            "last_used_at": "2026-11-23T10:10:00Z",
            "expires_at": "2026-12-23T10:00:00Z",
            "is_current": True,
        },
        {
            "id": None,
            "device": "Mozilla/5.0",
            "created_at": "2026-11-23T10:05:00Z",
            "last_used_at": "2026-11-23T10:05:00Z",
            "expires_at": "2026-12-23T10:05:00Z",
            "is_current": False,
        },
    ]
    shop.clock.advance(seconds=59)
    assert (await shop.http.get("/v1/me/sessions", headers=bearing(first))).json()["items"] == items  # to the minute
    of_second = (await shop.http.get("/v1/me/sessions", headers=bearing(second))).json()["items"]
    assert [item["is_current"] for item in of_second] == [True, False]  # asking is a use, noted before the answer


async def test_one_session_is_ended_or_all(shop: Shop, given: dict[str, Any]) -> None:
    other, third = await logged_in(shop), await logged_in(shop)
    stranger = await shop.account("other@example.bg")
    sessions = (await shop.http.get("/v1/me/sessions", headers=bearing(other))).json()["items"]
    [current] = [each["id"] for each in sessions if each["is_current"]]

    refused = await shop.http.delete(f"/v1/me/sessions/{current}", headers=stranger)
    assert (refused.status_code, refused.json()) == (404, NOT_FOUND)
    assert (await shop.http.delete(f"/v1/me/sessions/{current}", headers=bearing(given))).status_code == 204
    assert (await shop.http.get("/v1/me/sessions", headers=bearing(other))).status_code == 401
    assert (await refresh(shop, other["refresh_token"])).json() == INVALID_GRANT
    assert (await shop.http.delete(f"/v1/me/sessions/{current}", headers=bearing(given))).status_code == 404

    assert (await shop.http.delete("/v1/me/sessions", headers=bearing(given))).status_code == 204
    for ended in (given, third):
        assert (await shop.http.get("/v1/me/sessions", headers=bearing(ended))).status_code == 401
    assert (await shop.http.get("/v1/me/sessions", headers=stranger)).status_code == 200
    assert await shop.rows("SELECT count(*) FROM login_sessions WHERE ended_because = 'ended_by_owner'") == [(3,)]
    assert await shop.rows("SELECT count(*) FROM audit_entries WHERE action = 'session_ended'") == [(3,)]


async def test_a_session_that_expired_is_not_ended_again(shop: Shop, given: dict[str, Any]) -> None:
    shop.clock.advance(days=30)
    assert (await shop.http.delete("/v1/me/sessions", headers=bearing(await logged_in(shop)))).status_code == 204
    assert await shop.rows("SELECT ended_because FROM login_sessions ORDER BY created_at") == [
        (None,),
        ("ended_by_owner",),
    ]


async def test_a_password_is_changed_by_who_knows_the_old_one(shop: Shop, given: dict[str, Any]) -> None:
    other = await logged_in(shop)
    mine = bearing(given)

    wrong = await shop.http.put(
        "/v1/me/password", json={"current_password": "not this one", "new_password": NEW}, headers=mine
    )
    assert wrong.json() == {
        **of_kind("password-wrong"),
        "title": "Грешна парола",
        "status": 422,
        "detail": "Проверете паролата и опитайте отново.",
    }
    weak = await shop.http.put(
        "/v1/me/password", json={"current_password": PASSWORD, "new_password": "password1234"}, headers=mine
    )
    assert weak.status_code == 422
    assert [error["pointer"] for error in weak.json()["errors"]] == ["/new_password"]
    assert (await refresh(shop, other["refresh_token"])).status_code == 200
    assert await shop.count("mails") == 0

    changed = await shop.http.put(
        "/v1/me/password", json={"current_password": PASSWORD, "new_password": NEW}, headers=mine
    )

    assert changed.status_code == 204
    assert (await shop.http.get("/v1/me/sessions", headers=mine)).status_code == 200
    assert (await shop.http.get("/v1/me/sessions", headers=bearing(other))).status_code == 401
    assert (await log_in(shop)).json() == INVALID_GRANT
    assert (await log_in(shop, password=NEW)).status_code == 200
    assert await shop.rows("SELECT kind, address FROM mails") == [("password_changed", EMAIL)]
    assert await shop.rows("SELECT count(*) FROM audit_entries WHERE action = 'password_changed'") == [(1,)]


@pytest.mark.parametrize(
    ("password", "pointer"),
    [("x" * 11, "/new_password"), ("x" * 129, "/new_password"), ("", "/new_password"), (None, "/new_password")],
)
async def test_a_password_has_12_to_128_characters(
    shop: Shop, given: dict[str, Any], password: str | None, pointer: str
) -> None:
    refused = await shop.http.put(
        "/v1/me/password", json={"current_password": PASSWORD, "new_password": password}, headers=bearing(given)
    )
    assert (refused.status_code, [e["pointer"] for e in refused.json()["errors"]]) == (422, [pointer])
    assert PASSWORD not in refused.text


def test_the_old_password_may_be_typed_in_as_many_parts_as_when_it_was_chosen() -> None:
    chosen = "и\u0306" * 128  # as a keyboard sends й that knows it as two letters
    ChangePassword.model_validate({"current_password": chosen, "new_password": chosen})
    with pytest.raises(ValidationError, match="at most 512"):
        ChangePassword.model_validate({"current_password": "x" * 513, "new_password": chosen})


async def test_a_forgotten_password_is_reset_by_the_link_once(shop: Shop, given: dict[str, Any]) -> None:
    token = await ask_for_reset(shop, "IVA@example.bg")
    assert (await reset(shop, token[:-1] + ("A" if token[-1] != "A" else "B"))).json() == LINK_INVALID
    assert (await reset(shop, token, "password1234")).json()["code"] == "password-too-common"

    assert (await reset(shop, token)).status_code == 204

    assert (await reset(shop, token)).json() == LINK_INVALID
    assert (await shop.http.get("/v1/me/sessions", headers=bearing(given))).status_code == 401
    assert (await refresh(shop, given["refresh_token"])).json() == INVALID_GRANT
    assert (await log_in(shop)).json() == INVALID_GRANT
    assert (await log_in(shop, password=NEW)).status_code == 200
    assert await shop.rows("SELECT kind, address FROM mails ORDER BY created_at, id") == [
        ("password_reset", "IVA@example.bg"),
        ("password_changed", EMAIL),
    ]
    assert await shop.rows("SELECT count(*) FROM audit_entries WHERE action = 'password_reset'") == [(1,)]


async def test_a_link_is_used_by_one_of_two_at_once(shop: Shop, given: dict[str, Any]) -> None:
    token = await ask_for_reset(shop)
    answers = await asyncio.gather(*(reset(shop, token) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [204, 422, 422]
    assert await shop.rows("SELECT count(*) FROM mails WHERE kind = 'password_changed'") == [(1,)]


async def test_a_link_expires_within_the_hour(shop: Shop, given: dict[str, Any]) -> None:
    token = await ask_for_reset(shop)
    shop.clock.advance(hours=1)
    assert (await reset(shop, token)).json() == LINK_INVALID
    assert (await log_in(shop)).status_code == 200


async def test_a_link_for_an_address_that_nobody_has_opens_nothing(shop: Shop, given: dict[str, Any]) -> None:
    token = await ask_for_reset(shop, "nobody@example.bg")
    assert (await reset(shop, token)).json() == LINK_INVALID
    token = await ask_for_reset(shop, EMAIL, realm="staff")
    assert (await reset(shop, token)).json() == LINK_INVALID
    assert (await log_in(shop)).status_code == 200


async def test_staff_reset_their_password_and_still_need_the_second_factor(shop: Shop) -> None:
    await with_staff(shop)
    headers = await shop.staff(StaffRole.SUPPORT)
    token = await ask_for_reset(shop, OWNER, realm="staff")
    assert (await reset(shop, token)).status_code == 204
    assert (await log_in(shop, OWNER, NEW, scope="staff")).json()["error"] == "mfa_required"
    assert (await shop.http.get("/v1/me/sessions", headers=headers)).status_code == 200  # a colleague's


async def test_asking_for_links_is_limited_by_mailbox_and_origin_together(shop: Shop) -> None:
    for _ in range(5):
        await shop.http.post("/v1/auth/forgot-password", json={"email": EMAIL})
    refused = await shop.http.post("/v1/auth/forgot-password", json={"email": "IVA@EXAMPLE.BG"})
    assert refused.status_code == 429
    assert refused.json()["retry_after"] == 720
    assert await shop.count("mails") == 5

    come_from(shop, "198.51.100.9")  # no stranger keeps the owner from asking
    assert (await shop.http.post("/v1/auth/forgot-password", json={"email": EMAIL})).status_code == 202
    assert await shop.count("mails") == 6


async def test_a_password_made_of_ones_own_name_is_refused_when_it_is_changed_and_reset(shop: Shop) -> None:
    await with_staff(shop)
    own = bearing(await logged_in(shop, username=OWNER, scope="staff", otp=code_at(shop)))
    weak = "Мария Иванова 1"
    wish = {"current_password": PASSWORD, "new_password": weak}
    changed = await shop.http.put("/v1/me/password", json=wish, headers=own)
    renewed = await reset(shop, await ask_for_reset(shop, OWNER, realm="staff"), weak)
    for refused in (changed, renewed):
        assert (refused.status_code, refused.json()["code"]) == (422, "password-too-common")
        assert [error["pointer"] for error in refused.json()["errors"]] == ["/new_password"]


async def test_a_reset_kills_every_other_link(shop: Shop, given: dict[str, Any]) -> None:
    """Who once read the mailbox keeps no way back."""
    strangers = await ask_for_reset(shop)
    shop.clock.advance(seconds=1)
    assert (await reset(shop, await ask_for_reset(shop))).status_code == 204
    assert (await reset(shop, strangers, PASSWORD)).json() == LINK_INVALID


async def test_a_change_under_way_does_not_undo_a_reset(shop: Shop, given: dict[str, Any]) -> None:
    wish = {"current_password": PASSWORD, "new_password": "what the thief would like"}
    changing = shop.http.put("/v1/me/password", json=wish, headers=bearing(given))
    async with held_at_hashing(changing) as [change], shop.sessions.begin() as session:
        await session.execute(text("UPDATE accounts SET password_hash = 'of the reset'"))
    refused = await change
    assert (refused.status_code, refused.json()["code"]) == (422, "password-wrong")
    assert await shop.rows("SELECT password_hash FROM accounts") == [("of the reset",)]


async def use_up_tries(shop: Shop, given: dict[str, Any], tries: int) -> None:
    throttle = shop.app.state.entrance.door.throttle
    session_id = claims_of(given["access_token"])["sid"]
    await throttle.take(f"password:{session_id}", limit=10, per_seconds=900, cost=tries, at=shop.clock.now())


async def test_who_has_the_token_of_an_ended_session_uses_up_nothing_of_the_owners(
    shop: Shop, given: dict[str, Any]
) -> None:
    stolen, wish = await logged_in(shop), {"current_password": PASSWORD, "new_password": NEW}
    await shop.http.post("/v1/auth/revoke", data={"token": stolen["refresh_token"]})
    await use_up_tries(shop, stolen, 10)
    assert (await shop.http.put("/v1/me/password", json=wish, headers=bearing(stolen))).status_code == 429
    assert (await shop.http.put("/v1/me/password", json=wish, headers=bearing(given))).status_code == 204


async def test_all_sessions_end_in_as_many_statements_as_one(shop: Shop, given: dict[str, Any]) -> None:
    """The audit's head is held while the ends are noted, and every other login waits for it."""
    await logged_in(shop)
    others = [await logged_in(shop) for _ in range(4)]
    with statements(shop) as sent:
        assert (await shop.http.delete("/v1/me/sessions", headers=bearing(given))).status_code == 204
    assert len(sent) == 4, "the session, the account's lock, the ends, the audit"
    noted = "SELECT subject, detail FROM audit_entries WHERE action = 'session_ended' ORDER BY subject"
    ended = "SELECT 'session:' || id, ended_because FROM login_sessions ORDER BY id"
    assert await shop.rows(noted) == await shop.rows(ended)
    assert len(await shop.rows(noted)) == len(others) + 2


async def test_guessing_behind_a_token_is_limited_by_whose_it_is(shop: Shop, given: dict[str, Any]) -> None:
    await with_account(shop, "other@example.bg")
    other = await logged_in(shop, username="other@example.bg")
    wrong = {"current_password": "not this one", "new_password": NEW}
    await use_up_tries(shop, given, 9)
    assert (await shop.http.put("/v1/me/password", json=wrong, headers=bearing(given))).status_code == 422
    assert (await shop.http.put("/v1/me/password", json=wrong, headers=bearing(given))).status_code == 429
    assert (await shop.http.put("/v1/me/password", json=wrong, headers=bearing(other))).status_code == 422
