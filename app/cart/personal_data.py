"""What an account's cart tells of its owner's wishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.cart.models import Cart, CartLine
from app.core.holders import Erasure, Own, Person
from app.core.language import Text

CART = Text("Количката", "The cart")


@dataclass(frozen=True, slots=True)
class CartHolder:
    """Ordered carts stay with their orders, and say no more than these."""

    tables: frozenset[str] = frozenset({"carts", "cart_lines"})

    def own(self, person: Person) -> Sequence[Own]:
        carts = Own(Cart, person.owns(Cart.account_id))
        return carts, Own(CartLine, CartLine.cart_id.in_(carts.ids(Cart.id)))

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:  # noqa: ARG002 - as every holder
        is_open = person.owns(Cart.account_id) & Cart.ordered_at.is_(None)
        gone = await session.execute(delete(Cart).where(is_open).returning(Cart.id))
        return Erasure([CART]) if gone.first() else Erasure()
