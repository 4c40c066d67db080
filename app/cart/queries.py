"""Every select of carts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select
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


async def get_open_cart(session: AsyncSession, account_id: UUID) -> tuple[UUID, Sequence[CartLine]]:
    """Get the account's open cart and its lines by SKU."""
    found = select(Cart.id, CartLine).outerjoin(CartLine, CartLine.cart_id == Cart.id)
    wanted = found.where(Cart.account_id == account_id, Cart.ordered_at.is_(None)).order_by(CartLine.sku)
    rows: Sequence[Row[Any, Any]] = (await session.execute(wanted)).all()
    if not rows:
        raise NotFound
    return rows[0][0], [line for _, line in rows if line is not None]


async def lock_carts(session: AsyncSession, account_id: UUID, *others: UUID) -> dict[UUID, Cart]:
    """Lock the account's open cart and these, by id."""
    own = (Cart.account_id == account_id) & Cart.ordered_at.is_(None)
    wanted = select(Cart).where(or_(Cart.id.in_(others), own)).order_by(Cart.id).with_for_update()
    return {cart.id: cart for cart in await session.scalars(wanted)}
