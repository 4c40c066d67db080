"""Minds the clock for the responsible person: alarms as a last day nears, each once; closes files that are answered."""

from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock, legal_date
from app.core.db import Sessions
from app.core.language import Language
from app.mail import service as mail
from app.mail.models import Mail, MailKind, MailState
from app.privacy.rights import queries
from app.privacy.rights.casefile import SYSTEM, log
from app.privacy.rights.models import EventKind, RequestState, RightsEvent, RightsRequest
from app.privacy.rights.states import move

logger = structlog.get_logger()

DAYS = (1, 3, 7)
OVERDUE = "overdue"


def step_on(today: date, last_day: date) -> str | None:
    """Name the alarm that is due: the nearest one, so that after a pause one comes and not all."""
    left = (last_day - today).days
    if left < 0:
        return OVERDUE
    return next((str(days) for days in DAYS if left <= days), None)


async def mind_requests(sessions: Sessions, clock: Clock, alarmed: str) -> None:
    """Do what falls due at the rights desk; run by the worker. `alarmed` is the responsible person's address."""
    at = clock.now()
    async with sessions.begin() as session:
        near = await queries.list_near_their_day(session, legal_date(at), within=timedelta(days=max(DAYS)))
        answered = await _list_answered(session)
    for request_id in near:
        async with sessions.begin() as session:
            await _alarm(session, request_id, alarmed, at=at)
    for request_id in answered:
        async with sessions.begin() as session:
            await _close(session, request_id, at=at)


async def _alarm(session: AsyncSession, request_id: UUID, alarmed: str, *, at: datetime) -> None:
    request = await queries.lock_request(session, request_id)
    step = step_on(legal_date(at), request.last_day)
    if step is None or request.is_decided:
        return
    details = {"step": step, "last_day": request.last_day.isoformat()}
    # A day that moved is a new day: its alarms come anew.
    before = select(RightsEvent.id).where(
        RightsEvent.request_id == request.id, RightsEvent.kind == EventKind.ALARMED, RightsEvent.details == details
    )
    if await session.scalar(before.limit(1)):
        return
    event_id = log(session, request, EventKind.ALARMED, at=at, by=SYSTEM, details=details)
    logger.warning("rights_request_near_its_day", request_id=str(request.id), step=step)
    await mail.promise(
        session,
        kind=MailKind.RIGHTS_ALARM,
        address=alarmed,
        language=Language.BG,
        about_id=request.id,
        document_id=event_id,
        at=at,
    )


async def _list_answered(session: AsyncSession) -> list[UUID]:
    """List the decided requests whose answer was sent."""
    sent = (Mail.about_id == RightsRequest.id) & (Mail.kind == MailKind.REQUEST_ANSWERED)
    wanted = select(RightsRequest.id).join(Mail, sent).where(Mail.state == MailState.SENT)
    is_open = RightsRequest.outcome.is_not(None) & (RightsRequest.state != RequestState.CLOSED)
    return [*(await session.scalars(wanted.where(is_open).order_by(RightsRequest.id)))]


async def _close(session: AsyncSession, request_id: UUID, *, at: datetime) -> None:
    """Close the file, with the proof that the answer went: the number of the message, and when."""
    request = await queries.lock_request(session, request_id)
    answer = select(Mail).where(Mail.about_id == request.id, Mail.kind == MailKind.REQUEST_ANSWERED)
    sent = await session.scalar(answer)
    if request.state is RequestState.CLOSED or sent is None or sent.sent_at is None:
        return
    close(session, request, {"message_id": sent.message_id, "sent_at": sent.sent_at.isoformat()}, at=at, by=SYSTEM)


def close(
    session: AsyncSession, request: RightsRequest, proof: dict[str, str | None], *, at: datetime, by: str
) -> None:
    """Close an answered request, with what proves that the answer went."""
    log(session, request, EventKind.ANSWER_SENT, at=at, by=by, details=proof)
    move(session, request, RequestState.CLOSED, at=at, by=by)
