"""What becomes of mail that its server will not take now (4xx): it is left alone for longer each time, then given up.

A relay that is down says nothing of a mail: that is waited out, however long it lasts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.mail import queries
from app.mail.models import Mail

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240))
"""After each deferral, the last of them from then on: who knocks without pause is taken for a sender of spam."""
GIVEN_UP_AFTER = timedelta(days=5)
"""Since the first deferral (RFC 5321, 4.5.4.1: at least four to five days)."""
TRIES = len(PAUSES) + (GIVEN_UP_AFTER - sum(PAUSES, timedelta())) // PAUSES[-1]
"""So many are made within that time at least, unless the relay or the worker was away."""


async def note(session: AsyncSession, mail_ids: Sequence[UUID], *, at: datetime) -> timedelta | None:
    """Count a deferral of the mails of one message; returns how long to leave them alone, None to give them up.

    What could not be tried, because the relay or the worker was away, is not given up for the time that has passed.
    """
    mails = await queries.lock_all_unsent(session, mail_ids)
    for mail in mails:
        mail.deferred_at = mail.deferred_at or at
        mail.deferrals += 1
    deferrals = max((mail.deferrals for mail in mails), default=1)
    pause = PAUSES[min(deferrals, len(PAUSES)) - 1]
    for mail in mails:
        mail.retry_at = at + pause
    is_over = any(mail.deferred_at and mail.deferred_at + GIVEN_UP_AFTER <= at for mail in mails)
    return None if is_over and deferrals > TRIES else pause


async def begin_anew(session: AsyncSession, mail_id: UUID) -> None:
    """Let a mail that was given up be deferred as long again, once a person has released it."""
    never = {"deferred_at": None, "deferrals": 0, "retry_at": None}
    await session.execute(update(Mail).where(Mail.id == mail_id).values(never))
