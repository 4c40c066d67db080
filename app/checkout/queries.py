"""What the checkout reads, in as few round trips as can be."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    LargeBinary,
    Row,
    Select,
    Uuid,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    select,
    text,
    true,
)
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import Account
from app.cart import queries as carts
from app.cart.errors import CartEmpty, CartOrdered
from app.cart.models import Cart
from app.cart.queries import CONTENTS, Contents
from app.catalog.models import Product, Variant, named
from app.checkout.errors import ProductWithdrawn
from app.checkout.limits import Limits, Standing
from app.checkout.pricing import Item
from app.checkout.schemas import Customer
from app.core.errors import NotFound
from app.core.language import Text
from app.orders.models import UNPROVED, LineKind, Order, OrderLine
from app.orders.queries import NUMBER
from app.privacy.errors import DeclarationNotFound
from app.privacy.models import DeclarationPurpose
from app.privacy.queries import CURRENT, CurrentDeclaration, on_day


def _open(*which: ColumnElement[bool], most: str) -> ColumnElement[int]:
    """Count the open orders that nobody proved to mean, no further than it matters."""
    found = select(Order.id).where(*which, text(UNPROVED)).limit(bindparam(most, type_=Integer)).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


EMAIL = func.lower(bindparam("email", type_=TextType))
ORIGINS = bindparam("origins", type_=ARRAY(LargeBinary))
# Alike in every row, and computed once.
STANDING = CONTENTS.add_columns(
    exists()
    .where(Account.id == bindparam("account_id", type_=Uuid), func.lower(Account.email) == EMAIL)
    .label("has_proved_address"),
    _open(func.lower(Order.email) == EMAIL, most="most_by_email").label("by_email"),
    _open(Order.phone == bindparam("phone", type_=TextType), most="most_by_phone").label("by_phone"),
    _open(Order.origin_digest == any_(ORIGINS), most="most_by_origin").label("by_origin"),
)


# One after the other, whoever shares any of them: in one order, so that nobody waits for each other. Whose address is
# proved is counted by nothing, and waits for nobody.
TAKE_TURNS = text(
    "SELECT pg_advisory_xact_lock(turn) FROM ("
    "SELECT DISTINCT hashtextextended('open-orders:' || name, 0) AS turn FROM unnest(CAST(:names AS text[])) AS name"
    " WHERE NOT EXISTS (SELECT FROM accounts WHERE id = CAST(:account_id AS uuid) AND lower(email) = lower(:email))"
    " ORDER BY turn) AS turns"
)


@dataclass(frozen=True, slots=True)
class Basket:
    """A cart's lines at today's prices, in SKU order."""

    items: tuple[Item, ...]

    @property
    def wanted(self) -> list[tuple[str, int]]:
        return [(item.sku, item.quantity) for item in self.items]


@dataclass(frozen=True, slots=True)
class GoodsAgain:
    """What an earlier order held, parted by whether it can be bought today."""

    sold: dict[str, int]
    withdrawn: list[str]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request to order finds."""

    is_free: bool
    """Whether the key is held by nobody else at this moment."""
    order_id: UUID | None
    """Of the order that was placed with the key before."""
    declaration: CurrentDeclaration


def _claim() -> Select[Any, Any, Any, Any, Any, Any, Any, Any]:
    key, cart_id = bindparam("key", type_=TextType), bindparam("cart_id", type_=Uuid)
    name = literal("order:") + cast(cart_id, TextType) + ":" + key
    locked = func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)).label("free")
    of_both = (Order.cart_id == cart_id, Order.idempotency_key == key)
    placed = select(Order.id).where(*of_both).scalar_subquery().label("order_id")
    claimed = select(locked, placed).cte("claimed")
    taken = select(Cart.id).join(claimed, claimed.c.free & claimed.c.order_id.is_(None))
    cart = taken.where(Cart.id == cart_id).with_for_update(of=Cart).cte("cart")
    held = select(func.count()).select_from(cart).scalar_subquery()
    current = CURRENT.subquery("current")
    return select(claimed.c.free, claimed.c.order_id, held, *current.c).select_from(claimed.outerjoin(current, true()))


