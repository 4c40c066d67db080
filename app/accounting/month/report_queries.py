"""Selects of the report of sales without invoice (ЗДДС чл. 119).

It tells of every sale to a person that has no invoice in force, whatever the settings say of invoices: where one is due
the sale is a difference, too. So that nothing is counted twice, a sale leaves the report when its invoice comes, or its
parcel comes back unpaid. The report of a closed month tells of what was in it: what leaves it later is taken off in the
first month that is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import ClosedMonth, MonthEntry, Report
from app.accounting.month.booking import day_of, is_closed, is_in, known_until
from app.accounting.month.period import Month
from app.accounting.month.rows import ReportRow
from app.core.money import summed
from app.invoices.models import Annulment, Document
from app.invoices.view import DocumentKind
from app.orders.models import Order, OrderLine, OrderStatus
from app.payments.models import Payment, Refund, RefundedLine
from app.shipping.models import Shipment

SOLD_ON: ColumnElement[date] = func.least(Payment.paid_on, day_of(Shipment.handed_over_at))
"""The tax event: when the money came, whenever that was noted, or the parcel was handed over (ЗДДС чл. 25)."""


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


def undone_on(until: datetime) -> ColumnElement[date]:
    """Give on which day a sale ceased to be one without invoice."""
    invoiced_at = (
        select(func.min(Document.issued_at))
        .where(Document.order_id == Order.id, Document.kind == DocumentKind.INVOICE, is_in_force(until))
        .scalar_subquery()
    )
    return day_of(func.least(case((came_to_nothing(until), Order.finished_at)), invoiced_at))


@dataclass(frozen=True, slots=True)
class Told:
    """What a month's report tells of, each as a condition: sales as more, what was taken back of such as less."""

    sold: ColumnElement[bool]
    undone: ColumnElement[bool]
    refunded: ColumnElement[bool]
    regained: ColumnElement[bool]
    """Refunds that a closed month took off a sale which is undone now: its invoice tells of all of it."""
    undone_on: ColumnElement[date]


async def find_told(session: AsyncSession, month: Month, *, at: datetime) -> Told:
    until = await known_until(session, month, at)
    undone = await _undone(session, month, until)
    was_told = and_(Refund.month < str(month), Refund.month.in_(select(ClosedMonth.month)))
    return Told(
        await _sold(session, month, until),
        undone,
        and_(Refund.month == str(month), Refund.document_id.is_(None), is_uninvoiced(until)),
        and_(undone, was_told, Refund.document_id.is_(None)),
        undone_on(until),
    )


async def list_report(session: AsyncSession, month: Month, *, at: datetime) -> list[ReportRow]:
    """Sum the sales of a month that have no invoice, by day, rate and payment method; less what went back."""
    told = await find_told(session, month, at=at)
    sold = await _sales(session, told.sold, SOLD_ON)
    undone = await _sales(session, told.undone, told.undone_on)
    refunded = await _refunds(session, told.refunded, Refund.refunded_on)
    return [
        *sold,
        *(-row for row in undone),
        *(-row for row in refunded),
        *await _refunds(session, told.regained, told.undone_on),
    ]


async def _sold(session: AsyncSession, month: Month, until: datetime) -> ColumnElement[bool]:
    told = await is_in(session, month, Report.SALES_REPORT, SOLD_ON)
    if await is_closed(session, month):
        return told
    return and_(told, is_uninvoiced(until), ~came_to_nothing(until))


async def _undone(session: AsyncSession, month: Month, until: datetime) -> ColumnElement[bool]:
    told = await is_in(session, month, Report.SALES_TAKEN_BACK, undone_on(until))
    was_told = exists().where(MonthEntry.report == Report.SALES_REPORT, MonthEntry.order_id == Order.id)
    return and_(told, was_told)


def of_sale(wanted: Select[Any]) -> Select[Any]:
    return wanted.join(Payment, Payment.order_id == Order.id).outerjoin(Shipment, Shipment.order_id == Order.id)


async def _sales(session: AsyncSession, told: ColumnElement[bool], on: ColumnElement[date]) -> list[ReportRow]:
    parts = (on, OrderLine.vat_rate, Order.payment_method)
    columns: tuple[Any, ...] = (func.count(Order.id.distinct()), summed(OrderLine.total), summed(OrderLine.vat))
    wanted = of_sale(select(*parts, *columns))
    return await _rows(session, wanted.join(OrderLine, OrderLine.order_id == Order.id).where(told), *parts)


async def _refunds(session: AsyncSession, told: ColumnElement[bool], on: ColumnElement[date] | Any) -> list[ReportRow]:
    """Take refunds at the rates of what they are for; which form the law wants is uncertain (fact sheet 1.14)."""
    parts = (on, OrderLine.vat_rate, Order.payment_method)
    line = and_(OrderLine.order_id == RefundedLine.order_id, OrderLine.position == RefundedLine.position)
    wanted = (
        of_sale(select(*parts, literal(0), summed(RefundedLine.gross), summed(RefundedLine.vat)))
        .join(Refund, Refund.order_id == Order.id)
        .join(RefundedLine, RefundedLine.refund_id == Refund.id)
        .join(OrderLine, line)
    )
    return await _rows(session, wanted.where(told), *parts)


async def _rows(session: AsyncSession, wanted: Select[Any], on: Any, rate: Any, payment: Any) -> list[ReportRow]:
    sums = wanted.group_by(on, rate, payment).order_by(on, rate.desc(), payment)
    return [
        ReportRow(day, of_rate, method, sales, gross - vat, vat)
        for day, of_rate, method, sales, gross, vat in await session.execute(sums)
    ]


def is_reported(until: datetime) -> ColumnElement[bool]:
    """Say that the report of some month tells of a sale, and none takes it back."""
    told, taken_back = (
        exists().where(MonthEntry.report == report, MonthEntry.order_id == Order.id)
        for report in (Report.SALES_REPORT, Report.SALES_TAKEN_BACK)
    )
    return or_(and_(told, ~taken_back), and_(~told, is_uninvoiced(until), ~came_to_nothing(until)))


async def list_told(session: AsyncSession, month: Month, *, at: datetime) -> Sequence[tuple[Report, UUID]]:
    """List what the report of an open month tells of, and what it takes back."""
    told = {
        Report.SALES_REPORT: await _sold(session, month, at),
        Report.SALES_TAKEN_BACK: await _undone(session, month, at),
    }
    return [
        (report, order_id)
        for report, which in told.items()
        for order_id in await session.scalars(of_sale(select(Order.id)).where(which))
    ]
