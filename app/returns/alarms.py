"""Minds what must not be forgotten about a statement: a receipt that did not arrive, a refund that nears its day."""

from datetime import datetime, timedelta
from uuid import UUID, uuid5

import structlog
from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.clock import Clock, legal_date
from app.core.db import Sessions
from app.core.language import Language
from app.mail import service as mail
from app.mail.models import Mail, MailKind
from app.returns.letters import Trouble
from app.returns.models import WithdrawalCase

logger = structlog.get_logger()

NEAR = timedelta(days=3)
"""Before the last day for the refund."""


def occasion(withdrawal_id: UUID, trouble: Trouble) -> UUID:
    """Name one trouble of a statement, so that it is written about once; a refused receipt has its own name."""
    return uuid5(withdrawal_id, trouble)


async def mind_withdrawals(sessions: Sessions, clock: Clock, alarmed: str) -> None:
    """Write to the shop about what is open and in trouble; run by the worker."""
    at = clock.now()
    async with sessions.begin() as session:
        for withdrawal_id, receipt_id in (await session.execute(_refused())).all():
            await _write(session, withdrawal_id, receipt_id, Trouble.RECEIPT, alarmed, at=at)
        today = legal_date(at)
        due = select(WithdrawalCase.withdrawal_id, WithdrawalCase.refund_due_on).where(
            WithdrawalCase.settled_at.is_(None), WithdrawalCase.refund_due_on <= today + NEAR
        )
        for withdrawal_id, due_on in (await session.execute(due)).all():
            trouble = Trouble.OVERDUE if due_on < today else Trouble.NEAR
            await _write(session, withdrawal_id, occasion(withdrawal_id, trouble), trouble, alarmed, at=at)


def _refused() -> Select[UUID, UUID]:
    """Select the receipts that did not arrive, of what is open, and that nobody was written to about."""
    alarm = aliased(Mail)
    is_told = exists().where(
        alarm.order_id.is_(None),
        alarm.about_id == Mail.about_id,
        alarm.kind == MailKind.WITHDRAWAL_ALARM,
        alarm.document_id == Mail.id,
    )
    refused = (Mail.kind == MailKind.WITHDRAWAL_RECEIPT, Mail.refusal.is_not(None), ~is_told)
    return (
        select(WithdrawalCase.withdrawal_id, Mail.id)
        .join(Mail, Mail.about_id == WithdrawalCase.withdrawal_id)
        .where(*refused)
    )


async def _write(
    session: AsyncSession, withdrawal_id: UUID, which: UUID, trouble: Trouble, alarmed: str, *, at: datetime
) -> None:
    promised = await mail.promise(
        session,
        kind=MailKind.WITHDRAWAL_ALARM,
        address=alarmed,
        language=Language.BG,
        about_id=withdrawal_id,
        document_id=which,
        at=at,
    )
    if promised:
        logger.warning("withdrawal_in_trouble", withdrawal_id=str(withdrawal_id), trouble=trouble.value)
