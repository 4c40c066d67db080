"""Endpoints of auth."""

from typing import Any

from fastapi import APIRouter, Response

from app.auth import service
from app.auth.errors import InvalidClient, InvalidRequest, InvalidScope, OAuthRefusal, SlowDown, UnsupportedGrantType
from app.auth.oauth import CLIENT_CREDENTIALS, FORM, TokenRequestDep
from app.auth.schemas import KeySet, OAuthProblem, TokenView
from app.auth.scopes import PERMITS, written
from app.auth.tokens import LIFETIME, TokensDep
from app.core.clock import At
from app.core.db import SessionDep

router = APIRouter(prefix="/auth", tags=["auth"])
jwks_router = APIRouter(tags=["auth"])

BODY = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": [CLIENT_CREDENTIALS]},
        "scope": {"type": "string", "description": "; ".join(f"`{name}`: {what}" for name, what in PERMITS.items())},
        "client_id": {"type": "string", "description": "Unless HTTP Basic is used"},
        "client_secret": {"type": "string", "format": "password", "description": "Unless HTTP Basic is used"},
    },
    "example": {
        "grant_type": CLIENT_CREDENTIALS,
        "scope": "accounting",
        "client_id": "cl_0123456789abcdef",
        "client_secret": "…",
    },
}


def _refusals(*kinds: type[OAuthRefusal]) -> dict[int | str, dict[str, Any]]:
    described: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = described.setdefault(
            kind.status,
            {"description": "", "model": OAuthProblem, "content": {"application/json": {"examples": {}}}},
        )
        entry["description"] += ("; " if entry["description"] else "") + kind.title.en
        example = {"error": kind.error, "error_description": kind.advice.en}
        entry["content"]["application/json"]["examples"][kind.error] = {"value": example}
    return described


@router.post(
    "/token",
    responses=_refusals(InvalidRequest, UnsupportedGrantType, InvalidScope, InvalidClient, SlowDown),
    openapi_extra={"requestBody": {"required": True, "content": {FORM: {"schema": BODY}}}},
)
async def issue_token(
    asked: TokenRequestDep, response: Response, session: SessionDep, tokens: TokensDep, at: At
) -> TokenView:
    """Give a machine client an access token (OAuth 2.0, client credentials, by HTTP Basic or in the form).

    Refusals have the form of RFC 6749 §5.2, which OAuth2 client libraries read, not that of RFC 9457.
    """
    client = await service.authenticate(session, asked.credentials, at=at)
    scopes = service.grant(client, asked.scope)
    token = tokens.issue(subject=client.id, client_id=client.id, scopes=scopes, at=at)
    response.headers["Cache-Control"] = "no-store"
    return TokenView(access_token=token, expires_in=int(LIFETIME.total_seconds()), scope=written(scopes))


@jwks_router.get("/.well-known/jwks.json", response_model=KeySet)
async def list_signing_keys(response: Response, tokens: TokensDep) -> dict[str, Any]:
    """Give the public keys that this shop's access tokens are verified with."""
    response.headers["Cache-Control"] = "public, max-age=300"
    return tokens.keys.public()
