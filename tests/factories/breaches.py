"""Builders of breaches."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import uuid7
from app.privacy.breaches.models import Breach, BreachChannel, BreachNotification, BreachStatus

PDF = b"%PDF-1.7 uvedomlenie"


async def make_breach(
    session: AsyncSession, *, status: BreachStatus = BreachStatus.DISCOVERED, drill: bool = False, at: datetime
) -> Breach:
    """Make a breach of which nothing is known yet but that it was discovered."""
    breach = Breach(
        id=uuid7(),
        drill=drill,
        summary="Чужд достъп до профил на служител",
        channel=BreachChannel.STAFF,
        discovered_at=at,
        recorded_at=at,
        recorded_by="operator",
        status=status,
        closed_at=at if status is BreachStatus.CLOSED else None,
        categories=[],
        drill_hours=0,
    )
    session.add(breach)
    await session.flush()  # what belongs to it refers to it
    return breach


async def make_notification(session: AsyncSession, *, at: datetime) -> BreachNotification:
    """Make a draft that was never sent, of a breach that is closed."""
    breach = await make_breach(session, status=BreachStatus.CLOSED, at=at)
    notification = BreachNotification(
        id=uuid7(),
        breach_id=breach.id,
        phase=1,
        drafted_at=at,
        author="operator",
        text="Уведомление",
        pdf=PDF,
        sha256=sha256(PDF).hexdigest(),
    )
    session.add(notification)
    await session.flush()  # a request of the test reads it
    return notification
