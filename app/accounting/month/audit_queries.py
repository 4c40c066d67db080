"""Selects of the audit file: which orders a month tells of, and what went back."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Row,
    ScalarSelect,
    Select,
    Uuid,
    and_,
    case,
    cast,
    exists,
    func,
    null,
    or_,
    select,
    true,
)
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import MonthEntry, Report
from app.accounting.month.booking import day_of, is_in, known_until
from app.accounting.month.period import Month
from app.accounting.month.report_queries import is_in_force, is_reported
from app.accounting.month.rows import AuditOrder, AuditReturn, ComparedOrder, SoldLine
from app.accounting.month.terms import AuditEvent
from app.core.clock import legal_date
from app.core.db import streamed
from app.core.money import Money, MoneyType, summed
from app.invoices.models import Document
from app.invoices.view import DocumentKind
from app.orders.models import LineKind, Order, OrderEvent, OrderLine, OrderStatus, PaymentMethod
from app.payments.models import Payment, Refund
from app.shipping.models import Shipment

AT_ONCE = 500
IS_SOLD = or_(OrderLine.kind == LineKind.GOODS, OrderLine.total > Money.ZERO)
"""Of lines: the file has them."""


def recognised(event: AuditEvent) -> Any:
    """Give the day on which each order counts as delivered, or paid (fact sheet 3.4.3)."""
    if event is AuditEvent.PAID:
        found = select(Payment.order_id.label("order_id"), Payment.paid_on.label("on"))
        return found.where(Payment.paid_on.is_not(None)).subquery("recognised")
    found = select(OrderEvent.order_id.label("order_id"), day_of(func.min(OrderEvent.at)).label("on"))
    return found.where(OrderEvent.status == OrderStatus.DELIVERED).group_by(OrderEvent.order_id).subquery("recognised")


def document_of_sale(until: datetime) -> ScalarSelect[Any]:
    """Give number and day of the document that the audit file names: of the sale, else the invoice (fact sheet 3.4).

    It is the one that was in force at a moment: what becomes of it later does not change a file that was made.
    """
    of_sale = case((Document.kind == DocumentKind.SALE, 0), else_=1)
    kinds = [DocumentKind.SALE, DocumentKind.INVOICE]
    return (
        select(func.jsonb_build_array(Document.number, Document.issued_on))
        .where(Document.order_id == Order.id, Document.kind.in_(kinds), is_in_force(until))
        .order_by(of_sale, Document.edition.desc())
        .limit(1)
        .scalar_subquery()
    )


def _documented(until: datetime) -> ScalarSelect[Any]:
    wanted = select(cast(func.sum(Document.total), MoneyType())).where(
        Document.order_id == Order.id, Document.kind == DocumentKind.INVOICE, is_in_force(until)
    )
    return wanted.scalar_subquery()


def _lines() -> ScalarSelect[Any]:
    line = func.jsonb_build_object(
        "name",
        OrderLine.name,
        "quantity",
        OrderLine.quantity,
        "rate",
        OrderLine.vat_rate,
        "total",
        cast(OrderLine.total, TextType),
        "discount",
        cast(OrderLine.discount, TextType),
        "vat",
        cast(OrderLine.vat, TextType),
    )
    listed = func.jsonb_agg(aggregate_order_by(line, OrderLine.position), type_=JSONB)
    return select(listed).where(OrderLine.order_id == Order.id, IS_SOLD).scalar_subquery()


async def _told_of(session: AsyncSession, month: Month, event: AuditEvent, until: datetime, *shown: Any) -> Select[Any]:
    found_on = recognised(event)
    return (
        select(*shown)
        .outerjoin(found_on, found_on.c.order_id == Order.id)  # a closed month keeps what another event put there
        .join(Payment, Payment.order_id == Order.id)
        .where(
            await is_in(session, month, Report.AUDIT_FILE, found_on.c.on),
            # Paid, and cancelled before it had a document: it has none to be told of by.
            or_(Order.status != OrderStatus.CANCELLED, document_of_sale(until).is_not(None)),
        )
    )


async def compare_orders(
    session: AsyncSession, month: Month, event: AuditEvent, *, at: datetime
) -> tuple[Money, Money, list[ComparedOrder]]:
    """Sum the orders that a month's audit file tells of, and what it tells; list those where something differs."""
    until = await known_until(session, month, at)
    told = (
        select(summed(OrderLine.total).label("total"), summed(OrderLine.vat).label("vat"))
        .where(OrderLine.order_id == Order.id, IS_SOLD)
        .lateral("told")
    )
    sums = await _told_of(session, month, event, until, summed(Order.total), summed(told.c.total))
    [(expected, found)] = await session.execute(sums.join(told, true()))
    shown = (
        Order.number,
        Order.total,
        Order.vat,
        told.c.total.label("told"),
        told.c.vat.label("told_vat"),
        document_of_sale(until).is_not(None).label("has_document"),
        _documented(until).label("documented"),
        is_reported(until).label("is_reported"),
    )
    compared = (await _told_of(session, month, event, until, *shown)).join(told, true()).cte("compared")
    each = compared.c
    agrees = and_(
        each.told == each.total,
        each.told_vat == each.vat,
        each.has_document,
        case((each.documented.is_(None), each.is_reported), else_=each.documented == each.total),
    )
    differing = await session.execute(select(compared).where(~agrees).order_by(each.number))
    return expected, found, [ComparedOrder(str(number), *rest) for number, *rest in differing]


