"""Lets go of statements whose term is over, with their receipts and what was done about them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, or_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.holders import named_erasure
from app.mail.models import Mail, MailKind
from app.returns.models import Withdrawal, WithdrawalCase, WithdrawalOutcome

OF_NO_CONTRACT = or_(WithdrawalCase.matched_at.is_(None), WithdrawalCase.outcome == WithdrawalOutcome.NOT_A_WITHDRAWAL)
"""No claim rests on such a statement, and a stranger may have made it under somebody's address: a short term."""
UNSEEN = {"synchronize_session": False}


async def forget_withdrawals(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Delete statements; what is done about them goes with them."""
    if not ids:
        return
    about = (Mail.order_id.is_(None), Mail.about_id.in_(ids), Mail.kind == MailKind.WITHDRAWAL_RECEIPT)
    await session.execute(delete(Mail).where(*about), execution_options=UNSEEN)
    async with named_erasure(session):
        await session.execute(delete(Withdrawal).where(Withdrawal.id.in_(ids)), execution_options=UNSEEN)
