"""POST /v1/auth/token: OAuth 2.0 client credentials, answered as RFC 6749 says."""

import asyncio
import base64
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest

from app.auth import service
from app.auth.scopes import Scope
from app.auth.service import Credentials
from app.auth.tokens import Tokens
from app.core.db import Sessions
from tests.auth.conftest import SetClock
from tests.factories.auth import AT, make_client
from tests.shop import Transport

GRANT = {"grant_type": "client_credentials"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def basic(client: Credentials) -> dict[str, str]:
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.secret)}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def body(client: Credentials, **more: str) -> dict[str, str]:
    return {**GRANT, "client_id": client.client_id, "client_secret": client.secret, **more}


async def ask(http: httpx.AsyncClient, client: Credentials, **more: str) -> httpx.Response:
    return await http.post("/v1/auth/token", data=body(client, **more))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error_description"].isascii()
    return answer.status_code, answer.json()["error"]


async def test_a_client_gets_a_token(http: httpx.AsyncClient, sessions: Sessions, tokens: Tokens) -> None:
    client = await make_client(sessions, Scope.SHIPMENTS, Scope.ACCOUNTING)
    by_header = await http.post("/v1/auth/token", data=GRANT, headers=basic(client))
    for answer in (by_header, await ask(http, client)):
        found = answer.json()
        claims = tokens.read(found.pop("access_token"), at=AT)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert found == {"token_type": "Bearer", "expires_in": 900, "scope": "accounting shipments"}
        assert (claims.subject, claims.client_id) == (client.client_id, client.client_id)
        assert claims.scopes == {"accounting", "shipments"}


async def test_a_client_may_ask_for_less(http: httpx.AsyncClient, sessions: Sessions) -> None:
    client = await make_client(sessions, Scope.SHIPMENTS, Scope.ACCOUNTING)
    expected = {
        "accounting": "accounting",
        "shipments": "shipments",
        "shipments accounting": "accounting shipments",
        "accounting accounting": "accounting",
        "": "accounting shipments",
        " ": "accounting shipments",
    }
    assert {asked: (await ask(http, client, scope=asked)).json()["scope"] for asked in expected} == expected


async def test_a_client_gets_no_more_than_it_was_given(http: httpx.AsyncClient, sessions: Sessions) -> None:
    client = await make_client(sessions, Scope.ACCOUNTING)
    for asked in ("shipments", "accounting shipments", "ACCOUNTING", "accounting,", "owner", "\x00"):
        assert refusal(await ask(http, client, scope=asked)) == (400, "invalid_scope")


async def test_nobody_learns_which_clients_exist(http: httpx.AsyncClient, sessions: Sessions) -> None:
    known, revoked = await make_client(sessions), await make_client(sessions)
    async with sessions.begin() as session:
        await service.revoke_client(session, revoked.client_id, actor="test", at=AT)
    answers = [
        await ask(http, Credentials(known.client_id, "cs_wrong")),
        await ask(http, Credentials("cl_0123456789abcdef", known.secret)),
        await ask(http, Credentials("nobody", "nothing")),
        await ask(http, Credentials("cl_\x00", "\x00")),
        await ask(http, Credentials("клиент" * 100, "тайна" * 100)),
        await ask(http, revoked),
        await http.post("/v1/auth/token", data=GRANT, headers=basic(Credentials(known.client_id, "cs_wrong"))),
    ]
    assert [refusal(answer) for answer in answers] == [(401, "invalid_client")] * 7
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    assert answers[0].headers["www-authenticate"] == 'Basic realm="shop", charset="UTF-8"'


async def test_an_unreadable_header_proves_nothing(http: httpx.AsyncClient) -> None:
    for sent in ("", "Basic", "Basic ", "Basic !", "Basic aGFsbG8=", "Basic /w==", "Bearer aaa", "Basic \u00ff"):
        headers = [(b"authorization", sent.encode("latin-1"))]
        answer = await http.post("/v1/auth/token", data=GRANT, headers=headers)
        assert refusal(answer) == (401, "invalid_client")


async def test_no_credentials_are_no_client(http: httpx.AsyncClient) -> None:
    for form in (GRANT, {**GRANT, "client_id": "cl_a"}, {**GRANT, "client_secret": "cs_a"}):
        assert refusal(await http.post("/v1/auth/token", data=form)) == (401, "invalid_client")


MALFORMED = {
    "": "invalid_request",
    "scope=accounting": "invalid_request",
    "grant_type=": "invalid_request",
    "grant_type=client_credentials&grant_type=client_credentials": "invalid_request",
    "grant_type=client_credentials&scope=a&scope=b": "invalid_request",
    "grant_type=client_credentials" + "&x=1" * 30: "invalid_request",
    "grant_type=%ff": "invalid_request",
    "grant_type=клиент": "invalid_request",
    '{"grant_type": "client_credentials"}': "invalid_request",
    "grant_type=password&username=a": "invalid_request",
    "grant_type=password&password=b": "invalid_request",
    "grant_type=password&username=a&password=b&scope=owner": "invalid_scope",
    "grant_type=refresh_token": "invalid_request",
    "grant_type=implicit": "unsupported_grant_type",
    "grant_type=Client_Credentials": "unsupported_grant_type",
}


