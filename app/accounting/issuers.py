"""Who issues the invoices of a month: one for all of it, from its first invoice on.

I-Cash begins one by its second day at the latest, for what it issued is not known at once.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import InvoiceIssuer, MonthIssuer
from app.accounting.month.period import Month
from app.core.jobs import Parked


class IssuerSwitched(Parked):
    """The setting names another issuer than this month's documents have: changed in the middle of a month."""

    def __init__(self, begun_by: InvoiceIssuer, month: str) -> None:
        super().__init__(f"invoices of {month} are issued by {begun_by}: switch SHOP_INVOICE_ISSUER from the 1st on")


async def note_issuer(session: AsyncSession, month: Month, issuer: InvoiceIssuer, *, at: datetime) -> None:
    """Note who issues the invoices of a month; who has begun it stays."""
    first = insert(MonthIssuer).values(month=str(month), issuer=issuer, since=at).on_conflict_do_nothing()
    await session.execute(first)


async def require_issuer(session: AsyncSession, issuer: InvoiceIssuer, *, at: datetime) -> None:
    """Note who issues this month; refuses with IssuerSwitched another one than has begun it."""
    await note_issuer(session, Month.at(at), issuer, at=at)
    await require_same_issuer(session, issuer, at=at)


async def require_same_issuer(session: AsyncSession, issuer: InvoiceIssuer, *, at: datetime) -> None:
    """Refuse with IssuerSwitched another issuer than has begun this month; nobody has: any may."""
    month = str(Month.at(at))
    begun_by = await find_issuer(session, month)
    if begun_by not in (None, issuer):
        raise IssuerSwitched(begun_by, month)


async def find_issuer(session: AsyncSession, month: str) -> InvoiceIssuer | None:
    return await session.scalar(select(MonthIssuer.issuer).where(MonthIssuer.month == month))


async def list_issuers(session: AsyncSession) -> Mapping[str, InvoiceIssuer]:
    """List who issued the invoices of each month that was begun."""
    return {begun.month: begun.issuer for begun in await session.scalars(select(MonthIssuer))}
