"""Drafts notifications to the authority and records that they were sent (GDPR Art. 33); a person sends them."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import let_go
from app.core.ids import uuid7
from app.mail.authority import Authority
from app.mail.writing import Trader
from app.privacy.breaches import queries
from app.privacy.breaches.deadlines import promised_by
from app.privacy.breaches.deciding import require_complete, require_open
from app.privacy.breaches.errors import AlreadySent, DraftOutdated, MomentImpossible, ReasonsOfDelayMissing
from app.privacy.breaches.models import Breach, BreachNotification, EntryKind, SentBy
from app.privacy.breaches.notification_words import as_text, sections_of, title_of
from app.privacy.breaches.recording import entry_of
from app.privacy.breaches.states import settle
from app.privacy.papers import draw_paper

FIRST = 1


@dataclass(frozen=True, slots=True)
class Sending:
    """How a notification went to the authority."""

    means: SentBy
    sent_at: datetime
    reference: str | None = None
    reasons_of_delay: str | None = None


async def draft(
    session: AsyncSession, breach_id: UUID, trader: Trader, authority: Authority, *, at: datetime, by: str
) -> BreachNotification:
    """Draft a notification of what is known by now; what is not yet follows as further information (Art. 33(4))."""
    registered = await queries.get_registered(session, breach_id)
    require_open(registered.breach)
    letters = await queries.count_letters(session, breach_id)
    phase = FIRST + await queries.count_sent(session, breach_id)
    sections = sections_of(registered, letters, trader, phase=phase, at=at)
    title = title_of(registered.breach, phase)
    await let_go(session)
    pdf = await draw_paper(
        "notification.html",
        package="app.privacy.breaches",
        title=title,
        trader=trader,
        authority=authority,
        sections=sections,
        drill=registered.breach.drill,
    )
    drafted = BreachNotification(
        id=uuid7(),
        breach_id=breach_id,
        phase=phase,
        drafted_at=at,
        author=by,
        text=as_text(title, sections, authority, trader),
        pdf=pdf,
        sha256=sha256(pdf).hexdigest(),
    )
    session.add(drafted)
    return drafted


async def record_sending(
    session: AsyncSession, breach_id: UUID, notification_id: UUID, sending: Sending, *, at: datetime, by: str
) -> BreachNotification:
    """Record that a draft was sent; not before the risk is assessed, later than 72 hours only with the reasons."""
    breach = await queries.lock_breach(session, breach_id)
    notification = await queries.get_notification(session, breach_id, notification_id)
    require_open(breach)
    if notification.sent_at:
        raise AlreadySent
    if notification.phase != FIRST + await queries.count_sent(session, breach_id):
        raise DraftOutdated
    await require_complete(session, breach)
    if not notification.drafted_at <= sending.sent_at <= breach.now(at):
        raise MomentImpossible
    if breach.kzld_notified_at is None:
        await _be_in_time(session, breach, sending, at=at, by=by)
        breach.kzld_notified_at = sending.sent_at
    notification.sent_at, notification.sent_by = sending.sent_at, by
    notification.means, notification.reference = sending.means, sending.reference
    await settle(session, breach, at=at, by=by)
    return notification


async def _be_in_time(session: AsyncSession, breach: Breach, sending: Sending, *, at: datetime, by: str) -> None:
    due_at = promised_by(breach.discovered_at)
    if sending.reasons_of_delay:
        kind = EntryKind.REASONS_OF_DELAY
        session.add(entry_of(breach.id, kind, sending.reasons_of_delay, at=at, by=by))
    elif sending.sent_at > due_at:
        registered = await queries.find_registered(session, breach)
        if EntryKind.REASONS_OF_DELAY not in registered.entries:
            raise ReasonsOfDelayMissing(due_at=due_at.isoformat())


async def record_reference(
    session: AsyncSession, breach_id: UUID, notification_id: UUID, reference: str
) -> BreachNotification:
    """Record the authority's incoming number, which may come days after the sending; once."""
    await queries.lock_breach(session, breach_id)
    notification = await queries.get_notification(session, breach_id, notification_id)
    if notification.sent_at is None:
        raise MomentImpossible
    if notification.reference is not None:
        raise AlreadySent
    notification.reference = reference
    return notification
