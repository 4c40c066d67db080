"""Who may open a request: its owner by a login, or a guest by the key from the mail; a stranger finds nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Path, Query, Request

from app.auth.guards import MaybeAccount, guard
from app.auth.link_tokens import LENGTH, read_link
from app.core.clock import At
from app.core.db import LookupsDep, SessionDep, alone
from app.core.errors import NotFound
from app.core.holders import Holder
from app.core.routing import door
from app.core.sealing import Sealer
from app.privacy.rights import queries
from app.privacy.rights.clock import Terms
from app.privacy.rights.executing import Executors
from app.privacy.rights.intake import ACCESS
from app.privacy.rights.models import AttachmentKind, RightsRequest

HEADER = "X-Request-Token"
OPEN_AFTER_CLOSING = timedelta(days=90)
"""How long a guest's key opens a request that is closed."""

RequestId = Annotated[UUID, Path(description="Of the request", examples=["019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"])]
KindOfPaper = Annotated[AttachmentKind, Query(description="What it is", examples=["power_of_attorney"])]
RequestToken = Annotated[
    str | None,
    Header(alias=HEADER, max_length=LENGTH * 2, description="`access_token` of a guest's request; opens it alone"),
]


@dataclass(frozen=True, slots=True)
class Key:
    """What whoever calls can show: a login, a token."""

    account_id: UUID | None
    token_of: UUID | None
    """The request that the token was made for."""
    at: datetime

    def opens(self, request: RightsRequest) -> bool:
        if request.account_id is not None and request.account_id == self.account_id:
            return True
        if request.id != self.token_of:
            return False
        return request.closed_at is None or self.at < request.closed_at + OPEN_AFTER_CLOSING


@guard
async def get_key(request: Request, account: MaybeAccount, at: At, token: RequestToken = None) -> Key:
    token_of = read_link(request.app.state.secret, ACCESS, token) if token else None
    return Key(account.id if account else None, token_of, at)


KeyDep = Annotated[Key, Depends(get_key)]


@guard
async def get_own_request(request_id: RequestId, key: KeyDep, session: SessionDep) -> RightsRequest:
    """Find the request its owner asks for."""
    request = await queries.get_request(session, request_id)
    if not key.opens(request):
        raise NotFound
    return request


@door
@guard
async def require_own_request(request_id: RequestId, key: KeyDep, lookups: LookupsDep) -> None:
    """Let its owner pass; holds nothing while what is sent is read."""
    async with alone(lookups) as looking:
        await get_own_request(request_id, key, looking)


@guard
async def lock_own_request(
    request_id: RequestId, _: Annotated[None, Depends(require_own_request)], session: SessionDep
) -> RightsRequest:
    """Lock the owner's request for a change."""
    return await queries.lock_request(session, request_id)


async def get_executors(request: Request) -> Executors:
    holders: Sequence[Holder] = request.app.state.holders
    state = request.app.state
    return Executors(holders, state.sealer, state.rights_terms, state.go_on)


async def get_terms(request: Request) -> Terms:
    terms: Terms = request.app.state.rights_terms
    return terms


async def get_sealer(request: Request) -> Sealer:
    sealer: Sealer = request.app.state.sealer
    return sealer


OwnRequest = Annotated[RightsRequest, Depends(get_own_request, scope="function")]
LockedOwnRequest = Annotated[RightsRequest, Depends(lock_own_request, scope="function")]
ExecutorsDep = Annotated[Executors, Depends(get_executors)]
TermsDep = Annotated[Terms, Depends(get_terms)]
SealerDep = Annotated[Sealer, Depends(get_sealer)]
