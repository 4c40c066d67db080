"""Closes a month: its figures stay, and what is learnt later is in the next one."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import ClosedMonth
from app.accounting.month.audit_queries import audited_insert
from app.accounting.month.booking import CLOSING, last_closed
from app.accounting.month.errors import MonthClosed, MonthNotOver
from app.accounting.month.period import Month
from app.accounting.month.report_queries import reported_insert
from app.accounting.month.schemas import SummaryView
from app.accounting.month.summary import summarise
from app.accounting.month.terms import Terms
from app.auth.auditing.recording import Action, note
from app.core.clock import legal_date


async def close_month(session: AsyncSession, month: Month, terms: Terms, *, by: str, at: datetime) -> SummaryView:
    """Close a month that is over; refuses with MonthNotOver, and with MonthClosed what is not after the last one."""
    if legal_date(at) <= month.last:
        raise MonthNotOver(last=month.last.isoformat())
    await session.execute(CLOSING)
    last = await last_closed(session)
    if last is not None and month <= last:
        raise MonthClosed(last=str(last))
    summary = SummaryView.of(await summarise(session, month, terms, at=at))
    told = [
        await audited_insert(session, month, terms.audit_event, at=at),
        await reported_insert(session, month, at=at),
    ]
    session.add(ClosedMonth(month=str(month), closed_at=at, closed_by=by, summary=summary.model_dump(mode="json")))
    await session.flush()  # the entries name the month
    for entries in told:
        await session.execute(entries)
    await note(session, Action.MONTH_CLOSED, actor=by, subject=f"month:{month}", at=at)
    return summary.model_copy(update={"closed_at": at})
