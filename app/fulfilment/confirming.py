"""Confirms an order that waits until somebody says that it is meant: by the link in its mail, or a member of staff."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.jobs import Promise, defer
from app.fulfilment.jobs import IssueInvoice, invoice_lock
from app.fulfilment.starting import confirm
from app.mail import service as mail
from app.mail.models import MailKind
from app.orders import queries as order_queries
from app.orders.models import Order, OrderStatus, PaymentMethod
from app.orders.states import Actor, OrderCannotMove, prove
from app.payments import service as payments

CONFIRM = "confirm-order"
"""What the token in the order's mail is for (`auth.link_tokens`): it names the order."""


async def confirm_order(session: AsyncSession, order_id: UUID, *, at: datetime, by: Actor) -> None:
    """Take an order for meant: cash on delivery goes its way, a transfer is waited for. Done again it changes nothing.

    How to pay a transfer is mailed only now, with as many days as an order has that need not be confirmed.
    Refuses with OrderCannotMove one that was cancelled, or lapsed.
    """
    order = await order_queries.lock_order(session, order_id)
    if order.status is OrderStatus.CANCELLED:
        raise OrderCannotMove(order_status=order.status.value, allowed=[])
    is_first = order.awaits_confirmation
    prove(order, at=at)
    if is_first and order.payment_method is PaymentMethod.CASH_ON_DELIVERY:
        await confirm(session, order, at=at, by=by)
    elif is_first:
        await _ask_for_transfer(session, order, at=at)


async def _ask_for_transfer(session: AsyncSession, order: Order, *, at: datetime) -> None:
    payment = await payments.lock_payment(session, order.id)
    payments.put_off(payment, legal_date(order.placed_at), legal_date(at))
    await mail.promise(
        session,
        kind=MailKind.ORDER_CONFIRMATION,
        address=order.email,
        language=order.language,
        order_id=order.id,
        document_id=order.id,  # told for the second time
        at=at,
    )
    if order.pays_by_proforma:
        await defer(session, Promise(IssueInvoice(order.id), invoice_lock(order.id)))
