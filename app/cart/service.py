"""What changes a cart."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BindParameter, and_, bindparam, case, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.cart.errors import CartFull, CartOrdered, ProductUnknown
from app.cart.models import MOST_LINES, Cart, CartLine
from app.catalog.models import Product, Variant
from app.core.db import Due, Write
from app.core.errors import NotFound

_SKU: BindParameter[str] = bindparam("sku")
_LOOK = select(
    exists()
    .where(Variant.sku == _SKU, ~Variant.discontinued)
    .where(Product.id == Variant.product_id, Product.published_at.is_not(None)),
    select(func.count()).where(CartLine.cart_id == bindparam("cart_id"), CartLine.sku != _SKU).scalar_subquery(),
)
_PUT = insert(CartLine)
_PUT = _PUT.on_conflict_do_update(index_elements=["cart_id", "sku"], set_={"quantity": _PUT.excluded.quantity})


async def open_cart(session: AsyncSession, *, at: datetime) -> Cart:
    cart = Cart(created_at=at)
    session.add(cart)
    await session.flush()  # for the id, which the answer carries
    return cart


async def put_line(session: AsyncSession, cart_id: UUID, sku: str, quantity: int) -> None:
    """Set how many of a SKU the cart holds; the same call again changes nothing."""
    await _lock_open(session, cart_id)
    line = {"cart_id": cart_id, "sku": sku}
    is_offered, others = (await session.execute(_LOOK, line)).one()
    if not is_offered:
        raise ProductUnknown(sku=sku)
    if others >= MOST_LINES:
        raise CartFull(most=MOST_LINES)
    await session.execute(_PUT, {**line, "quantity": quantity})


async def remove_line(session: AsyncSession, cart_id: UUID, sku: str) -> None:
    """Take a SKU out; one that is not there is no error."""
    await _lock_open(session, cart_id)
    await session.execute(delete(CartLine).where(CartLine.cart_id == cart_id, CartLine.sku == sku))


async def _lock_open(session: AsyncSession, cart_id: UUID) -> None:
    """Lock the cart's row, so that no line changes while the cart is being ordered."""
    cart = await session.scalar(select(Cart).where(Cart.id == cart_id).with_for_update())
    if cart is None:
        raise NotFound
    if cart.ordered_at:
        raise CartOrdered


def close(cart_id: UUID, *, at: datetime) -> Write:
    """Make the write that marks a cart as ordered."""
    return Write(Cart, [{"id": cart_id, "ordered_at": at}], key="id")


def carts_due(before: datetime, *, of_accounts_before: datetime) -> Due:
    """Find carts never ordered and begun before then: guests' by the first moment, accounts' by the second."""
    is_old = case(
        (Cart.account_id.is_(None), Cart.created_at < before),
        else_=Cart.created_at < of_accounts_before,
    )
    latest = max(before, of_accounts_before)  # what the index finds
    return Due(Cart, and_(Cart.ordered_at.is_(None), Cart.created_at < latest, is_old))
