"""What tests of logins share: a person, and what a client sends to the token endpoint."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from passlib.totp import TOTP  # type: ignore[import-untyped] # libpass says nothing of its types

from app.auth.models import StaffRole
from app.auth.passwords import AT_ONCE
from app.auth.totp import Totp
from tests.factories.accounts import PASSWORD, TOTP_SECRET, make_account, make_staff, totp_key
from tests.processes import until
from tests.shop import Shop
from tests.waiting import Call

EMAIL = "iva@example.bg"
OWNER = "owner@shop.example"
INVALID_GRANT = {
    "error": "invalid_grant",
    "error_description": "Check the address, the password and the code, or log in again.",
}


async def with_account(shop: Shop, email: str = EMAIL) -> str:
    """Make an account; returns its id."""
    async with shop.sessions.begin() as session:
        return str((await make_account(session, email, at=shop.clock.now())).id)


async def with_staff(shop: Shop, role: StaffRole = StaffRole.OWNER, email: str = OWNER) -> str:
    async with shop.sessions.begin() as session:
        return str((await make_staff(session, role, email, at=shop.clock.now())).id)


def code_at(shop: Shop) -> str:
    """Give what the authenticator app of the builders' staff shows now."""
    factor = Totp(TOTP_SECRET)._factors.from_json(totp_key())
    code: str = TOTP(key=factor.hex_key, format="hex").generate(shop.clock.now()).token
    return code


async def ask(shop: Shop, headers: dict[str, str] | None = None, **form: str) -> httpx.Response:
    return await shop.http.post("/v1/auth/token", data=form, headers=headers)


@asynccontextmanager
async def held_at_hashing(*calls: Call) -> AsyncIterator[list[asyncio.Task[httpx.Response]]]:
    """Let calls come to where argon2 computes, and stop them there until the end."""
    places = [object() for _ in range(int(AT_ONCE.total_tokens))]
    for place in places:
        AT_ONCE.acquire_on_behalf_of_nowait(place)
    begun = [asyncio.create_task(call) for call in calls]
    try:
        await until(lambda: AT_ONCE.statistics().tasks_waiting >= len(calls), every=0.01)
        yield begun
    finally:
        for place in places:
            AT_ONCE.release_on_behalf_of(place)


async def log_in(shop: Shop, username: str = EMAIL, password: str = PASSWORD, **form: str) -> httpx.Response:
    return await ask(shop, None, grant_type="password", username=username, password=password, **form)


def come_from(shop: Shop, address: str) -> None:
    shop.http._transport.client = (address, 50000)  # type: ignore[attr-defined] # the transport of the tests


async def refresh(shop: Shop, token: str) -> httpx.Response:
    return await ask(shop, grant_type="refresh_token", refresh_token=token)


async def logged_in(shop: Shop, **form: str) -> dict[str, Any]:
    answer = await log_in(shop, **form)
    assert answer.status_code == httpx.codes.OK, answer.text
    given: dict[str, Any] = answer.json()
    return given


def bearing(given: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {given['access_token']}"}
