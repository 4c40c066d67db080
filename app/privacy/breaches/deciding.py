"""Decides what a breach asks for: no notification, no letters, a public notice, the end."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.privacy.breaches import queries
from app.privacy.breaches.errors import (
    BreachCannotMove,
    BreachIncomplete,
    LettersStarted,
    PublicNoticeMissing,
    RiskNotUnlikely,
    SomebodyAffected,
)
from app.privacy.breaches.models import Breach, BreachStatus, EntryKind, Exemption, Risk
from app.privacy.breaches.recording import entry_of
from app.privacy.breaches.states import NEXT, PEOPLES, move, settle


async def require_complete(session: AsyncSession, breach: Breach) -> None:
    """Refuse what needs the four fields of the register (S82, S83)."""
    if missing := (await queries.find_registered(session, breach)).missing:
        raise BreachIncomplete(missing=[kind.value for kind in missing])


def require_open(breach: Breach) -> None:
    if breach.status is BreachStatus.CLOSED:
        raise BreachCannotMove(breach_status=breach.status.value, allowed=sorted(NEXT[breach.status]))


async def decide_not_to_notify(
    session: AsyncSession, breach_id: UUID, reasons: str, *, at: datetime, by: str
) -> Breach:
    """Decide that the authority need not be notified: only of a risk that is unlikely, with reasons (Art. 33(1))."""
    breach = await queries.lock_breach(session, breach_id)
    require_open(breach)
    await require_complete(session, breach)
    if breach.risk is not Risk.UNLIKELY:
        assert breach.risk is not None  # an assessment is one of the four fields
        raise RiskNotUnlikely(risk=breach.risk.value)
    if breach.is_decided:
        raise BreachCannotMove(breach_status=breach.status.value, allowed=sorted(NEXT[breach.status]))
    breach.not_notified_at = breach.now(at)
    session.add(entry_of(breach.id, EntryKind.REASONS_NOT_TO_NOTIFY, reasons, at=at, by=by))
    await settle(session, breach, at=at, by=by)
    return breach


async def exempt(
    session: AsyncSession, breach_id: UUID, ground: Exemption, reasons: str, *, at: datetime, by: str
) -> Breach:
    """Decide that no letters are sent, on a ground of Art. 34(3); by default everybody affected is told (S81)."""
    breach = await queries.lock_breach(session, breach_id)
    require_open(breach)
    if breach.letters_started_at:
        raise LettersStarted
    if ground is Exemption.NOBODY_AFFECTED and breach.people:
        raise SomebodyAffected(people=breach.people)
    if ground is Exemption.DISPROPORTIONATE and breach.publicly_told_at is None:
        raise PublicNoticeMissing
    breach.exemption = ground
    session.add(entry_of(breach.id, EntryKind.REASONS_NOT_TO_TELL, f"{ground}: {reasons}", at=at, by=by))
    await settle(session, breach, at=at, by=by)
    return breach


async def tell_publicly(session: AsyncSession, breach_id: UUID, text: str, *, at: datetime, by: str) -> Breach:
    """Record a public notice and where it stands, for those whom no letter reaches (Art. 34(3)(c))."""
    breach = await queries.lock_breach(session, breach_id)
    require_open(breach)
    breach.publicly_told_at = breach.publicly_told_at or breach.now(at)
    session.add(entry_of(breach.id, EntryKind.PUBLIC_NOTICE, text, at=at, by=by))
    await settle(session, breach, at=at, by=by)
    return breach


async def close(session: AsyncSession, breach_id: UUID, conclusion: str, *, at: datetime, by: str) -> Breach:
    """Close a breach of which all is documented, decided and told."""
    breach = await queries.lock_breach(session, breach_id)
    await require_complete(session, breach)
    if breach.status not in PEOPLES:
        raise BreachCannotMove(breach_status=breach.status.value, allowed=sorted(NEXT[breach.status]))
    breach.closed_at = breach.now(at)
    session.add(entry_of(breach.id, EntryKind.CLOSING, conclusion, at=at, by=by))
    move(session, breach, BreachStatus.CLOSED, at=at, by=by)
    return breach
