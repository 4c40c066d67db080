"""Every select of runs and holds."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.privacy.retention.models import RetentionHold, RetentionRun


async def list_runs(
    session: AsyncSession, *, before: tuple[datetime, UUID] | None = None, limit: int
) -> Sequence[RetentionRun]:
    """List runs, the last one first."""
    wanted = select(RetentionRun).order_by(RetentionRun.started_at.desc(), RetentionRun.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(tuple_(RetentionRun.started_at, RetentionRun.id) < before)
    return (await session.scalars(wanted)).all()


async def list_holds(session: AsyncSession, *, after: UUID | None = None, limit: int) -> Sequence[RetentionHold]:
    """List holds, in force or not, in the order they were set."""
    wanted = select(RetentionHold).order_by(RetentionHold.id).limit(limit)
    if after is not None:
        wanted = wanted.where(RetentionHold.id > after)
    return (await session.scalars(wanted)).all()
