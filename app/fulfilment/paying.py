"""What a payment that came sets off: the order is confirmed, its invoice issued."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.jobs import Promise, defer
from app.core.money import Money
from app.fulfilment.dates import happened_on
from app.fulfilment.jobs import IssueInvoice, invoice_lock
from app.fulfilment.starting import confirm
from app.orders import queries as order_queries
from app.orders.models import OrderStatus
from app.orders.states import Actor
from app.payments import service as payments


async def receive_payment(
    session: AsyncSession,
    order_id: UUID,
    amount: Money,
    *,
    reference: str | None,
    received_on: date | None = None,
    at: datetime,
) -> None:
    """Note that the money came, today or on another day; confirm an order that waited, and promise its invoice."""
    order = await order_queries.lock_order(session, order_id)
    paid_on = happened_on(order, received_on, at, pointer="/received_on")
    payment = await payments.lock_payment(session, order_id)
    payments.receive(payment, amount, reference=reference, paid_on=paid_on, at=at)
    if order.status is OrderStatus.PLACED:
        await confirm(session, order, at=at, by=Actor.STAFF)
    await session.flush()  # the job below must find the payment as it is now
    await defer(session, Promise(IssueInvoice(order.id), invoice_lock(order.id)))
