"""Every select of carts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.cart.models import Cart, CartLine
from app.core.errors import NotFound


async def list_lines(session: AsyncSession, cart_id: UUID) -> Sequence[CartLine]:
    """List a cart's lines by SKU; refuses an unknown cart."""
    found = select(Cart.id, CartLine).outerjoin(CartLine, CartLine.cart_id == Cart.id).where(Cart.id == cart_id)
    rows: Sequence[Row[Any, Any]] = (await session.execute(found.order_by(CartLine.sku))).all()
    if not rows:
        raise NotFound
    return [line for _, line in rows if line is not None]
