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


LONGEST_ENTERING = timedelta(days=1)
"""Attempts come each hour at the latest: what is not in I-Cash by then waits for a person."""


@dataclass(frozen=True, slots=True)
class Ours:
    """A sale as the shop has it."""

    order_id: UUID
    number: str
    total: Money
    operation_id: int | None
    opened_on: date
    is_sold: bool
    due_on: date | None
    """Since when the books have it whole, or ought to; None: it came to nothing, or is still being entered."""


async def list_ours(session: AsyncSession, first: date, *, at: datetime) -> Sequence[Ours]:
    """List the sales that were to be entered since the first day."""
    since = Month.on(first).starts_at
    wanted = (
        select(Order, Posting)
        .join(Posting, Posting.order_id == Order.id)
        .where(Posting.created_at >= since)
        .order_by(Order.number)
    )
    return [_ours(order, posting, at) for order, posting in await session.execute(wanted)]


def _ours(order: Order, posting: Posting, at: datetime) -> Ours:
    due_at, is_sold = posting.finished_at, order.status in SOLD
    if due_at is None and posting.created_at <= at - LONGEST_ENTERING:
        due_at = posting.created_at
    return Ours(
        order.id,
        order.reference,
        order.total,
        posting.operation_id,
        legal_date(posting.created_at),
        is_sold,
        legal_date(due_at) if due_at and is_sold else None,
    )


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
