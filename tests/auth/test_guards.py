"""Guarded routes: who passes, how the others are answered, and that a guard can be recognised."""

import asyncio
import base64
from datetime import timedelta

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import select, text, update

from app.auth import service
from app.auth.guards import is_guarded
from app.auth.models import Client
from app.auth.scopes import Scope
from app.auth.tokens import Tokens
from app.core.db import Sessions
from tests.auth.conftest import SetClock
from tests.factories.auth import AT, bearer, make_bearer, make_client, make_tokens
from tests.problems import of_kind
from tests.processes import PATIENCE

UNAUTHENTICATED = {
    **of_kind("unauthenticated"),
    "title": "Not authenticated",
    "status": 401,
    "detail": "Send a valid access token in the Authorization header.",
}


async def test_a_client_with_the_scope_passes(http: httpx.AsyncClient, sessions: Sessions, tokens: Tokens) -> None:
    client = await make_client(sessions, Scope.SHIPMENTS, Scope.ACCOUNTING)
    headers = make_bearer(tokens, client.client_id, ["accounting", "shipments"])
    answer = await http.get("/v1/accounting/documents", headers=headers)
    assert answer.status_code == 200
    assert answer.json() == {
        "client_id": client.client_id,
        "scopes": ["accounting", "shipments"],
        "recipient": "courier",
    }
    assert (await http.get("/v1/both", headers=headers)).status_code == 200


async def test_e4_whoever_proves_nothing_gets_one_answer_that_says_whether_a_token_was_there(
    http: httpx.AsyncClient, sessions: Sessions, tokens: Tokens
) -> None:
    client, revoked = await make_client(sessions), await make_client(sessions)
    async with sessions.begin() as session:
        await service.revoke_client(session, revoked.client_id, actor="test", at=AT)
    good = make_bearer(tokens, client.client_id)["Authorization"].split()[1]
    basic = base64.b64encode(f"{client.client_id}:{client.secret}".encode()).decode()
    attempts = {
        "nothing": {},
        "empty": {"Authorization": ""},
        "only the scheme": {"Authorization": "Bearer"},
        "no token": bearer("x"),
        "token without scheme": {"Authorization": good},
        "another scheme": {"Authorization": f"Basic {basic}"},
        "twice": bearer(f"{good} {good}"),
        "expired": make_bearer(tokens, client.client_id, at=AT - timedelta(minutes=15)),
        "of the future": make_bearer(tokens, client.client_id, at=AT + timedelta(minutes=1)),
        "foreign key": make_bearer(make_tokens(), client.client_id),
        "wrong audience": make_bearer(Tokens(tokens.keys, tokens.issuer, "other"), client.client_id),
        "wrong issuer": make_bearer(Tokens(tokens.keys, "other", tokens.audience), client.client_id),
        "revoked client": make_bearer(tokens, revoked.client_id),
        "no such client": make_bearer(tokens, "cl_0123456789abcdef"),
        "for somebody else": bearer(
            tokens.issue(subject="somebody", client_id=client.client_id, scopes=["accounting"], at=AT)
        ),
    }
    answers = {case: await http.get("/v1/accounting/documents", headers=sent) for case, sent in attempts.items()}
    assert {case: (answer.status_code, answer.json()) for case, answer in answers.items()} == dict.fromkeys(
        attempts, (401, UNAUTHENTICATED)
    )
    named = {case: answer.headers["www-authenticate"] for case, answer in answers.items()}
    without, bad = (
        {"nothing", "empty", "token without scheme", "another scheme"},
        'Bearer realm="shop", error="invalid_token"',
    )
    assert named == {case: 'Bearer realm="shop"' if case in without else bad for case in attempts}, "E4"
    assert len({answer.content for answer in answers.values()}) == 1


async def test_the_scheme_is_read_in_any_case(http: httpx.AsyncClient, sessions: Sessions, tokens: Tokens) -> None:
    client = await make_client(sessions)
    headers = {"Authorization": make_bearer(tokens, client.client_id)["Authorization"].replace("Bearer", "bearer")}
    assert (await http.get("/v1/accounting/documents", headers=headers)).status_code == 200


