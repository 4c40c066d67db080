"""Every select of erasures and recipients' tasks."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.core.language import Text
from app.core.personal import Recipient
from app.privacy.erasures.models import ErasureRecord, RecipientTask
from app.privacy.models import Disclosure


class TaskNotFound(NotFound):
    title = Text("Няма такава задача", "No such task")


class ErasureNotFound(NotFound):
    title = Text("Няма такова изтриване", "No such erasure")


async def list_erasures(
    session: AsyncSession, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[ErasureRecord]:
    """List erasures, newest first."""
    wanted = select(ErasureRecord).order_by(ErasureRecord.erased_at.desc(), ErasureRecord.id.desc()).limit(limit)
    if after is not None:
        wanted = wanted.where(tuple_(ErasureRecord.erased_at, ErasureRecord.id) < after)
    return (await session.scalars(wanted)).all()


async def get_erasure(session: AsyncSession, erasure_id: UUID) -> ErasureRecord:
    found = await session.get(ErasureRecord, erasure_id)
    if found is None:
        raise ErasureNotFound
    return found


async def list_due(session: AsyncSession, *, today: date, limit: int) -> Sequence[UUID]:
    """List erasures of which something that was held comes due."""
    due = ErasureRecord.finished_at.is_(None) & (ErasureRecord.next_on <= today)
    return (
        await session.scalars(select(ErasureRecord.id).where(due).order_by(ErasureRecord.next_on).limit(limit))
    ).all()


async def lock_erasure(session: AsyncSession, erasure_id: UUID) -> ErasureRecord | None:
    """Lock it, unless somebody else is at it."""
    wanted = select(ErasureRecord).where(ErasureRecord.id == erasure_id)
    return await session.scalar(wanted.with_for_update(skip_locked=True))


async def list_erasures_since(session: AsyncSession, moment: datetime) -> Sequence[ErasureRecord]:
    """List what was erased since, oldest first: what a backup of that moment would bring back."""
    wanted = select(ErasureRecord).where(ErasureRecord.erased_at >= moment, ErasureRecord.sealed.is_not(None))
    return (await session.scalars(wanted.order_by(ErasureRecord.erased_at, ErasureRecord.id))).all()


async def list_receivers(session: AsyncSession, order_ids: Sequence[UUID]) -> dict[Recipient, list[UUID]]:
    """Say who really received data of these orders, and of which (S55, S69)."""
    wanted = select(Disclosure.recipient, Disclosure.order_id).where(Disclosure.order_id.in_(order_ids)).distinct()
    found: dict[Recipient, list[UUID]] = {}
    for recipient, order_id in await session.execute(wanted.order_by(Disclosure.recipient, Disclosure.order_id)):
        found.setdefault(recipient, []).append(order_id)
    return found


async def list_tasks(
    session: AsyncSession, *, is_open: bool | None, after: tuple[date, UUID] | None, limit: int
) -> Sequence[RecipientTask]:
    """List tasks by the day they are due."""
    wanted = select(RecipientTask).order_by(RecipientTask.due_on, RecipientTask.id).limit(limit)
    if is_open is not None:
        done = RecipientTask.acknowledged_at.is_not(None)
        wanted = wanted.where(~done if is_open else done)
    if after is not None:
        wanted = wanted.where(tuple_(RecipientTask.due_on, RecipientTask.id) > after)
    return (await session.scalars(wanted)).all()


async def lock_task(session: AsyncSession, task_id: UUID) -> RecipientTask:
    found = await session.scalar(select(RecipientTask).where(RecipientTask.id == task_id).with_for_update())
    if found is None:
        raise TaskNotFound
    return found


async def list_overdue(session: AsyncSession, *, today: date) -> Sequence[RecipientTask]:
    """List tasks whose day is past, and of which nobody was told yet."""
    late = RecipientTask.acknowledged_at.is_(None) & (RecipientTask.due_on < today) & RecipientTask.alarmed_at.is_(None)
    return (await session.scalars(select(RecipientTask).where(late).order_by(RecipientTask.id).with_for_update())).all()
