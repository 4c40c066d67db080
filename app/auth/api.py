"""Endpoints that give, refresh and take back tokens (RFC 6749, RFC 7009), and the keys to verify them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse

from app.auth import guest_tokens, link_tokens, service, sessions
from app.auth.auditing.recording import Action, audit_insert
from app.auth.entering import Attempt
from app.auth.errors import (
    AnotherSite,
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    OAuthRefusal,
    OriginRefused,
    SecondFactorNeeded,
    SlowDown,
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedTokenType,
)
from app.auth.logging_in import Entrance, log_in, stop_reuse
from app.auth.models import SessionEnd
from app.auth.oauth import (
    CLIENT_CREDENTIALS,
    COOKIE,
    COOKIE_PATH,
    FORM,
    PASSWORD,
    REFRESH_TOKEN,
    ClientGrant,
    PasswordGrant,
    RefreshGrant,
    TokenRequestDep,
    read_form,
    read_token,
    slow_down,
)
from app.auth.persons import RecentDep
from app.auth.schemas import KeySet, OAuthProblem, TokenView
from app.auth.scopes import PERMITS, written
from app.auth.sessions import Refreshable, Reused
from app.auth.tokens import LIFETIME, TokenRefused, Tokens, TokensDep
from app.core.clock import At
from app.core.db import LookupsDep, SessionDep, write_last
from app.core.problems import answer, headers_of
from app.core.routing import Router
from app.core.throttle import ThrottleDep, TooManyRequests, Use, origin

router = Router(prefix="/auth", tags=["auth"])
jwks_router = Router(tags=["auth"])

BODY = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": [PASSWORD, REFRESH_TOKEN, CLIENT_CREDENTIALS]},
        "username": {"type": "string", "description": "E-mail address of a shopper or of a member of staff"},
        "password": {"type": "string", "format": "password"},
        "otp": {"type": "string", "description": "Second factor of staff: a code of the app, or a recovery code"},
        "refresh_token": {"type": "string", "format": "password", "description": "Unless it comes in the cookie"},
        "refresh_token_in": {
            "type": "string",
            "enum": ["body", "cookie"],
            "description": "`cookie`: the refresh token is not shown to scripts, but kept by the browser",
        },
        "scope": {
            "type": "string",
            "description": "People: `account` (unless said otherwise) or `staff`. "
            + "; ".join(f"`{name}`: {what}" for name, what in PERMITS.items()),
        },
        "client_id": {"type": "string", "description": "Of a machine, unless HTTP Basic is used; people need none"},
        "client_secret": {"type": "string", "format": "password", "description": "Of a machine, as above"},
    },
    "example": {"grant_type": PASSWORD, "username": "iva@example.bg", "password": "…"},
}
REVOCATION = {
    "type": "object",
    "properties": {
        "token": {"type": "string", "format": "password", "description": "Unless it comes in the cookie"},
        "token_type_hint": {"type": "string"},
    },
    "example": {"token": "rt_…"},
}


def _refusals(*kinds: type[OAuthRefusal]) -> dict[int | str, dict[str, Any]]:
    described: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = described.setdefault(
            kind.status,
            {"description": "", "model": OAuthProblem, "content": {"application/json": {"examples": {}}}},
        )
        entry["description"] += ("; " if entry["description"] else "") + kind.title.en
        example = {"error": kind.error, "error_description": kind.exemplary_advice()}
        entry.update(headers_of(kind))
        entry["content"]["application/json"]["examples"][kind.error] = {"value": example}
    return described


async def get_entrance(request: Request) -> Entrance:
    entrance: Entrance = request.app.state.entrance
    return entrance


EntranceDep = Annotated[Entrance, Depends(get_entrance)]


@router.post(
    "/token",
    response_model=TokenView,
    responses=_refusals(
        InvalidRequest,
        UnsupportedGrantType,
        UnauthorizedClient,
        InvalidScope,
        InvalidGrant,
        SecondFactorNeeded,
        InvalidClient,
        OriginRefused,
        AnotherSite,
        SlowDown,
    ),
    openapi_extra={"requestBody": {"required": True, "content": {FORM: {"schema": BODY}}}},
)
async def issue_token(
    asked: TokenRequestDep,
    request: Request,
    response: Response,
    lookups: LookupsDep,
    session: SessionDep,
    entrance: EntranceDep,
    tokens: TokensDep,
    at: At,
) -> TokenView | JSONResponse:
    """Give an access token: to a person by password or refresh token, to a machine by its client secret (OAuth 2.0).

    A refresh token works once, and gives the same successor until that was used; after that it was copied, and its
    session ends. Refusals have the form of RFC 6749 §5.2, which OAuth2 client libraries read, not that of RFC 9457.
    """
    response.headers["Cache-Control"] = "no-store"
    if isinstance(asked, ClientGrant):
        address = request.client.host if request.client else None
        client = await service.authenticate(lookups, asked.credentials, address=address, at=at)
        scopes = service.grant(client, asked.scope)
        actor = f"client:{client.id}"
        write_last(session, audit_insert(Action.LOGGED_IN, actor=actor, detail=written(scopes), at=at))
        token = tokens.issue(subject=client.id, client_id=client.id, scopes=scopes, at=at)
        return TokenView(access_token=token, expires_in=int(LIFETIME.total_seconds()), scope=written(scopes))
    if isinstance(asked, PasswordGrant):
        attempt = Attempt(asked.realm, asked.username, asked.password, origin(request))
        try:
            known = await entrance.door.enter(attempt, at=at)
        except TooManyRequests as refusal:
            raise SlowDown(**refusal.members) from None
        if known is None:
            raise InvalidGrant
        device = request.headers.get("user-agent")
        opened = await log_in(session, entrance, attempt, known, otp=asked.otp, device=device, at=at)
        if isinstance(opened, OAuthRefusal):
            return answer(request, opened)
        return _answer(opened, asked, response, tokens, at)
    return await _refresh(asked, request, response, session, entrance, tokens, at)


async def _refresh(
    asked: RefreshGrant,
    request: Request,
    response: Response,
    session: SessionDep,
    entrance: Entrance,
    tokens: TokensDep,
    at: At,
) -> TokenView | JSONResponse:
    try:
        refreshed = await sessions.refresh(session, asked.token, idle=entrance.idle, at=at)
    except Reused as reuse:
        await stop_reuse(session, reuse.session, at=at)
        refreshed = None
    if refreshed is None:
        # Returned, not raised: the end of a copied session has to be kept.
        refused = answer(request, InvalidGrant())
        if asked.by_cookie:  # another page's form must not take the cookie away
            _forget_cookie(refused)
        return refused
    return _answer(refreshed, asked, response, tokens, at)


def _answer(
    opened: Refreshable, asked: PasswordGrant | RefreshGrant, response: Response, tokens: TokensDep, at: At
) -> TokenView:
    token = tokens.issue(
        subject=str(opened.person_id), client_id=CLIENT, scopes=[opened.realm], session_id=opened.session_id, at=at
    )
    if asked.by_cookie:
        response.set_cookie(
            COOKIE,
            opened.refresh_token,
            max_age=int((opened.expires_at - at).total_seconds()),
            path=COOKIE_PATH,
            secure=True,
            httponly=True,
            samesite="strict",
        )
    return TokenView(
        access_token=token,
        expires_in=int(LIFETIME.total_seconds()),
        scope=opened.realm,
        refresh_token=None if asked.by_cookie else opened.refresh_token,
    )


CLIENT = "shop"
"""The `client_id` of people's tokens: their clients are public, none is told from another."""


