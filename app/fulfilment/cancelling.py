"""Cancels an order that has not left the house: stock goes back, the payment is void, the parcel is called off."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.ports import PostingState
from app.accounting.queries import lock_posting
from app.catalog import service as stock
from app.catalog.models import Reason
from app.core.clock import legal_date
from app.core.db import Sessions
from app.fulfilment.booking import called_off
from app.orders import queries as order_queries
from app.orders.models import Order, OrderStatus
from app.orders.states import Actor, OrderCannotMove, move
from app.payments import service as payments
from app.payments.errors import OrderPaid
from app.payments.models import PaymentStatus

AFTER_POSTING = "cancelled_after_posting"
"""The books hold a sale that did not happen: staff storno it there."""


async def cancel_order(session: AsyncSession, order_id: UUID, *, at: datetime, by: Actor) -> Order:
    """Cancel; refuses with OrderCannotMove what was shipped or cancelled, with OrderPaid what was paid already."""
    order = await order_queries.lock_order(session, order_id)
    was_unpaid = order.status is OrderStatus.PLACED
    move(session, order, OrderStatus.CANCELLED, at=at, by=by)
    payment = await payments.lock_payment(session, order_id)
    if payment.status is PaymentStatus.RECEIVED:
        raise OrderPaid
    payments.void(payment)
    await called_off(session, order_id)
    posting = await lock_posting(session, order_id)
    if posting:
        posting.concern = None if posting.state is PostingState.NEW else AFTER_POSTING
    await stock.restock(session, order_id, Reason.CANCELLATION, was_unpaid=was_unpaid, at=at)
    return order


async def cancel_lapsed(sessions: Sessions, *, at: datetime) -> None:
    """Cancel what was not paid or not confirmed in time, each in its own transaction; its stock is free again."""
    async with sessions() as session:
        unconfirmed = await order_queries.list_unconfirmed(session, at)
    for order_id in unconfirmed:
        async with sessions.begin() as session:
            order = await order_queries.lock_order(session, order_id)
            if order.awaits_confirmation:  # else confirmed or cancelled since we looked
                await cancel_order(session, order_id, at=at, by=Actor.SHOP)
    async with sessions() as session:
        overdue = await payments.list_overdue(session, legal_date(at))
    for order_id in overdue:
        async with sessions.begin() as session:
            with suppress(OrderCannotMove, OrderPaid):  # paid or cancelled since we looked
                await cancel_order(session, order_id, at=at, by=Actor.SHOP)
