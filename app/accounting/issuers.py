"""Who issues the invoices of a month: one for all of it, from its first invoice on."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import InvoiceIssuer, MonthIssuer
from app.accounting.month.period import Month
from app.core.jobs import Parked


class IssuerSwitched(Parked):
    """The setting names another issuer than this month's documents have: changed in the middle of a month."""


async def require_issuer(session: AsyncSession, issuer: InvoiceIssuer, *, at: datetime) -> None:
    """Note who issues this month; refuses with IssuerSwitched another one than has begun it."""
    month = str(Month.at(at))
    first = insert(MonthIssuer).values(month=month, issuer=issuer, since=at).on_conflict_do_nothing()
    await session.execute(first)
    if await find_issuer(session, month) is not issuer:
        raise IssuerSwitched


async def find_issuer(session: AsyncSession, month: str) -> InvoiceIssuer | None:
    return await session.scalar(select(MonthIssuer.issuer).where(MonthIssuer.month == month))
