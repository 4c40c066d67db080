"""The statuses of a shipment and the ways between them."""

from app.core.errors import ShopError
from app.core.language import Text
from app.shipping.models import Shipment, ShipmentStatus
from app.shipping.ports import Phase

S = ShipmentStatus

NEXT: dict[ShipmentStatus, frozenset[ShipmentStatus]] = {
    S.WAITING: frozenset({S.BOOKED, S.CANCELLED}),
    S.BOOKED: frozenset({S.HANDED_OVER, S.DELIVERED, S.RETURNED, S.CANCELLED}),
    S.HANDED_OVER: frozenset({S.DELIVERED, S.RETURNED}),
    S.DELIVERED: frozenset(),
    S.RETURNED: frozenset(),
    S.CANCELLED: frozenset(),
}

STATUSES: dict[ShipmentStatus, Text] = {
    S.WAITING: Text("Подготвя се", "Being prepared"),
    S.BOOKED: Text("Заявена при куриера", "Booked with the courier"),
    S.HANDED_OVER: Text("Предадена на куриера", "Handed to the courier"),
    S.DELIVERED: Text("Доставена", "Delivered"),
    S.RETURNED: Text("Върната", "Returned"),
    S.CANCELLED: Text("Отказана", "Called off"),
}

# Where the courier says the parcel is → how far our shipment has come; the rest leave it where it is.
REACHED: dict[Phase, ShipmentStatus] = {
    Phase.PICKED_UP: S.HANDED_OVER,
    Phase.IN_TRANSIT: S.HANDED_OVER,
    Phase.DELAYED: S.HANDED_OVER,
    Phase.OUT_FOR_DELIVERY: S.HANDED_OVER,
    Phase.ATTEMPTED: S.HANDED_OVER,
    Phase.READY_FOR_PICKUP: S.HANDED_OVER,
    Phase.REFUSED: S.HANDED_OVER,
    Phase.RETURNING: S.HANDED_OVER,
    Phase.DELIVERED: S.DELIVERED,
    Phase.RETURNED: S.RETURNED,
}


class ShipmentCannotMove(ShopError):
    title = Text("Пратката не може да премине в това състояние", "Shipment cannot move there")
    advice = Text("Състоянието ѝ е „{shipment_status}“.", "Its status is “{shipment_status}”.")
    example = {"shipment_status": "handed_over"}  # noqa: RUF012 - read only
    words = {"shipment_status": STATUSES}  # noqa: RUF012 - read only


def move(shipment: Shipment, to: ShipmentStatus) -> None:
    """Change the status; refuses with ShipmentCannotMove what NEXT does not allow."""
    if to not in NEXT[shipment.status]:
        raise ShipmentCannotMove(shipment_status=shipment.status.value)
    shipment.status = to
