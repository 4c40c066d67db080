"""Reads a request for a token as RFC 6749 writes it."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl, unquote_plus

from fastapi import Depends, Request

from app.auth.errors import InvalidClient, InvalidRequest, SlowDown, UnsupportedGrantType
from app.auth.service import Credentials
from app.core.clock import At
from app.core.throttle import Throttle, ThrottleDep, TooManyRequests, origin

FORM = "application/x-www-form-urlencoded"
CLIENT_CREDENTIALS = "client_credentials"
MOST_PARAMETERS = 20


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Who asks for a token, and for which scopes."""

    credentials: Credentials
    scope: str | None


async def read_token_request(request: Request, throttle: ThrottleDep, at: At) -> TokenRequest:
    """Read the request, refusing who asks too often before anything is looked up."""
    form = await _read_form(request)
    if form.get("grant_type") != CLIENT_CREDENTIALS:
        raise UnsupportedGrantType if "grant_type" in form else InvalidRequest
    credentials = _read_credentials(request.headers.get("authorization"), form)
    await _slow_down(throttle, origin(request), credentials.client_id, at=at)
    return TokenRequest(credentials, form.get("scope"))


TokenRequestDep = Annotated[TokenRequest, Depends(read_token_request)]


async def _slow_down(throttle: Throttle, address: str, client_id: str, *, at: datetime) -> None:
    try:
        await throttle.take(f"token:{address}", limit=60, per_seconds=60, at=at)
        # By client *and* address: a stranger who knows a client's id must not be able to lock its owner out.
        await throttle.take(f"token:{address}:{client_id}", limit=20, per_seconds=60, at=at)
    except TooManyRequests as refusal:
        raise SlowDown(**refusal.members) from None


async def _read_form(request: Request) -> dict[str, str]:
    """Read the parameters: none twice, an empty one as if it were not there, an unknown one ignored by who asks."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise InvalidRequest
    try:
        body = (await request.body()).decode("ascii")
        found = parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="strict")
    except ValueError:
        raise InvalidRequest from None
    form = dict(found)
    if len(form) != len(found):
        raise InvalidRequest
    return {name: value for name, value in form.items() if value}


def _read_credentials(authorization: str | None, form: Mapping[str, str]) -> Credentials:
    """Read who is asking, from HTTP Basic or from the form, but not from both."""
    if authorization is None:
        if "client_id" not in form or "client_secret" not in form:
            raise InvalidClient
        return Credentials(form["client_id"], form["client_secret"])
    basic = _read_basic(authorization)
    if "client_secret" in form or form.get("client_id", basic.client_id) != basic.client_id:
        raise InvalidRequest
    return basic


def _read_basic(authorization: str) -> Credentials:
    scheme, _, encoded = authorization.partition(" ")
    try:
        plain = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise InvalidClient from None
    client_id, colon, secret = plain.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise InvalidClient
    # RFC 6749 §2.3.1: both are form-encoded before they are put into Basic.
    return Credentials(unquote_plus(client_id), unquote_plus(secret))
