"""Closes a month: its figures stay, and what is learnt later is in the next one.

Figures, and the orders that are noted as told of, are read at one moment: couriers report while a month is closed.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import ClosedMonth, MonthEntry, Report
from app.accounting.month.audit_queries import told_in_audit_file
from app.accounting.month.booking import CLOSING, last_closed
from app.accounting.month.errors import MonthClosed, MonthNotOver
from app.accounting.month.files import be_patient
from app.accounting.month.period import Month
from app.accounting.month.report_queries import list_told
from app.accounting.month.schemas import SummaryView
from app.accounting.month.summary import summarise
from app.accounting.month.terms import Terms
from app.auth.auditing.recording import Action, note
from app.core.clock import legal_date
from app.core.db import Sessions


async def close_month(
    session: AsyncSession, sessions: Sessions, month: Month, terms: Terms, *, by: str, at: datetime
) -> SummaryView:
    """Close a month that is over; refuses with MonthNotOver, and with MonthClosed what is not after the last one."""
    if legal_date(at) <= month.last:
        raise MonthNotOver(last=month.last.isoformat())
    await session.execute(CLOSING)
    last = await last_closed(session)
    if last is not None and month <= last:
        raise MonthClosed(last=str(last))
    await session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # while the month is read
    async with sessions() as reading:  # its moment is to come after the wait for whoever books
        await be_patient(reading)
        summary = SummaryView.of(await summarise(reading, month, terms, at=at))
        told = await _list_told(reading, month, terms, at)
    session.add(ClosedMonth(month=str(month), closed_at=at, closed_by=by, summary=summary.model_dump(mode="json")))
    await session.flush()  # the entries name the month
    if told:
        await session.execute(insert(MonthEntry), [{**each, "month": str(month)} for each in told])
    await note(session, Action.MONTH_CLOSED, actor=by, subject=f"month:{month}", at=at)
    return summary.model_copy(update={"closed_at": at})


async def _list_told(session: AsyncSession, month: Month, terms: Terms, at: datetime) -> list[dict[str, Any]]:
    audited = await session.scalars(await told_in_audit_file(session, month, terms.audit_event, at=at))
    told = [*((Report.AUDIT_FILE, order_id) for order_id in audited), *await list_told(session, month, at=at)]
    return [{"report": report, "order_id": order_id} for report, order_id in told]
