"""What staff do about a statement: its order, whose it is, how it ended, and the receipt that did not arrive.

Each act locks the statement's case: of two at once the second sees what the first did, and is refused or repeats it.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.core.ids import uuid7
from app.core.money import Money
from app.fulfilment.withdrawing import assign
from app.mail import queries as mail_queries
from app.mail import service as mail
from app.mail.models import MailKind
from app.orders import queries as order_queries
from app.orders.models import Order
from app.payments import service as payments
from app.payments.models import Refund
from app.returns import queries
from app.returns.errors import (
    ReceiptWaiting,
    RefundIncomplete,
    RefundMissing,
    WithdrawalChanged,
    WithdrawalOpen,
    WithdrawalSettled,
    WithdrawalUnmatched,
    WithdrawerChecked,
    WithdrawerUnchecked,
)
from app.returns.handling import settle
from app.returns.models import KNOWN, Identity, Withdrawal, WithdrawalCase, WithdrawalOutcome
from app.returns.staff_schemas import CheckWithdrawer, MatchOrder, SettleWithdrawal


async def match(session: AsyncSession, withdrawal_id: UUID, wish: MatchOrder, *, by: str, at: datetime) -> None:
    """Say which order a statement is of; refuses with WithdrawalChanged where it is of another than was looked at."""
    stated = await _get(session, withdrawal_id)
    found = await order_queries.get_order(session, wish.order_number)
    order = await order_queries.lock_order(session, found.id)
    case = await _lock_open(session, withdrawal_id)
    now = await _number(session, case)
    if now == wish.order_number:
        return
    if now != wish.instead_of:
        raise WithdrawalChanged(order_number=now)
    await assign(session, stated, case, order, by=by, at=at)


async def check(session: AsyncSession, withdrawal_id: UUID, wish: CheckWithdrawer, *, by: str, at: datetime) -> None:
    """Record that the buyer of the order was made sure of, and how."""
    case = await _lock_open(session, withdrawal_id)
    now = await _number(session, case)
    if now is None:
        raise WithdrawalUnmatched
    if now != wish.order_number:
        raise WithdrawalChanged(order_number=now)
    if case.identity in KNOWN:
        raise WithdrawerChecked
    case.identity, case.identity_how, case.identity_by, case.identity_at = Identity.CHECKED, wish.how, by, at


async def close(session: AsyncSession, withdrawal_id: UUID, wish: SettleWithdrawal, *, by: str, at: datetime) -> None:
    """Record how a statement ended; a refund is one recorded since, of an order whose buyer is known.

    Where all was withdrawn from, all that was paid is back, or it is said why not.
    """
    stated = await _get(session, withdrawal_id)
    case = await _lock_open(session, withdrawal_id)
    if wish.outcome is WithdrawalOutcome.REFUNDED:
        if case.order_id is None:
            raise WithdrawalUnmatched
        if case.identity not in KNOWN:
            raise WithdrawerUnchecked(reference=stated.reference)
        since = (Refund.order_id == case.order_id, Refund.recorded_at >= stated.stated_at)
        if not await session.scalar(select(exists().where(*since))):
            raise RefundMissing
        if stated.is_of_whole and wish.why is None:
            await _require_all_back(session, case.order_id)
    settle(case, wish.outcome, wish.why, by=by, at=at)


async def reopen(session: AsyncSession, withdrawal_id: UUID, why: str) -> None:
    """Take back how a statement ended; refuses with WithdrawalOpen one that is open."""
    case = await queries.lock_case(session, withdrawal_id)
    if not case.is_settled:
        raise WithdrawalOpen
    case.outcome, case.settled_at, case.settled_by, case.settled_why = None, None, None, why


async def require_known(session: AsyncSession, order: Order, reference: str) -> None:
    """Refuse to move money for a statement that is not of this locked order, or not known to be its buyer's.

    A refund that names none is not stopped: else a stranger who guesses numbers would stop every refund.
    """
    stated = await queries.find_by_reference(session, reference)
    if stated is None:
        raise NotFound
    case = await _lock_open(session, stated.id)
    if case.order_id is None:
        raise WithdrawalUnmatched
    if case.order_id != order.id:
        raise WithdrawalChanged(order_number=await _number(session, case))
    if case.identity not in KNOWN:
        raise WithdrawerUnchecked(reference=reference)


async def settle_refunded(session: AsyncSession, order_id: UUID, *, by: str, at: datetime) -> None:
    """Settle what the buyer of a locked order stated: all that was paid is back."""
    for case in await queries.lock_known(session, order_id):
        settle(case, WithdrawalOutcome.REFUNDED, None, by=by, at=at)


async def note_bounce(session: AsyncSession, withdrawal_id: UUID, message_id: str) -> None:
    """Note that a receipt came back; of several in one message, that all of them did."""
    found = await mail_queries.find_by_message(session, withdrawal_id, message_id)
    if found is None:
        raise NotFound
    await mail.mark_bounced(session, found)


async def resend(session: AsyncSession, withdrawal_id: UUID, email: str, *, at: datetime) -> None:
    """Send the words that are on record to another address, or once more to the same."""
    stated = await _get(session, withdrawal_id)
    await queries.lock_case(session, withdrawal_id)  # one after the other
    if await mail_queries.is_under_way(session, withdrawal_id, email):
        raise ReceiptWaiting
    await mail.promise(
        session,
        kind=MailKind.WITHDRAWAL_RECEIPT,
        address=email,
        language=stated.language,
        about_id=withdrawal_id,
        document_id=uuid7(),
        at=at,
    )


async def _get(session: AsyncSession, withdrawal_id: UUID) -> Withdrawal:
    stated = await queries.find_withdrawal(session, withdrawal_id)
    if stated is None:
        raise NotFound
    return stated


async def _require_all_back(session: AsyncSession, order_id: UUID) -> None:
    payment = await payments.get_payment(session, order_id)
    left = payment.paid - await payments.total_refunded(session, order_id)
    if left > Money.ZERO:
        raise RefundIncomplete(left=str(left))


async def _lock_open(session: AsyncSession, withdrawal_id: UUID) -> WithdrawalCase:
    case = await queries.lock_case(session, withdrawal_id)
    if case.outcome is not None:
        raise WithdrawalSettled(outcome=case.outcome.value)
    return case


async def _number(session: AsyncSession, case: WithdrawalCase) -> str | None:
    order = await session.get(Order, case.order_id) if case.order_id else None
    return order.reference if order else None
