"""Says which documents an order is due, and since when."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import InvoiceIssuer
from app.core.clock import SOFIA, legal_date
from app.invoices.service import Occasion
from app.orders import queries as order_queries
from app.orders.models import Order, OrderLine, OrderStatus, PaymentMethod
from app.payments import service as payments
from app.payments.models import Payment
from app.shipping import queries as shipping_queries
from app.shipping.models import Shipment


@dataclass(frozen=True)
class IssueRules:
    """Which documents an order gets."""

    every_order: bool = True
    """An invoice for every order, or only where a company's data were given."""
    issuer: InvoiceIssuer = InvoiceIssuer.SHOP
    proforma: bool = True
    shop_number: str | None = None
    """Of the NRA's register: with it sales are registered by documents under чл. 52о."""
    registered: frozenset[PaymentMethod] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class State:
    """A locked order and how far payment and parcel have come."""

    order: Order
    lines: list[OrderLine]
    payment: Payment
    shipment: Shipment | None

    @property
    def sold_at(self) -> datetime | None:
        """Return when it was paid or handed over, whichever came first: the tax event (ЗДДС чл. 25).

        Of money that came on a day before it was noted the hour is not known: the day's first moment stands for it.
        """
        paid_on, paid_at = self.payment.paid_on, self.payment.received_at
        if paid_on and paid_at and paid_on < legal_date(paid_at):
            paid_at = datetime.combine(paid_on, time(), SOFIA).astimezone(UTC)
        handed_over = self.shipment.handed_over_at if self.shipment else None
        return min((at for at in (paid_at, handed_over) if at), default=None)

    @property
    def occasion(self) -> Occasion | None:
        """Say since when an invoice is due; None while it is neither paid nor handed over."""
        if self.sold_at is None or self.order.status is OrderStatus.CANCELLED:
            return None
        paid_on = self.payment.paid_on
        handed_over = self.shipment.handed_over_at if self.shipment else None
        event_on = min(day for day in (paid_on, handed_over and legal_date(handed_over)) if day)
        return Occasion(event_on, paid_on, is_advance=paid_on == event_on and handed_over is None)


async def state_of(session: AsyncSession, order: Order) -> State:
    """Read how far a locked order has come."""
    lines = await order_queries.list_lines(session, order.id)
    payment = await payments.get_payment(session, order.id)
    return State(order, list(lines), payment, await shipping_queries.find_shipment(session, order.id))
