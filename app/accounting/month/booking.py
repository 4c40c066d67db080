"""Which months are closed, and into which one something is booked that happened in one of them."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, any_, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import ClosedMonth, LateDocument, MonthEntry, Report
from app.accounting.month.period import Month
from app.core.clock import SOFIA
from app.core.legal_terms import INVOICE_DAYS
from app.invoices.models import Document
from app.orders.models import Order

# Whoever books waits for whoever closes, and the other way round; those who book do not wait for each other.
BOOKING = text("SELECT pg_advisory_xact_lock_shared(hashtextextended('closing of a month', 0))")
CLOSING = text("SELECT pg_advisory_xact_lock(hashtextextended('closing of a month', 0))")


async def last_closed(session: AsyncSession) -> Month | None:
    found = await session.scalar(select(func.max(ClosedMonth.month)))
    return Month.of(found) if found else None


async def book_month(session: AsyncSession, day: date) -> Month:
    """Return the month that what happened on a day belongs to: its own, or the first one that is open.

    No month is closed until this transaction ends.
    """
    await session.execute(BOOKING)
    last, own = await last_closed(session), Month.on(day)
    return own if last is None or own > last else last.after


async def is_closed(session: AsyncSession, month: Month) -> bool:
    return await session.get(ClosedMonth, str(month)) is not None


async def known_until(session: AsyncSession, month: Month, at: datetime) -> datetime:
    """Return up to when the files of a month look: to its closing, or to now."""
    closed = await session.get(ClosedMonth, str(month))
    return closed.closed_at if closed else at


async def is_in(
    session: AsyncSession, month: Month, report: Report, on: ColumnElement[date] | Any
) -> ColumnElement[bool]:
    """Say that an order is told of in this month's report: each is, once.

    A closed month keeps those that were in it when it was closed; what was learnt of later is in the first one that is
    open.
    """
    last = await last_closed(session)
    entry = exists().where(MonthEntry.report == report, MonthEntry.order_id == Order.id)
    if await is_closed(session, month):
        return entry.where(MonthEntry.month == str(month))
    own = and_(on >= month.first, on <= month.last)
    if last is None or month != last.after:
        return and_(own, ~entry)
    of_closed = func.to_char(on, "YYYY-MM").in_(select(ClosedMonth.month))
    return and_(on <= month.last, or_(own, of_closed), ~entry)


def day_of(at: ColumnElement[datetime] | Any) -> ColumnElement[date]:
    """Give the day, in Bulgaria, of a moment in a select."""
    return func.date(func.timezone(SOFIA.key, at), type_=Date())


def is_counted_in(month: Month) -> ColumnElement[bool]:
    """Say that a document counts in a month: in that of its date, unless it is noted that it is in another."""
    elsewhere = exists().where(LateDocument.document_id == Document.id)
    own = and_(Document.issued_on >= month.first, Document.issued_on <= month.last, ~elsewhere)
    booked = select(LateDocument.document_id).where(LateDocument.month == str(month))
    # An array, so that both parts are found by their index.
    return or_(own, Document.id == any_(func.array(booked.scalar_subquery())))


async def book_invoice(session: AsyncSession, invoice: Document, event_on: date) -> None:
    """Let an invoice that was issued later than the law allows count in the month of its tax event, if that is open.

    One in time counts in the month of its issue (ЗДДС чл. 86 ал. 2, as read in a secondary source).
    """
    if invoice.issued_on <= event_on + timedelta(days=INVOICE_DAYS):
        return
    month = await book_month(session, event_on)
    if month < Month.on(invoice.issued_on):
        await session.flush()  # the record names the document
        session.add(LateDocument(document_id=invoice.id, month=str(month)))
