"""Refresh tokens work once; one that was copied ends its session, one whose answer was lost is given again."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from app.auth.guest_tokens import guest_token
from app.auth.link_tokens import link_token
from app.auth.scopes import Scope
from tests.auth.logins import EMAIL, INVALID_GRANT, ask, bearing, log_in, logged_in, refresh, with_account
from tests.factories.accounts import PASSWORD
from tests.shop import Shop, open_shop

STOREFRONT = "https://shop.example"


@pytest.fixture
async def given(shop: Shop) -> dict[str, str]:
    await with_account(shop)
    return await logged_in(shop)


async def test_each_token_gives_the_next(shop: Shop, given: dict[str, str]) -> None:
    seen = {given["refresh_token"]}
    for _ in range(5):
        shop.clock.advance(minutes=10)
        answer = await refresh(shop, given["refresh_token"])
        assert answer.status_code == 200
        given = answer.json()
        assert given["refresh_token"] not in seen
        seen.add(given["refresh_token"])
        assert (await shop.http.get("/v1/me/sessions", headers=bearing(given))).status_code == 200
    assert await shop.count("login_sessions") == 1


async def test_a_session_lives_while_it_is_used(shop: Shop, given: dict[str, str]) -> None:
    for _ in range(3):
        shop.clock.advance(days=29)
        given = (await refresh(shop, given["refresh_token"])).json()
    shop.clock.advance(days=30)
    assert (await refresh(shop, given["refresh_token"])).json() == INVALID_GRANT


@pytest.mark.parametrize("later", [timedelta(0), timedelta(seconds=12), timedelta(days=3), timedelta(days=29)])
async def test_typed_c7_a_lost_answer_is_given_again_as_long_as_its_successor_was_not_used(
    shop: Shop, given: dict[str, str], later: timedelta
) -> None:
    first = (await refresh(shop, given["refresh_token"])).json()
    shop.clock.advance(seconds=later.total_seconds())

    again = await refresh(shop, given["refresh_token"])

    assert again.status_code == 200
    assert again.json()["refresh_token"] == first["refresh_token"]
    assert (await shop.http.get("/v1/me/sessions", headers=bearing(again.json()))).status_code == 200
    assert await shop.count("refresh_tokens") == 2
    assert await shop.count("mails") == 0
    assert (await refresh(shop, first["refresh_token"])).status_code == 200


async def test_typed_c7_asking_again_is_a_use_that_keeps_the_session(shop: Shop, given: dict[str, str]) -> None:
    await refresh(shop, given["refresh_token"])
    shop.clock.advance(days=29)
    again = (await refresh(shop, given["refresh_token"])).json()
    shop.clock.advance(days=29)
    assert (await refresh(shop, again["refresh_token"])).status_code == 200


async def test_typed_c7_no_successor_is_given_again_of_a_session_that_is_over(
    shop: Shop, given: dict[str, str]
) -> None:
    await refresh(shop, given["refresh_token"])
    shop.clock.advance(days=30)
    assert (await refresh(shop, given["refresh_token"])).json() == INVALID_GRANT

    other = await logged_in(shop)
    following = (await refresh(shop, other["refresh_token"])).json()
    await shop.http.post("/v1/auth/revoke", data={"token": other["refresh_token"]})  # the one before ends it too
    for token in (other, following):
        assert (await refresh(shop, token["refresh_token"])).json() == INVALID_GRANT
    assert await shop.count("mails") == 0


async def test_two_uses_at_once_give_one_successor(shop: Shop, given: dict[str, str]) -> None:
    answers = await asyncio.gather(*(refresh(shop, given["refresh_token"]) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert await shop.count("refresh_tokens") == 2


async def test_typed_c7_two_who_ask_again_at_once_get_the_same(shop: Shop, given: dict[str, str]) -> None:
    first = (await refresh(shop, given["refresh_token"])).json()
    shop.clock.advance(hours=1)

    answers = await asyncio.gather(*(refresh(shop, given["refresh_token"]) for _ in range(8)))

    assert {answer.json()["refresh_token"] for answer in answers} == {first["refresh_token"]}
    assert await shop.count("refresh_tokens") == 2


async def test_typed_c7_who_asks_again_while_the_successor_is_used_does_so_before_it_or_is_a_thief(
    shop: Shop, given: dict[str, str]
) -> None:
    first = (await refresh(shop, given["refresh_token"])).json()

    again, onward = await asyncio.gather(refresh(shop, given["refresh_token"]), refresh(shop, first["refresh_token"]))

    ended = await shop.rows("SELECT ended_because FROM login_sessions")
    if again.status_code == 200:
        assert again.json()["refresh_token"] == first["refresh_token"]
        assert (onward.status_code, ended) == (200, [(None,)])
    else:
        assert (again.json(), ended) == (INVALID_GRANT, [("token_reused",)])


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=12), timedelta(days=3)])
async def test_typed_c7_a_copied_token_ends_the_session_and_tells_its_owner(
    shop: Shop, given: dict[str, str], late: timedelta
) -> None:
    thief = (await refresh(shop, given["refresh_token"])).json()
    thief = (await refresh(shop, thief["refresh_token"])).json()
    other = await logged_in(shop)
    shop.clock.advance(seconds=late.total_seconds())

    refused = await refresh(shop, given["refresh_token"])

    assert (refused.status_code, refused.json()) == (400, INVALID_GRANT)
    assert (await refresh(shop, thief["refresh_token"])).json() == INVALID_GRANT
    assert (await shop.http.get("/v1/me/sessions", headers=bearing(thief))).status_code == 401
    assert (await refresh(shop, other["refresh_token"])).status_code == 200  # another device goes on
    assert await shop.rows("SELECT kind, address FROM mails") == [("token_reused", EMAIL)]
    assert await shop.rows("SELECT ended_because FROM login_sessions WHERE ended_at IS NOT NULL") == [("token_reused",)]
    assert await shop.rows("SELECT count(*) FROM audit_entries WHERE action = 'token_reused'") == [(1,)]


async def test_a_token_whose_successor_was_used_is_a_copy_even_at_once(shop: Shop, given: dict[str, str]) -> None:
    second = (await refresh(shop, given["refresh_token"])).json()
    await refresh(shop, second["refresh_token"])

    assert (await refresh(shop, given["refresh_token"])).json() == INVALID_GRANT
    assert (await refresh(shop, second["refresh_token"])).json() == INVALID_GRANT
    assert await shop.rows("SELECT count(*) FROM mails") == [(1,)]


async def test_one_mail_tells_of_a_copied_token_however_often_it_is_used(shop: Shop, given: dict[str, str]) -> None:
    following = (await refresh(shop, given["refresh_token"])).json()
    await refresh(shop, following["refresh_token"])
    await asyncio.gather(*(refresh(shop, given["refresh_token"]) for _ in range(5)))
    assert await shop.count("mails") == 1


async def test_what_is_no_token_changes_nothing(shop: Shop, given: dict[str, str]) -> None:
    for token in ("rt_" + "A" * 43, given["refresh_token"][:-1], "\x00", "я"):
        assert (await refresh(shop, token)).json() == INVALID_GRANT
    assert (await refresh(shop, given["refresh_token"])).status_code == 200


async def test_logging_out_ends_the_session(shop: Shop, given: dict[str, str]) -> None:
    for token in (given["refresh_token"], (await logged_in(shop))["access_token"], "unknown"):
        answer = await shop.http.post("/v1/auth/revoke", data={"token": token})
        assert (answer.status_code, answer.content) == (200, b"")
    assert (await refresh(shop, given["refresh_token"])).json() == INVALID_GRANT
    assert (await shop.http.get("/v1/me/sessions", headers=bearing(given))).status_code == 401
    assert await shop.rows("SELECT ended_because FROM login_sessions") == [("logout",), ("logout",)]


async def test_e4_a_token_that_stays_alive_is_not_said_to_be_revoked(shop: Shop) -> None:
    machine = (await shop.client(Scope.ACCOUNTING))["Authorization"].removeprefix("Bearer ")
    guests = guest_token(shop.app.state.secret, uuid4(), shop.clock.now() + timedelta(days=1))
    requests = link_token(shop.app.state.secret, "request", uuid4())
    for token in (machine, guests, requests):
        answer = await shop.http.post("/v1/auth/revoke", data={"token": token})
        assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_token_type")
    month = {"month": "2026-11"}
    alive = await shop.http.get(
        "/v1/accounting/documents", params=month, headers={"Authorization": f"Bearer {machine}"}
    )
    assert alive.status_code == 200
    shop.clock.advance(days=2)
    for token in (machine, guests):
        assert (await shop.http.post("/v1/auth/revoke", data={"token": token})).status_code == 200, "it is dead"


async def test_a_browser_keeps_the_refresh_token_from_scripts(stocked: str, tmp_path: object) -> None:
    async with open_shop(stocked, tmp_path, storefront_origins=STOREFRONT) as shop:  # type: ignore[arg-type] # pytest's Path
        await with_account(shop)
        own = {"Origin": STOREFRONT}
        answer = await ask(
            shop,
            own,
            grant_type="password",
            username=EMAIL,
            password="седем стълби към морето",
            refresh_token_in="cookie",
        )
        assert "refresh_token" not in answer.json()
        [cookie] = answer.headers.get_list("set-cookie")
        value = cookie.partition("=")[2].partition(";")[0]
        assert value.startswith("rt_")
        assert cookie.replace(value, "…") == (
            "__Secure-refresh=…; HttpOnly; Max-Age=2592000; Path=/v1/auth; SameSite=strict; Secure"
        )
        assert answer.headers["access-control-allow-credentials"] == "true"

        shop.http.cookies.clear()
        sent = {"Cookie": f"__Secure-refresh={value}"}
        for foreign in (
            {},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": f"{STOREFRONT}.evil.example"},
        ):
            for address, form in (("/v1/auth/token", {"grant_type": "refresh_token"}), ("/v1/auth/revoke", {"x": "y"})):
                refused = await shop.http.post(address, data=form, headers={**sent, **foreign})
                assert (refused.status_code, refused.json()["error"]) == (403, "access_denied")
        assert await shop.rows("SELECT count(*) FROM refresh_tokens WHERE used_at IS NOT NULL") == [(0,)]

        renewed = await ask(shop, {**sent, **own}, grant_type="refresh_token")
        assert renewed.status_code == 200
        assert "refresh_token" not in renewed.json()
        [following] = renewed.headers.get_list("set-cookie")
        assert value not in following
        shop.http.cookies.clear()
        left = await shop.http.post(
            "/v1/auth/revoke", data={"x": "y"}, headers={"Cookie": following.partition(";")[0], **own}
        )
        assert left.status_code == 200
        assert "Max-Age=0" in left.headers["set-cookie"]
        assert await shop.rows("SELECT ended_because FROM login_sessions") == [("logout",)]


async def test_a_foreign_page_gets_no_cookie(shop: Shop) -> None:
    await with_account(shop)
    refused = await log_in(shop, refresh_token_in="cookie")
    assert (refused.status_code, refused.json()["error"]) == (403, "access_denied")
    assert await shop.count("login_sessions") == 0


@pytest.mark.parametrize(
    ("page", "api", "told"),
    [
        ("http://localhost:5173", "http://127.0.0.1:8000", {"Sec-Fetch-Site": "cross-site"}),
        ("http://localhost:5173", "http://127.0.0.1:8000", {}),
        ("http://127.0.0.1:5173", "http://localhost:8000", {}),
    ],
)
async def test_e2_a_page_of_another_site_is_told_why_no_cookie_is_kept(
    shop: Shop, page: str, api: str, told: dict[str, str]
) -> None:
    await with_account(shop)
    wish = {"grant_type": "password", "username": EMAIL, "password": PASSWORD, "refresh_token_in": "cookie"}
    host = api.removeprefix("http://").partition(":")[0]
    for path, form in (
        ("/v1/auth/token", wish),
        ("/v1/auth/token", {"grant_type": "refresh_token"}),
        ("/v1/auth/revoke", {"x": "y"}),
    ):
        refused = await shop.http.post(api + path, data=form, headers={"Origin": page, **told})
        assert (refused.status_code, refused.json()) == (
            403,
            {
                "error": "another_site",
                "error_description": f"The page {page} and the API at {host} are of two sites, so the browser does not"
                " keep the cookie. Open both under one name, for instance both under localhost.",
            },
        )
        assert refused.headers["access-control-allow-origin"] == page, "the page can read it"
    assert await shop.count("login_sessions") == 0
    same = {"Origin": page.replace("127.0.0.1", "localhost")}
    opened = await shop.http.post("http://localhost:8000/v1/auth/token", data=wish, headers=same)
    assert (opened.status_code, "set-cookie" in opened.headers) == (200, True)


async def test_another_pages_form_takes_no_cookie_away(shop: Shop) -> None:
    for address, form in (
        ("/v1/auth/token", {"grant_type": "refresh_token", "refresh_token": "x"}),
        ("/v1/auth/revoke", {"token": "x"}),
    ):
        answer = await shop.http.post(address, data=form, headers={"Origin": "https://evil.example"})
        assert "set-cookie" not in answer.headers
