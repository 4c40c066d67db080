"""What changes a cart; each change returns what the cart holds then."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import DateTime, Integer, Select, Text, Uuid, and_, bindparam, case, func, insert, select, text, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from app.cart import queries
from app.cart.errors import CartFull, CartOrdered, ProductUnknown
from app.cart.models import MOST_LINES, Cart, CartLine
from app.cart.queries import IS_SOLD, Contents, contents
from app.catalog.models import Product, Variant
from app.core.db import Due, Write
from app.core.errors import NotFound

# The cart's row is locked, so that no line changes while the cart is being ordered.
PUT = text("""
WITH cart AS (
    SELECT id, ordered_at FROM carts WHERE id = :cart_id FOR UPDATE
), offered AS (
    SELECT sku FROM variants JOIN products ON products.id = product_id
    WHERE sku = :sku AND NOT discontinued AND published_at IS NOT NULL
), put AS (
    INSERT INTO cart_lines (cart_id, sku, quantity)
    SELECT cart.id, offered.sku, :quantity FROM cart, offered WHERE cart.ordered_at IS NULL
    ON CONFLICT (cart_id, sku) DO UPDATE SET quantity = excluded.quantity
)
SELECT ordered_at, EXISTS (SELECT FROM offered) AS is_offered FROM cart
""")
REMOVE = text("""
WITH cart AS (
    SELECT id, ordered_at FROM carts WHERE id = :cart_id FOR UPDATE
), removed AS (
    DELETE FROM cart_lines USING cart WHERE cart_id = cart.id AND sku = :sku AND cart.ordered_at IS NULL
)
SELECT ordered_at FROM cart
""")


def _open() -> Select[*tuple[Any, ...]]:
    """Make the statement that opens a cart, fills it with what is offered, and reads it with all that was wanted."""
    values = {"id": bindparam("cart_id", type_=Uuid), "created_at": bindparam("at", type_=DateTime(timezone=True))}
    cart = insert(Cart).values(values).returning(Cart.id, Cart.ordered_at).cte("cart")
    skus, quantities = bindparam("skus", type_=ARRAY(Text)), bindparam("quantities", type_=ARRAY(Integer))
    wish = func.unnest(skus, quantities).table_valued("sku", "quantity", name="wish").render_derived()
    wanted = select(cart.c.id.label("cart_id"), wish.c.sku, wish.c.quantity).join(wish, true()).cte("wanted")
    offered = (
        select(wanted)
        .join(Variant, Variant.sku == wanted.c.sku)
        .join(Product, Product.id == Variant.product_id)
        .where(IS_SOLD)
    )
    put = insert(CartLine).from_select(["cart_id", "sku", "quantity"], offered).cte("put")
    return contents(cart, wanted).add_cte(put)


OPEN = _open()


async def open_cart(session: AsyncSession, lines: Mapping[str, int], *, at: datetime) -> Contents:
    """Open a cart with so many of each SKU; refuses it whole with ProductUnknown if one of them is not offered."""
    cart_id = uuid4()
    wish = {"cart_id": cart_id, "at": at, "skus": [*lines], "quantities": [*lines.values()]}
    opened = (await session.execute(OPEN, wish)).all()
    for line in opened:
        if line.sku and not line.is_sold:
            raise ProductUnknown(sku=line.sku)
    return opened


async def put_line(session: AsyncSession, cart_id: UUID, sku: str, quantity: int) -> Contents:
    """Set how many of a SKU the cart holds; the same call again changes nothing."""
    put = (await session.execute(PUT, {"cart_id": cart_id, "sku": sku, "quantity": quantity})).first()
    if put is None:
        raise NotFound
    if put.ordered_at:
        raise CartOrdered
    if not put.is_offered:
        raise ProductUnknown(sku=sku)
    # A statement that starts after the cart's lock is held: it sees each line that others put in before.
    lines = await queries.get_cart(session, cart_id)
    if len(lines) > MOST_LINES:
        raise CartFull(most=MOST_LINES)
    return lines


async def remove_line(session: AsyncSession, cart_id: UUID, sku: str) -> Contents:
    """Take a SKU out; one that is not there is no error."""
    found = (await session.execute(REMOVE, {"cart_id": cart_id, "sku": sku})).first()
    if found is None:
        raise NotFound
    if found.ordered_at:
        raise CartOrdered
    return await queries.get_cart(session, cart_id)


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
