"""What a confirmed order sets off: a parcel, promised in the transaction that confirms it; booked, it is a sale."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog import service as stock
from app.core.db import Write, together
from app.core.ids import uuid7
from app.core.jobs import Promise, defer
from app.core.money import Money
from app.fulfilment.jobs import BookShipment, order_lock
from app.orders import queries as order_queries
from app.orders.models import Order, OrderStatus, PaymentMethod
from app.orders.states import Actor, move, prove
from app.shipping.models import Shipment, ShipmentStatus


@dataclass(frozen=True, slots=True)
class Start:
    """Writes and promises that belong together."""

    writes: tuple[Write, ...]
    promises: tuple[Promise, ...]


def start(order_id: UUID, *, weight_grams: int, cash_on_delivery: Money | None, at: datetime) -> Start:
    """Say what a confirmed order needs: a shipment to book.

    Its sale is entered once the courier has it: what the courier refuses waits for a person, and may come to nothing.
    """
    shipment = {
        "id": uuid7(),
        "order_id": order_id,
        "status": ShipmentStatus.WAITING,
        "weight_grams": weight_grams,
        "cash_on_delivery": cash_on_delivery,
        "created_at": at,
    }
    return Start((Write(Shipment, [shipment]),), (Promise(BookShipment(order_id), order_lock(order_id)),))


async def confirm(session: AsyncSession, order: Order, *, at: datetime, by: Actor) -> None:
    """Confirm a locked order and promise what follows."""
    prove(order, at=at)
    move(session, order, OrderStatus.CONFIRMED, at=at, by=by)
    lines = await order_queries.list_lines(session, order.id)
    collect = order.total if order.payment_method is PaymentMethod.CASH_ON_DELIVERY else None
    beginning = start(
        order.id,
        weight_grams=sum(line.weight_grams * line.quantity for line in lines),
        cash_on_delivery=collect,
        at=at,
    )
    await session.execute(together(*beginning.writes))
    await defer(session, *beginning.promises)
    await stock.secure(session, order.id)
