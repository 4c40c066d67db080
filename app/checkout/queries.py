"""What the checkout reads, in as few round trips as can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.cart.errors import CartEmpty, CartOrdered
from app.cart.models import Cart, CartLine
from app.catalog.models import Product, Stock, Variant
from app.checkout.errors import ProductWithdrawn
from app.checkout.pricing import Item
from app.core.errors import NotFound
from app.core.language import Text
from app.orders.models import Order, OrderLine

# Cart, quantity, variant, product, stock left: all but the first are missing when the cart is empty.
Joined = Select[Cart, Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Basket:
    """A cart's lines at today's prices, in SKU order."""

    items: tuple[Item, ...]
    available: bool

    @property
    def wanted(self) -> list[tuple[str, int]]:
        return [(item.sku, item.quantity) for item in self.items]


async def claim(session: AsyncSession, key: str, cart_id: UUID) -> tuple[bool, UUID | None]:
    """Take the key and the cart for this transaction; tells whether the key was free, and the order placed with it.

    The basket is read by the next statement: only one that starts after the cart's lock is held sees each line that
    was changed before. Who does not get the key, or finds its order, does not wait for the cart.
    """
    locked = func.pg_try_advisory_xact_lock(func.hashtextextended(key, 0)).label("free")
    placed = select(Order.id).where(Order.idempotency_key == key).scalar_subquery().label("order_id")
    claimed = select(locked, placed).cte("claimed")
    taken = select(Cart.id).join(claimed, claimed.c.free & claimed.c.order_id.is_(None))
    cart = taken.where(Cart.id == cart_id).with_for_update(of=Cart).cte("cart")
    held = select(func.count()).select_from(cart).scalar_subquery()
    free, order_id, _ = (await session.execute(select(claimed.c.free, claimed.c.order_id, held))).one()
    return free, order_id


async def find_by_key(session: AsyncSession, key: str) -> Order | None:
    return await session.scalar(select(Order).where(Order.idempotency_key == key))


async def list_lines(session: AsyncSession, order_id: UUID) -> Sequence[OrderLine]:
    found = await session.scalars(select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position))
    return found.all()


async def get_basket(session: AsyncSession, cart_id: UUID) -> Basket:
    wanted: Joined = (
        select(Cart, CartLine.quantity, Variant, Product, Stock.available)
        .outerjoin(CartLine, CartLine.cart_id == Cart.id)
        .outerjoin(Variant, Variant.sku == CartLine.sku)
        .outerjoin(Product, Product.id == Variant.product_id)
        .outerjoin(Stock, Stock.sku == Variant.sku)
        .where(Cart.id == cart_id)
        .order_by(Variant.sku)
    )
    rows = (await session.execute(wanted)).all()
    if not rows:
        raise NotFound
    if rows[0][0].ordered_at:
        raise CartOrdered
    items, available = [], True
    for _, quantity, variant, product, left in rows:
        if quantity is None or variant is None or product is None:
            raise CartEmpty
        if variant.discontinued or product.published_at is None:
            raise ProductWithdrawn(sku=variant.sku)
        available = available and (left or 0) >= quantity
        items.append(_item(variant, product, quantity))
    return Basket(tuple(items), available)


def _item(variant: Variant, product: Product, quantity: int) -> Item:
    name = Text(f"{product.title_bg}, {variant.label_bg}", f"{product.title_en}, {variant.label_en}")
    return Item(variant.sku, name, variant.price, variant.vat_rate, quantity, variant.weight_grams)
