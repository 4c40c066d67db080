"""A parcel as Speedy's `/shipment` wants it: the fewest personal fields, within Speedy's limits."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from app.core.money import CURRENCY
from app.integrations.speedy.account import SpeedyAccount
from app.integrations.speedy.wire import Booked, Shipment
from app.shipping.ports import (
    AddressDestination,
    Concern,
    CourierRefused,
    OfficeDestination,
    Parcel,
    Recipient,
    Settlement,
    Waybill,
)

BULGARIA = 100
CONTENTS_LIMIT, PACKAGE_LIMIT, NAME_LIMIT, SITE_LIMIT, POSTCODE_LIMIT = 100, 50, 60, 50, 10
NOTE_LIMIT, REFERENCE_LIMIT, EMAIL_LIMIT = 200, 30, 255
ANY_ADDRESS = "адрес"


def create_body(parcel: Parcel, account: SpeedyAccount) -> dict[str, Any]:
    if len(parcel.reference) > REFERENCE_LIMIT:
        raise CourierRefused(800, "shop.reference_too_long")
    service: dict[str, Any] = {"serviceId": account.service_id, "autoAdjustPickupDate": True}
    if parcel.cash_on_delivery:
        service["additionalServices"] = {
            "cod": {
                "amount": parcel.cash_on_delivery.decimal,
                "currencyCode": CURRENCY,
                "processingType": account.cash_processing.value,
                # Delivery is in the order's total already; `true` would charge it twice.
                "includeShippingPrice": False,
            }
        }
    return {
        **_sender(account),
        "recipient": _recipient(parcel.recipient) | _destination(parcel.destination),
        "service": service,
        "content": _content(parcel, account),
        "payment": {"courierServicePayer": "SENDER"},
        "ref1": parcel.reference,
    }


def _sender(account: SpeedyAccount) -> dict[str, Any]:
    if account.client_id is None:
        return {}
    sender = {"clientId": account.client_id}
    if account.dropoff_office_id is not None:
        sender["dropoffOfficeId"] = account.dropoff_office_id
    return {"sender": sender}


def _recipient(recipient: Recipient) -> dict[str, Any]:
    """Everybody is a private person to the courier: the name is all that the label needs."""
    shared = {
        "privatePerson": True,
        "clientName": recipient_name(recipient),
        "phone1": {"number": phone_number(recipient.phone)},
    }
    email = {"email": cut(clean(recipient.email), EMAIL_LIMIT)} if recipient.email else {}
    return shared | email


def recipient_name(recipient: Recipient) -> str:
    return cut(clean(recipient.name), NAME_LIMIT)


def phone_number(phone: str) -> str:
    """Write a number as Speedy reads it: digits after `+` or `0`."""
    number = re.sub(r"[\s().\-/\u2010-\u2015]", "", phone)
    if re.fullmatch(r"359[0-9]{8,9}", number):
        number = f"+{number}"
    if not re.fullmatch(r"(\+|0)[0-9]{6,19}", number):
        raise CourierRefused(100, "shop.phone_not_sendable", subject="phone")
    return number


def _destination(destination: AddressDestination | OfficeDestination) -> dict[str, Any]:
    if isinstance(destination, OfficeDestination):
        return {"pickupOfficeId": destination.office_id}
    # Without the post code: Speedy refuses one that is not of the site, and the number is enough.
    site = {"siteId": destination.site_id} if destination.site_id is not None else _named(destination)
    return {"address": {"countryId": BULGARIA, **site, "addressNote": address_note(destination)}}


def place_body(settlement: Settlement) -> dict[str, Any]:
    """Ask about a settlement as booking will name it; the note stands for an address, and is nobody's."""
    postcode = {"postCode": _postcode(settlement.postcode)}
    site = {"siteId": settlement.site_id, **postcode} if settlement.site_id is not None else _named(settlement)
    return {"address": {"countryId": BULGARIA, **site, "addressNote": ANY_ADDRESS}}


def _named(place: AddressDestination | Settlement) -> dict[str, Any]:
    return {"siteName": _site_name(place.city), "postCode": _postcode(place.postcode)}


