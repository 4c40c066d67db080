"""Every select of the rights desk."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.errors import Unauthenticated
from app.auth.models import Account
from app.core.errors import NotFound
from app.core.language import Language
from app.core.personal import Recipient
from app.privacy.erasures.models import RecipientTask, Told
from app.privacy.rights.models import (
    EventKind,
    RequestKind,
    RequestState,
    RightsAttachment,
    RightsEvent,
    RightsLetter,
    RightsRequest,
)

LAST_DAY = func.coalesce(RightsRequest.extended_to, RightsRequest.due_on)
PROVED = RightsRequest.state != RequestState.RECEIVED
"""What no address is proved for is no request yet."""


async def get_request(session: AsyncSession, request_id: UUID) -> RightsRequest:
    found = await session.get(RightsRequest, request_id)
    if found is None or found.state is RequestState.RECEIVED:
        raise NotFound
    return found


async def lock_request(session: AsyncSession, request_id: UUID) -> RightsRequest:
    """Lock a request that is received; everything that changes it starts here."""
    found = await session.scalar(_locked(request_id).where(PROVED))
    if found is None:
        raise NotFound
    return found


async def find_unproved(session: AsyncSession, request_id: UUID, *, since: datetime) -> RightsRequest | None:
    """Find a guest's request whose address is still to be proved; None for one that expired, or was proved."""
    return await session.scalar(select(RightsRequest).where(RightsRequest.id == request_id, _is_unproved(since)))


async def lock_unproved(session: AsyncSession, request_id: UUID, *, since: datetime) -> RightsRequest | None:
    """Find as `find_unproved` does, and lock it: of two who confirm at once, the second finds it proved."""
    return await session.scalar(_locked(request_id).where(_is_unproved(since)))


def _is_unproved(since: datetime) -> ColumnElement[bool]:
    return (RightsRequest.state == RequestState.RECEIVED) & (RightsRequest.entered_at > since)


def _locked(request_id: UUID) -> Select[RightsRequest]:
    wanted = select(RightsRequest).where(RightsRequest.id == request_id).with_for_update()
    return wanted.execution_options(populate_existing=True)


async def list_of_account(
    session: AsyncSession, account_id: UUID, *, before: UUID | None, limit: int
) -> Sequence[RightsRequest]:
    """List somebody's own requests, newest first."""
    wanted = select(RightsRequest).where(RightsRequest.account_id == account_id)
    if before is not None:
        wanted = wanted.where(RightsRequest.id < before)
    return (await session.scalars(wanted.order_by(RightsRequest.id.desc()).limit(limit))).all()


async def list_requests(
    session: AsyncSession,
    *,
    state: RequestState | None,
    kind: RequestKind | None,
    email: str | None = None,
    after: tuple[date, UUID] | None,
    limit: int,
) -> Sequence[RightsRequest]:
    """List requests, those due first at the top; without a state those that are under way."""
    under_way = RightsRequest.outcome.is_(None) & PROVED
    wanted = select(RightsRequest).where(RightsRequest.state == state if state else PROVED if email else under_way)
    if kind:
        wanted = wanted.where(RightsRequest.kind == kind)
    if email:
        address = func.lower(email)
        of_person = or_(func.lower(RightsRequest.email) == address, func.lower(RightsRequest.person_email) == address)
        wanted = wanted.where(of_person, PROVED)
    if after:
        wanted = wanted.where(tuple_(LAST_DAY, RightsRequest.id) > tuple_(literal(after[0]), literal(after[1])))
    return (await session.scalars(wanted.order_by(LAST_DAY, RightsRequest.id).limit(limit))).all()


async def list_events(session: AsyncSession, request_id: UUID) -> Sequence[RightsEvent]:
    wanted = select(RightsEvent).where(RightsEvent.request_id == request_id).order_by(RightsEvent.number)
    return (await session.scalars(wanted)).all()


async def count_events(session: AsyncSession, request_id: UUID, kind: EventKind) -> int:
    wanted = select(func.count()).where(RightsEvent.request_id == request_id, RightsEvent.kind == kind)
    return await session.scalar(wanted) or 0


