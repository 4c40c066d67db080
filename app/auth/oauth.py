"""Reads a request for a token as RFC 6749 writes it."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from fastapi import Depends, Request

from app.auth.errors import (
    AnotherSite,
    InvalidClient,
    InvalidRequest,
    InvalidScope,
    OriginRefused,
    SlowDown,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from app.auth.models import Realm
from app.auth.service import Credentials
from app.core.clock import At
from app.core.fields import as_kept
from app.core.throttle import Throttle, ThrottleDep, TooManyRequests, Use, origin

FORM = "application/x-www-form-urlencoded"
CLIENT_CREDENTIALS = "client_credentials"
PASSWORD = "password"  # noqa: S105 - the name of a grant
REFRESH_TOKEN = "refresh_token"  # noqa: S105 - as above
COOKIE = "__Secure-refresh"
COOKIE_PATH = "/v1/auth"
MOST_PARAMETERS = 20
TWO_SITES = {"localhost", "127.0.0.1"}


@dataclass(frozen=True, slots=True)
class ClientGrant:
    """A machine proves itself, and asks for scopes."""

    credentials: Credentials
    scope: str | None


@dataclass(frozen=True, slots=True)
class PasswordGrant:
    """A person logs in; `otp` is the second factor of staff."""

    realm: Realm
    username: str = field(repr=False)
    password: str = field(repr=False)
    otp: str | None = field(repr=False)
    by_cookie: bool


@dataclass(frozen=True, slots=True)
class RefreshGrant:
    """A person stays logged in."""

    token: str = field(repr=False)
    by_cookie: bool


TokenRequest = ClientGrant | PasswordGrant | RefreshGrant


async def read_token_request(request: Request, throttle: ThrottleDep, at: At) -> TokenRequest:
    """Read the request, refusing what is malformed, and who asks too often, before anything is looked up."""
    form = await read_form(request)
    match form.get("grant_type"):
        case "client_credentials":
            credentials = _read_credentials(request.headers.get("authorization"), form)
            # By client *and* address: a stranger who knows a client's id must not be able to lock its owner out.
            key = f"token:{origin(request)}"
            await slow_down(throttle, Use(key, 60, 60), Use(f"{key}:{credentials.client_id}", 20, 60), at=at)
            return ClientGrant(credentials, form.get("scope"))
        case "password":
            _is_public(request, form)
            return _read_login(request, form)
        case "refresh_token":
            _is_public(request, form)
            grant = RefreshGrant(*read_token(request, form, REFRESH_TOKEN))
            await slow_down(throttle, Use(f"refresh:{origin(request)}", 300, 300), at=at)
            return grant
    raise UnsupportedGrantType if "grant_type" in form else InvalidRequest


TokenRequestDep = Annotated[TokenRequest, Depends(read_token_request)]


async def slow_down(throttle: Throttle, *uses: Use, at: datetime) -> None:
    try:
        await throttle.take_all(*uses, at=at)
    except TooManyRequests as refusal:
        raise SlowDown(**refusal.members) from None


def _is_public(request: Request, form: Mapping[str, str]) -> None:
    """People log in through public clients (RFC 6749 §2.1): whoever shows a secret here means another grant.

    Some libraries name their client in HTTP Basic all the same, with an empty secret (§2.3.1).
    """
    authorization = request.headers.get("authorization")
    if "client_secret" in form or (authorization is not None and _shows_secret(authorization)):
        raise UnauthorizedClient


def _shows_secret(authorization: str) -> bool:
    try:
        return bool(_read_basic(authorization).secret)
    except InvalidClient:
        return True


def _read_login(request: Request, form: Mapping[str, str]) -> PasswordGrant:
    if "username" not in form or "password" not in form:
        raise InvalidRequest
    try:
        realm = Realm(form.get("scope", Realm.ACCOUNT))
    except ValueError:
        raise InvalidScope from None
    by_cookie = form.get("refresh_token_in") == "cookie"
    if by_cookie:
        require_own_page(request)
    return PasswordGrant(realm, as_kept(form["username"]), form["password"], form.get("otp"), by_cookie)


def read_token(request: Request, form: Mapping[str, str], name: str) -> tuple[str, bool]:
    """Read a token from the form, or from the cookie; tells whether it was the cookie."""
    if name in form:
        return form[name], False
    if COOKIE in request.cookies or "origin" in request.headers:
        require_own_page(request)
    if COOKIE not in request.cookies:
        raise InvalidRequest
    return request.cookies[COOKIE], True


def require_own_page(request: Request) -> None:
    """Refuse who is not a page of the shop: browsers name the page in `Origin`, and no page can forge it."""
    origin: str | None = request.headers.get("origin")
    if origin is None or origin not in request.app.state.origins:
        raise OriginRefused
    if _is_of_another_site(request, urlsplit(origin).hostname):
        raise AnotherSite(page=origin, api=request.url.hostname)


def _is_of_another_site(request: Request, page: str | None) -> bool:
    """Ask the browser; of one that does not say, it is known only that two names of one machine are two sites."""
    told = request.headers.get("sec-fetch-site")
    return told == "cross-site" if told else {page, request.url.hostname} == TWO_SITES


async def read_form(request: Request) -> dict[str, str]:
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
