"""Registers people over HTTP, and opens the links that were mailed to them."""

from typing import Any
from uuid import UUID

import httpx

from app.accounts import registering
from app.auth.link_tokens import link_token
from tests.problems import of_kind
from tests.shop import VERSION, Shop

PASSWORD = "трамвай лимон петък облак"
LINK_INVALID = {
    **of_kind("link-invalid"),
    "title": "Връзката не е валидна",
    "status": 422,
    "detail": "Връзката е използвана или срокът ѝ е изтекъл. Поискайте нова.",
}
PASSWORD_WRONG = {
    **of_kind("password-wrong"),
    "title": "Грешна парола",
    "status": 422,
    "detail": "Проверете паролата и опитайте отново.",
}


def a_registration(**changes: Any) -> dict[str, Any]:
    """Ask for an account for Ива Петрова, with all that may be told; None leaves a field away."""
    whole = {
        "first_name": "Ива",
        "last_name": "Петрова",
        "email": "iva@example.bg",
        "password": PASSWORD,
        "phone": "0888 123 456",
        "address": {
            "method": "address",
            "city": "София",
            "postcode": "1618",
            "street": "ул. Българска легия",
            "street_no": "2",
        },
        "privacy_declaration": {"version": VERSION, "accepted": True},
        "consents": ["registration"],
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


async def ask(shop: Shop, headers: dict[str, str] | None = None, **changes: Any) -> httpx.Response:
    return await shop.http.post("/v1/auth/register", json=a_registration(**changes), headers=headers)


async def asked(shop: Shop, headers: dict[str, str] | None = None, **changes: Any) -> str:
    """Ask for an account; returns the token of the link that is mailed."""
    before = {each for (each,) in await shop.rows("SELECT id FROM registrations")}
    answer = await ask(shop, headers, **changes)
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    [registration_id] = {each for (each,) in await shop.rows("SELECT id FROM registrations")} - before
    return token_of(shop, registration_id)


def token_of(shop: Shop, registration_id: UUID) -> str:
    return link_token(shop.app.state.secret, registering.LINK, registration_id)


async def prove(shop: Shop, token: str, password: str = PASSWORD) -> httpx.Response:
    return await shop.http.post("/v1/auth/verify-email", json={"token": token, "password": password})


async def registered(shop: Shop, **changes: Any) -> UUID:
    """Register somebody and prove the address; returns the account's id."""
    answer = await prove(shop, await asked(shop, **changes))
    assert answer.status_code == httpx.codes.NO_CONTENT, answer.text
    [[account_id]] = await shop.rows("SELECT id FROM accounts ORDER BY id DESC LIMIT 1")
    return UUID(str(account_id))
