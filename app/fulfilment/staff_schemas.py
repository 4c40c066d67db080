"""What staff ask and see of orders and customers."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Row

from app.accounts.forms import Delivery
from app.core.fields import ANY_LINE, Email, Name, Phone, View, Wish, upto
from app.core.language import Language
from app.core.money import CURRENCY, Money
from app.fulfilment.receipts_schemas import StaffReceiptView
from app.fulfilment.schemas import AddresseeView, OrderedView, OrderView, OwnPaymentView, ShipmentStateView
from app.invoices.view import DocumentKind
from app.orders.models import Order, OrderStatus, PaymentMethod
from app.orders.states import Actor


class SearchOrders(Wish):
    """Whose orders; in the body, because nothing personal stands in an address."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "iva@example.bg"}, {"phone": "+359888123456"}]})

    email: Email | None = None
    phone: Phone | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.email is None) == (self.phone is None):
            raise PydanticCustomError("exactly_one", "Give either an e-mail address or a phone number")
        return self


class SearchStaff(Wish):
    """What staff know of an order; in the body, because nothing personal stands in an address."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"words": "Petrova Iva"}, {"words": "0888 123 456"}]})

    words: Annotated[str, upto(254), ANY_LINE] = Field(
        description="An order's number, a waybill, a document's number, an e-mail address, a phone number or its last"
        " digits (four or more), a company's EIK, or the beginnings of words of a name, a company or what stands before"
        " the @, in any order, in Cyrillic or Latin letters; single letters are left out"
    )


class FoundOrderView(View):
    """An order as the staff's lists show it."""

    number: str = Field(examples=["100000001"])
    status: OrderStatus
    placed_at: datetime
    person: str = Field(examples=["Ива Петрова"])
    total: Money
    currency: Literal["EUR"] = CURRENCY
    payment: OwnPaymentView
    shipment: ShipmentStateView | None

    @classmethod
    def of(cls, row: Row[*tuple[Any, ...]], shipment: ShipmentStateView | None) -> Self:
        return cls(
            number=str(row.number),
            status=row.status,
            placed_at=row.placed_at,
            person=f"{row.first_name} {row.last_name}",
            total=row.total,
            payment=OwnPaymentView(method=row.method, status=row.payment_status),
            shipment=shipment,
        )


class CorrectOrder(Wish):
    """What is right; the rest stays. A place is given whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"phone": "+359888123457"}]})

    first_name: Name | None = None
    last_name: Name | None = None
    phone: Phone | None = None
    delivery: Delivery | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any((self.first_name, self.last_name, self.phone, self.delivery)):
            raise PydanticCustomError("nothing_said", "Say what is right")
        return self


class OwedRefundView(View):
    """What is to go back to a buyer, and by when."""

    order_number: str = Field(examples=["100000001"])
    method: PaymentMethod = Field(description="How it was paid: it goes back the same way (чл. 54 ЗЗП)")
    amount: Money
    currency: Literal["EUR"] = CURRENCY
    due_on: date
    is_overdue: bool

    @classmethod
    def of(cls, row: Row[*tuple[Any, ...]], today: date) -> Self:
        return cls(
            order_number=str(row.number),
            method=row.method,
            amount=row.amount,
            due_on=row.due_on,
            is_overdue=row.due_on < today,
        )


class CompanyView(View):
    """The company that asked for the invoice."""

    company_name: str
    company_eik: str
    company_vat_number: str | None
    company_city: str
    company_address: str
    company_responsible_person: str | None


class StaffEventView(View):
    status: OrderStatus
    at: datetime
    by: Actor


class StaffDocumentView(View):
    id: UUID
    number: str = Field(examples=["0000000042"])
    kind: DocumentKind
    issued_on: date
    total: Money
    currency: Literal["EUR"] = CURRENCY


class StaffCustomerView(AddresseeView):
    email: str | None = Field(description="Null for who has not the right read_customers")


class ShownOrderView(OrderedView):
    """An order as its owner sees it, as far as one's rights go."""

    customer: StaffCustomerView


class StaffOrderView(View):
    """An order as its owner sees it, and what only staff see; of each only what one's role needs (C15)."""

    order: ShownOrderView
    account_id: UUID | None = Field(description="Null: a guest's")
    language: Language
    company: CompanyView | None = Field(description="Null: none, or one has not the right read_documents")
    history: list[StaffEventView]
    documents: list[StaffDocumentView] = Field(description="Empty for who has not the right read_documents")
    receipts: list[StaffReceiptView] = Field(description="Money that came for it; empty without handle_receipts")


def company_view(order: Order) -> CompanyView | None:
    return CompanyView.model_validate(order) if order.is_company else None


def shown_order(order: OrderView, *, with_email: bool) -> ShownOrderView:
    shown = ShownOrderView.model_validate(order)
    if with_email:
        return shown
    return shown.model_copy(update={"customer": shown.customer.model_copy(update={"email": None})})


class SearchCustomers(Wish):
    """Whose account; in the body, because nothing personal stands in an address."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "iva@example.bg"}]})

    email: Email


class FoundCustomerView(View):
    account_id: UUID
    first_name: str
    last_name: str
    created_at: datetime
    orders: int = Field(description="How many belong to the account")


class FoundCustomersView(View):
    """The account of the address, or none."""

    items: list[FoundCustomerView]
