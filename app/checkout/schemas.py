"""Requests and responses of the checkout."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.core.fields import ONE_LINE, SEVERAL_LINES, Eik, Email, Phone, VatNumber, View, Wish, upto
from app.core.money import CURRENCY, Money
from app.orders.models import OrderStatus, PaymentMethod
from app.orders.schemas import LineView, TotalsView
from app.payments.models import PaymentStatus
from app.privacy.schemas import DeclarationWish

OFFICE_IDS = 2**31 - 1
SITE_IDS = 2**53 - 1


Part = Annotated[str, upto(10), ONE_LINE]
Name = Annotated[str, upto(50), ONE_LINE]
Place = Annotated[str, upto(60), ONE_LINE]
Title = Annotated[str, upto(100), ONE_LINE]


class Customer(Wish):
    """Who orders: exactly what the policy names (S5, S7)."""

    first_name: Name
    last_name: Name
    email: Email
    phone: Phone


class AddressDelivery(Wish):
    method: Literal["address"]
    city: Name
    postcode: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3}$")] = Field(examples=["1618"])
    street: Place | None = None
    street_no: Part | None = None
    block: Annotated[str, upto(20), ONE_LINE] | None = None
    entrance: Part | None = None
    floor: Part | None = None
    apartment: Part | None = None
    note: Place | None = None
    site_id: Annotated[int, Field(ge=1, le=SITE_IDS, strict=True)] | None = None

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if not (self.street or self.block or self.note):
            raise PydanticCustomError("place_missing", "Give a street, a block or a note that says where")
        return self


class OfficeDelivery(Wish):
    method: Literal["office"]
    office_id: Annotated[int, Field(ge=1, le=OFFICE_IDS, strict=True)]


Delivery = Annotated[AddressDelivery | OfficeDelivery, Field(discriminator="method")]


class InvoiceWish(Wish):
    """Data of a company; a person needs none (S6), and no personal number is ever asked for."""

    company_name: Title
    eik: Eik = Field(examples=["175074752"])
    vat_number: VatNumber | None = Field(None, examples=["BG175074752"])
    city: Name
    address: Title
    responsible_person: Place | None = None

    @field_validator("vat_number")
    @classmethod
    def _is_of_the_company(cls, vat_number: str | None, known: ValidationInfo) -> str | None:
        eik = known.data.get("eik")
        if vat_number and eik and vat_number != f"BG{eik[:9]}":
            raise PydanticCustomError("vat_number_of_another", "Not the VAT number of the company with this EIK")
        return vat_number


class PlaceOrder(Wish):
    """Turn a cart into an order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "cart_id": "5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10",
                    "customer": {
                        "first_name": "Ива",
                        "last_name": "Петрова",
                        "email": "iva@example.bg",
                        "phone": "+359888123456",
                    },
                    "delivery": {
                        "method": "address",
                        "city": "София",
                        "postcode": "1618",
                        "street": "ул. Българска легия",
                        "street_no": "2",
                    },
                    "payment_method": "cash_on_delivery",
                    "privacy_declaration": {"version": "2026-11-22", "accepted": True},
                }
            ]
        }
    )

    cart_id: UUID
    customer: Customer
    delivery: Delivery
    invoice: InvoiceWish | None = None
    payment_method: PaymentMethod
    privacy_declaration: DeclarationWish
    consents: Annotated[list[Literal["newsletter"]], Field(max_length=1)] = Field(default_factory=list)
    comment: Annotated[str, upto(500), SEVERAL_LINES] | None = None


class QuoteWish(Wish):
    """How the order would be paid: it may change the price."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"payment_method": "cash_on_delivery"}]})

    payment_method: PaymentMethod = PaymentMethod.CASH_ON_DELIVERY


class QuoteView(View):
    lines: list[LineView]
    totals: TotalsView
    available: bool = Field(description="Whether all of it is in stock now")


class BankTransferView(View):
    """Where to pay, and the reason to write."""

    beneficiary: str
    iban: str | None
    bic: str | None
    reference: str
    amount: Money
    currency: Literal["EUR"] = CURRENCY
    due_on: date


class PaymentView(View):
    method: PaymentMethod
    status: PaymentStatus
    amount: Money
    bank_transfer: BankTransferView | None


class LinksView(View):
    self: str
    declaration: str
    documents: str


class PlacedOrder(View):
    """What was agreed; the same answer each time the same request comes again."""

    number: str = Field(examples=["100000001"])
    status: OrderStatus
    placed_at: datetime
    lines: list[LineView]
    totals: TotalsView
    payment: PaymentView
    access_token: str = Field(description="Send it as X-Order-Token to see this order; keep it out of addresses")
    access_token_expires_at: datetime
    links: LinksView
