"""Cancels an order that has not left the house, paid or not: whoever cancels comes through here.

Goods go back, the parcel is called off, nothing more is collected. What was paid is owed to the buyer, and its invoice
is credited by `fulfilment.invoicing`.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.ports import PostingState
from app.accounting.queries import lock_posting
from app.catalog import service as stock
from app.catalog.models import Reason
from app.core.clock import legal_date
from app.core.db import Sessions
from app.core.jobs import Promise, defer
from app.fulfilment.booking import called_off
from app.fulfilment.jobs import IssueInvoice, invoice_lock
from app.fulfilment.promising import promise_mail
from app.mail.models import MailKind
from app.orders import queries as order_queries
from app.orders.models import Order, OrderStatus
from app.orders.states import Actor, move
from app.payments import receipts
from app.payments import service as payments
from app.payments.models import PaymentStatus
from app.returns.queries import first_stated_at

log = structlog.get_logger()

Listing = Callable[[AsyncSession, Collection[UUID]], Awaitable[Sequence[UUID]]]
"""Lists orders to cancel, without those that are left."""
LAPSED_AT_ONCE = 500

AFTER_POSTING = "cancelled_after_posting"
"""The books hold a sale that did not happen: staff storno it there."""


async def cancel_order(session: AsyncSession, order_id: UUID, *, at: datetime, by: Actor) -> Order:
    """Cancel; called again it changes nothing. Refuses with OrderCannotMove what was handed over.

    The term of the refund runs from the buyer's statement of withdrawal, where there is one.
    """
    order = await order_queries.lock_order(session, order_id)
    if order.status is OrderStatus.CANCELLED:
        return order
    was_unpaid, was_meant = order.status is OrderStatus.PLACED, not order.awaits_confirmation
    move(session, order, OrderStatus.CANCELLED, at=at, by=by)
    payment = await payments.lock_payment(session, order_id)
    since = await first_stated_at(session, order_id) or at
    await payments.call_off(session, payment, at=since)
    await receipts.note_owed(session, payment, since=since)
    await called_off(session, order_id)
    posting = await lock_posting(session, order_id)
    if posting:
        posting.concern = None if posting.state is PostingState.NEW else AFTER_POSTING
    await stock.restock(session, order_id, Reason.CANCELLATION, was_unpaid=was_unpaid, at=at)
    if payment.status is PaymentStatus.RECEIVED:  # what was invoiced is credited
        await session.flush()  # the job must find the order as it is now
        await defer(session, Promise(IssueInvoice(order_id), invoice_lock(order_id)))
    if was_meant:  # else a stranger may have entered the address
        await promise_mail(session, MailKind.ORDER_CANCELLED, order, at=at)
    return order


async def cancel_lapsed(sessions: Sessions, *, at: datetime) -> None:
    """Cancel what was not paid or not confirmed in time, each in its own transaction; its stock is free again."""

    async def unconfirmed(session: AsyncSession, left: Collection[UUID]) -> Sequence[UUID]:
        return await order_queries.list_unconfirmed(session, at, but=left, most=LAPSED_AT_ONCE)

    async def overdue(session: AsyncSession, left: Collection[UUID]) -> Sequence[UUID]:
        return await payments.list_overdue(session, legal_date(at), but=left, most=LAPSED_AT_ONCE)

    await _cancel_all(sessions, unconfirmed, at=at, unless=lambda order: not order.awaits_confirmation)
    await _cancel_all(sessions, overdue, at=at, unless=_is_not_to_be_paid)


def _is_not_to_be_paid(order: Order) -> bool:
    return order.status is not OrderStatus.PLACED or order.awaits_confirmation


async def _cancel_all(sessions: Sessions, listed: Listing, *, at: datetime, unless: Callable[[Order], bool]) -> None:
    """Cancel all that is listed; one that fails is left, and the others do not wait for it."""
    left: set[UUID] = set()
    while True:
        async with sessions() as session:
            found = await listed(session, left)
        for order_id in found:
            try:
                async with sessions.begin() as session:
                    if unless(await order_queries.lock_order(session, order_id)):  # changed since we looked
                        left.add(order_id)
                    else:
                        await cancel_order(session, order_id, at=at, by=Actor.SHOP)
            except Exception:
                left.add(order_id)
                log.exception("order_not_released", order_id=str(order_id))
        if len(found) < LAPSED_AT_ONCE:
            return
