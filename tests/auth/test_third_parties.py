"""Others understand us: a second JOSE library our tokens and keys, a standard OAuth2 client our token endpoint."""

import warnings
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet

with warnings.catch_warnings(record=True):  # it would prefer a successor of httpx, and says so past every filter
    from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped] # it ships no types
    from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped] # as above

from app.auth.scopes import Scope
from app.auth.tokens import Tokens
from app.core.db import Sessions
from tests.factories.auth import AT, AUDIENCE, ISSUER, make_client, make_ring, make_tokens


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
        transport=httpx.ASGITransport(app, client=("192.0.2.7", 50000)),
    )
