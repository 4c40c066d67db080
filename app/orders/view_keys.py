"""Keys that open the view of an order, and nothing else: made from the order and its counter, kept nowhere.

A key ends when the counter is raised, and for good when it is taken away (`Order.view_counter`).
"""

import re
from typing import NamedTuple
from uuid import UUID

from app.auth.link_tokens import LENGTH, link_token, read_link
from app.core.secrets import Secret
from app.orders.models import Order

KEY = re.compile(rf"(0|[1-9][0-9]{{0,8}})\.([A-Za-z0-9_-]{{{LENGTH}}})")
LONGEST = LENGTH + 10


class Opened(NamedTuple):
    """Which order a key was made for, and under which counter."""

    order_id: UUID
    counter: int

    def fits(self, order: Order) -> bool:
        return (order.id, order.view_counter) == self


def view_key(secret: Secret, order: Order) -> str | None:
    """Make the key of an order's view; None: its person's data are erased, and nobody is let in by mail any more."""
    if order.view_counter is None:
        return None
    return f"{order.view_counter}.{link_token(secret, _purpose(order.view_counter), order.id)}"


def read_view_key(secret: Secret, key: str) -> Opened | None:
    """Say what a key was made for; None for what this shop never made: that is known without a look at any order."""
    found = KEY.fullmatch(key)
    if not found:
        return None
    counter = int(found[1])
    order_id = read_link(secret, _purpose(counter), found[2])
    return Opened(order_id, counter) if order_id else None


def _purpose(counter: int) -> str:
    return f"view-order:{counter}"
