"""The second factor at the door: what becomes of wrong codes.

Each is audited. The fifth since the last right one locks the factor for a quarter of an hour, each five more for twice
as long as before; the member is told by mail, because whoever comes so far knows the password. While it is locked no
code is looked at. An owner's way back for others is a new invitation, a sole owner's the command line.
"""

import math
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import staff_queries as queries
from app.auth.auditing.recording import Action, note
from app.auth.models import Staff
from app.core.ids import uuid7
from app.mail import service as mail
from app.mail.models import MailKind

CODES_BEFORE_A_LOCK = 5
FIRST_LOCK, LONGEST_LOCK = timedelta(minutes=15), timedelta(hours=24)


def seconds_locked(member: Staff, *, at: datetime) -> int | None:
    """Return for how long no code is looked at; None: it is not locked."""
    if member.locked_until is None or member.locked_until <= at:
        return None
    # No lock is longer; a clock that ran ahead may have left one that is.
    member.locked_until = min(member.locked_until, at + LONGEST_LOCK)
    return math.ceil((member.locked_until - at).total_seconds())


def accept(member: Staff) -> None:
    """Forget the wrong codes: the right one was shown."""
    member.refused_codes, member.locked_until = 0, None


async def refuse(session: AsyncSession, member: Staff, *, actor: str, at: datetime) -> None:
    """Count a wrong code of a member, who is locked by the caller; to be committed, so a refusal is then returned."""
    detail = "locked"
    if seconds_locked(member, at=at) is None:
        detail = "code"
        member.refused_codes += 1
        rounds, odd = divmod(member.refused_codes, CODES_BEFORE_A_LOCK)
        if not odd:
            member.locked_until = at + min(FIRST_LOCK * 2 ** min(rounds - 1, 10), LONGEST_LOCK)
            await _tell(session, member, at=at)
    await session.flush()  # before the audit's lock is taken
    await note(session, Action.ENTRY_REFUSED, actor=actor, subject=f"staff:{member.id}", detail=detail, at=at)


async def _tell(session: AsyncSession, member: Staff, *, at: datetime) -> None:
    await mail.promise(
        session,
        kind=MailKind.SECOND_FACTOR_LOCKED,
        address=member.email,
        language=member.language,
        about_id=uuid7(),
        at=at,
    )


async def unlock(session: AsyncSession, staff_id: UUID, *, actor: str, at: datetime) -> None:
    """Let codes be looked at again, with five tries before the next lock."""
    member = await queries.lock_member(session, staff_id)
    accept(member)
    await session.flush()  # before the audit's lock is taken
    await note(session, Action.SECOND_FACTOR_UNLOCKED, actor=actor, subject=f"staff:{staff_id}", at=at)
