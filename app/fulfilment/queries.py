"""What belongs to one order across the domains below."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.orders.models import OrderEvent, OrderLine
from app.payments.models import Payment
from app.shipping.models import Shipment

# Made once: an order is read far more often than it changes.
_ID = bindparam("order_id", type_=Payment.order_id.type)
_LINES = select(OrderLine).where(OrderLine.order_id == _ID).order_by(OrderLine.position)
_EVENTS = select(OrderEvent).where(OrderEvent.order_id == _ID).order_by(OrderEvent.id)
_STATES = (
    select(Payment, Shipment).outerjoin(Shipment, Shipment.order_id == Payment.order_id).where(Payment.order_id == _ID)
)


@dataclass(frozen=True, slots=True)
class Whole:
    lines: Sequence[OrderLine]
    events: Sequence[OrderEvent]
    payment: Payment
    shipment: Shipment | None


async def get_whole(session: AsyncSession, order_id: UUID) -> Whole:
    """Read what hangs on an order: three small selects, whatever its size."""
    wanted = {"order_id": order_id}
    lines = (await session.scalars(_LINES, wanted)).all()
    events = (await session.scalars(_EVENTS, wanted)).all()
    payment, shipment = (await session.execute(_STATES, wanted)).one()
    return Whole(lines, events, payment, shipment)
