"""Selects of the comparison with I-Cash."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, and_, any_, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

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


@dataclass(frozen=True, slots=True)
class Named:
    """What I-Cash names: its own operations, and numbers of orders."""

    operations: Collection[int]
    orders: Collection[int]


async def list_ours(session: AsyncSession, first: date, named: Named, *, at: datetime) -> Sequence[Ours]:
    """List the sales that were to be entered since the first day, and of those before whatever I-Cash names.

    A number alone is not enough where another operation is known: that one may still be there, unread.
    """
    wanted = (
        select(Order, Posting)
        .join(Posting, Posting.order_id == Order.id)
        .where(
            or_(
                Posting.created_at >= Month.on(first).starts_at,
                _is_any(Posting.operation_id, named.operations),
                and_(Posting.operation_id.is_(None), _is_any(Order.number, named.orders)),
            )
        )
        .order_by(Order.number)
    )
    return [_ours(order, posting, at) for order, posting in await session.execute(wanted)]


def _is_any(
    column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None], numbers: Collection[int]
) -> ColumnElement[bool]:
    """Pass months of numbers as one parameter: of single ones a statement takes no more than 65,535."""
    return column == any_(literal(sorted(numbers), ARRAY(BigInteger)))


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
