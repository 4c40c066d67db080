"""Every select of postings."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import and_, bindparam, case, exists, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import Posting
from app.core.clock import SOFIA
from app.core.money import summed
from app.invoices.models import Annulment, Document
from app.invoices.queries import ICASH
from app.invoices.view import DocumentKind
from app.orders.models import Order, OrderStatus
from app.payments.models import Payment, Refund
from app.shipping.models import Shipment, ShipmentStatus

LOOKED_BACK = timedelta(days=366)
"""How far back a missing invoice is looked for each night."""


LOCKED = (
    select(Posting)
    .where(Posting.order_id == bindparam("order_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


async def lock_posting(session: AsyncSession, order_id: UUID) -> Posting | None:
    """Lock the posting of an order; None while the order is not confirmed."""
    return await session.scalar(LOCKED, {"order_id": order_id})


async def list_late_invoices(session: AsyncSession, before: date, *, every_order: bool) -> Sequence[tuple[str, date]]:
    """List the sales of that day and earlier that have no invoice though one is due: order and day of the sale.

    A booked parcel of which nothing is known since counts from the moment at which it was last known to be here.
    """
    still_here = case(
        (Shipment.status == ShipmentStatus.BOOKED, func.greatest(Shipment.booked_at, Shipment.tracked_at))
    )
    handed_over_at = func.coalesce(Shipment.handed_over_at, still_here)
    day = func.least(Payment.paid_on, func.date(func.timezone(SOFIA.key, handed_over_at)))
    invoiced = exists().where(Document.order_id == Order.id, Document.kind == DocumentKind.INVOICE)
    wanted = (
        select(Order.number, day)
        .join(Payment, Payment.order_id == Order.id)
        .outerjoin(Shipment, Shipment.order_id == Order.id)
        .where(
            day <= before,
            day > before - LOOKED_BACK,
            Order.status != OrderStatus.CANCELLED,
            true() if every_order else Order.company_eik.is_not(None),
            ~invoiced,
        )
        .order_by(Order.number)
    )
    return [(str(number), sold_on) for number, sold_on in await session.execute(wanted)]


async def list_late_notes(session: AsyncSession, before: date) -> Sequence[tuple[str, date]]:
    """List the invoiced orders of which more went back by that day than credit notes say: order and last refund."""
    in_force = ~exists().where(Annulment.document_id == Document.id)
    of_order = and_(Document.order_id == Order.id, Document.series != ICASH, in_force)
    notes = select(summed(Document.total)).where(of_order, Document.kind == DocumentKind.CREDIT_NOTE)
    last = func.max(Refund.refunded_on)
    wanted = (
        select(Order.number, last)
        .join(Refund, Refund.order_id == Order.id)
        .where(exists().where(of_order, Document.kind == DocumentKind.INVOICE))
        .group_by(Order.id)
        .having(and_(last <= before, last > before - LOOKED_BACK, summed(Refund.amount) > notes.scalar_subquery()))
        .order_by(Order.number)
    )
    return [(str(number), refunded_on) for number, refunded_on in await session.execute(wanted)]
