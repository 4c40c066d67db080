"""Every select of carts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, Row, Select, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.cart.models import Cart, CartLine
from app.catalog.models import Product, Stock, Variant
from app.core.errors import NotFound

Contents = Sequence[Row[*tuple[Any, ...]]]
"""Of a cart, by SKU: a row for each line, or one without a quantity; each with what the article is today."""

IS_SOLD = ~Variant.discontinued & Product.published_at.is_not(None)


def contents(cart: FromClause, line: FromClause) -> Select[*tuple[Any, ...]]:
    """Select carts with their lines and what these are and cost today; of what is no longer sold `is_sold` is false."""
    return (
        select(
            cart.c.id,
            cart.c.ordered_at,
            line.c.sku,
            line.c.quantity,
            Variant.label_bg,
            Variant.label_en,
            Variant.price,
            Variant.vat_rate,
            Variant.weight_grams,
            Product.slug,
            Product.title_bg,
            Product.title_en,
            IS_SOLD.label("is_sold"),
            Stock.available,
        )
        .select_from(cart)
        .outerjoin(line, line.c.cart_id == cart.c.id)
        .outerjoin(Variant, Variant.sku == line.c.sku)
        .outerjoin(Product, Product.id == Variant.product_id)
        .outerjoin(Stock, Stock.sku == Variant.sku)
        .order_by(line.c.sku)
    )


_TABLES: tuple[Any, Any] = Cart.__table__, CartLine.__table__
_CONTENTS = contents(*_TABLES)
CONTENTS = _CONTENTS.where(Cart.id == bindparam("cart_id"))
_OWN = _CONTENTS.where(Cart.account_id == bindparam("account_id"), Cart.ordered_at.is_(None))


async def get_cart(session: AsyncSession, cart_id: UUID) -> Contents:
    return _found((await session.execute(CONTENTS, {"cart_id": cart_id})).all())


async def get_open_cart(session: AsyncSession, account_id: UUID) -> Contents:
    """Get the account's open cart."""
    return _found((await session.execute(_OWN, {"account_id": account_id})).all())


def _found(rows: Contents) -> Contents:
    if not rows:
        raise NotFound
    return rows


async def lock_carts(session: AsyncSession, account_id: UUID, *others: UUID) -> dict[UUID, Cart]:
    """Lock the account's open cart and these, by id."""
    own = (Cart.account_id == account_id) & Cart.ordered_at.is_(None)
    wanted = select(Cart).where(or_(Cart.id.in_(others), own)).order_by(Cart.id).with_for_update()
    return {cart.id: cart for cart in await session.scalars(wanted)}
