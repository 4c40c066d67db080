"""Endpoint of what can be chosen at the checkout, and on which terms."""

from typing import Annotated, Any, Literal, Self

from fastapi import Query, Request
from pydantic import ConfigDict, Field

from app.catalog.api import CACHED
from app.catalog.schemas import NoQuery
from app.catalog.shelf import KeptRoute
from app.checkout.service import Terms
from app.core.errors import Invalid
from app.core.fields import View
from app.core.language import Language, Speaks
from app.core.money import CURRENCY, Money
from app.core.problems import problems
from app.core.routing import Router
from app.mail.writing import Trader
from app.orders.models import DeliveryMethod, PaymentMethod
from app.orders.words import DELIVERIES, PAYMENTS
from app.returns.texts.terms import DELIVERY_DAYS

router = Router(tags=["checkout"], route_class=KeptRoute)

OPTIONS: dict[str, Any] = {
    "payment_methods": [
        {
            "value": "cash_on_delivery",
            "name": "Наложен платеж",
            "discount_percent": 0,
            "due_working_days": None,
            "most_pieces": 40,
            "most_total": "2500.00",
            "most_kilograms": 32,
        }
    ],
    "delivery_methods": [{"value": "address", "name": "До адрес", "price": "4.99"}],
    "free_delivery_from": "60.00",
    "delivery_days": 30,
    "currency": "EUR",
    "phone": "+359888123456",
}


class PaymentOptionView(View):
    value: PaymentMethod
    name: str
    discount_percent: int = Field(description="Off the goods")
    due_working_days: int | None = Field(description="So long a transfer is waited for; null: paid on delivery")
    most_pieces: int = Field(description="That one order so paid may hold")
    most_total: Money
    most_kilograms: int


class DeliveryOptionView(View):
    value: DeliveryMethod
    name: str
    price: Money = Field(description="With VAT, below `free_delivery_from`")


class CheckoutOptionsView(View):
    """What can be chosen at the checkout; what an order comes to is in the quote."""

    model_config = ConfigDict(json_schema_extra={"examples": [OPTIONS]})

    payment_methods: list[PaymentOptionView]
    delivery_methods: list[DeliveryOptionView]
    free_delivery_from: Money = Field(description="What the goods come to after discount from which delivery is free")
    delivery_days: int = Field(description="Within how many days of the order the goods are delivered at the latest")
    currency: Literal["EUR"] = CURRENCY
    phone: str | None = Field(description="Of the shop, as in `/v1/shop`")

    @classmethod
    def of(cls, terms: Terms, trader: Trader, language: Language) -> Self:
        deliveries = [
            DeliveryOptionView(value=method, name=name.in_(language), price=terms.rules.delivery_price)
            for method, name in DELIVERIES.items()
        ]
        return cls(
            payment_methods=[_payment(method, terms, language) for method in terms.payment_methods],
            delivery_methods=deliveries,
            free_delivery_from=terms.rules.free_delivery_from,
            delivery_days=DELIVERY_DAYS,
            phone=trader.phone,
        )


def _payment(method: PaymentMethod, terms: Terms, language: Language) -> PaymentOptionView:
    most = terms.limits.most[method]
    return PaymentOptionView(
        value=method,
        name=PAYMENTS[method].in_(language),
        discount_percent=terms.rules.discount_percent(method),
        due_working_days=terms.bank_transfer_days if method is PaymentMethod.BANK_TRANSFER else None,
        most_pieces=most.pieces,
        most_total=most.total,
        most_kilograms=most.kilograms,
    )


@router.get("/checkout-options", responses=CACHED | problems(Invalid))
async def read_checkout_options(
    _: Annotated[NoQuery, Query()], request: Request, language: Speaks
) -> CheckoutOptionsView:
    """Show how can be paid and delivered, what it costs and how long it takes; the names are in the language."""
    return CheckoutOptionsView.of(request.app.state.terms, request.app.state.trader, language)
