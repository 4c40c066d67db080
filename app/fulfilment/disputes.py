"""Orders that a dispute needs: nothing of them goes before it is over (S48, GDPR Art. 17(3)(e))."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.arrays import among
from app.orders.models import Order
from app.privacy.retention.holds import in_force_for
from app.privacy.retention.models import RetentionHold


async def list_disputed(session: AsyncSession, order_ids: Sequence[UUID], *, at: datetime) -> dict[UUID, date]:
    """Give, of these orders, those that are held, each with the last day, inclusive."""
    found = await session.execute(
        select(Order.id, func.max(RetentionHold.until))
        .join(RetentionHold, in_force_for(Order.id, Order.email, at=at))
        .where(among(Order.id, order_ids))
        .group_by(Order.id)
    )
    return dict(found.all())
