"""Who may pass: the dependencies that every route has, unless it is listed as public."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import structlog
from fastapi import Depends, Security
from fastapi.dependencies.models import Dependant
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.routing import APIRoute
from fastapi.security import OAuth2, SecurityScopes
from starlette.routing import BaseRoute

from app.auth import queries, service
from app.auth.errors import InsufficientScope, Unauthenticated
from app.auth.scopes import PERMITS, Scope, written
from app.auth.tokens import TokenRefused, TokensDep
from app.core.clock import At
from app.core.db import SessionDep
from app.core.personal import Recipient

log = structlog.get_logger()

Function = TypeVar("Function", bound=Callable[..., Any])

SCHEME = OAuth2(
    scheme_name="machine_client",
    description="Access token of a machine client",
    flows=OAuthFlows(
        clientCredentials=OAuthFlowClientCredentials(
            tokenUrl="/v1/auth/token", scopes={scope.value: what for scope, what in PERMITS.items()}
        )
    ),
    auto_error=False,
)


@dataclass(frozen=True, slots=True)
class Caller:
    """The machine client that is calling."""

    client_id: str
    scopes: frozenset[str]
    recipient: Recipient | None


def guard(dependency: Function) -> Function:
    """Mark a dependency that lets nobody pass without a right."""
    dependency.guards = True  # type: ignore[attr-defined] # read by `is_guarded`
    return dependency


def is_guarded(route: BaseRoute) -> bool:
    return isinstance(route, APIRoute) and _has_guard(route.dependant)


def _has_guard(dependant: Dependant) -> bool:
    return getattr(dependant.call, "guards", False) or any(_has_guard(below) for below in dependant.dependencies)


@guard
async def require_scope(
    needed: SecurityScopes,
    authorization: Annotated[str | None, Depends(SCHEME)],
    session: SessionDep,
    tokens: TokensDep,
    at: At,
) -> Caller:
    """Let a machine client pass whose token, and who itself still, has the scopes that the route names."""
    assert needed.scopes, "a guard without a scope would let every client pass"
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    try:
        claims = tokens.read(token.strip(), at=at)
    except TokenRefused as refusal:
        log.info("token_refused", reason=refusal.reason)
        raise Unauthenticated from None
    client = await queries.find_live_client(session, claims.client_id) if claims.subject == claims.client_id else None
    if client is None:
        log.info("token_refused", reason="client_revoked", client_id=claims.client_id)
        raise Unauthenticated
    # What was taken from the client after the token was issued is taken from the token too.
    scopes = claims.scopes & set(client.scopes)
    if not scopes.issuperset(needed.scopes):
        raise InsufficientScope(scope=written(needed.scopes))
    await service.note_use(session, client, at=at)
    return Caller(client.id, scopes, client.recipient)


ShipmentsCaller = Annotated[Caller, Security(require_scope, scopes=[Scope.SHIPMENTS])]
AccountingCaller = Annotated[Caller, Security(require_scope, scopes=[Scope.ACCOUNTING])]
