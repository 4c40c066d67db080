"""What a customer sees of an order after it was placed."""

from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field
from sqlalchemy import Row

from app.auth.link_tokens import LENGTH
from app.auth.own_schemas import LinkToken
from app.core.fields import View, Wish
from app.core.language import Language
from app.core.money import CURRENCY, Money
from app.invoices.view import DocumentKind
from app.orders.models import DeliveryMethod, OrderStatus, PaymentMethod
from app.orders.schemas import LineView, TotalsView
from app.payments.models import PaymentStatus
from app.privacy.models import Means
from app.shipping.models import ShipmentStatus
from app.shipping.ports import Phase


class AddresseeView(View):
    first_name: str
    last_name: str
    phone: str


class CustomerView(AddresseeView):
    email: str | None = Field(description="Null: shown to the account alone that the order belongs to")


class DeliveryView(View):
    method: DeliveryMethod
    address: str = Field(examples=["1618 София, ул. Българска легия № 2"])


class PaymentStateView(View):
    method: PaymentMethod
    status: PaymentStatus
    amount: Money
    due_on: date | None
    came: Money = Field(description="What came of a transfer that is awaited, as long as it is not whole")
    missing: Money = Field(description="What is still to come of it")
    refund_owed: Money = Field(description="What is to go back of an order that was cancelled, and did not yet")
    refunded: Money = Field(description="What went back")
    refund_due_on: date | None = Field(description="By when it goes back; null: nothing is owed")


class BankTransferView(View):
    """Where to pay, and the reason to write."""

    beneficiary: str
    iban: str = Field(examples=["BG80BNBG96611020345678"])
    bic: str | None
    reference: str = Field(description="What to write as the reason: nothing but this")
    amount: Money = Field(description="What is still missing")
    currency: Literal["EUR"] = CURRENCY
    due_on: date | None
    code: str = Field(description="The content of the QR code for a bank's app (EPC069-12, version 2)")


class OwnPaymentStateView(PaymentStateView):
    bank_transfer: BankTransferView | None = Field(
        description="How to pay; null: no transfer is waited for, or not before the order is confirmed"
    )


class ShipmentStateView(View):
    status: ShipmentStatus
    waybill: str | None
    phase: Phase | None
    pickup_on: date | None
    needs_attention: bool = Field(description="Whether it waits until somebody looks at it")
    reason: str | None = Field(description="What keeps it then, in words")


class EventView(View):
    status: OrderStatus
    at: datetime


class ConfirmOrder(Wish):
    model_config = ConfigDict(hide_input_in_errors=True, json_schema_extra={"examples": [{"token": "A" * LENGTH}]})

    token: LinkToken


class WithdrawalTermView(View):
    """Whether the contract may be withdrawn from by the law's period; a statement is taken in any case."""

    open: bool
    until: datetime | None = Field(description="The moment it ends; null while the day of delivery is not known")


class OrderedView(View):
    """An order without who placed it."""

    number: str = Field(examples=["100000001"])
    status: OrderStatus
    placed_at: datetime
    confirmation_due_at: datetime | None = Field(
        description="Set while it waits to be confirmed by the link in its mail: it lapses then"
    )
    delivery: DeliveryView
    comment: str | None
    lines: list[LineView]
    totals: TotalsView
    payment: PaymentStateView
    shipment: ShipmentStateView | None
    history: list[EventView]
    withdrawal: WithdrawalTermView


class OrderView(OrderedView):
    """An order as its owner sees it."""

    customer: CustomerView
    payment: OwnPaymentStateView


class OwnPaymentView(View):
    method: PaymentMethod
    status: PaymentStatus


class OwnOrderLinks(View):
    self: str
    documents: str


class OwnOrderView(View):
    """An order as the history shows it."""

    number: str = Field(examples=["100000001"])
    status: OrderStatus
    placed_at: datetime
    pieces: int = Field(description="Of goods, altogether")
    names: list[str] = Field(description="The first articles")
    total: Money
    currency: Literal["EUR"] = CURRENCY
    payment: OwnPaymentView
    shipment: ShipmentStateView | None
    links: OwnOrderLinks

    @classmethod
    def of(cls, row: Row[*tuple[Any, ...]], shipment: ShipmentStateView | None) -> Self:
        here = f"/v1/orders/{row.number}"
        return cls(
            number=str(row.number),
            status=row.status,
            placed_at=row.placed_at,
            pieces=row.pieces,
            names=row.names,
            total=row.total,
            payment=OwnPaymentView(method=row.method, status=row.payment_status),
            shipment=shipment,
            links=OwnOrderLinks(self=here, documents=f"{here}/documents"),
        )


class ClaimedOrdersView(View):
    """The orders that became the account's by this call."""

    numbers: list[str] = Field(examples=[["100000001"]])
    count: int


class OwnDocumentView(View):
    id: UUID
    number: str = Field(examples=["0000000042"])
    kind: DocumentKind
    issued_on: date
    total: Money
    currency: Literal["EUR"] = CURRENCY
    pdf: str = Field(examples=["/v1/documents/….pdf"])


class OwnDocumentsView(View):
    items: list[OwnDocumentView]


class AcceptedDeclarationView(View):
    """The declaration accepted with an order: the exact text, and the proof that it is the same."""

    version: str = Field(examples=["2026-11-22"])
    language: Language
    title: str
    text: str
    sha256: str
    accepted_at: datetime
    means: Means
    origin: str | None
