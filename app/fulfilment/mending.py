"""Puts right to whom and where an order goes, while the courier has no parcel of it; its booking goes on at once.

Whether the data are being sent is decided under the order's lock, here and where they leave (`Booking`): a correction
comes before them, and they leave as corrected, or after them, and is refused. What was issued states what it stated.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.forms import AddressDelivery
from app.core.errors import ShopError
from app.core.ids import uuid7
from app.core.jobs import Promise, defer, give_up
from app.core.language import Text
from app.fulfilment.booking import REFUSED
from app.fulfilment.jobs import BookShipment, order_lock
from app.fulfilment.staff_schemas import CorrectOrder
from app.mail import service as mail
from app.mail.models import MailKind
from app.orders import queries as order_queries
from app.orders.models import DeliveryMethod, Order, OrderStatus
from app.orders.states import OrderCannotMove
from app.shipping import queries as shipping_queries
from app.shipping.models import Shipment, ShipmentStatus

OPEN = frozenset({OrderStatus.PLACED, OrderStatus.CONFIRMED})


class Part(StrEnum):
    """What of an order may be put right."""

    NAME = "name"
    PHONE = "phone"
    PLACE = "place"


class ParcelBooked(ShopError):
    title = Text("Пратката вече е заявена при куриера", "The parcel is booked with the courier")
    advice = Text(
        "Товарителницата е {waybill}. Поискайте промяната от куриера или откажете поръчката.",
        "Its waybill is {waybill}. Ask the courier for the change, or cancel the order.",
    )
    example = {"waybill": "61234567890"}  # noqa: RUF012 - read only


class ParcelBeingBooked(ShopError):
    """The data have left, and the courier's answer is not known yet."""

    title = Text("Пратката се заявява в момента", "The parcel is being booked")
    advice = Text(
        "Данните са изпратени на куриера и отговорът му се изчаква. Опитайте отново след няколко минути.",
        "The data were sent to the courier, whose answer is awaited. Try again in a few minutes.",
    )


async def correct_order(session: AsyncSession, order_id: UUID, wish: CorrectOrder, *, at: datetime) -> None:
    """Correct what differs, tell the buyer what that was, and let the booking go on; nothing differs: nothing happens.

    Refuses with OrderCannotMove one that is over, with ParcelBooked or ParcelBeingBooked what the courier has.
    """
    order = await order_queries.lock_order(session, order_id)
    shipment = await shipping_queries.lock_shipment(session, order_id)
    if shipment and shipment.waybill:
        raise ParcelBooked(waybill=shipment.waybill)
    if order.status not in OPEN:
        raise OrderCannotMove(order_status=order.status.value, allowed=[])
    if shipment and shipment.sent_at:
        raise ParcelBeingBooked
    changed = [*_corrected(order, wish)]
    if not changed:
        return
    if shipment and shipment.status is ShipmentStatus.WAITING:
        await _book_again(session, shipment)
    await mail.promise(
        session,
        kind=MailKind.ORDER_CORRECTED,
        address=order.email,
        language=order.language,
        order_id=order.id,
        document_id=uuid7(),  # told of each time
        parts=" ".join(changed),
        at=at,
    )


def _corrected(order: Order, wish: CorrectOrder) -> Iterator[Part]:
    """Write down what differs, and name it."""
    names = {name: value for name in ("first_name", "last_name") if (value := getattr(wish, name))}
    phone = {"phone": wish.phone} if wish.phone else {}
    for part, fields in ((Part.NAME, names), (Part.PHONE, phone), (Part.PLACE, _place(wish))):
        differing = {name: value for name, value in fields.items() if getattr(order, name) != value}
        for name, value in differing.items():
            setattr(order, name, value)
        if differing:
            yield part


def _place(wish: CorrectOrder) -> dict[str, Any]:
    """Give every field of the place: what another kind of place had goes."""
    if wish.delivery is None:
        return {}
    given = wish.delivery.model_dump(exclude={"method"})
    nothing = dict.fromkeys((*(name for name in AddressDelivery.model_fields if name != "method"), "office_id"))
    return {"delivery_method": DeliveryMethod(wish.delivery.method), **nothing, **given}


async def book_rectified(session: AsyncSession, order_ids: Sequence[UUID]) -> None:
    """Let the booking of locked orders that the courier refused go on, now that the rights desk put them right."""
    for shipment in await shipping_queries.lock_concerned(session, order_ids, REFUSED):
        await _book_again(session, shipment)


async def _book_again(session: AsyncSession, shipment: Shipment) -> None:
    """Promise the booking anew, in this transaction, in place of one that is parked."""
    if shipment.concern and shipment.concern.startswith(REFUSED):
        shipment.concern = None
    await session.flush()  # the job must find the order as it is now
    await give_up(session, BookShipment.name, "order_id", shipment.order_id)
    await defer(session, Promise(BookShipment(shipment.order_id), order_lock(shipment.order_id)))
