"""Adds entries to the audit log."""

from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.models import Action, AuditEntry
from app.auth.auditing.queries import find_head
from app.core.db import Sessions, Write, together

log = structlog.get_logger()

__all__ = ["STRANGER", "Action", "audit_insert", "note"]

STRANGER = "stranger"
"""The actor who did not prove to be anybody."""


def audit_insert(
    action: Action, *, actor: str, subject: str | None = None, detail: str | None = None, at: datetime
) -> Write:
    """Make the entry for a statement that writes more than that; locks as `note` does."""
    return Write(AuditEntry, [{"at": at, "actor": actor, "action": action, "subject": subject, "detail": detail}])


async def note(
    session: AsyncSession,
    action: Action,
    *,
    actor: str,
    subject: str | None = None,
    detail: str | None = None,
    at: datetime,
) -> None:
    """Add an entry in this transaction.

    The head of the log stays locked until the commit, and every other entry waits for it: note last, when nothing
    remains to be locked, computed or asked of the outside.
    """
    await session.execute(together(audit_insert(action, actor=actor, subject=subject, detail=detail, at=at)))


async def log_head(sessions: Sessions) -> None:
    """Write down how far the log goes outside the database too: for `shop audit verify --against`."""
    async with sessions() as session:
        log.info("audit_head", head=str(await find_head(session)))
