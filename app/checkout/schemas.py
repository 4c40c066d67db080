"""Requests and responses of the checkout."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from app.accounts.forms import Delivery, InvoiceWish
from app.cart.schemas import CartView
from app.catalog.schemas import Availability, Slug, availability
from app.checkout.pricing import Item, Priced
from app.core.fields import SEVERAL_LINES, Email, Name, Phone, View, Wish, upto
from app.core.language import Language
from app.core.money import Money
from app.fulfilment.schemas import BankTransferView
from app.orders.models import OrderStatus, PaymentMethod
from app.orders.schemas import LineView, TotalsView, VatView
from app.payments.models import PaymentStatus
from app.privacy.models import DeclarationPurpose
from app.privacy.schemas import DeclarationWish, newest


class Customer(Wish):
    """Who orders: exactly what the policy names (S5, S7)."""

    first_name: Name
    last_name: Name
    email: Email
    phone: Phone


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
                    "expected_total": "129.90",
                    "privacy_declaration": {"version": newest(DeclarationPurpose.ORDER), "accepted": True},
                }
            ]
        }
    )

    cart_id: UUID
    customer: Customer
    delivery: Delivery
    invoice: InvoiceWish | None = None
    payment_method: PaymentMethod
    expected_total: Money = Field(
        description="What the customer agreed to: the total of the quote shown beside the button that orders"
    )
    privacy_declaration: DeclarationWish
    consents: Annotated[list[Literal["newsletter"]], Field(max_length=1)] = Field(default_factory=list)
    comment: Annotated[str, upto(500), SEVERAL_LINES] | None = None


class QuoteWish(Wish):
    """How the order would be paid: it may change the price."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"payment_method": "cash_on_delivery"}]})

    payment_method: PaymentMethod = PaymentMethod.CASH_ON_DELIVERY


class QuotedLineView(LineView):
    slug: Slug | None = Field(description="Of the article's page; delivery has none")
    availability: Availability | None = Field(description="Of goods; `low`: few are left, or fewer than the cart holds")


class QuoteView(View):
    lines: list[QuotedLineView]
    totals: TotalsView
    available: bool = Field(description="Whether all of it is in stock now")

    @classmethod
    def of(cls, priced: Priced, language: Language) -> Self:
        lines = [
            QuotedLineView(
                kind=line.item.kind,
                sku=line.item.sku,
                name=line.item.name.in_(language),
                quantity=line.item.quantity,
                unit_price=line.item.unit_price,
                discount=line.discount,
                total=line.total,
                vat_rate=line.item.vat_rate,
                vat=line.vat,
                slug=line.item.slug,
                availability=_availability(line.item),
            )
            for line in priced.lines
        ]
        sums = TotalsView(
            goods=priced.goods,
            discount=priced.discount,
            delivery=priced.delivery,
            vat_by_rate=[VatView.model_validate(each) for each in priced.vat_sums],
            vat=priced.vat,
            total=priced.total,
        )
        available = all(line.item.left is None or line.item.left >= line.item.quantity for line in priced.lines)
        return cls(lines=lines, totals=sums, available=available)


def _availability(item: Item) -> Availability | None:
    return None if item.left is None else availability(item.left, wanted=item.quantity)


class PaymentView(View):
    method: PaymentMethod
    status: PaymentStatus
    amount: Money
    bank_transfer: BankTransferView | None = Field(
        description="How to pay; null: it is no transfer, or not before the order is confirmed"
    )


class LinksView(View):
    self: str
    declaration: str
    documents: str


class PlacedOrder(View):
    """What was agreed; the same answer each time the same request comes again."""

    number: str = Field(examples=["100000001"])
    status: OrderStatus
    placed_at: datetime
    confirmation_due_at: datetime | None = Field(
        description="Set: it waits until then, `placed`, for the link in its mail to be followed, and lapses after that"
    )
    lines: list[LineView]
    totals: TotalsView
    payment: PaymentView
    access_token: str | None = Field(
        description="A guest's: send it as X-Order-Token to see this order; keep it out of addresses"
    )
    access_token_expires_at: datetime | None
    links: LinksView


class ReorderView(View):
    """The account's cart after the goods of an earlier order were put into it."""

    cart: CartView
    no_longer_sold: list[str] = Field(description="SKUs that were left out", examples=[["ION-H-SOFT-2"]])