def _postcode(postcode: str) -> str:
    return cut(clean(postcode), POSTCODE_LIMIT)


def _site_name(city: str) -> str:
    """Drop „гр.“ or „с.“ before the name, with its point or without: with them no settlement is called so."""
    return cut(re.sub(r"^(?:гр|с|град|село)(?:\.|\s)\s*", "", clean(city), flags=re.IGNORECASE), SITE_LIMIT)


def address_note(destination: AddressDestination) -> str:
    """Write the whole address within the settlement in one line.

    `streetName` has to match exactly one street of Speedy's nomenclature, which a customer's free text often does not;
    the complete address in the note alone is always accepted, and read by the courier. What the customer adds is cut
    to fit, the address itself never.
    """
    labelled = (
        ("бл.", destination.block),
        ("вх.", destination.entrance),
        ("ет.", destination.floor),
        ("ап.", destination.apartment),
    )
    street = " ".join(filter(None, (clean(destination.street or ""), clean(destination.street_no or ""))))
    parts = [street, *(f"{label} {clean(value)}" for label, value in labelled if value and clean(value))]
    address = ", ".join(filter(None, parts))
    if cut(address, NOTE_LIMIT) != address:
        raise CourierRefused(120, "shop.address_too_long", subject="address")
    return cut(", ".join(filter(None, (address, clean(destination.note or "")))), NOTE_LIMIT).rstrip(",")


def _content(parcel: Parcel, account: SpeedyAccount) -> dict[str, Any]:
    weight = Decimal(parcel.weight_grams).scaleb(-3)
    described = {
        "contents": clean(parcel.contents)[:CONTENTS_LIMIT].rstrip(),
        "package": account.package[:PACKAGE_LIMIT],
    }
    if parcel.size is None:
        return {**described, "parcelsCount": 1, "totalWeight": weight}
    size = {"width": parcel.size.width_cm, "depth": parcel.size.depth_cm, "height": parcel.size.height_cm}
    return {**described, "parcels": [{"seqNo": 1, "weight": weight, "size": size}]}


def clean(text: str) -> str:
    """Compose letters, drop what does not print and what UTF-8 cannot carry, and leave single spaces."""
    spaced = "".join(" " if character.isspace() else character for character in unicodedata.normalize("NFC", text))
    return " ".join("".join(character for character in spaced if unicodedata.category(character)[0] != "C").split())


def cut(text: str, limit: int) -> str:
    """Shorten to a length in UTF-16 units, as Java counts: Speedy refuses what is longer."""
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", errors="ignore").rstrip()


def contradicts(shipment: Shipment, parcel: Parcel) -> bool:
    """Say whether a shipment that was found differs from the parcel that is to be booked."""
    office = parcel.destination.office_id if isinstance(parcel.destination, OfficeDestination) else None
    asked = parcel.cash_on_delivery.decimal if parcel.cash_on_delivery else Decimal(0)
    return (
        shipment.ref1 != parcel.reference
        or shipment.recipient.pickup_office_id != office
        or shipment.cash_on_delivery != asked
        or _other_name(shipment.recipient.client_name, recipient_name(parcel.recipient))
    )


def _other_name(told: str | None, ours: str) -> bool:
    """Compare names without case; one that Speedy transliterates, or does not tell, cannot be compared."""
    try:
        ours.encode("cp1251")
    except UnicodeEncodeError:
        return False
    return told is not None and clean(told).casefold() != ours.casefold()


def waybill_of(booked: Booked, parcel: Parcel) -> Waybill:
    parcel_ids = tuple(part.id for part in booked.parcels or [] if part)
    return Waybill(
        number=booked.id,
        # Speedy's first parcel bears the number of the shipment.
        parcel_ids=parcel_ids or (booked.id,),
        pickup_on=booked.pickup_date,
        price=booked.price.money if booked.price else None,
        concern=_concern(booked, parcel),
    )


def _concern(booked: Booked, parcel: Parcel) -> Concern | None:
    if parcel.cash_on_delivery and booked.price and booked.price.shows_no_cash_fee:
        return Concern.CASH_ON_DELIVERY_NOT_CHARGED
    return None if booked.parcels else Concern.ANSWER_INCOMPLETE
