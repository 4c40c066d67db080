"""Confirms an order that waits until somebody says that it is meant: by the link in its mail, or a member of staff."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.fulfilment.starting import confirm
from app.orders import queries as order_queries
from app.orders.models import OrderStatus, PaymentMethod
from app.orders.states import Actor, OrderCannotMove, prove

CONFIRM = "confirm-order"
"""What the token in the order's mail is for (`auth.link_tokens`): it names the order."""


async def confirm_order(session: AsyncSession, order_id: UUID, *, at: datetime, by: Actor) -> None:
    """Take an order for meant: cash on delivery goes its way, a transfer is waited for. Done again it changes nothing.

    Refuses with OrderCannotMove one that was cancelled, or lapsed.
    """
    order = await order_queries.lock_order(session, order_id)
    if order.status is OrderStatus.CANCELLED:
        raise OrderCannotMove(order_status=order.status.value, allowed=[])
    if order.awaits_confirmation and order.payment_method is PaymentMethod.CASH_ON_DELIVERY:
        await confirm(session, order, at=at, by=by)
    prove(order, at=at)
