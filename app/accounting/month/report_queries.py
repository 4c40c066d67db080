"""Selects of the report of sales without invoice (ЗДДС чл. 119).

It tells of every sale to a person that has no invoice in force, whatever the settings say of invoices: where one is due
the sale is a difference, too. So that nothing is counted twice, a sale leaves the report when its invoice comes, or its
parcel comes back unpaid. The report of a closed month tells of what was in it: what leaves it later is taken off in the
first month that is open.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import MonthEntry, Report
from app.accounting.month.booking import is_closed, is_in, known_until
from app.accounting.month.period import Month
from app.accounting.month.rows import ReportRow
from app.core.clock import SOFIA
from app.core.money import Money, summed
from app.core.vat import vat_within
from app.invoices.models import Annulment, Document
from app.invoices.view import DocumentKind
from app.orders.models import Order, OrderLine, OrderStatus
from app.payments.models import Payment, Refund
from app.shipping.models import Shipment

SOLD_AT: ColumnElement[datetime] = func.least(Payment.received_at, Shipment.handed_over_at)


def is_in_force(until: datetime) -> ColumnElement[bool]:
    """Say that a document was issued by a moment, and not annulled by then."""
    annulled = exists().where(Annulment.document_id == Document.id, Annulment.annulled_at <= until)
    return and_(Document.issued_at <= until, ~annulled)


def is_invoiced(until: datetime) -> ColumnElement[bool]:
    return exists().where(Document.order_id == Order.id, Document.kind == DocumentKind.INVOICE, is_in_force(until))


def is_uninvoiced(until: datetime) -> ColumnElement[bool]:
    """Say that a sale has no invoice; a company's is none of the report, whatever it lacks."""
    return and_(~is_invoiced(until), Order.company_eik.is_(None))


def came_to_nothing(until: datetime) -> ColumnElement[bool]:
    """Say that an order was cancelled, or its parcel refused, and nothing was paid: no sale took place.

    One that was paid is a sale, and what went back is taken off as any refund is.
    """
    unpaid = or_(Payment.received_at.is_(None), Payment.received_at > until)
    return and_(Order.status.in_([OrderStatus.CANCELLED, OrderStatus.REFUSED]), unpaid)


def undone_at(until: datetime) -> ColumnElement[datetime]:
    """Give when a sale ceased to be one without invoice."""
    invoiced_at = (
        select(func.min(Document.issued_at))
        .where(Document.order_id == Order.id, Document.kind == DocumentKind.INVOICE, is_in_force(until))
        .scalar_subquery()
    )
    return func.least(case((came_to_nothing(until), Order.finished_at)), invoiced_at)


async def list_report(session: AsyncSession, month: Month, *, at: datetime) -> list[ReportRow]:
    """Sum the sales of a month that have no invoice, by day, rate and payment method; less what went back."""
    until = await known_until(session, month, at)
    sold = await _rows(session, await _sold(session, month, until), SOLD_AT)
    undone = await _rows(session, await _undone(session, month, until), undone_at(until))
    return [*sold, *(-row for row in undone), *await _refunded(session, month, until)]


async def _sold(session: AsyncSession, month: Month, until: datetime) -> ColumnElement[bool]:
    told = await is_in(session, month, Report.SALES_REPORT, SOLD_AT)
    if await is_closed(session, month):
        return told
    return and_(told, is_uninvoiced(until), ~came_to_nothing(until))


async def _undone(session: AsyncSession, month: Month, until: datetime) -> ColumnElement[bool]:
    told = await is_in(session, month, Report.SALES_TAKEN_BACK, undone_at(until))
    was_told = exists().where(MonthEntry.report == Report.SALES_REPORT, MonthEntry.order_id == Order.id)
    return and_(told, was_told)


def _of_sale(wanted: Select[Any]) -> Select[Any]:
    return wanted.join(Payment, Payment.order_id == Order.id).outerjoin(Shipment, Shipment.order_id == Order.id)


async def _rows(session: AsyncSession, told: ColumnElement[bool], at: ColumnElement[datetime]) -> list[ReportRow]:
    day = func.date(func.timezone(SOFIA.key, at)).label("on")
    parts = (day, OrderLine.vat_rate, Order.payment_method)
    wanted = (
        _of_sale(select(*parts, func.count(Order.id.distinct()), summed(OrderLine.total), summed(OrderLine.vat)))
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(told)
        .group_by(*parts)
        .order_by(day, OrderLine.vat_rate.desc(), Order.payment_method)
    )
    return [
        ReportRow(on, rate, payment, count, gross - vat, vat)
        for on, rate, payment, count, gross, vat in await session.execute(wanted)
    ]


async def sum_report(session: AsyncSession, month: Month, *, at: datetime) -> Money:
    """Sum what a month's report tells of as the orders and refunds themselves have it, not their lines."""
    until = await known_until(session, month, at)
    sold = _of_sale(select(summed(Order.total))).where(await _sold(session, month, until))
    undone = _of_sale(select(summed(Order.total))).where(await _undone(session, month, until))
    refunded = select(summed(Refund.amount)).join(Order, Order.id == Refund.order_id).where(_is_refund(month, until))
    parts = select(sold.scalar_subquery(), undone.scalar_subquery(), refunded.scalar_subquery())
    came, left, went_back = (await session.execute(parts)).one()
    amount: Money = came - left - went_back
    return amount


def is_reported(until: datetime) -> ColumnElement[bool]:
    """Say that the report of some month tells of a sale, and none takes it back."""
    told, taken_back = (
        exists().where(MonthEntry.report == report, MonthEntry.order_id == Order.id)
        for report in (Report.SALES_REPORT, Report.SALES_TAKEN_BACK)
    )
    return or_(and_(told, ~taken_back), and_(~told, is_uninvoiced(until), ~came_to_nothing(until)))


def _is_refund(month: Month, until: datetime) -> ColumnElement[bool]:
    return and_(Refund.month == str(month), Refund.document_id.is_(None), is_uninvoiced(until))


async def _refunded(session: AsyncSession, month: Month, until: datetime) -> list[ReportRow]:
    """Take refunds of uninvoiced sales off at the rate of their goods; which form the law wants is uncertain (1.14)."""
    rate = select(func.max(OrderLine.vat_rate)).where(OrderLine.order_id == Refund.order_id).scalar_subquery()
    parts = (Refund.refunded_on, rate, Order.payment_method)
    wanted = (
        select(*parts, summed(Refund.amount))
        .join(Order, Order.id == Refund.order_id)
        .where(_is_refund(month, until))
        .group_by(*parts)
        .order_by(*parts)
    )
    rows = []
    for on, of_rate, payment, amount in await session.execute(wanted):
        gross = -amount
        vat = vat_within(gross, of_rate)
        rows.append(ReportRow(on, of_rate, payment, 0, gross - vat, vat))
    return rows


async def list_told(session: AsyncSession, month: Month, *, at: datetime) -> Sequence[tuple[Report, UUID]]:
    """List what the report of an open month tells of, and what it takes back."""
    told = {
        Report.SALES_REPORT: await _sold(session, month, at),
        Report.SALES_TAKEN_BACK: await _undone(session, month, at),
    }
    return [
        (report, order_id)
        for report, which in told.items()
        for order_id in await session.scalars(_of_sale(select(Order.id)).where(which))
    ]
