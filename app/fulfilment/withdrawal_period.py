"""Whether an order's contract may still be withdrawn from."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.orders import queries as order_queries
from app.orders.models import Order, OrderStatus
from app.returns.period import ends_at

ENDED = frozenset({OrderStatus.CANCELLED, OrderStatus.REFUSED, OrderStatus.RETURNED})
"""Nothing was sold, or it came back."""


class Term(NamedTuple):
    is_open: bool
    until: datetime | None
    """Not known while the day of delivery is not."""


def withdrawal_term(status: OrderStatus, delivered: Sequence[datetime | None], zone: ZoneInfo, *, at: datetime) -> Term:
    until = ends_at(delivered, zone)
    return Term(status not in ENDED and (until is None or at < until), until)


async def may_be_withdrawn_from(session: AsyncSession, order: Order, zone: ZoneInfo, *, at: datetime) -> bool:
    if order.status in ENDED:
        return False
    events = await order_queries.list_events(session, order.id)
    delivered = [event.at for event in events if event.status is OrderStatus.DELIVERED]
    return withdrawal_term(order.status, delivered, zone, at=at).is_open
