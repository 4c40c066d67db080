"""Whether an order's contract may still be withdrawn from."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.orders import queries as order_queries
from app.orders.models import Order, OrderStatus
from app.returns.period import ends_at

ENDED = frozenset({OrderStatus.CANCELLED, OrderStatus.REFUSED, OrderStatus.RETURNED})
"""Nothing was sold, or it came back."""


async def may_be_withdrawn_from(session: AsyncSession, order: Order, zone: ZoneInfo, *, at: datetime) -> bool:
    if order.status in ENDED:
        return False
    events = await order_queries.list_events(session, order.id)
    end = ends_at([event.at for event in events if event.status is OrderStatus.DELIVERED], zone)
    return end is None or at < end
