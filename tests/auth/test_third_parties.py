"""Others understand us: a second JOSE library our tokens and keys, a standard OAuth2 client our token endpoint."""

import json
import warnings
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet
from sqlalchemy import update

with warnings.catch_warnings(record=True):  # it would prefer a successor of httpx, and says so past every filter
    from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped] # it ships no types
    from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped] # as above

from app.auth.errors import SecondFactorNeeded
from app.auth.keys import KeyRing, generate_key
from app.auth.models import Account, Staff
from app.auth.passwords import hash_password
from app.auth.scopes import Scope
from app.auth.tokens import TokenRefused, Tokens
from app.core.db import Sessions
from tests.auth.logins import EMAIL, OWNER, code_at, logged_in, with_account, with_staff
from tests.factories.auth import AT, AUDIENCE, ISSUER, make_client, make_ring, make_tokens
from tests.shop import Shop, Transport

LATIN_PASSWORD = "seven stairs to the sea"


async def test_a_second_library_verifies_our_tokens_with_our_keys(http: httpx.AsyncClient, tokens: Tokens) -> None:
    keys = KeySet.import_key_set((await http.get("/.well-known/jwks.json")).json())
    token = tokens.issue(subject="cl_a", client_id="cl_a", scopes=["accounting"], at=AT)
    found = jwt.decode(token, keys, algorithms=["ES256"])
    rules = jwt.JWTClaimsRegistry(
        now=int(AT.timestamp()),
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": AUDIENCE},
        sub={"essential": True, "value": "cl_a"},
    )
    rules.validate(found.claims)
    assert found.header["typ"] == "at+jwt"


def test_a_second_library_refuses_what_others_signed(tokens: Tokens) -> None:
    keys = KeySet.import_key_set(tokens.keys.public())  # type: ignore[arg-type] # its own type of the same dictionary
    foreign = make_tokens(make_ring()).issue(subject="cl_a", client_id="cl_a", scopes=[], at=AT)
    with pytest.raises(InvalidKeyIdError):
        jwt.decode(foreign, keys, algorithms=["ES256"])


async def test_a_standard_client_gets_and_uses_a_token(app: FastAPI, sessions: Sessions) -> None:
    made = await make_client(sessions, Scope.ACCOUNTING, Scope.SHIPMENTS)
    for method in ("client_secret_basic", "client_secret_post"):
        async with standard_client(app, made.client_id, made.secret, method) as client:
            token = await client.fetch_token("https://shop.example/v1/auth/token", scope="shipments")
            assert token["scope"] == "shipments"
            assert token["expires_in"] == 900
            assert (await client.get("https://shop.example/v1/courier/shipments")).status_code == 200
            assert (await client.get("https://shop.example/v1/accounting/documents")).status_code == 403


async def test_a_standard_client_reads_our_refusals(app: FastAPI, sessions: Sessions) -> None:
    made = await make_client(sessions)
    for scope, secret, error in (("owner", made.secret, "invalid_scope"), (None, "x", "invalid_client")):
        async with standard_client(app, made.client_id, secret, "client_secret_basic") as client:
            with pytest.raises(OAuthError) as refused:
                await client.fetch_token("https://shop.example/v1/auth/token", scope=scope)
            assert refused.value.error == error


async def test_a_standard_client_does_not_take_a_refusal_for_a_token(app: FastAPI, sessions: Sessions) -> None:
    made = await make_client(sessions)
    async with standard_client(app, made.client_id, made.secret, "client_secret_post") as client:
        for _ in range(20):
            await client.fetch_token("https://shop.example/v1/auth/token")
        with pytest.raises(OAuthError) as refused:
            await client.fetch_token("https://shop.example/v1/auth/token")
        assert refused.value.error == "slow_down"


def standard_client(app: FastAPI, client_id: str, secret: str, method: str) -> Any:
    return AsyncOAuth2Client(
        client_id,
        secret,
        token_endpoint_auth_method=method,
        grant_type="client_credentials",
        transport=Transport(app, client=("192.0.2.7", 50000)),
    )


def public_client(shop: Shop, scheme: str = "none", **settings: Any) -> Any:
    """Open a standard client of people: it has an id but no secret, and refreshes its token by itself."""
    return AsyncOAuth2Client(
        "storefront",
        token_endpoint="https://shop.example/v1/auth/token",
        token_endpoint_auth_method=scheme,
        transport=Transport(shop.app, client=("192.0.2.7", 50000)),
        **settings,
    )


