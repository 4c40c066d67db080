"""What belongs to one order across the domains below."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.orders import queries as orders
from app.orders.models import OrderEvent, OrderLine
from app.payments import service as payments
from app.payments.models import Payment
from app.shipping import queries as shipping
from app.shipping.models import Shipment


@dataclass(frozen=True, slots=True)
class Whole:
    lines: Sequence[OrderLine]
    events: Sequence[OrderEvent]
    payment: Payment
    shipment: Shipment | None


async def get_whole(session: AsyncSession, order_id: UUID) -> Whole:
    """Read what hangs on an order: four small selects, whatever its size."""
    return Whole(
        lines=await orders.list_lines(session, order_id),
        events=await orders.list_events(session, order_id),
        payment=await payments.get_payment(session, order_id),
        shipment=await shipping.find_shipment(session, order_id),
    )
