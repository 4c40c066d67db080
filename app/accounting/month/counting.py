"""Counts what the summary shows beside the documents: refunds, cash that is outstanding, numbers used."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.month.figures import Numbers, Outstanding, Refunds
from app.accounting.month.period import Month
from app.core.money import summed
from app.invoices.models import Annulment, Document
from app.orders.models import Order, OrderStatus, PaymentMethod
from app.payments.models import Payment, PaymentStatus, Refund
from app.shipping.models import Shipment

WITH_COURIER = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED})


async def list_refunds(session: AsyncSession, month: Month) -> Sequence[Refunds]:
    wanted = select(Refund.means, func.count(), summed(Refund.amount)).where(Refund.month == str(month))
    found = await session.execute(wanted.group_by(Refund.means).order_by(Refund.means))
    return [Refunds(means, count, amount) for means, count, amount in found]


async def count_outstanding(session: AsyncSession) -> Outstanding:
    """Sum the cash on delivery that the courier has, or is to collect, and has not paid out."""
    wanted = (
        select(func.count(), summed(Payment.amount))
        .join(Order, Order.id == Payment.order_id)
        .join(Shipment, Shipment.order_id == Order.id)
        .where(
            Payment.method == PaymentMethod.CASH_ON_DELIVERY,
            Payment.status == PaymentStatus.AWAITED,
            Shipment.handed_over_at.is_not(None),
            Order.status.in_(WITH_COURIER),
        )
    )
    orders, amount = (await session.execute(wanted)).one()
    return Outstanding(orders, amount)


async def list_numbers(session: AsyncSession, month: Month) -> Sequence[Numbers]:
    """Say which numbers of each series were used in a month."""
    wanted = (
        select(
            Document.series,
            func.min(Document.number),
            func.max(Document.number),
            func.count(),
            func.count(Annulment.document_id),
        )
        .outerjoin(Annulment, Annulment.document_id == Document.id)
        .where(Document.issued_on >= month.first, Document.issued_on <= month.last)
        .group_by(Document.series)
        .order_by(Document.series)
    )
    found = await session.execute(wanted)
    return [Numbers(series, first, last, used, annulled) for series, first, last, used, annulled in found]