async def find_last_event(session: AsyncSession, request_id: UUID, kind: EventKind) -> RightsEvent | None:
    wanted = select(RightsEvent).where(RightsEvent.request_id == request_id, RightsEvent.kind == kind)
    return await session.scalar(wanted.order_by(RightsEvent.number.desc()).limit(1))


async def list_letters(session: AsyncSession, request_id: UUID) -> Sequence[RightsLetter]:
    wanted = select(RightsLetter).where(RightsLetter.request_id == request_id).order_by(RightsLetter.drawn_at)
    return (await session.scalars(wanted)).all()


async def get_letter(session: AsyncSession, request_id: UUID, event_id: UUID) -> RightsLetter:
    found = await session.get(RightsLetter, event_id)
    if found is None or found.request_id != request_id:
        raise NotFound
    return found


async def list_attachments(session: AsyncSession, request_id: UUID) -> Sequence[RightsAttachment]:
    wanted = select(RightsAttachment).where(RightsAttachment.request_id == request_id)
    return (await session.scalars(wanted.order_by(RightsAttachment.id))).all()


async def get_attachment(session: AsyncSession, request_id: UUID, attachment_id: UUID) -> RightsAttachment:
    found = await session.get(RightsAttachment, attachment_id)
    if found is None or found.request_id != request_id:
        raise NotFound
    return found


async def get_own_address(session: AsyncSession, account_id: UUID) -> tuple[str, Language]:
    """Get where an account's owner is written to; refuses one that was closed since the guard let it pass."""
    found = (await session.execute(select(Account.email, Account.language).where(Account.id == account_id))).first()
    if found is None:
        raise Unauthenticated
    return found.email, found.language


class Whose(NamedTuple):
    """The address, and the account if there is one, whose data a request is about."""

    email: str
    account_id: UUID | None


async def find_whose(session: AsyncSession, request: RightsRequest, *, lock: bool = False) -> Whose | None:
    """Find whose data a request is about; None when no address is known under which there could be any.

    Who asked while logged in is their account, whatever its address is by now: the one it had may be a stranger's.
    Of others it is the account of the address: whoever reads its mail can open it, too.
    """
    if request.account_id is not None and request.proxy_name is None:
        found = await _find_account(session, Account.id == request.account_id, lock=lock)
    elif request.person_email:
        found = await _find_account(session, func.lower(Account.email) == func.lower(request.person_email), lock=lock)
    else:
        return None
    if found is not None:
        return found
    return Whose(request.person_email, None) if request.person_email else None


async def _find_account(session: AsyncSession, which: ColumnElement[bool], *, lock: bool) -> Whose | None:
    wanted = select(Account.email, Account.id).where(which)
    found = (await session.execute(wanted.with_for_update(key_share=True) if lock else wanted)).one_or_none()
    return Whose(found.email, found.id) if found else None


async def find_mailbox(session: AsyncSession, request: RightsRequest) -> str | None:
    """Find where somebody is written to: an account's owner at its address of now, while there is an account."""
    if request.account_id is not None:
        address = await session.scalar(select(Account.email).where(Account.id == request.account_id))
        return address or request.email
    return request.email


async def lock_person_of(session: AsyncSession, request_id: UUID) -> None:
    """Lock the account that a request is about, if there is one, before the request: accounts come first."""
    await find_whose(session, await get_request(session, request_id), lock=True)


async def list_told(session: AsyncSession, request_id: UUID, told: Told) -> Sequence[Recipient]:
    """List the recipients that were told because of a request."""
    of_request = (RecipientTask.cause_id == request_id) & (RecipientTask.told == told)
    return (await session.scalars(select(RecipientTask.recipient).where(of_request).order_by(RecipientTask.id))).all()


async def list_near_their_day(session: AsyncSession, today: date, *, within: timedelta) -> Sequence[UUID]:
    """List the undecided requests whose last day is near or past."""
    near = (today + within >= LAST_DAY) & RightsRequest.outcome.is_(None) & PROVED
    return (await session.scalars(select(RightsRequest.id).where(near).order_by(LAST_DAY, RightsRequest.id))).all()
