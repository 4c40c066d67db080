"""The statuses of an order and the ways between them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ShopError
from app.core.language import Text
from app.orders.models import Order, OrderEvent, OrderStatus

S = OrderStatus

NEXT: dict[OrderStatus, frozenset[OrderStatus]] = {
    S.PLACED: frozenset({S.CONFIRMED, S.CANCELLED}),
    S.CONFIRMED: frozenset({S.SHIPPED, S.CANCELLED}),
    S.SHIPPED: frozenset({S.DELIVERED, S.REFUSED}),
    S.DELIVERED: frozenset({S.RETURNED}),
    S.CANCELLED: frozenset(),
    S.REFUSED: frozenset(),
    S.RETURNED: frozenset(),
}

STATUSES: dict[OrderStatus, Text] = {
    S.PLACED: Text("Приета", "Received"),
    S.CONFIRMED: Text("Потвърдена", "Confirmed"),
    S.SHIPPED: Text("Изпратена", "Sent"),
    S.DELIVERED: Text("Доставена", "Delivered"),
    S.CANCELLED: Text("Отказана", "Cancelled"),
    S.REFUSED: Text("Неприета при доставката", "Not accepted on delivery"),
    S.RETURNED: Text("Върната", "Returned"),
}

OVER = frozenset({S.DELIVERED, S.CANCELLED, S.REFUSED, S.RETURNED})
"""Nothing more is to be performed: from the last of these moves storage terms run."""


class Actor(StrEnum):
    """Who caused a change."""

    CUSTOMER = "customer"
    STAFF = "staff"
    COURIER = "courier"
    SHOP = "shop"


class OrderCannotMove(ShopError):
    title = Text("Поръчката не може да премине в това състояние", "Order cannot move there")
    advice = Text("Състоянието ѝ е „{order_status}“.", "Its status is “{order_status}”.")
    example = {"order_status": "shipped"}  # noqa: RUF012 - read only
    words = {"order_status": STATUSES}  # noqa: RUF012 - read only


def move(session: AsyncSession, order: Order, to: OrderStatus, *, at: datetime, by: Actor) -> None:
    """Change the status and add the event that records it; refuses with OrderCannotMove what NEXT does not allow."""
    if to not in NEXT[order.status]:
        raise OrderCannotMove(order_status=order.status.value, allowed=sorted(NEXT[order.status]))
    order.status = to
    order.finished_at = at if to in OVER else None
    if to in OVER:
        order.origin_digest = None
    session.add(OrderEvent(order_id=order.id, status=to, at=at, by=by))


def prove(order: Order, *, at: datetime) -> None:
    """Note that the order is meant: from where it came does not matter any more."""
    order.proved_at = order.proved_at or at
    order.origin_digest = None
