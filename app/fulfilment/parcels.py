"""Makes the parcel of an order: what the courier is told of it."""

from app.orders.models import DeliveryMethod, Order
from app.shipping import ports
from app.shipping.models import Shipment
from app.shipping.ports import AddressDestination, OfficeDestination, Parcel

CONTENTS = "Йонни четки за зъби и аксесоари"


def parcel(order: Order, shipment: Shipment) -> Parcel:
    """Say what the courier needs to know of an order, and nothing else (S29, S33)."""
    return Parcel(
        reference=order.reference,
        recipient=ports.Recipient(order.person, order.phone),
        destination=destination(order),
        weight_grams=shipment.weight_grams,
        contents=CONTENTS,
        cash_on_delivery=shipment.cash_on_delivery,
    )


def destination(order: Order) -> AddressDestination | OfficeDestination:
    if order.delivery_method is DeliveryMethod.OFFICE:
        assert order.office_id is not None
        return OfficeDestination(order.office_id)
    return AddressDestination(
        city=order.city or "",
        postcode=order.postcode or "",
        street=order.street,
        street_no=order.street_no,
        block=order.block,
        entrance=order.entrance,
        floor=order.floor,
        apartment=order.apartment,
        note=order.note,
        site_id=order.site_id,
    )
