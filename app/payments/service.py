"""What changes a payment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.db import Write
from app.core.errors import NotFound
from app.core.ids import uuid7
from app.core.legal_terms import REFUND_DAYS
from app.core.money import Money, summed
from app.core.working_days import count_working_days, working_days_after
from app.orders.models import PaymentMethod
from app.payments.allotting import allot
from app.payments.errors import PaymentCannotMove, RefundExceedsPayment
from app.payments.models import Payment, PaymentStatus, Refund, RefundMeans

S = PaymentStatus
"""Within so many days of a contract's end what was paid goes back (ЗЗП чл. 54)."""


@dataclass(frozen=True, slots=True)
class RefundWish:
    """Money that went back, how, when, and in which month's books it is."""

    amount: Money
    means: RefundMeans
    refunded_on: date
    month: str
    document_id: UUID | None = None
    """The credit note, where there is one."""
    lines: Mapping[str, int] | None = None
    """Of which articles how many pieces it is for; None: it is for all that was sold."""
    request_key: str | None = None
    request_digest: str | None = None


NEXT: dict[PaymentStatus, frozenset[PaymentStatus]] = {
    S.AWAITED: frozenset({S.RECEIVED, S.VOID}),
    S.RECEIVED: frozenset(),
    S.VOID: frozenset(),
}


def awaiting(order_id: UUID, method: PaymentMethod, amount: Money, *, days: int, at: datetime) -> Write:
    """Make the write that awaits a payment; a transfer is due within that many days."""
    due = due_on(legal_date(at), days) if method is PaymentMethod.BANK_TRANSFER else None
    payment = {"id": uuid7(), "order_id": order_id, "method": method, "status": S.AWAITED, "amount": amount}
    return Write(Payment, [{**payment, "due_on": due}])


def due_on(ordered_on: date, days: int) -> date:
    """Give the last day of a transfer: so many days on which banks work. They are taken for Bulgaria's working days."""
    return working_days_after(ordered_on, days)


async def get_payment(session: AsyncSession, order_id: UUID) -> Payment:
    payment = await session.scalar(select(Payment).where(Payment.order_id == order_id))
    if payment is None:
        raise NotFound
    return payment


async def lock_payment(session: AsyncSession, order_id: UUID) -> Payment:
    """Lock the payment; the order is locked before."""
    wanted = select(Payment).where(Payment.order_id == order_id).with_for_update()
    payment = await session.scalar(wanted.execution_options(populate_existing=True))
    if payment is None:
        raise NotFound
    return payment


def receive(payment: Payment, *, let_off: Money, reference: str | None, paid_on: date, at: datetime) -> None:
    """Note that the whole amount came, but for what is let off; refuses a second time."""
    _move(payment, S.RECEIVED)
    payment.received_at, payment.paid_on, payment.let_off = at, paid_on, let_off
    payment.bank_reference = reference


def put_off(payment: Payment, since: date, to: date) -> None:
    """Let a transfer that was waited for since a day have as many days from another one."""
    if payment.due_on is not None:
        payment.due_on = due_on(to, max(count_working_days(since, payment.due_on), 1))


def void(payment: Payment) -> None:
    _move(payment, S.VOID)


async def call_off(session: AsyncSession, payment: Payment, *, at: datetime) -> None:
    """Wait for a locked payment no longer; what came and did not go back yet is owed."""
    if payment.status is not S.RECEIVED:
        void(payment)
    elif payment.paid > await total_refunded(session, payment.order_id):
        payment.refund_due_on = legal_date(at) + timedelta(days=REFUND_DAYS)


def bring_forward(payment: Payment, told_at: datetime) -> None:
    """Let what is owed be due from when the buyer said so, where that is learned after the order was cancelled."""
    if payment.refund_due_on is not None:
        payment.refund_due_on = min(payment.refund_due_on, legal_date(told_at) + timedelta(days=REFUND_DAYS))


def _move(payment: Payment, to: PaymentStatus) -> None:
    if to not in NEXT[payment.status]:
        raise PaymentCannotMove(payment_status=payment.status.value)
    payment.status = to


async def list_overdue(session: AsyncSession, today: date, *, but: Collection[UUID], most: int) -> Sequence[UUID]:
    """List the orders whose payment was due before today and is still awaited."""
    overdue = select(Payment.order_id).where(
        Payment.status == S.AWAITED, Payment.due_on < today, Payment.order_id.not_in(but)
    )
    return (await session.scalars(overdue.order_by(Payment.due_on).limit(most))).all()


async def refund(
    session: AsyncSession, payment: Payment, wish: RefundWish, *, was_collected: bool, at: datetime, by: str
) -> Refund:
    """Note money that went back; the order and its payment are locked.

    Refuses with RefundExceedsPayment more than came in. `was_collected`: the courier has it, though it is not paid out
    to us yet. What is owed is so no longer once all of it went back.
    """
    paid = payment.paid if payment.status is S.RECEIVED or was_collected else Money.ZERO
    refunded = await total_refunded(session, payment.order_id)
    if wish.amount > paid - refunded:
        raise RefundExceedsPayment(left=str(paid - refunded))
    is_last = wish.amount == paid - refunded
    if is_last:
        payment.refund_due_on = None
    made = Refund(
        id=uuid7(),
        order_id=payment.order_id,
        document_id=wish.document_id,
        amount=wish.amount,
        means=wish.means,
        refunded_on=wish.refunded_on,
        month=wish.month,
        recorded_at=at,
        recorded_by=by,
        request_key=wish.request_key,
        request_digest=wish.request_digest,
    )
    session.add(made)
    await session.flush()  # what it is for names it
    await allot(session, made, wish.lines, let_off=payment.let_off if is_last else Money.ZERO)
    return made


async def allot_late(session: AsyncSession, refund: Refund) -> None:
    """Keep what a refund of a locked order was for where that was not done when it was noted: nothing was named."""
    payment = await get_payment(session, refund.order_id)
    until = select(summed(Refund.amount)).where(Refund.order_id == refund.order_id, Refund.id <= refund.id)
    is_last = await session.scalar(until) == payment.paid
    await allot(session, refund, None, let_off=payment.let_off if is_last else Money.ZERO)


async def total_refunded(session: AsyncSession, order_id: UUID) -> Money:
    return await session.scalar(select(summed(Refund.amount)).where(Refund.order_id == order_id)) or Money.ZERO


async def came_of(session: AsyncSession, order_id: UUID, amount: Money) -> Money:
    """Give an amount that is to go back, without what of the payment was let off: that never came."""
    payment = await get_payment(session, order_id)
    left = payment.paid - await total_refunded(session, order_id)
    return min(amount, left) if payment.let_off and left > Money.ZERO else amount


async def goes_back(session: AsyncSession, order_id: UUID) -> bool:
    """Say whether what was paid is owed to the buyer, or went back."""
    refunded = exists().where(Refund.order_id == order_id)
    owed = exists().where(Payment.order_id == order_id, Payment.refund_due_on.is_not(None))
    return bool(await session.scalar(select(or_(owed, refunded))))


async def find_refund(session: AsyncSession, request_key: str) -> Refund | None:
    return await session.scalar(select(Refund).where(Refund.request_key == request_key))