async def test_the_scope_must_suffice(http: httpx.AsyncClient, sessions: Sessions, tokens: Tokens) -> None:
    client = await make_client(sessions, Scope.ACCOUNTING)
    # One token claims more than its client was given: the client decides.
    for claimed in (["accounting"], ["accounting", "shipments"], []):
        for path, scope in (("/v1/courier/shipments", "shipments"), ("/v1/both", "accounting shipments")):
            answer = await http.get(path, headers=make_bearer(tokens, client.client_id, claimed))
            assert answer.status_code == 403
            assert answer.headers["www-authenticate"] == 'Bearer realm="shop", error="insufficient_scope"'
            assert answer.json() == {
                **of_kind("insufficient-scope"),
                "title": "Insufficient scope",
                "status": 403,
                "detail": f"This request needs the scope {scope}.",
                "scope": scope,
            }


async def test_a_token_for_less_opens_less(http: httpx.AsyncClient, sessions: Sessions, tokens: Tokens) -> None:
    client = await make_client(sessions, Scope.ACCOUNTING, Scope.SHIPMENTS)
    headers = make_bearer(tokens, client.client_id, ["shipments"])
    assert (await http.get("/v1/courier/shipments", headers=headers)).status_code == 200
    assert (await http.get("/v1/accounting/documents", headers=headers)).status_code == 403


async def test_a_revoked_clients_live_token_is_refused(
    http: httpx.AsyncClient, sessions: Sessions, tokens: Tokens
) -> None:
    client = await make_client(sessions)
    headers = make_bearer(tokens, client.client_id)
    assert (await http.get("/v1/accounting/documents", headers=headers)).status_code == 200
    async with sessions.begin() as session:
        await service.revoke_client(session, client.client_id, actor="test", at=AT)
    assert (await http.get("/v1/accounting/documents", headers=headers)).json() == UNAUTHENTICATED


async def test_last_use_is_noted_at_most_once_a_minute(
    http: httpx.AsyncClient, sessions: Sessions, tokens: Tokens, clock: SetClock
) -> None:
    client = await make_client(sessions)

    async def version() -> tuple[object, object]:
        async with sessions() as session:
            row = (await session.execute(select(Client.last_used_at, text("xmin::text")))).one()
            return row[0], row[1]

    async def call() -> tuple[object, object]:
        headers = make_bearer(tokens, client.client_id, at=clock.at)
        assert (await http.get("/v1/accounting/documents", headers=headers)).status_code == 200
        return await version()

    first = await call()
    assert first[0] == AT
    clock.advance(seconds=59)
    assert await call() == first
    clock.advance(seconds=1)
    assert (await call())[0] == AT + timedelta(seconds=60)


async def test_noting_the_use_waits_for_nobody(http: httpx.AsyncClient, sessions: Sessions, tokens: Tokens) -> None:
    client = await make_client(sessions)
    headers = make_bearer(tokens, client.client_id)
    async with sessions.begin() as slow:
        await slow.execute(update(Client).values(last_used_at=AT))
        answer = await asyncio.wait_for(http.get("/v1/accounting/documents", headers=headers), timeout=PATIENCE)
    assert answer.status_code == 200


async def test_a_guard_is_recognised_and_documented(app: FastAPI) -> None:
    @app.get("/open")
    async def read_open() -> None: ...

    guarded = {route.path: is_guarded(route) for route in app.routes if isinstance(route, APIRoute)}
    assert guarded["/v1/accounting/documents"]
    assert guarded["/v1/both"]
    assert not guarded["/open"]
    contract = app.openapi()
    assert contract["paths"]["/v1/courier/shipments"]["get"]["security"] == [{"machine_client": ["shipments"]}]
    assert contract["paths"]["/v1/both"]["get"]["security"] == [{"machine_client": ["accounting", "shipments"]}]
    scheme = contract["components"]["securitySchemes"]["machine_client"]
    assert scheme["type"] == "oauth2"
    assert scheme["flows"]["clientCredentials"]["tokenUrl"] == "/v1/auth/token"
    assert scheme["flows"]["clientCredentials"]["scopes"].keys() == {"shipments", "accounting"}
    asked = contract["paths"]["/v1/auth/token"]["post"]
    assert asked["requestBody"]["content"].keys() == {"application/x-www-form-urlencoded"}
    assert asked["responses"].keys() == {"200", "400", "401", "403", "429"}
    assert "security" not in asked
