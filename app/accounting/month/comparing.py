"""Compares a month's documents with its orders and with I-Cash, line by line."""

from datetime import datetime

from sqlalchemy import and_, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import Finding, Reconciliation, Report
from app.accounting.month.booking import is_counted_in, is_in, known_until
from app.accounting.month.figures import Check, Difference
from app.accounting.month.period import Month
from app.accounting.month.report_queries import SOLD_ON, came_to_nothing, is_in_force, is_invoiced
from app.core.clock import legal_date
from app.core.money import Money, summed, total
from app.invoices.models import Annulment, Document
from app.invoices.view import DocumentKind
from app.orders.models import Order, OrderStatus
from app.payments.models import Payment, Refund
from app.shipping.models import Shipment

NOT_COMPARED = "icash: not_compared"


async def compare_orders(
    session: AsyncSession, month: Month, *, every_order: bool, at: datetime
) -> tuple[Check, list[Difference]]:
    """Compare the invoices of a month with their orders, and name each sale of it that lacks its invoice."""
    annulled = exists().where(Annulment.document_id == Document.id)
    invoices = and_(
        Document.kind == DocumentKind.INVOICE,
        is_counted_in(month),
        ~annulled,
    )
    joined = select(summed(Order.total), summed(Document.total)).join(Order, Order.id == Document.order_id)
    expected, found = (await session.execute(joined.where(invoices))).one()
    wrong = (
        select(Document.number, Order.total, Document.total)
        .join(Order, Order.id == Document.order_id)
        .where(invoices, Document.total != Order.total)
        .order_by(Document.number)
    )
    differences = [Difference("orders", row[0], str(row[1]), str(row[2])) for row in await session.execute(wrong)]
    missing = [
        Difference("orders", *row) for row in await _list_missing(session, month, every_order=every_order, at=at)
    ]
    return Check("orders", expected, found, not (differences or missing)), [*differences, *missing]


async def _list_missing(
    session: AsyncSession, month: Month, *, every_order: bool, at: datetime
) -> list[tuple[str, str | None, str | None]]:
    """List the sales that have no invoice in force though one is due; those of closed months, in the first open one."""
    wanted = (
        select(Order.number, Order.total)
        .join(Payment, Payment.order_id == Order.id)
        .outerjoin(Shipment, Shipment.order_id == Order.id)
        .where(
            await is_in(session, month, Report.SALES_REPORT, SOLD_ON),
            true() if every_order else Order.company_eik.is_not(None),
            ~is_invoiced(at),
            ~came_to_nothing(at),
            Order.status != OrderStatus.CANCELLED,  # paid, cancelled and never invoiced: none is due any more
        )
        .order_by(Order.number)
    )
    return [(str(number), str(owed), None) for number, owed in await session.execute(wanted)]


async def compare_refunds(session: AsyncSession, month: Month, *, at: datetime) -> tuple[Check, list[Difference]]:
    """Compare what went back of invoiced sales with their credit notes, and name each order that lacks one.

    Those are looked at of which money went back in the month, or whose invoice is of it.
    """
    until = await known_until(session, month, at)
    of_order = and_(Document.order_id == Order.id, is_in_force(until))
    noted = select(summed(Document.total)).where(of_order, Document.kind == DocumentKind.CREDIT_NOTE).scalar_subquery()
    invoiced_now = exists().where(of_order, Document.kind == DocumentKind.INVOICE, is_counted_in(month))
    refunded_now = func.bool_or(Refund.month == str(month))
    wanted = (
        select(Order.number, summed(Refund.amount), noted)
        .join(Refund, Refund.order_id == Order.id)
        .where(Refund.month <= str(month), is_invoiced(until))
        .group_by(Order.id)
        .having(or_(refunded_now, invoiced_now))
        .order_by(Order.number)
    )
    found = [(str(number), *amounts) for number, *amounts in await session.execute(wanted)]
    differences = [Difference("refunds", number, str(gone), str(note)) for number, gone, note in found if note < gone]
    sums = total(gone for _, gone, _ in found), total(min(gone, note) for _, gone, note in found)
    return Check("refunds", *sums, agrees=not differences), differences


async def compare_icash(session: AsyncSession, month: Month, *, at: datetime) -> tuple[Check, list[Difference]]:
    """Say what the last comparison with I-Cash that covered this month found in it; without one nothing agrees."""
    covering = select(Reconciliation).where(Reconciliation.first <= month.first, Reconciliation.last >= month.first)
    made = await session.scalar(covering.order_by(Reconciliation.made_at.desc(), Reconciliation.id.desc()).limit(1))
    if made is None:
        nothing = Difference(NOT_COMPARED, str(month), None, None)
        return Check("icash", Money.ZERO, Money.ZERO, agrees=False), [nothing]
    wanted = select(Finding).where(
        Finding.reconciliation_id == made.id, Finding.on >= month.first, Finding.on <= month.last
    )
    found = (await session.scalars(wanted.order_by(Finding.on, Finding.reference, Finding.id))).all()
    differences = [Difference(f"icash: {each.kind}", each.reference, each.ours, each.theirs) for each in found]
    if made.last < month.last < legal_date(at):
        differences.append(Difference(NOT_COMPARED, str(month), str(month.last), str(made.last)))
    ours, theirs = (Money.of(amount) for amount in made.sums.get(str(month), ("0.00", "0.00")))
    return Check("icash", ours, theirs, not differences), differences