def _forget_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path=COOKIE_PATH, secure=True, httponly=True, samesite="strict")


@router.post(
    "/revoke",
    status_code=200,
    response_class=Response,
    responses=_refusals(InvalidRequest, UnsupportedTokenType, OriginRefused, AnotherSite, SlowDown),
    openapi_extra={"requestBody": {"required": False, "content": {FORM: {"schema": REVOCATION}}}},
)
async def revoke_token(
    request: Request, throttle: ThrottleDep, session: SessionDep, tokens: TokensDep, recent: RecentDep, at: At
) -> Response:
    """Log out: end the session of a refresh or access token (RFC 7009); one that is not known is no error.

    What no login stands behind cannot be revoked here: a machine's access token, and what opens a guest's order or
    request.
    """
    token, by_cookie = read_token(request, await read_form(request), "token")
    await slow_down(throttle, Use(f"refresh:{origin(request)}", 300, 300), at=at)
    session_id = await sessions.find_session(session, token)
    if session_id is None:
        session_id = _session_of(token, tokens, at)
    if session_id:
        await sessions.end_session(session, session_id, SessionEnd.LOGOUT, at=at)
        recent.forget(session_id)
    answer = Response(headers={"Cache-Control": "no-store"})
    if by_cookie:
        _forget_cookie(answer)
    return answer


def _session_of(token: str, tokens: Tokens, at: datetime) -> UUID | None:
    try:
        claims = tokens.read(token, at=at)
    except TokenRefused:
        if guest_tokens.is_current(token, at) or link_tokens.is_shaped(token):
            raise UnsupportedTokenType from None
        return None
    if claims.session_id is None:
        raise UnsupportedTokenType
    return claims.session_id


@jwks_router.get("/.well-known/jwks.json", response_model=KeySet)
async def list_signing_keys(response: Response, tokens: TokensDep) -> dict[str, Any]:
    """Give the public keys that this shop's access tokens are verified with."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return tokens.keys.public()
