"""Money that came, whatever it is for: recorded as it came, it pays the order it is for once it is enough.

Nothing that came is refused. What of it pays no order is left to be settled: for there is no order, too little came,
too much, or for an order that is cancelled. It goes back, which is no refund of a sale, or is matched to another order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core.clock import legal_date
from app.core.errors import NotFound
from app.core.ids import uuid7
from app.core.legal_terms import REFUND_DAYS
from app.core.money import Money, summed, total
from app.payments import service
from app.payments.errors import NothingCame, PaymentCannotMove, ReceiptUsed, SettlementExceedsReceipt
from app.payments.models import (
    Payment,
    PaymentStatus,
    Receipt,
    ReceiptCase,
    ReceiptOutcome,
    ReceiptSettlement,
    RefundMeans,
)

# Two who record the same line of a statement do so one after the other: the second is shown the first one's.
ONE_LINE = text("SELECT pg_advisory_xact_lock(hashtextextended('receipt ' || :line, 0))")


@dataclass(frozen=True, slots=True)
class Came:
    """A line of the bank's statement, and how the request that records it is recognised again."""

    amount: Money
    received_on: date
    reference: str | None
    request_key: str | None = None
    request_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Settling:
    """What is settled of a receipt otherwise than by an order, and how."""

    outcome: ReceiptOutcome
    amount: Money
    means: RefundMeans | None
    settled_on: date
    request_key: str | None = None
    request_digest: str | None = None


async def record(
    session: AsyncSession, came: Came, *, order_id: UUID | None, at: datetime, by: str
) -> ReceiptCase | None:
    """Record money that came; None where its request was recorded before. An order that it is for is locked."""
    await session.execute(ONE_LINE, {"line": f"{came.received_on} {came.amount}"})
    row = {
        "id": uuid7(),
        "amount": came.amount,
        "received_on": came.received_on,
        "bank_reference": came.reference,
        "recorded_at": at,
        "recorded_by": by,
        "request_key": came.request_key,
        "request_digest": came.request_digest,
    }
    once = insert(Receipt).values(row).on_conflict_do_nothing(index_elements=[Receipt.request_key])
    receipt_id = await session.scalar(once.returning(Receipt.id))
    if receipt_id is None:
        return None
    case = ReceiptCase(receipt_id=receipt_id, order_id=None, left=came.amount)
    session.add(case)
    if order_id is not None:
        match(case, order_id, at=at, by=by)
    await session.flush()  # what is counted in next counts it
    return case


def match(case: ReceiptCase, order_id: UUID, *, at: datetime, by: str) -> None:
    case.order_id, case.matched_at, case.matched_by = order_id, at, by


async def count_in(session: AsyncSession, payment: Payment, *, let_off: Money, not_before: date, at: datetime) -> bool:
    """Let what came for a locked order pay it, once no more is missing than is let off; what is over stays left.

    Of an order that is called off what came is owed back. Says whether it was paid by this.
    """
    if payment.status is PaymentStatus.VOID:
        await note_owed(session, payment, since=at)
    if payment.status is not PaymentStatus.AWAITED:
        return False
    open_ = await _lock_open(session, payment.order_id)
    came = total(case.left for _, case in open_)
    if not came or payment.amount - came > let_off:
        return False
    used = take(open_, min(payment.amount, came))
    service.receive(
        payment,
        let_off=payment.amount - min(payment.amount, came),
        reference=used[-1].bank_reference,
        paid_on=max(not_before, *(receipt.received_on for receipt in used)),
        at=at,
    )
    return True


async def require_something(session: AsyncSession, payment: Payment) -> None:
    """Refuse to let off what is missing where nothing is awaited, or nothing came."""
    if payment.status is not PaymentStatus.AWAITED:
        raise PaymentCannotMove(payment_status=payment.status.value)
    if not await total_left(session, payment.order_id):
        raise NothingCame


async def get_case(session: AsyncSession, receipt_id: UUID) -> ReceiptCase:
    case = await session.get(ReceiptCase, receipt_id)
    if case is None:
        raise NotFound
    return case