CLAIM = _claim()


async def claim(session: AsyncSession, key: str, cart_id: UUID, *, at: datetime) -> Claim:
    """Take the key and the cart for this transaction, and read which declaration is in force.

    A key is of its cart, whose id nobody else has: who guesses the one learns nothing, and holds nobody up.
    The basket is read by the next statement: only one that starts after the cart's lock is held sees each line that
    was changed before. Who does not get the key, or finds its order, does not wait for the cart.
    """
    wanted = {"key": key, "cart_id": cart_id, **on_day(DeclarationPurpose.ORDER, at)}
    free, order_id, _, *declaration = (await session.execute(CLAIM, wanted)).one()
    if declaration[0] is None:
        raise DeclarationNotFound
    return Claim(free, order_id, CurrentDeclaration(*declaration))


async def find_by_key(session: AsyncSession, key: str, cart_id: UUID) -> Order | None:
    return await session.scalar(select(Order).where(Order.cart_id == cart_id, Order.idempotency_key == key))


async def get_goods_again(session: AsyncSession, number: str, account_id: UUID) -> GoodsAgain:
    """Get the articles of an account's own order, and which of them are still sold."""
    if not NUMBER.fullmatch(number):
        raise NotFound
    is_sold = exists().where(
        Variant.sku == OrderLine.sku,
        ~Variant.discontinued,
        Product.id == Variant.product_id,
        Product.published_at.is_not(None),
    )
    found = await session.execute(
        select(OrderLine.sku, OrderLine.quantity, is_sold)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.number == int(number), Order.account_id == account_id, OrderLine.kind == LineKind.GOODS)
        .order_by(OrderLine.position)
    )
    rows = found.all()
    if not rows:
        raise NotFound
    return GoodsAgain(
        {sku: quantity for sku, quantity, sold in rows if sold}, [sku for sku, _, sold in rows if not sold]
    )


async def get_basket(session: AsyncSession, cart_id: UUID) -> Basket:
    return _basket(await carts.get_cart(session, cart_id))


async def get_basket_of(
    session: AsyncSession,
    cart_id: UUID,
    customer: Customer,
    account_id: UUID | None,
    origins: list[bytes],
    limits: Limits,
) -> tuple[Basket, Standing]:
    """Read a cart as `get_basket` does, and what is known of who orders it.

    Orders of one place, address or number are counted one after the other, each after the one before was written: by
    many at once each would find room for itself. What is counted is read by a statement that starts afterwards.
    """
    names = [customer.email.lower(), customer.phone, *(origin.hex() for origin in origins)]
    await session.execute(TAKE_TURNS, {"names": names, "account_id": account_id, "email": customer.email})
    asked = {
        "cart_id": cart_id,
        "account_id": account_id,
        "email": customer.email,
        "phone": customer.phone,
        "origins": origins,
        "most_by_email": limits.open_by_email,
        "most_by_phone": limits.open_by_phone,
        "most_by_origin": limits.open_by_origin,
    }
    rows = (await session.execute(STANDING, asked)).all()
    basket, first = _basket(rows), rows[0]
    return basket, Standing(first.has_proved_address, first.by_email, first.by_phone, first.by_origin)


def _basket(rows: Contents) -> Basket:
    if not rows:
        raise NotFound
    if rows[0].ordered_at:
        raise CartOrdered
    for row in rows:
        if row.quantity is None:
            raise CartEmpty
        if not row.is_sold:
            raise ProductWithdrawn(sku=row.sku)
    return Basket(tuple(map(_item, rows)))


def _item(row: Row[*tuple[Any, ...]]) -> Item:
    name = Text(named(row.title_bg, row.label_bg), named(row.title_en, row.label_en))
    return Item(
        row.sku,
        name,
        row.price,
        row.vat_rate,
        row.quantity,
        row.weight_grams,
        slug=row.slug,
        left=row.available,
    )
