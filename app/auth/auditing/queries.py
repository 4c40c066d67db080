"""Every select of the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.models import Action, AuditEntry, AuditHead


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log goes, and the hash that stands for all of it."""

    sequence: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash.hex()}"


async def find_head(session: AsyncSession) -> Head | None:
    """Read the head; None only when somebody took it away."""
    row = (await session.execute(select(AuditHead.sequence, AuditHead.hash))).one_or_none()
    return Head(*row) if row else None


async def list_entries(
    session: AsyncSession,
    *,
    actor: str | None = None,
    subject: str | None = None,
    action: Action | None = None,
    before: int | None = None,
    limit: int,
) -> Sequence[AuditEntry]:
    """List entries, newest first; those `before` a sequence."""
    wanted = select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(limit)
    if actor is not None:
        wanted = wanted.where(AuditEntry.actor == actor)
    if subject is not None:
        wanted = wanted.where(AuditEntry.subject == subject)
    if action is not None:
        wanted = wanted.where(AuditEntry.action == action)
    if before is not None:
        wanted = wanted.where(AuditEntry.sequence < before)
    return (await session.scalars(wanted)).all()
