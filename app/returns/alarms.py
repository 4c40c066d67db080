"""Minds what must not be forgotten of statements: receipts that did not arrive or go in time, refunds near their day.

Anybody can make statements: so the shop is told of all of them in one mail, at most one for each hour of the clock. Of
a receipt it is told once; of refunds that near their day, or are past it, each day for as long as they are open.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

import structlog
from sqlalchemy import Row, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock, legal_date
from app.core.db import Sessions
from app.core.language import Language
from app.mail import queries as mail_queries
from app.mail import service as mail
from app.mail.holding import BeforeTheDayEnds
from app.mail.models import Mail, MailKind, MailState
from app.returns.models import Withdrawal, WithdrawalCase

logger = structlog.get_logger()

NEAR = timedelta(days=3)
"""Before the last day for the refund."""
ALARMS = UUID("019ad4d2-5b5e-7f4e-8f0c-2f6f5c0b7a10")
"""The root of the names of alarms."""


async def mind_withdrawals(sessions: Sessions, clock: Clock, alarmed: str, pace: BeforeTheDayEnds) -> None:
    """Write to the shop about what is in trouble; run by the worker."""
    at = clock.now()
    day = uuid5(ALARMS, f"{legal_date(at)}")
    async with sessions.begin() as session:
        receipts = await _list_untold(session, pace.ended_last(at))
        refunds = await list_refunds_near(session, legal_date(at))
        is_told_today = await mail_queries.is_promised(session, day, MailKind.WITHDRAWAL_ALARM)
        if not receipts and (is_told_today or not refunds):
            return
        promised = await mail.promise(
            session,
            kind=MailKind.WITHDRAWAL_ALARM,
            address=alarmed,
            language=Language.BG,
            about_id=day,
            document_id=uuid5(day, f"{at:%dT%H}"),
            at=at,
        )
        if promised:
            await session.execute(update(Mail).where(Mail.id.in_(receipts)).values(alarmed_at=at))
            logger.warning("withdrawals_in_trouble", receipts=len(receipts), refunds=len(refunds))


async def list_refunds_near(session: AsyncSession, today: date) -> Sequence[Row[int, date]]:
    """List the open statements of an order whose refund nears its day or is past it; no order's wait in the queue."""
    near = (
        WithdrawalCase.settled_at.is_(None),
        WithdrawalCase.order_id.is_not(None),
        WithdrawalCase.refund_due_on <= today + NEAR,
    )
    wanted = select(Withdrawal.number, WithdrawalCase.refund_due_on).join(
        WithdrawalCase, WithdrawalCase.withdrawal_id == Withdrawal.id
    )
    rows = await session.execute(wanted.where(*near).order_by(WithdrawalCase.refund_due_on, Withdrawal.number))
    return rows.all()


async def list_told(session: AsyncSession, at: datetime) -> Sequence[Row[int, MailState]]:
    """List the statements whose receipts an alarm of this moment tells of, but for those that went meanwhile."""
    wanted = select(Withdrawal.number, Mail.state).join(Mail, Mail.about_id == Withdrawal.id)
    told = (Mail.kind == MailKind.WITHDRAWAL_RECEIPT, Mail.alarmed_at == at, Mail.state != MailState.SENT)
    return (await session.execute(wanted.where(*told).order_by(Withdrawal.number))).all()


async def _list_untold(session: AsyncSession, day_ended_at: datetime) -> Sequence[UUID]:
    """List the receipts that came back, or still wait past the working day, of which the shop was not told yet."""
    late = and_(Mail.state == MailState.WAITING, Mail.created_at < day_ended_at)
    untold = (
        Mail.kind == MailKind.WITHDRAWAL_RECEIPT,
        Mail.state != MailState.SENT,
        Mail.alarmed_at.is_(None),
        or_(Mail.state == MailState.REFUSED, late),
    )
    return (await session.scalars(select(Mail.id).where(*untold))).all()
