"""Whether an order's contract may still be withdrawn from."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.money import Money
from app.fulfilment.queries import DELIVERED_AT, KEPT
from app.orders.models import Order, OrderStatus
from app.payments.models import Payment
from app.returns.period import ends_at
from app.shipping.models import Shipment

ENDED = frozenset({OrderStatus.CANCELLED, OrderStatus.RETURNED})
"""Nothing was sold, or it came back."""


class Term(NamedTuple):
    is_open: bool
    until: datetime | None
    """Not known while the day of delivery is not."""


def withdrawal_term(
    status: OrderStatus, kept: Money, delivered: Sequence[datetime | None], zone: ZoneInfo, *, at: datetime
) -> Term:
    """Say whether it is open; a parcel that was not taken ends a contract of which none of the money is with us."""
    until = ends_at(delivered, zone)
    is_over = status in ENDED or (status is OrderStatus.REFUSED and kept == Money.ZERO)
    return Term(not is_over and (until is None or at < until), until)


async def may_be_withdrawn_from(session: AsyncSession, order: Order, zone: ZoneInfo, *, at: datetime) -> bool:
    wanted = (
        select(KEPT, DELIVERED_AT)
        .select_from(Order)
        .join(Payment, Payment.order_id == Order.id)
        .outerjoin(Shipment, Shipment.order_id == Order.id)
        .where(Order.id == order.id)
    )
    kept, delivered_at = (await session.execute(wanted)).one()
    return withdrawal_term(order.status, kept, [delivered_at], zone, at=at).is_open
