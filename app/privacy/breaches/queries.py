"""Every select of breaches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.auth.models import Staff, StaffRole
from app.core.errors import NotFound
from app.core.language import Language
from app.privacy.breaches.models import (
    AlarmStage,
    Breach,
    BreachAlarm,
    BreachEntry,
    BreachNotification,
    BreachPerson,
    BreachSearch,
    BreachStatus,
    BreachWording,
    EntryKind,
    LetterState,
)

REQUIRED = (EntryKind.FACTS, EntryKind.CONSEQUENCES, EntryKind.MEASURES, EntryKind.RISK_ASSESSMENT)
"""The four fields of the register (S83)."""


@dataclass(frozen=True, slots=True)
class RegisteredBreach:
    """A line of the register: the breach, and its entries by kind, oldest first, without those that were corrected."""

    breach: Breach
    entries: Mapping[EntryKind, Sequence[BreachEntry]] = field(default_factory=dict)

    @property
    def missing(self) -> list[EntryKind]:
        return [kind for kind in REQUIRED if kind not in self.entries]

    def text(self, kind: EntryKind) -> str | None:
        """Give all that stands under one heading; None when nothing does."""
        return "\n".join(entry.text for entry in self.entries.get(kind, ())) or None


async def list_breaches(
    session: AsyncSession, *, drill: bool = False, after: int | None = None, limit: int
) -> list[RegisteredBreach]:
    """List the register, newest first: real breaches, or the drills, which stand apart."""
    wanted = select(Breach).where(Breach.drill.is_(drill)).order_by(Breach.number.desc()).limit(limit)
    if after is not None:
        wanted = wanted.where(Breach.number < after)
    return await _registered(session, (await session.scalars(wanted)).all())


async def get_registered(session: AsyncSession, breach_id: UUID) -> RegisteredBreach:
    [registered] = await _registered(session, [await get_breach(session, breach_id)])
    return registered


async def find_registered(session: AsyncSession, breach: Breach) -> RegisteredBreach:
    """Find what stands of a breach that is at hand."""
    [registered] = await _registered(session, [breach])
    return registered


async def _registered(session: AsyncSession, breaches: Sequence[Breach]) -> list[RegisteredBreach]:
    correction = aliased(BreachEntry)
    standing = (
        select(BreachEntry)
        .where(
            BreachEntry.breach_id.in_([breach.id for breach in breaches]),
            BreachEntry.kind != EntryKind.MOVED,
            ~exists().where(correction.corrects_id == BreachEntry.id),
        )
        .order_by(BreachEntry.sequence)
    )
    found: dict[UUID, dict[EntryKind, list[BreachEntry]]] = {}
    for entry in await session.scalars(standing):
        found.setdefault(entry.breach_id, {}).setdefault(entry.kind, []).append(entry)
    return [RegisteredBreach(breach, found.get(breach.id, {})) for breach in breaches]


async def get_breach(session: AsyncSession, breach_id: UUID) -> Breach:
    found = await session.get(Breach, breach_id)
    if found is None:
        raise NotFound
    return found


async def lock_breach(session: AsyncSession, breach_id: UUID) -> Breach:
    """Lock the breach first of all that belongs to it."""
    wanted = select(Breach).where(Breach.id == breach_id).with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(wanted)
    if found is None:
        raise NotFound
    return found


async def list_undecided(session: AsyncSession) -> Sequence[Breach]:
    """List the breaches whose clock runs: neither notified nor decided, nor closed."""
    wanted = select(Breach).where(
        Breach.kzld_notified_at.is_(None), Breach.not_notified_at.is_(None), Breach.status != BreachStatus.CLOSED
    )
    return (await session.scalars(wanted.order_by(Breach.number))).all()


async def list_entries(session: AsyncSession, breach_id: UUID) -> Sequence[BreachEntry]:
    wanted = select(BreachEntry).where(BreachEntry.breach_id == breach_id)
    return (await session.scalars(wanted.order_by(BreachEntry.sequence))).all()


async def find_entry(session: AsyncSession, breach_id: UUID, entry_id: UUID) -> BreachEntry | None:
    return await session.scalar(select(BreachEntry).filter_by(id=entry_id, breach_id=breach_id))


async def list_last_searches(session: AsyncSession, breach_id: UUID) -> Sequence[BreachSearch]:
    """List the searches that gave the list of people as it is."""
    newest_first = (BreachSearch.run_at.desc(), BreachSearch.id.desc())
    last = select(BreachSearch.run_id).where(BreachSearch.breach_id == breach_id).order_by(*newest_first).limit(1)
    wanted = select(BreachSearch).where(BreachSearch.run_id == last.scalar_subquery())
    return (await session.scalars(wanted.order_by(BreachSearch.id))).all()


async def list_notifications(session: AsyncSession, breach_id: UUID) -> Sequence[BreachNotification]:
    wanted = select(BreachNotification).where(BreachNotification.breach_id == breach_id)
    return (await session.scalars(wanted.order_by(BreachNotification.drafted_at, BreachNotification.id))).all()


async def get_notification(session: AsyncSession, breach_id: UUID, notification_id: UUID) -> BreachNotification:
    found = await session.scalar(select(BreachNotification).filter_by(id=notification_id, breach_id=breach_id))
    if found is None:
        raise NotFound
    return found


async def list_people(
    session: AsyncSession, breach_id: UUID, *, after: UUID | None = None, limit: int
) -> Sequence[BreachPerson]:
    wanted = select(BreachPerson).where(BreachPerson.breach_id == breach_id).order_by(BreachPerson.id).limit(limit)
    if after is not None:
        wanted = wanted.where(BreachPerson.id > after)
    return (await session.scalars(wanted)).all()


async def count_letters(session: AsyncSession, breach_id: UUID) -> dict[LetterState, int]:
    wanted = select(BreachPerson.letter, func.count()).where(BreachPerson.breach_id == breach_id)
    found = dict([*await session.execute(wanted.group_by(BreachPerson.letter))])
    return {state: found.get(state, 0) for state in LetterState}


async def find_wording(session: AsyncSession, breach_id: UUID, language: Language) -> BreachWording | None:
    wanted = select(BreachWording).filter_by(breach_id=breach_id, language=language)
    return await session.scalar(wanted.order_by(BreachWording.written_at.desc(), BreachWording.id.desc()).limit(1))


class AffectedBy(NamedTuple):
    """What the clients register says of a breach that affects somebody (S57)."""

    number: int
    discovered_at: datetime
    kzld_notified_at: datetime | None
    told_at: datetime | None


def _affecting() -> Select[int, datetime, datetime | None, datetime | None]:
    return (
        select(
            Breach.number,
            Breach.discovered_at,
            Breach.kzld_notified_at,
            func.coalesce(BreachPerson.sent_at, Breach.publicly_told_at),
        )
        .join(BreachPerson, BreachPerson.breach_id == Breach.id)
        .where(Breach.drill.is_(False))
        .order_by(Breach.number)
    )


async def breaches_of(session: AsyncSession, email: str, account_id: UUID | None = None) -> list[AffectedBy]:
    """List the breaches, drills apart, that affect whoever has this address or account."""
    of_person = func.lower(BreachPerson.key) == func.lower(email)
    if account_id is not None:
        of_person = or_(of_person, BreachPerson.account_id == account_id)
    return [AffectedBy._make(row) for row in await session.execute(_affecting().where(of_person))]


async def count_unreached(session: AsyncSession, breach_id: UUID) -> int:
    """Count those whom no letter reaches: they are told by public notice (GDPR Art. 34(3)(c))."""
    unreached = BreachPerson.letter.in_((LetterState.REFUSED, LetterState.UNREACHABLE))
    wanted = select(func.count()).where(BreachPerson.breach_id == breach_id, unreached)
    return await session.scalar(wanted) or 0


async def find_person(session: AsyncSession, person_id: UUID) -> BreachPerson | None:
    return await session.get(BreachPerson, person_id)


async def find_alarm(session: AsyncSession, alarm_id: UUID) -> BreachAlarm | None:
    return await session.get(BreachAlarm, alarm_id)


class Officer(NamedTuple):
    """Somebody on the staff who answers for the protection of data."""

    staff_id: UUID
    email: str
    language: Language


async def list_officers(session: AsyncSession) -> list[Officer]:
    at_work = Staff.activated_at.is_not(None) & Staff.disabled_at.is_(None)
    wanted = select(Staff.id, Staff.email, Staff.language).where(Staff.role == StaffRole.PRIVACY_OFFICER, at_work)
    return [Officer._make(row) for row in await session.execute(wanted.order_by(Staff.id))]


async def list_raised(session: AsyncSession, breach_id: UUID) -> set[tuple[AlarmStage, UUID | None]]:
    """List the alarms that were raised: of which stage, with whom."""
    wanted = select(BreachAlarm.stage, BreachAlarm.staff_id).where(BreachAlarm.breach_id == breach_id)
    return {(stage, staff_id) for stage, staff_id in await session.execute(wanted)}


async def count_sent(session: AsyncSession, breach_id: UUID) -> int:
    """Count the notifications that went to the authority."""
    sent = BreachNotification.sent_at.is_not(None)
    wanted = select(func.count()).where(BreachNotification.breach_id == breach_id, sent)
    return await session.scalar(wanted) or 0