async def test_a_malformed_request_is_refused(http: httpx.AsyncClient) -> None:
    for content, error in MALFORMED.items():
        assert refusal(await http.post("/v1/auth/token", content=content, headers=FORM)) == (400, error)


async def test_only_a_form_is_read(http: httpx.AsyncClient, sessions: Sessions) -> None:
    client = await make_client(sessions)
    as_json = await http.post("/v1/auth/token", json=body(client))
    as_parts = await http.post("/v1/auth/token", data=body(client), files={"a": b"b"})
    with_charset = await http.post(
        "/v1/auth/token", data=body(client), headers={"Content-Type": FORM["Content-Type"] + "; charset=UTF-8"}
    )
    assert refusal(as_json) == refusal(as_parts) == (400, "invalid_request")
    assert with_charset.status_code == 200


async def test_one_way_of_authenticating_at_a_time(http: httpx.AsyncClient, sessions: Sessions) -> None:
    client, other = await make_client(sessions), await make_client(sessions)
    both = await http.post("/v1/auth/token", data=body(client), headers=basic(client))
    two = await http.post("/v1/auth/token", data={**GRANT, "client_id": other.client_id}, headers=basic(client))
    same = await http.post("/v1/auth/token", data={**GRANT, "client_id": client.client_id}, headers=basic(client))
    assert refusal(both) == refusal(two) == (400, "invalid_request")
    assert same.status_code == 200


async def test_a_rotated_secret_overlaps_with_the_one_before(
    http: httpx.AsyncClient, sessions: Sessions, clock: SetClock
) -> None:
    first = await make_client(sessions)
    async with sessions.begin() as session:
        second = await service.rotate_secret(session, first.client_id, overlap=timedelta(days=7), actor="test", at=AT)
    assert [(await ask(http, one)).status_code for one in (first, second)] == [200, 200]
    clock.advance(days=7, microseconds=-1)
    assert [(await ask(http, one)).status_code for one in (first, second)] == [200, 200]
    clock.advance(microseconds=1)
    assert [(await ask(http, one)).status_code for one in (first, second)] == [401, 200]
    async with sessions.begin() as session:
        third = await service.rotate_secret(session, first.client_id, overlap=timedelta(0), actor="test", at=clock.at)
    assert [(await ask(http, one)).status_code for one in (first, second, third)] == [401, 401, 200]


async def test_fifty_at_once_get_twenty_tokens(http: httpx.AsyncClient, sessions: Sessions, tokens: Tokens) -> None:
    client = await make_client(sessions)
    answers = await asyncio.gather(*(ask(http, client) for _ in range(50)))
    granted = [answer.json()["access_token"] for answer in answers if answer.status_code == 200]
    slowed = [answer for answer in answers if answer.status_code == 429]
    assert (len(granted), len(slowed)) == (20, 30)
    assert len({tokens.read(token, at=AT).id for token in granted}) == 20
    assert {refusal(answer) for answer in slowed} == {(429, "slow_down")}
    assert {answer.headers["retry-after"] for answer in slowed} <= {"1", "2", "3"}
    assert {answer.status_code for answer in await _from("192.0.2.8", http, client)} == {200}


async def test_guessing_is_slowed_by_client_and_by_address(
    http: httpx.AsyncClient, sessions: Sessions, clock: SetClock
) -> None:
    client = await make_client(sessions)
    wrong = Credentials(client.client_id, "cs_wrong")
    assert [(await ask(http, wrong)).status_code for _ in range(22)] == [401] * 20 + [429] * 2
    assert (await ask(http, client)).status_code == 429
    # Known or not, a client is slowed alike; a stranger's guesses do not lock the owner out.
    unknown = [await ask(http, Credentials("cl_nobody", "cs_wrong")) for _ in range(22)]
    assert [answer.status_code for answer in unknown] == [401] * 20 + [429] * 2
    assert {answer.status_code for answer in await _from("192.0.2.8", http, client)} == {200}
    others = [await ask(http, Credentials(f"cl_{number:016x}", "cs_wrong")) for number in range(20)]
    assert [answer.status_code for answer in others] == [401] * 15 + [429] * 5  # sixty by this address
    clock.advance(seconds=60)
    assert (await ask(http, client)).status_code == 200


async def _from(address: str, http: httpx.AsyncClient, client: Credentials) -> list[httpx.Response]:
    transport: Any = http._transport
    elsewhere = Transport(transport.app, client=(address, 50000))
    async with httpx.AsyncClient(transport=elsewhere, base_url="https://shop.example") as other:
        return [await ask(other, client)]


async def test_no_secret_is_said_aloud(
    http: httpx.AsyncClient, sessions: Sessions, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    client = await make_client(sessions)
    caplog.set_level("DEBUG")
    token = (await ask(http, client)).json()["access_token"]
    refused = await ask(http, Credentials(client.client_id, client.secret + "x"))
    await http.get("/v1/accounting/documents", headers={"Authorization": f"Bearer {token[:-9]}AAAAAAAAA"})
    output = capsys.readouterr()
    said = output.out + output.err + caplog.text + repr(client) + refused.text
    assert client.secret not in said
    assert token[:-9] not in said


async def test_the_key_set_is_public(http: httpx.AsyncClient, tokens: Tokens) -> None:
    answer = await http.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.json() == tokens.keys.public()