async def lock_case(session: AsyncSession, receipt_id: UUID) -> ReceiptCase:
    """Lock what became of a receipt; its orders are locked before."""
    wanted = select(ReceiptCase).where(ReceiptCase.receipt_id == receipt_id).with_for_update()
    case = await session.scalar(wanted.execution_options(populate_existing=True))
    if case is None:
        raise NotFound
    return case


async def require_unused(session: AsyncSession, case: ReceiptCase) -> None:
    """Refuse with ReceiptUsed one of which some pays an order, or nothing is left."""
    settled = select(summed(ReceiptSettlement.amount)).where(ReceiptSettlement.receipt_id == case.receipt_id)
    receipt = await session.get_one(Receipt, case.receipt_id)
    if not case.left or case.left + (await session.scalar(settled) or Money.ZERO) != receipt.amount:
        raise ReceiptUsed


def settle(session: AsyncSession, case: ReceiptCase, settling: Settling, *, at: datetime, by: str) -> ReceiptSettlement:
    """Settle what is left of a locked receipt, or a part; refuses with SettlementExceedsReceipt more than that."""
    if settling.amount > case.left:
        raise SettlementExceedsReceipt(left=str(case.left))
    case.left -= settling.amount
    made = ReceiptSettlement(
        receipt_id=case.receipt_id,
        outcome=settling.outcome,
        amount=settling.amount,
        means=settling.means,
        settled_on=settling.settled_on,
        recorded_at=at,
        recorded_by=by,
        request_key=settling.request_key,
        request_digest=settling.request_digest,
    )
    session.add(made)
    return made


async def note_owed(session: AsyncSession, payment: Payment, *, since: datetime) -> None:
    """Say by when what came for a locked order that is called off goes back; nothing of it left, that nothing is."""
    if payment.status is not PaymentStatus.VOID:
        return
    if not await total_left(session, payment.order_id):
        payment.refund_due_on = None
    elif payment.refund_due_on is None:
        payment.refund_due_on = legal_date(since) + timedelta(days=REFUND_DAYS)


async def total_left(session: AsyncSession, order_id: UUID) -> Money:
    """Sum what came for an order and is not settled."""
    return await session.scalar(select(summed(ReceiptCase.left)).where(ReceiptCase.order_id == order_id)) or Money.ZERO


def came_for(order_id: ColumnElement[UUID] | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Say that money came for an order, whether it paid it, is left, or went back."""
    return exists().where(ReceiptCase.order_id == order_id)


def last_on(order_id: ColumnElement[UUID] | InstrumentedAttribute[UUID]) -> ColumnElement[date | None]:
    """Give the last day on which money came for an order by a receipt, or went back of one."""
    of_order = select(func.max(func.greatest(Receipt.received_on, ReceiptSettlement.settled_on)))
    of_order = of_order.join(ReceiptCase, ReceiptCase.receipt_id == Receipt.id)
    of_order = of_order.outerjoin(ReceiptSettlement, ReceiptSettlement.receipt_id == Receipt.id)
    return of_order.where(ReceiptCase.order_id == order_id).scalar_subquery()


async def find_receipt(session: AsyncSession, request_key: str) -> Receipt | None:
    return await session.scalar(select(Receipt).where(Receipt.request_key == request_key))


async def find_settlement(session: AsyncSession, request_key: str) -> ReceiptSettlement | None:
    return await session.scalar(select(ReceiptSettlement).where(ReceiptSettlement.request_key == request_key))


async def _lock_open(session: AsyncSession, order_id: UUID) -> Sequence[tuple[Receipt, ReceiptCase]]:
    wanted = (
        select(Receipt, ReceiptCase)
        .join(ReceiptCase, ReceiptCase.receipt_id == Receipt.id)
        .where(ReceiptCase.order_id == order_id, ReceiptCase.left > Money.ZERO)
        .order_by(Receipt.received_on, Receipt.id)
        .with_for_update(of=ReceiptCase)
    )
    found = await session.execute(wanted.execution_options(populate_existing=True))
    return [(receipt, case) for receipt, case in found]


def take(open_: Sequence[tuple[Receipt, ReceiptCase]], amount: Money) -> list[Receipt]:
    """Take an amount from what is left, of the first first; gives the receipts it was taken from."""
    used = []
    for receipt, case in open_:
        part = min(case.left, amount)
        case.left, amount = case.left - part, amount - part
        if part:
            used.append(receipt)
    return used
