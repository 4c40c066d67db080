"""Selects of the comparison with I-Cash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import Finding, Posting, Reconciliation
from app.accounting.month.period import Month
from app.core.clock import SOFIA, legal_date
from app.core.money import Money
from app.invoices.models import Document
from app.invoices.view import DocumentKind
from app.orders.models import Order, OrderStatus

SOLD = frozenset({OrderStatus.CONFIRMED, OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.RETURNED})
LONGEST_WITHOUT_DOCUMENT = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Ours:
    """A sale as the shop has it."""

    order_id: UUID
    number: str
    total: Money
    operation_id: int | None
    opened_on: date
    finished_on: date | None
    """When the books had it whole; None: it is still being entered."""
    is_sold: bool


async def list_ours(session: AsyncSession, first: date) -> Sequence[Ours]:
    """List the sales that were to be entered since the first day."""
    since = Month.on(first).starts_at
    wanted = (
        select(Order, Posting.operation_id, Posting.created_at, Posting.finished_at)
        .join(Posting, Posting.order_id == Order.id)
        .where(Posting.created_at >= since)
        .order_by(Order.number)
    )
    return [
        Ours(
            order.id,
            order.reference,
            order.total,
            operation_id,
            legal_date(created_at),
            _day(finished_at),
            order.status in SOLD,
        )
        for order, operation_id, created_at, finished_at in await session.execute(wanted)
    ]


def _day(at: datetime | None) -> date | None:
    return legal_date(at) if at else None


async def list_undocumented(session: AsyncSession, today: date) -> Sequence[tuple[UUID, str, Money, date]]:
    """List the finished sales for which I-Cash, which issues the invoices, has none after some days."""
    finished_on = func.date(func.timezone(SOFIA.key, Posting.finished_at))
    invoiced = exists().where(Document.order_id == Order.id, Document.kind == DocumentKind.INVOICE)
    wanted = (
        select(Order.id, Order.number, Order.total, finished_on)
        .join(Posting, Posting.order_id == Order.id)
        .where(
            Order.company_eik.is_not(None),
            finished_on <= today - LONGEST_WITHOUT_DOCUMENT,
            finished_on > today - timedelta(days=62),
            Order.status.in_(SOLD),
            ~invoiced,
        )
        .order_by(Order.number)
    )
    found = await session.execute(wanted)
    return [(order_id, str(number), total, on) for order_id, number, total, on in found]


async def list_findings(session: AsyncSession) -> Sequence[Finding]:
    """List what the last comparison found."""
    last = select(Reconciliation.id).order_by(Reconciliation.made_at.desc(), Reconciliation.id.desc()).limit(1)
    wanted = select(Finding).where(Finding.reconciliation_id == last.scalar_subquery())
    return (await session.scalars(wanted.order_by(Finding.reference, Finding.id))).all()
