"""Compares a month's documents with its orders and with I-Cash, line by line."""

from sqlalchemy import and_, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import Finding, Reconciliation
from app.accounting.month.figures import Check, Difference
from app.accounting.month.period import Month
from app.core.money import Money, summed
from app.invoices.models import Annulment, Document
from app.invoices.view import DocumentKind
from app.orders.models import Order, OrderStatus
from app.payments.models import Payment
from app.shipping.models import Shipment


async def compare_orders(session: AsyncSession, month: Month, *, every_order: bool) -> tuple[Check, list[Difference]]:
    """Compare the invoices of a month with their orders, and name each sale of it that lacks its invoice."""
    annulled = exists().where(Annulment.document_id == Document.id)
    invoices = and_(
        Document.kind == DocumentKind.INVOICE,
        Document.issued_on >= month.first,
        Document.issued_on <= month.last,
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
    missing = [Difference("orders", *row) for row in await _list_missing(session, month, every_order=every_order)]
    return Check("orders", expected, found, not (differences or missing)), [*differences, *missing]


async def _list_missing(
    session: AsyncSession, month: Month, *, every_order: bool
) -> list[tuple[str, str | None, str | None]]:
    sold_at = func.least(Payment.received_at, Shipment.handed_over_at)
    invoiced = exists().where(Document.order_id == Order.id, Document.kind == DocumentKind.INVOICE)
    wanted = (
        select(Order.number, Order.total)
        .join(Payment, Payment.order_id == Order.id)
        .outerjoin(Shipment, Shipment.order_id == Order.id)
        .where(
            or_(
                and_(Payment.received_at >= month.starts_at, Payment.received_at < month.ends_at),
                and_(Shipment.handed_over_at >= month.starts_at, Shipment.handed_over_at < month.ends_at),
            ),
            sold_at >= month.starts_at,
            sold_at < month.ends_at,
            Order.status != OrderStatus.CANCELLED,
            true() if every_order else Order.company_eik.is_not(None),
            ~invoiced,
        )
        .order_by(Order.number)
    )
    return [(str(number), str(owed), None) for number, owed in await session.execute(wanted)]


async def compare_icash(session: AsyncSession, month: Month) -> tuple[Check, list[Difference]]:
    """Say what the last comparison with I-Cash found about sales of this month."""
    last = select(Reconciliation.id).order_by(Reconciliation.made_at.desc(), Reconciliation.id.desc()).limit(1)
    wanted = select(Finding).where(
        Finding.reconciliation_id == last.scalar_subquery(), Finding.on >= month.first, Finding.on <= month.last
    )
    found = (await session.scalars(wanted.order_by(Finding.on, Finding.reference, Finding.id))).all()
    differences = [Difference(f"icash: {each.kind}", each.reference, each.ours, each.theirs) for each in found]
    ours, theirs = (
        Money(sum(Money.of(amount).cents for amount in amounts if amount))
        for amounts in ([each.ours for each in found], [each.theirs for each in found])
    )
    return Check("icash", ours, theirs, not differences), differences
