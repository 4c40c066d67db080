"""What the courier's integration sees: what delivering needs, and nothing else (S29, S33)."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from app.core.fields import View
from app.core.money import CURRENCY, Money
from app.orders.models import DeliveryMethod


class ParcelRecipientView(View):
    name: str = Field(examples=["Ива Петрова"])
    phone: str = Field(examples=["+359888123456"])


class DestinationView(View):
    method: DeliveryMethod
    office_id: int | None
    site_id: int | None
    city: str | None
    postcode: str | None
    street: str | None
    street_no: str | None
    block: str | None
    entrance: str | None
    floor: str | None
    apartment: str | None
    note: str | None


class ShipmentView(View):
    """A parcel that is booked and waits to be collected."""

    id: UUID
    waybill: str
    parcel_ids: list[str]
    order_number: str
    booked_at: datetime
    pickup_on: date | None
    recipient: ParcelRecipientView
    destination: DestinationView
    weight_grams: int
    cash_on_delivery: Money | None = Field(description="Collected from the recipient")
    currency: Literal["EUR"] = CURRENCY
    label: str = Field(description="Where the label is", examples=["/v1/courier/shipments/…/label.pdf"])
