"""Every select of shipments."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.orders.models import Order
from app.shipping.models import WITH_COURIER, Label, Shipment, ShipmentStatus, StrayWaybill

WITH_ORDER = (
    select(Order, Shipment).outerjoin(Shipment, Shipment.order_id == Order.id).where(Order.id == bindparam("order_id"))
)

LOCKED = (
    select(Shipment)
    .where(Shipment.order_id == bindparam("order_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


async def find_shipment(session: AsyncSession, order_id: UUID) -> Shipment | None:
    return await session.scalar(select(Shipment).where(Shipment.order_id == order_id))


async def get_with_order(session: AsyncSession, order_id: UUID) -> tuple[Order, Shipment | None]:
    order, shipment = (await session.execute(WITH_ORDER, {"order_id": order_id})).one()
    return order, shipment


async def lock_shipment(session: AsyncSession, order_id: UUID) -> Shipment | None:
    """Lock the shipment of an order; the order is locked before."""
    return await session.scalar(LOCKED, {"order_id": order_id})


async def lock_concerned(session: AsyncSession, order_ids: Sequence[UUID], concern: str) -> Sequence[Shipment]:
    """Lock what waits of these orders with a concern that begins so; the orders are locked before."""
    waits = (Shipment.status == ShipmentStatus.WAITING) & Shipment.concern.startswith(concern, autoescape=True)
    wanted = select(Shipment).where(Shipment.order_id.in_(order_ids), waits).order_by(Shipment.order_id)
    return (await session.scalars(wanted.with_for_update().execution_options(populate_existing=True))).all()


async def get_shipment(session: AsyncSession, shipment_id: UUID) -> Shipment:
    shipment = await session.get(Shipment, shipment_id)
    if shipment is None:
        raise NotFound
    return shipment


async def has_label(session: AsyncSession, shipment_id: UUID) -> bool:
    return await session.scalar(select(Label.shipment_id).where(Label.shipment_id == shipment_id)) is not None


async def get_label(session: AsyncSession, shipment_id: UUID) -> tuple[Shipment, Order, Label]:
    """Get the label of a parcel with what it is about, while the parcel is with the courier: then nobody needs it."""
    wanted = (
        select(Shipment, Order, Label)
        .join(Order, Order.id == Shipment.order_id)
        .join(Label, Label.shipment_id == Shipment.id)
        .where(Shipment.id == shipment_id, Shipment.status.in_(WITH_COURIER))
    )
    found = (await session.execute(wanted)).first()
    if found is None:
        raise NotFound
    shipment, order, label = found
    return shipment, order, label


async def list_ready(
    session: AsyncSession, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[tuple[Shipment, Order]]:
    """List booked parcels with a label that the courier's integration has not acknowledged, oldest first."""
    ready = (
        select(Shipment, Order)
        .join(Order, Order.id == Shipment.order_id)
        .join(Label, Label.shipment_id == Shipment.id)
        .where(Shipment.status == ShipmentStatus.BOOKED, Shipment.acknowledged_at.is_(None))
        .order_by(Shipment.booked_at, Shipment.id)
        .limit(limit)
    )
    if after:
        ready = ready.where(tuple_(Shipment.booked_at, Shipment.id) > tuple_(*after))
    return [(shipment, order) for shipment, order in await session.execute(ready)]


async def list_sent(
    session: AsyncSession, *, since: datetime, after: UUID | None, limit: int
) -> Sequence[tuple[Shipment, str]]:
    """List what was sent to the courier since then, is with it, or has a stray waybill; with the order's number."""
    has_stray = exists().where(StrayWaybill.order_id == Shipment.order_id, StrayWaybill.concern.is_not(None))
    is_with_courier = Shipment.sent_at.is_not(None) & Shipment.status.in_(WITH_COURIER)
    sent = select(Shipment, Order.number).join(Order, Order.id == Shipment.order_id)
    sent = sent.where(or_(Shipment.sent_at >= since, is_with_courier, has_stray)).order_by(Shipment.id).limit(limit)
    found = await session.execute(sent.where(Shipment.id > after) if after else sent)
    return [(shipment, str(number)) for shipment, number in found]


async def list_on_their_way(
    session: AsyncSession, *, after: UUID | None, limit: int, untold: bool = False
) -> Sequence[Shipment]:
    """List the shipments that are with the courier, oldest first; also those that it would not call off.

    Those of which it does not tell are listed apart.
    """
    is_kept = and_(
        Shipment.status == ShipmentStatus.CANCELLED, Shipment.waybill.is_not(None), Shipment.concern.is_not(None)
    )
    on_their_way = or_(Shipment.status.in_(WITH_COURIER), is_kept)
    is_listed = Shipment.untold_since.is_not(None) if untold else Shipment.untold_since.is_(None)
    wanted = select(Shipment).where(on_their_way, is_listed).order_by(Shipment.id).limit(limit)
    return (await session.scalars(wanted.where(Shipment.id > after) if after else wanted)).all()