async def stream_audit_orders(
    session: AsyncSession, month: Month, event: AuditEvent, *, at: datetime
) -> AsyncGenerator[AuditOrder]:
    """Give the orders that a month's audit file tells of, those without a document among them, by number."""
    until = await known_until(session, month, at)
    shown = (
        Order.id,
        Order.number,
        Order.placed_at,
        document_of_sale(until).label("document"),
        Order.payment_method,
        Payment.bank_reference,
        Shipment.waybill,
        Order.total,
        Order.vat,
        _documented(until).label("documented"),
        is_reported(until).label("is_reported"),
        _lines().label("lines"),
    )
    wanted = await _told_of(session, month, event, until, *shown)
    wanted = wanted.outerjoin(Shipment, Shipment.order_id == Order.id)
    async with aclosing(streamed(session, wanted.order_by(Order.number), at_once=AT_ONCE)) as rows:
        async for row in rows:
            yield _audit_order(row)


def _audit_order(row: Row[Any]) -> AuditOrder:
    number, issued_on = row.document or (None, None)
    return AuditOrder(
        row.id,
        str(row.number),
        legal_date(row.placed_at),
        number,
        date.fromisoformat(issued_on) if issued_on else None,
        row.payment_method,
        # The bank's own reference may hold a name: the annex asks for it of card payments alone.
        row.waybill if row.payment_method is PaymentMethod.CASH_ON_DELIVERY else None,
        row.total,
        row.vat,
        row.documented,
        row.is_reported,
        [
            SoldLine(
                line["name"],
                line["quantity"],
                line["rate"],
                Money(int(line["total"])),
                Money(int(line["discount"])),
                Money(int(line["vat"])),
            )
            for line in row.lines
        ],
    )


async def list_returns(
    session: AsyncSession, month: Month, event: AuditEvent, *, at: datetime
) -> Sequence[AuditReturn]:
    """List what went back in a month, but of orders that were cancelled before an audit file told of them."""
    until = await known_until(session, month, at)
    was_cancelled = and_(Order.status == OrderStatus.CANCELLED, Order.finished_at <= until)
    told = exists().where(
        MonthEntry.report == Report.AUDIT_FILE, MonthEntry.order_id == Order.id, MonthEntry.month <= str(month)
    )
    is_told = or_(told, document_of_sale(until).is_not(None)) if event is AuditEvent.PAID else told
    wanted = (
        select(Order.number, Refund.amount, Refund.refunded_on, Refund.means)
        .join(Order, Order.id == Refund.order_id)
        .where(Refund.month == str(month), or_(~was_cancelled, is_told))
        .order_by(Refund.refunded_on, Order.number, Refund.id)
    )
    return [AuditReturn(str(row[0]), row[1], row[2], row[3]) for row in await session.execute(wanted)]


async def told_in_audit_file(
    session: AsyncSession, month: Month, event: AuditEvent, *, at: datetime
) -> Select[UUID, UUID | None]:
    """Choose whose orders the audit file of a month tells of."""
    found_on, until = recognised(event), await known_until(session, month, at)
    chosen = select(Order.id, cast(null(), Uuid())).outerjoin(found_on, found_on.c.order_id == Order.id)
    told = await is_in(session, month, Report.AUDIT_FILE, found_on.c.on)
    return chosen.where(told, document_of_sale(until).is_not(None))
