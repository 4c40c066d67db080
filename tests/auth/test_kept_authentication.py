"""A token that was checked is known for a second; where its session is ended, it is refused at once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.auth.models import StaffRole
from tests.auth.logins import OWNER, bearing, code_at, logged_in, with_account, with_staff
from tests.auth.test_own_logins import NEW, ask_for_reset, reset
from tests.checkout.watching import statements
from tests.factories.accounts import PASSWORD
from tests.shop import Shop, open_shop

ME = "/v1/me"
End = Callable[[Shop, dict[str, str], dict[str, Any]], Awaitable[httpx.Response]]


@pytest.fixture
async def shop(stocked: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """Open a shop that keeps what it knows of a token, as in production."""
    async with open_shop(stocked, tmp_path, authentication_kept_seconds=1) as shop:
        yield shop


async def change_password(shop: Shop, own: dict[str, str], _: dict[str, Any]) -> httpx.Response:
    wish = {"current_password": PASSWORD, "new_password": NEW}
    return await shop.http.put(f"{ME}/password", json=wish, headers=own)


async def reset_password(shop: Shop, _: dict[str, str], __: dict[str, Any]) -> httpx.Response:
    answer: httpx.Response = await reset(shop, await ask_for_reset(shop))
    return answer


async def log_it_out(shop: Shop, _: dict[str, str], other: dict[str, Any]) -> httpx.Response:
    return await shop.http.post("/v1/auth/revoke", data={"token": other["refresh_token"]})


async def end_it(shop: Shop, own: dict[str, str], _: dict[str, Any]) -> httpx.Response:
    sessions = (await shop.http.get(f"{ME}/sessions", headers=own)).json()["items"]
    [other] = [each["id"] for each in sessions if not each["is_current"]]
    return await shop.http.delete(f"{ME}/sessions/{other}", headers=own)


async def end_all(shop: Shop, own: dict[str, str], _: dict[str, Any]) -> httpx.Response:
    return await shop.http.delete(f"{ME}/sessions", headers=own)


async def close(shop: Shop, own: dict[str, str], _: dict[str, Any]) -> httpx.Response:
    return await shop.http.delete(ME, headers=own)


@pytest.mark.parametrize("end", [change_password, reset_password, log_it_out, end_it, end_all, close])
async def test_a_session_that_is_ended_is_refused_at_once(shop: Shop, end: End) -> None:
    await with_account(shop)
    own, other = bearing(await logged_in(shop)), await logged_in(shop)
    for headers in (own, bearing(other)):
        assert (await shop.http.get(f"{ME}/sessions", headers=headers)).status_code == 200

    assert (await end(shop, own, other)).is_success

    refused = await shop.http.get(f"{ME}/sessions", headers=bearing(other))
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    goes_on = end in {change_password, log_it_out, end_it}
    assert (await shop.http.get(f"{ME}/sessions", headers=own)).status_code == (200 if goes_on else 401)


async def asked(shop: Shop, headers: dict[str, str]) -> int:
    with statements(shop) as sent:
        assert (await shop.http.get(f"{ME}/sessions", headers=headers)).status_code == 200
    return len(sent)


async def test_who_was_checked_is_known_for_a_second_and_asked_for_again_after_it(shop: Shop) -> None:
    await with_account(shop)
    own = bearing(await logged_in(shop))
    assert [await asked(shop, own) for _ in range(3)] == [2, 1, 1]
    shop.clock.advance(seconds=0.9)
    assert await asked(shop, own) == 1
    shop.clock.advance(seconds=0.1)
    assert [await asked(shop, own), await asked(shop, own)] == [2, 1]


async def test_what_is_taken_from_staff_is_taken_at_once(shop: Shop) -> None:
    await with_staff(shop, StaffRole.OWNER)
    own = bearing(await logged_in(shop, username=OWNER, scope="staff", otp=code_at(shop)))
    assert [await asked(shop, own) for _ in range(2)] == [2, 2]
