"""Who may pass: the dependencies that every route has, unless it is listed as public."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import structlog
from fastapi import Depends, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlowPassword, OAuthFlows
from fastapi.routing import APIRoute
from fastapi.security import OAuth2, SecurityScopes
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import BaseRoute

from app.auth import login_queries, queries, service
from app.auth.auditing.recording import Action, audit_insert
from app.auth.errors import InsufficientScope, RoleInsufficient, TrainingMissing, Unauthenticated
from app.auth.models import Client, LoginSession, Realm
from app.auth.noting import note_use
from app.auth.persons import Person, RecentDep
from app.auth.roles import CHANGING, HOLDERS, PERSONAL, Right
from app.auth.scopes import PERMITS, Scope, written
from app.auth.tokens import Claims, TokenRefused, Tokens, TokensDep
from app.core.clock import At
from app.core.db import LookupsDep, SessionDep, Sessions, write_last
from app.core.personal import Recipient
from app.core.routing import door

log = structlog.get_logger()

Function = TypeVar("Function", bound=Callable[..., Any])

MACHINES = OAuth2(
    scheme_name="machine_client",
    description="Access token of a machine client",
    flows=OAuthFlows(
        clientCredentials=OAuthFlowClientCredentials(
            tokenUrl="/v1/auth/token", scopes={scope.value: what for scope, what in PERMITS.items()}
        )
    ),
    auto_error=False,
)
PEOPLE = OAuth2(
    scheme_name="person",
    description="Access token of a shopper or of a member of staff",
    flows=OAuthFlows(
        password=OAuthFlowPassword(
            tokenUrl="/v1/auth/token",
            refreshUrl="/v1/auth/token",
            scopes={
                Realm.ACCOUNT.value: "One's own account, orders and rights.",
                Realm.STAFF.value: "What one's role among the staff permits.",
            },
        )
    ),
    auto_error=False,
)
ByMachine = Annotated[str | None, Depends(MACHINES)]
ByPerson = Annotated[str | None, Depends(PEOPLE)]

ACCOUNT_REFUSALS = (Unauthenticated, InsufficientScope)
STAFF_REFUSALS = (Unauthenticated, InsufficientScope, RoleInsufficient, TrainingMissing)


@dataclass(frozen=True, slots=True)
class Caller:
    """The machine client, or the member of staff in its place, that is calling."""

    actor: str
    """As records name it: a client's id, or "staff:" and an id."""
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


def bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated.without_token()
    return token.strip()


def _refused(reason: str) -> Unauthenticated:
    log.info("token_refused", reason=reason)
    return Unauthenticated()


async def read_claims(authorization: str | None, tokens: Tokens, at: datetime) -> Claims:
    try:
        return tokens.read(bearer(authorization), at=at)
    except TokenRefused as refusal:
        raise _refused(refusal.reason) from None


async def get_machine(
    authorization: ByMachine, request: Request, lookups: LookupsDep, tokens: TokensDep, at: At
) -> Caller:
    """Find the machine client that is calling, with the scopes that its token, and it itself still, has."""
    return await _machine_of(await read_claims(authorization, tokens, at), request, lookups, at)


async def _machine_of(claims: Claims, request: Request, lookups: Sessions, at: datetime) -> Caller:
    if claims.session_id is not None:
        raise InsufficientScope(scope=written(Scope))
    client = None
    if claims.subject == claims.client_id:
        client = await queries.find_calling_client(lookups, claims.client_id)
    if client is None:
        raise _refused("client_revoked")
    if not service.may_come_from(client, request.client.host if request.client else None):
        raise _refused("client_elsewhere")
    await note_use(lookups, Client, client.id, last=client.last_used_at, at=at)
    # What was taken from the client after the token was issued is taken from the token too.
    return Caller(client.id, claims.scopes & set(client.scopes), client.recipient)


@door
@guard
async def require_scope(needed: SecurityScopes, caller: Annotated[Caller, Depends(get_machine)]) -> Caller:
    """Let a machine client pass that has the scopes which the route names."""
    assert needed.scopes, "a guard without a scope would let every client pass"
    if not caller.scopes.issuperset(needed.scopes):
        raise InsufficientScope(scope=written(needed.scopes))
    return caller


async def get_person(
    authorization: ByPerson, recent: RecentDep, lookups: LookupsDep, tokens: TokensDep, at: At
) -> Person:
    """Find who is logged in; refuses whom the token does not prove, or whose session has ended."""
    token = bearer(authorization)
    if known := recent.find(token, at=at):
        return known
    person = await _person_of(await read_claims(authorization, tokens, at), lookups, at)
    if person.realm is Realm.ACCOUNT:  # what is taken from staff is taken at once
        recent.keep(token, person, at=at)
    return person