async def with_latin_password(shop: Shop) -> None:
    """Give everybody a password that this library can send: for clients without a secret it knows only ASCII."""
    hashed = await hash_password(LATIN_PASSWORD)
    async with shop.sessions.begin() as session:
        await session.execute(update(Account).values(password_hash=hashed))
        await session.execute(update(Staff).values(password_hash=hashed))


@pytest.mark.parametrize("scheme", ["client_secret_basic", "client_secret_post"])
async def test_a_client_that_names_itself_with_an_empty_secret_is_a_public_one(shop: Shop, scheme: str) -> None:
    """RFC 6749 §2.3.1: the secret of a client that has none may be sent empty."""
    await with_account(shop)
    await with_latin_password(shop)
    async with public_client(shop, client_secret="", scheme=scheme) as client:
        given = await client.fetch_token(username=EMAIL, password=LATIN_PASSWORD)
        renewed = await client.refresh_token(refresh_token=given["refresh_token"])
    assert renewed["refresh_token"] != given["refresh_token"]


async def test_a_standard_client_logs_a_person_in_and_stays_so_until_it_logs_out(shop: Shop) -> None:
    await with_account(shop)
    await with_latin_password(shop)
    sessions_url = "https://shop.example/v1/me/sessions"
    renewed: list[str] = []

    async def keep(token: dict[str, Any], refresh_token: str) -> None:
        renewed.append(refresh_token)

    async with public_client(shop, update_token=keep) as client:
        first = await client.fetch_token(username=EMAIL, password=LATIN_PASSWORD)
        assert (first["scope"], first["token_type"], first["expires_in"]) == ("account", "Bearer", 900)
        assert (await client.get(sessions_url)).status_code == 200

        shop.clock.advance(minutes=15)
        assert (await client.get(sessions_url)).status_code == 401
        client.token = {**client.token, "expires_at": 1}  # its clock went on as the shop's did
        answer = await client.get(sessions_url)
        assert (answer.status_code, len(answer.json()["items"])) == (200, 1)
        assert renewed == [first["refresh_token"]]
        assert client.token["refresh_token"] != first["refresh_token"]

        await client.revoke_token(
            "https://shop.example/v1/auth/revoke",
            token=client.token["refresh_token"],
            token_type_hint="refresh_token",
        )
        assert (await client.get(sessions_url)).status_code == 401
        with pytest.raises(OAuthError) as refused:
            await client.refresh_token()
        assert refused.value.error == "invalid_grant"


async def test_a_standard_client_logs_staff_in_with_the_second_factor(shop: Shop) -> None:
    await with_staff(shop)
    await with_latin_password(shop)
    async with public_client(shop, scope="staff") as client:
        with pytest.raises(OAuthError) as refused:
            await client.fetch_token(username=OWNER, password=LATIN_PASSWORD)
        assert refused.value.error == SecondFactorNeeded.error
        token = await client.fetch_token(username=OWNER, password=LATIN_PASSWORD, otp=code_at(shop))
        assert token["scope"] == "staff"


async def test_a_second_library_verifies_the_token_of_a_person(shop: Shop) -> None:
    account_id = await with_account(shop)
    given = await logged_in(shop)
    keys = KeySet.import_key_set((await shop.http.get("/.well-known/jwks.json")).json())
    found = jwt.decode(given["access_token"], keys, algorithms=["ES256"])
    [(session_id,)] = await shop.rows("SELECT id FROM login_sessions")
    now = int(shop.clock.now().timestamp())
    told = {name: value for name, value in found.claims.items() if name != "jti"}
    assert told == {
        "iss": shop.settings.public_url,
        "aud": shop.settings.public_url,
        "sub": account_id,
        "client_id": "shop",
        "scope": "account",
        "sid": str(session_id),
        "iat": now,
        "nbf": now,
        "exp": now + 900,
    }


def test_while_keys_change_whoever_has_the_ring_of_a_neighbour_verifies_our_tokens() -> None:
    old, new = generate_key(), generate_key()
    rings = [make_tokens(KeyRing.from_json(json.dumps(keys))) for keys in ([old], [old, new], [new, old], [new])]
    issued = [tokens.issue(subject="cl_a", client_id="cl_a", scopes=[], at=AT) for tokens in rings]
    for ring, neighbours in zip(rings, (issued[:2], issued[:3], issued[1:], issued[2:]), strict=True):
        keys = KeySet.import_key_set(ring.keys.public())  # type: ignore[arg-type] # as above
        for token in neighbours:
            assert ring.read(token, at=AT).subject == "cl_a"
            assert jwt.decode(token, keys, algorithms=["ES256"]).claims["sub"] == "cl_a"
    with pytest.raises(TokenRefused, match="key_unknown"):
        rings[3].read(issued[1], at=AT)
