"""Makes what is shown of an order of what the queries found."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.core.language import Language
from app.core.money import Money
from app.fulfilment.attention import parcel_view
from app.fulfilment.queries import Whole
from app.fulfilment.schemas import (
    BankTransferView,
    CustomerView,
    DeliveryView,
    EventView,
    OrderView,
    OwnPaymentStateView,
    PaymentStateView,
    WithdrawalTermView,
)
from app.fulfilment.withdrawal_period import withdrawal_term
from app.invoices.service import address_of
from app.orders.models import PaymentMethod
from app.orders.schemas import line_views, totals_view
from app.payments.models import PaymentStatus
from app.payments.transfers import Payee, transfer_code


def order_view(
    found: Whole,
    language: Language,
    withdrawal: WithdrawalTermView,
    *,
    payee: Payee | None = None,
    with_email: bool = True,
    to_staff: bool = False,
) -> OrderView:
    order = found.order
    customer = CustomerView.model_validate(order)
    return OrderView(
        number=order.reference,
        status=order.status,
        placed_at=order.placed_at,
        confirmation_due_at=order.confirmation_due_at if order.awaits_confirmation else None,
        customer=customer if with_email else customer.model_copy(update={"email": None}),
        delivery=DeliveryView(method=order.delivery_method, address=address_of(order)),
        comment=order.comment,
        lines=line_views(found.lines, language),
        totals=totals_view(order, found.lines),
        payment=OwnPaymentStateView(**dict(payment_view(found)), bank_transfer=awaited_transfer(found, payee)),
        shipment=parcel_view(found.shipment, language, to_staff=to_staff) if found.shipment else None,
        history=[EventView.model_validate(event) for event in found.story],
        withdrawal=withdrawal,
    )


def term_view(found: Whole, zone: ZoneInfo, *, at: datetime) -> WithdrawalTermView:
    term = withdrawal_term(found.order.status, found.kept, [found.delivered_at], zone, at=at)
    return WithdrawalTermView(open=term.is_open, until=term.until)


def awaited_transfer(found: Whole, payee: Payee | None) -> BankTransferView | None:
    """Say how to pay what is still missing, of an order that need not be confirmed first."""
    payment, order = found.payment, found.order
    is_awaited = payment.method is PaymentMethod.BANK_TRANSFER and payment.status is PaymentStatus.AWAITED
    if payee is None or not is_awaited or order.awaits_confirmation:
        return None
    return transfer_view(payee, order.reference, payment.amount - found.left, payment.due_on)


def transfer_view(payee: Payee, reference: str, amount: Money, due_on: date | None) -> BankTransferView:
    return BankTransferView(
        beneficiary=payee.name,
        iban=payee.iban,
        bic=payee.bic,
        reference=reference,
        amount=amount,
        due_on=due_on,
        code=transfer_code(payee, amount, reference),
    )


def payment_view(found: Whole) -> PaymentStateView:
    payment = found.payment
    is_awaited = payment.status is PaymentStatus.AWAITED and payment.method is PaymentMethod.BANK_TRANSFER
    return PaymentStateView(
        method=payment.method,
        status=payment.status,
        amount=payment.amount,
        due_on=payment.due_on,
        came=found.left if is_awaited else Money.ZERO,
        missing=payment.amount - found.left if is_awaited else Money.ZERO,
        refund_owed=found.refund_owed,
        refunded=found.refunded,
        refund_due_on=payment.refund_due_on,
    )