async def _person_of(claims: Claims, lookups: Sessions, at: datetime) -> Person:
    if claims.session_id is None:
        raise InsufficientScope(scope=written(Realm))
    found = await login_queries.find_live_session(lookups, claims.session_id, at=at)
    if found is None:
        raise _refused("session_ended")
    realm = Realm.STAFF if found.staff_id else Realm.ACCOUNT
    person_id = found.staff_id or found.account_id
    if str(person_id) != claims.subject or claims.scopes != {realm.value}:
        raise _refused("session_of_another")
    await note_use(lookups, LoginSession, found.id, last=found.last_used_at, at=at)
    assert person_id is not None  # a CHECK of the table
    return Person(person_id, realm, found.id, found.role, found.is_trained)


@door
@guard
async def require_person(needed: SecurityScopes, person: Annotated[Person, Depends(get_person)]) -> Person:
    """Let somebody pass who is logged in where the route asks for: as a shopper, as staff, or either."""
    if person.realm not in needed.scopes:
        raise InsufficientScope(scope=written(needed.scopes))
    return person


@door
async def find_account(
    request: Request, recent: RecentDep, lookups: LookupsDep, tokens: TokensDep, at: At
) -> Person | None:
    """Find the shopper who is logged in; nobody, a machine and staff are None, a token that proves nothing is 401."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        return None
    try:
        person = await get_person(authorization, recent, lookups, tokens, at)
    except InsufficientScope:
        return None
    return person if person.realm is Realm.ACCOUNT else None


@door
async def find_account_or_nobody(
    request: Request, recent: RecentDep, lookups: LookupsDep, tokens: TokensDep, at: At
) -> Person | None:
    """Find the shopper who is logged in; a token that proves nothing is nobody's, where nobody is refused for it."""
    try:
        return await find_account(request, recent, lookups, tokens, at)
    except Unauthenticated:
        return None


AccountCaller = Annotated[Person, Security(require_person, scopes=[Realm.ACCOUNT])]
PersonCaller = Annotated[Person, Security(require_person, scopes=[Realm.ACCOUNT, Realm.STAFF])]
StaffCaller = Annotated[Person, Security(require_person, scopes=[Realm.STAFF])]
MaybeAccount = Annotated[Person | None, Depends(find_account)]
AccountOrNobody = Annotated[Person | None, Depends(find_account_or_nobody)]
MAYBE_ACCOUNT: dict[str, Any] = {"security": [{}, {PEOPLE.scheme_name: [Realm.ACCOUNT.value]}]}
"""The `openapi_extra` of a route that takes MaybeAccount or AccountOrNobody."""
ShipmentsCaller = Annotated[Caller, Security(require_scope, scopes=[Scope.SHIPMENTS])]


def staff_with(right: Right) -> Any:
    """Make the guard of a route for staff whose role has this right (`roles.HOLDERS`).

    Where the right opens customers' data, a training must be on record (S44, C15) and the use is written in the audit:
    which route, of what.
    """

    @door
    @guard
    async def require_right(request: Request, caller: StaffCaller, session: SessionDep, at: At) -> Person:
        _allow(session, request, caller, right, at=at)
        return caller

    return Depends(require_right)


def machine_or_staff(scope: Scope, right: Right, recipient: Recipient) -> Any:
    """Make the guard of a route that a recipient's script calls by its scope, and its people by a login of staff."""

    @door
    @guard
    async def require_either(
        request: Request,
        authorization: Annotated[str | None, Security(MACHINES, scopes=[scope])],
        _: Annotated[str | None, Security(PEOPLE, scopes=[Realm.STAFF])],
        lookups: LookupsDep,
        session: SessionDep,
        tokens: TokensDep,
        at: At,
    ) -> Caller:
        claims = await read_claims(authorization, tokens, at)
        if claims.session_id is None:
            caller = await _machine_of(claims, request, lookups, at)
            return await require_scope(SecurityScopes([scope]), caller)
        person = await _person_of(claims, lookups, at)
        await require_person(SecurityScopes([Realm.STAFF]), person)
        _allow(session, request, person, right, at=at)
        return Caller(person.actor, frozenset({scope}), recipient)

    return Depends(require_either)


def _allow(session: AsyncSession, request: Request, caller: Person, right: Right, *, at: datetime) -> None:
    """Refuse a member of staff who has not this right; audit what opens customers' data."""
    if caller.role not in HOLDERS[right]:
        raise RoleInsufficient(right=right.value)
    if right not in PERSONAL:
        return
    if not caller.is_trained:
        raise TrainingMissing
    route: APIRoute = request.scope["route"]
    action = Action.PERSONAL_DATA_CHANGED if right in CHANGING else Action.PERSONAL_DATA_READ
    subject = " ".join([route.name, *(f"{name}:{_one_spelling(value)}" for name, value in request.path_params.items())])
    write_last(session, audit_insert(action, actor=caller.actor, subject=subject, at=at))


def _one_spelling(value: str) -> str:
    """Write an id as records do, however the caller wrote it: the audit is searched by it."""
    try:
        return str(UUID(value))
    except ValueError:
        return value


AccountingCaller = Annotated[Caller, machine_or_staff(Scope.ACCOUNTING, Right.READ_DOCUMENTS, Recipient.ACCOUNTANT)]
