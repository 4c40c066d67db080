"""Which months are closed, and into which one something is booked that happened in one of them."""

from datetime import date

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import ClosedMonth
from app.accounting.month.period import Month

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
