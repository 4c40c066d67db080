"""Finds the order that a statement of withdrawal names, and ends one that its own buyer withdraws from in time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock
from app.core.db import Sessions
from app.core.errors import ShopError
from app.fulfilment.cancelling import cancel_order
from app.orders import queries as order_queries
from app.orders.models import Order, OrderStatus
from app.orders.naming import order_number_in
from app.orders.states import NEXT, Actor
from app.payments import service as payments
from app.payments.models import PaymentStatus
from app.returns import queries
from app.returns.handling import attach, settle
from app.returns.jobs import MatchWithdrawal
from app.returns.models import Identity, Withdrawal, WithdrawalCase, WithdrawalOutcome

log = structlog.get_logger()
SHOP = "system"


@dataclass(frozen=True)
class Withdrawing:
    """The handler of `MatchWithdrawal`."""

    sessions: Sessions
    clock: Clock

    async def match(self, job: MatchWithdrawal) -> None:
        """Match a statement; done again it changes nothing, and what staff did meanwhile stays."""
        async with self.sessions.begin() as session:
            stated = await queries.find_withdrawal(session, job.withdrawal_id)
            order_id = await _named(session, stated) if stated else None
            if stated is None or order_id is None:
                return
            # The order before all that is of it: whoever hands the parcel over waits, or has done so.
            order = await order_queries.lock_order(session, order_id)
            case = await queries.lock_case(session, stated.id)
            if case.order_id is None and not case.is_settled:
                await assign(session, stated, case, order, by=SHOP, at=self.clock.now())
                await end(session, stated, case, order, at=self.clock.now())


async def _named(session: AsyncSession, stated: Withdrawal) -> UUID | None:
    if stated.opened_order_id is not None:
        return stated.opened_order_id
    number = order_number_in(stated.order_number)
    order = await order_queries.find_order(session, number) if number else None
    return order.id if order else None


def identity_of(stated: Withdrawal, order: Order) -> Identity:
    """Say what the statement itself shows of whose it is."""
    if stated.opened_order_id == order.id:
        return Identity.PROVED
    same = stated.email is not None and order.email != "" and stated.email.lower() == order.email.lower()
    return Identity.SAME_ADDRESS if same else Identity.UNPROVED


async def assign(
    session: AsyncSession, stated: Withdrawal, case: WithdrawalCase, order: Order, *, by: str, at: datetime
) -> None:
    """Say which locked order a statement is of; where that was cancelled, its refund is due from the statement."""
    attach(case, order, identity_of(stated, order), by=by, at=at)
    if order.status is OrderStatus.CANCELLED:
        payments.bring_forward(await payments.lock_payment(session, order.id), stated.stated_at)


async def end(session: AsyncSession, stated: Withdrawal, case: WithdrawalCase, order: Order, *, at: datetime) -> None:
    """Cancel a locked order that was not handed over, where all of it is withdrawn from by its proved buyer.

    With nothing paid nothing is owed, and the statement is settled; what cannot be cancelled is left to staff.
    """
    may_end = case.identity is Identity.PROVED and stated.is_of_whole and OrderStatus.CANCELLED in NEXT[order.status]
    if not may_end:
        return
    withdrawal_id = stated.id
    try:
        async with session.begin_nested():
            await cancel_order(session, order.id, at=at, by=Actor.CUSTOMER)
    except ShopError as refusal:
        log.warning("withdrawn_order_not_cancelled", withdrawal_id=str(withdrawal_id), refusal=refusal.slug())
        return
    payment = await payments.get_payment(session, order.id)
    if payment.status is PaymentStatus.VOID and payment.refund_due_on is None:  # a part of it may have come
        settle(case, WithdrawalOutcome.NOTHING_OWED, None, by=SHOP, at=at)
