"""Watches the clock of each breach: alarms at 24, 48 and 66 hours and when it is overdue, each once (S82)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock
from app.core.db import Sessions
from app.core.ids import uuid7
from app.core.language import Language
from app.mail.models import MailKind
from app.mail.service import promise
from app.privacy.breaches import queries
from app.privacy.breaches.deadlines import promised_by
from app.privacy.breaches.models import AlarmStage, Breach, BreachAlarm
from app.privacy.breaches.telling import record_outcomes

AFTER = {
    AlarmStage.HOURS_24: timedelta(hours=24),
    AlarmStage.HOURS_48: timedelta(hours=48),
    AlarmStage.HOURS_66: timedelta(hours=66),
}


class Alarmed(NamedTuple):
    """Who is alarmed; without an id the responsible person, at the shop's own address."""

    staff_id: UUID | None
    email: str
    language: Language


def due_stages(breach: Breach, *, at: datetime) -> list[AlarmStage]:
    """List the stages that the breach's clock has reached, in their order; none when it does not run any more."""
    if breach.is_decided:
        return []
    now = breach.now(at)
    reached = [stage for stage, after in AFTER.items() if now >= breach.discovered_at + after]
    return [*reached, *([AlarmStage.OVERDUE] if now >= promised_by(breach.discovered_at) else [])]


async def raise_alarms(session: AsyncSession, responsible: str, *, at: datetime) -> None:
    """Alarm the responsible person and the officers of what is due; of several stages at once only the last is mailed.

    Two workers that watch at one time raise an alarm once: the row of its stage is inserted by one of them.
    """
    for breach in await queries.list_undecided(session):
        stages = due_stages(breach, at=at)
        if not stages:
            continue
        raised = await queries.list_raised(session, breach.id)
        for whom in await _alarmed(session, responsible):
            new = [stage for stage in stages if (stage, whom.staff_id) not in raised]
            await _raise(session, breach, new, whom, at=at)


async def _alarmed(session: AsyncSession, responsible: str) -> list[Alarmed]:
    officers = [Alarmed(*officer) for officer in await queries.list_officers(session)]
    others = [officer for officer in officers if officer.email.lower() != responsible.lower()]
    return [Alarmed(None, responsible, Language.BG), *others]


async def _raise(
    session: AsyncSession, breach: Breach, stages: Sequence[AlarmStage], whom: Alarmed, *, at: datetime
) -> None:
    if not stages:
        return
    ids = [uuid7() for _ in stages]
    together = {"breach_id": breach.id, "staff_id": whom.staff_id, "raised_at": at}
    rows = [{"id": alarm_id, "stage": stage, **together} for alarm_id, stage in zip(ids, stages, strict=True)]
    made = insert(BreachAlarm).values(rows).on_conflict_do_nothing().returning(BreachAlarm.id)
    if ids[-1] in {*(await session.scalars(made)).all()}:
        kind, language = MailKind.BREACH_ALARM, whom.language
        await promise(session, kind=kind, address=whom.email, language=language, about_id=ids[-1], at=at)


@dataclass(frozen=True)
class BreachWatch:
    """Done every few minutes."""

    sessions: Sessions
    clock: Clock
    responsible: str

    async def run(self) -> None:
        at = self.clock.now()
        async with self.sessions.begin() as session:
            await raise_alarms(session, self.responsible, at=at)
        async with self.sessions.begin() as session:
            await record_outcomes(session, at=at)
