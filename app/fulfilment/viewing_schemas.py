"""What the link in an order's mails shows, and what is sent to open it."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, SecretStr

from app.auth.link_tokens import LENGTH
from app.auth.own_schemas import LinkToken
from app.core.fields import Email, View, Wish
from app.fulfilment.schemas import (
    BankTransferView,
    EventView,
    PaymentStateView,
    ShipmentStateView,
    WithdrawalTermView,
)
from app.orders.models import OrderStatus
from app.orders.schemas import LineView, TotalsView
from app.orders.view_keys import LONGEST

ViewKey = Annotated[
    SecretStr, Field(min_length=1, max_length=LONGEST, description="As the link in the mail bears it, behind `#view=`")
]


class ViewOrder(Wish):
    model_config = ConfigDict(hide_input_in_errors=True, json_schema_extra={"examples": [{"key": "0." + "A" * LENGTH}]})

    key: ViewKey


class RequestOrderAccess(Wish):
    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "iva@example.bg"}]})

    email: Email


class OpenOrder(Wish):
    model_config = ConfigDict(hide_input_in_errors=True, json_schema_extra={"examples": [{"token": "A" * LENGTH}]})

    token: LinkToken


class OrderAccessView(View):
    access_token: str = Field(description="Send it as X-Order-Token to see this order; keep it out of addresses")
    access_token_expires_at: datetime


class TransferView(BankTransferView):
    """How to pay, with the QR code ready for a bank's app."""

    code_svg: str = Field(description="The QR code drawn: an `svg` element")


class ParcelView(ShipmentStateView):
    tracking: str | None = Field(description="The courier's own page about the parcel")


class SeenOrderView(View):
    """An order without address, phone, e-mail and documents."""

    number: str = Field(examples=["100000001"])
    status: OrderStatus
    placed_at: datetime
    confirmation_due_at: datetime | None = Field(
        description="Set while it waits to be confirmed by the link in its mail: it lapses then"
    )
    name: str = Field(description="The first name, and one letter", examples=["Ива П."])
    lines: list[LineView]
    totals: TotalsView
    payment: PaymentStateView
    transfer: TransferView | None = Field(description="Set while a transfer is waited for")
    shipment: ParcelView | None
    withdrawal: WithdrawalTermView
    history: list[EventView]
