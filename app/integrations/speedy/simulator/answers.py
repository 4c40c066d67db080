"""The simulator's longer answers: a price, a booked shipment, a shipment told in full."""

from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.core.clock import SOFIA
from app.integrations.speedy.simulator.conduct import LOGGED_CLIENT, Conduct
from app.integrations.speedy.simulator.forms import Address
from app.integrations.speedy.simulator.shipments import Shipment

CENT = Decimal("0.01")


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def price(collected: Decimal | None, conduct: Conduct) -> dict[str, Any]:
    """Price a parcel; the fee for collecting money stands there only if it is collected."""
    net = {"netAmount": Decimal("1.90"), "fuelSurcharge": Decimal("0.30")}
    if collected is not None:
        net["codPremium"] = max(Decimal("0.40"), _cents(collected * Decimal("0.012")))
    amount = sum(net.values(), start=Decimal(0))
    vat = _cents(amount * Decimal("0.2"))
    told: dict[str, Any] = {
        "amount": _cents(amount),
        "vat": vat,
        "total": _cents(amount + vat),
        "currency": conduct.currency,
        "details": {
            key: {"amount": _cents(part), "percent": 0, "vatPercent": Decimal("0.2")} for key, part in net.items()
        },
    }
    if conduct.local_twins:
        told |= {f"{key}Local": told[key] for key in ("amount", "vat", "total", "currency", "details")}
    return told


def booked(shipment: Shipment, conduct: Conduct) -> dict[str, Any]:
    deadline = datetime.combine(shipment.pickup_on + timedelta(days=1), time(19), SOFIA)
    told: dict[str, Any] = {
        "id": shipment.id,
        "parcels": [{"seqNo": number, "id": parcel} for number, parcel in enumerate(shipment.parcel_ids, start=1)],
        "pickupDate": shipment.pickup_on.isoformat(),
        "deliveryDeadline": f"{deadline:%Y-%m-%dT%H:%M:%S%z}",
    }
    return told | {"price": price(shipment.collected, conduct)} if conduct.prices_visible else told


def told_in_full(shipment: Shipment, conduct: Conduct) -> dict[str, Any]:
    """Tell what `/shipment/info` tells; the phone is not in it."""
    wish = shipment.wish.model_dump(by_alias=True, exclude_none=True)
    recipient = {key: value for key, value in wish["recipient"].items() if key != "phone1"}
    if shipment.wish.recipient and shipment.wish.recipient.address:
        recipient["address"] |= {"fullAddressString": address_line(shipment.wish.recipient.address)}
    service = wish["service"] | {"pickupDate": shipment.pickup_on.isoformat()}
    if shipment.collected is None:
        service.get("additionalServices", {}).pop("cod", None)
    parcels = [{"id": parcel, "seqNo": number} for number, parcel in enumerate(shipment.parcel_ids, start=1)]
    told = {
        "id": shipment.id,
        "sender": {"clientId": LOGGED_CLIENT},
        "recipient": recipient,
        "service": service,
        "content": wish["content"] | {"parcels": parcels, "parcelsCount": len(parcels)},
        "payment": wish["payment"],
        "pendingShipment": False,
    }
    told |= {key: wish[key] for key in ("ref1", "ref2", "shipmentNote") if key in wish}
    return told | {"price": price(shipment.collected, conduct)} if conduct.prices_visible else told


def address_line(address: Address) -> str:
    numbered = ((address.site_type, address.site_name or address.site_id), (address.street_type, address.street_name))
    words = [str(word) for pair in numbered for word in pair if word]
    rest = (address.street_no, address.block_no, address.entrance_no, address.floor_no, address.apartment_no)
    return " ".join([*words, *(word for word in rest if word), address.address_note or ""]).strip()
