"""Every select of orders."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Interval, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.mail.models import Mail, MailKind
from app.orders.models import MOST_HOLDS, Order, OrderEvent, OrderLine, OrderStatus

NUMBER = re.compile(r"[1-9][0-9]{8}")


async def find_order(session: AsyncSession, number: str) -> Order | None:
    """Find by the number as people write it; text that is no number finds nothing."""
    if not NUMBER.fullmatch(number):
        return None
    return await session.scalar(select(Order).where(Order.number == int(number)))


async def get_order(session: AsyncSession, number: str) -> Order:
    if order := await find_order(session, number):
        return order
    raise NotFound


# Read anew: this session may have seen the order before it had to wait for another's change.
LOCKED = (
    select(Order).where(Order.id == bindparam("order_id")).with_for_update().execution_options(populate_existing=True)
)


async def lock_order(session: AsyncSession, order_id: UUID) -> Order:
    """Lock the order first of all rows that belong to it: whoever changes any of them comes through here."""
    order = await session.scalar(LOCKED, {"order_id": order_id})
    if order is None:
        raise NotFound
    return order


async def list_unconfirmed(session: AsyncSession, at: datetime, *, but: Collection[UUID], most: int) -> Sequence[UUID]:
    """List the orders that nobody confirmed in time, as `Order.confirm_until` says it, whose link was mailed or not."""
    hold = Order.confirmation_due_at - Order.placed_at
    was_mailed = exists().where(
        Mail.order_id == Order.id, Mail.kind == MailKind.ORDER_CONFIRMATION, Mail.sent_at + hold <= at
    )
    lapsed = select(Order.id).where(
        Order.status == OrderStatus.PLACED,
        Order.proved_at.is_(None),
        Order.confirmation_due_at <= at,
        or_(was_mailed, Order.placed_at + func.interval_mul(hold, MOST_HOLDS, type_=Interval) <= at),
        Order.id.not_in(but),
    )
    return (await session.scalars(lapsed.order_by(Order.confirmation_due_at).limit(most))).all()


async def list_lines(session: AsyncSession, order_id: UUID) -> Sequence[OrderLine]:
    found = await session.scalars(select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position))
    return found.all()


async def list_events(session: AsyncSession, order_id: UUID) -> Sequence[OrderEvent]:
    found = await session.scalars(select(OrderEvent).where(OrderEvent.order_id == order_id).order_by(OrderEvent.id))
    return found.all()
