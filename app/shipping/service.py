"""What changes a shipment besides the courier's word."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.personal import Category
from app.orders.models import DeliveryMethod, Order
from app.shipping import queries
from app.shipping.models import WITH_COURIER, Shipment, ShipmentStatus
from app.shipping.states import ShipmentCannotMove

LABEL_REFUSED = "label_refused"


def told_of(order: Order) -> tuple[Category, ...]:
    """Name what a carrier learns of the person: for an office no address (S33)."""
    if order.delivery_method is DeliveryMethod.OFFICE:
        return (Category.NAME, Category.PHONE)
    return (Category.ADDRESS, Category.NAME, Category.PHONE)


async def note_label_refused(session: AsyncSession, shipment_id: UUID, number: str) -> bool:
    """Ask for a person, an earlier concern staying; False when the parcel is not with the courier."""
    booked = update(Shipment).where(Shipment.id == shipment_id, Shipment.status.in_(WITH_COURIER))
    concern = func.coalesce(Shipment.concern, f"{LABEL_REFUSED}_{number}")
    return await session.scalar(booked.values(concern=concern).returning(Shipment.id)) is not None


async def clear_label_refused(session: AsyncSession, shipment_id: UUID) -> None:
    refused = update(Shipment).where(Shipment.id == shipment_id, Shipment.concern.startswith(LABEL_REFUSED))
    await session.execute(refused.values(concern=None))


async def acknowledge(session: AsyncSession, shipment_id: UUID, *, at: datetime) -> None:
    """Note that the courier's system has the parcel; the first moment stays.

    Refuses with ShipmentCannotMove a parcel that is not booked, or that was called off.
    """
    shipment = await queries.get_shipment(session, shipment_id)
    if shipment.status in {ShipmentStatus.WAITING, ShipmentStatus.CANCELLED}:
        raise ShipmentCannotMove(shipment_status=shipment.status.value)
    first = func.coalesce(Shipment.acknowledged_at, at)
    await session.execute(update(Shipment).where(Shipment.id == shipment_id).values(acknowledged_at=first))


async def sent_at(session: AsyncSession, shipment: Shipment, *, at: datetime) -> datetime | None:
    """Say when it was last sent, if it was; what a clock that ran ahead noted is in doubt from now on."""
    if shipment.sent_at is None or shipment.sent_at <= at:
        return shipment.sent_at
    noted = update(Shipment).where(Shipment.id == shipment.id, Shipment.sent_at == shipment.sent_at)
    await session.execute(noted.values(sent_at=at).execution_options(synchronize_session=False))
    return at
