"""Records breaches and what is found out about them; entries are added, never changed (S80)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.core.ids import uuid7
from app.core.personal import Recipient
from app.privacy.breaches import queries
from app.privacy.breaches.errors import MomentImpossible, NoDrill
from app.privacy.breaches.models import Breach, BreachChannel, BreachEntry, BreachStatus, EntryKind, Risk
from app.privacy.breaches.states import settle


@dataclass(frozen=True, slots=True)
class Discovery:
    """What is known in the first moment."""

    summary: str
    channel: BreachChannel
    discovered_at: datetime
    processor: Recipient | None = None
    drill: bool = False


async def record(session: AsyncSession, discovery: Discovery, *, at: datetime, by: str) -> Breach:
    """Record a breach: its 72 hours run from when it was discovered."""
    if discovery.discovered_at > at:
        raise MomentImpossible
    breach = Breach(
        id=uuid7(),
        drill=discovery.drill,
        summary=discovery.summary,
        channel=discovery.channel,
        processor=discovery.processor,
        discovered_at=discovery.discovered_at,
        recorded_at=at,
        recorded_by=by,
        status=BreachStatus.DISCOVERED,
        categories=[],
        drill_hours=0,
    )
    session.add(breach)
    await session.flush()  # it gets its number
    return breach


async def add_entry(
    session: AsyncSession,
    breach_id: UUID,
    kind: EntryKind,
    text: str,
    *,
    corrects_id: UUID | None = None,
    at: datetime,
    by: str,
) -> BreachEntry:
    """Add what was found out or done; an entry that corrects another of its kind leaves it where it is."""
    await queries.lock_breach(session, breach_id)
    if corrects_id is not None:
        corrected = await queries.find_entry(session, breach_id, corrects_id)
        if corrected is None or corrected.kind is not kind:
            raise NotFound
    entry = entry_of(breach_id, kind, text, at=at, by=by)
    entry.corrects_id = corrects_id
    session.add(entry)
    await session.flush()  # it gets its place
    return entry


def entry_of(breach_id: UUID, kind: EntryKind, text: str, *, at: datetime, by: str) -> BreachEntry:
    return BreachEntry(id=uuid7(), breach_id=breach_id, kind=kind, text=text, at=at, author=by)


async def assess(session: AsyncSession, breach_id: UUID, risk: Risk, reasons: str, *, at: datetime, by: str) -> None:
    """Assess the risk, or assess it anew: then the former assessment is corrected by this one.

    One that is not unlikely any more makes the clock run again; one of a closed breach opens it.
    """
    breach = await queries.lock_breach(session, breach_id)
    before = (await queries.find_registered(session, breach)).entries.get(EntryKind.RISK_ASSESSMENT, ())
    entry = entry_of(breach_id, EntryKind.RISK_ASSESSMENT, reasons, at=at, by=by)
    entry.risk, entry.corrects_id = risk, before[-1].id if before else None
    session.add(entry)
    breach.risk, breach.closed_at = risk, None
    if risk is not Risk.UNLIKELY and breach.kzld_notified_at is None:
        breach.not_notified_at = None
    await settle(session, breach, at=at, by=by)


async def advance_drill(session: AsyncSession, breach_id: UUID, hours: int) -> Breach:
    """Put the clock of a drill forward, so that three days can be exercised in an hour."""
    breach = await queries.lock_breach(session, breach_id)
    if not breach.drill:
        raise NoDrill
    breach.drill_hours += hours
    return breach
