"""What changes a shipment besides the courier's word."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.shipping import queries
from app.shipping.models import Shipment, ShipmentStatus
from app.shipping.states import ShipmentCannotMove


async def acknowledge(session: AsyncSession, shipment_id: UUID, *, at: datetime) -> None:
    """Note that the courier's system has the parcel; the first moment stays.

    Refuses with ShipmentCannotMove a parcel that is not booked, or that was called off.
    """
    shipment = await queries.get_shipment(session, shipment_id)
    if shipment.status in {ShipmentStatus.WAITING, ShipmentStatus.CANCELLED}:
        raise ShipmentCannotMove(status=shipment.status.value)
    first = func.coalesce(Shipment.acknowledged_at, at)
    await session.execute(update(Shipment).where(Shipment.id == shipment_id).values(acknowledged_at=first))
