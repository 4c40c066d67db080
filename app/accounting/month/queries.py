"""Every select of the month's files; what may be long is streamed."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Insert,
    Row,
    Select,
    and_,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import LateDocument, MonthEntry, Report
from app.accounting.month.booking import is_in
from app.accounting.month.period import Month
from app.accounting.month.rows import (
    NAMELESS,
    Entry,
    Partner,
    ReportRow,
)
from app.core.db import streamed
from app.core.money import Money, summed
from app.core.vat import VatSum, vat_within
from app.invoices.models import Annulment, Document
from app.invoices.view import TAXED, DocumentKind
from app.orders.models import Order, OrderLine, OrderStatus
from app.payments.models import Payment, Refund
from app.privacy.restricting import is_unrestricted
from app.shipping.models import Shipment

AT_ONCE = 500
SOFIA = "Europe/Sofia"


async def stream_entries(session: AsyncSession, month: Month) -> AsyncGenerator[Entry]:
    """Give what the ledger of a month lists: its documents, and what undoes those of months before, by day and number.

    A document annulled in its own month is listed with nothing; one annulled later counts in its month, and is undone
    in the month of its annulment. One that came to be known when its month was closed is listed in a later one.
    """
    late = exists().where(LateDocument.document_id == Document.id)
    own = _entries(Document.issued_on, false()).where(
        Document.issued_on >= month.first, Document.issued_on <= month.last, ~late
    )
    booked = _entries(Document.issued_on, false()).where(_is_booked_in(month))
    undone = _entries(Annulment.annulled_on, true()).where(
        Annulment.annulled_on >= month.first,
        Annulment.annulled_on <= month.last,
        Document.issued_on < month.first,
        ~late.where(LateDocument.month >= str(month)),
    )
    wanted = union_all(own, booked, undone).order_by("on", "number", "id")
    async with aclosing(streamed(session, wanted, at_once=AT_ONCE)) as rows:
        async for row in rows:
            yield _entry(row, month)


def _is_booked_in(month: Month) -> ColumnElement[bool]:
    return Document.id.in_(select(LateDocument.document_id).where(LateDocument.month == str(month)))


def _entries(on: Any, is_reversal: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            on.label("on"),
            Document.number.label("number"),
            Document.id.label("id"),
            Document.kind.label("kind"),
            Document.issued_on.label("issued_on"),
            Document.snapshot["vat_sums"].label("sums"),
            Document.snapshot["buyer"].label("buyer"),
            Document.snapshot["no_vat_ground"].astext.label("ground"),
            Order.number.label("order_number"),
            Order.payment_method.label("payment"),
            Annulment.annulled_on.label("annulled_on"),
            or_(Order.company_eik.is_not(None), is_unrestricted(Order.email, Order.account_id)).label("is_named"),
            is_reversal.label("is_reversal"),
            Document.base.label("base"),
            Document.vat.label("vat"),
        )
        .join(Order, Order.id == Document.order_id)
        .outerjoin(Annulment, Annulment.document_id == Document.id)
        .where(Document.kind.in_(TAXED))
    )


def _entry(row: Row[Any], month: Month) -> Entry:
    is_annulled = row.annulled_on is not None and row.annulled_on <= month.last and not row.is_reversal
    sign = -1 if (row.kind is DocumentKind.CREDIT_NOTE) is not row.is_reversal else 1
    times = 0 if is_annulled else sign
    sums = [VatSum(each["rate"], Money.of(each["base"]) * times, Money.of(each["vat"]) * times) for each in row.sums]
    buyer = row.buyer if row.is_named else {**row.buyer, "name": NAMELESS, "address": ""}
    return Entry(
        row.id,
        row.kind,
        row.number,
        row.issued_on,
        Partner(**buyer),
        sums,
        row.ground,
        str(row.order_number),
        row.payment,
        is_annulled,
        row.is_reversal,
        row.base * times,
        row.vat * times,
    )


async def list_report(session: AsyncSession, month: Month, *, every_order: bool) -> list[ReportRow]:
    """Sum the sales of a month that have no invoice, and need none, by day and rate; refunds of such are taken off."""
    if every_order:
        return []
    sold_at = func.least(Payment.received_at, Shipment.handed_over_at)
    day = func.date(func.timezone(SOFIA, sold_at))
    told = await is_in(session, month, Report.SALES_REPORT, sold_at)
    gross, vat = summed(OrderLine.total), summed(OrderLine.vat)
    sales = (
        select(day.label("on"), OrderLine.vat_rate, func.count(Order.id.distinct()), gross, vat)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Payment, Payment.order_id == Order.id)
        .outerjoin(Shipment, Shipment.order_id == Order.id)
        .where(is_uninvoiced(), Order.status != OrderStatus.CANCELLED, told)
        .group_by("on", OrderLine.vat_rate)
        .order_by("on", OrderLine.vat_rate.desc())
    )
    rows = [
        ReportRow(on, rate, count, total - tax, tax) for on, rate, count, total, tax in await session.execute(sales)
    ]
    return rows + await _refunded(session, month)


async def _refunded(session: AsyncSession, month: Month) -> list[ReportRow]:
    """Take refunds of uninvoiced sales off at the rate of their goods; which form the law wants is uncertain (1.14)."""
    rate = select(func.max(OrderLine.vat_rate)).where(OrderLine.order_id == Refund.order_id).scalar_subquery()
    wanted = (
        select(Refund.refunded_on, rate, summed(Refund.amount))
        .join(Order, Order.id == Refund.order_id)
        .where(Refund.month == str(month), Refund.document_id.is_(None), is_uninvoiced())
        .group_by(Refund.refunded_on, rate)
        .order_by(Refund.refunded_on)
    )
    rows = []
    for on, of_rate, amount in await session.execute(wanted):
        gross = -amount
        vat = vat_within(gross, of_rate)
        rows.append(ReportRow(on, of_rate, 0, gross - vat, vat))
    return rows


def is_uninvoiced() -> ColumnElement[bool]:
    invoiced = exists().where(Document.order_id == Order.id, Document.kind == DocumentKind.INVOICE)
    return and_(~invoiced, Order.company_eik.is_(None))


async def reported_insert(session: AsyncSession, month: Month) -> Insert:
    """Make the insert that notes which sales the report of a month tells of; made before the month is closed."""
    sold_at = func.least(Payment.received_at, Shipment.handed_over_at)
    told = (
        select(literal(Report.SALES_REPORT.value), Order.id, literal(str(month)))
        .join(Payment, Payment.order_id == Order.id)
        .outerjoin(Shipment, Shipment.order_id == Order.id)
        .where(is_uninvoiced(), Order.status != OrderStatus.CANCELLED)
        .where(await is_in(session, month, Report.SALES_REPORT, sold_at))
    )
    return insert(MonthEntry).from_select(["report", "order_id", "month"], told)


def named_in_ledger(month: Month) -> Select[UUID, UUID | None]:
    """Choose whose data the ledger of a month names: each order with its document."""
    late = exists().where(LateDocument.document_id == Document.id)
    is_own = and_(Document.issued_on >= month.first, Document.issued_on <= month.last, ~late)
    is_undone = and_(Annulment.annulled_on >= month.first, Annulment.annulled_on <= month.last)
    return (
        select(Order.id, Document.id)
        .join(Document, Document.order_id == Order.id)
        .outerjoin(Annulment, Annulment.document_id == Document.id)
        .where(
            Document.kind.in_(TAXED),
            or_(is_own, _is_booked_in(month), is_undone),
            is_unrestricted(Order.email, Order.account_id),
        )
    )
