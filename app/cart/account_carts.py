"""What gives an account its cart: one taken over from a guest, or goods put into it at once."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.closing import lock_account
from app.cart import queries
from app.cart.errors import CartFull, CartOrdered
from app.cart.models import MOST_LINES, Cart, CartLine
from app.core.errors import NotFound

_LARGER = insert(CartLine)
_LARGER = _LARGER.on_conflict_do_update(
    index_elements=["cart_id", "sku"], set_={"quantity": func.greatest(CartLine.quantity, _LARGER.excluded.quantity)}
)


async def adopt_cart(session: AsyncSession, account_id: UUID, cart_id: UUID) -> None:
    """Make a guest's cart the account's, or merge it into the one there is and delete it.

    Refused, with nothing changed: an unknown cart or another account's, an ordered one, more lines than a cart holds.
    """
    carts = await _lock(session, account_id, cart_id)
    given = carts.pop(cart_id, None)
    if given is None or given.account_id not in {None, account_id}:
        raise NotFound
    if given.ordered_at:
        raise CartOrdered
    if given.account_id == account_id:
        return
    if not carts:
        given.account_id = account_id
        await session.flush()  # the answer is read from the database
        return
    (own,) = carts
    lines = await queries.get_cart(session, cart_id)
    await _put_larger(session, own, {line.sku: line.quantity for line in lines if line.sku})
    await session.delete(given)
    await session.flush()  # as above


async def fill_cart(session: AsyncSession, account_id: UUID, goods: Mapping[str, int], *, at: datetime) -> None:
    """Put goods into the account's cart, beginning one if there is none."""
    carts = await _lock(session, account_id)
    if not carts:
        cart = Cart(account_id=account_id, created_at=at)
        session.add(cart)
        await session.flush()  # for the id
        carts = {cart.id: cart}
    (own,) = carts
    await _put_larger(session, own, goods)


async def _lock(session: AsyncSession, account_id: UUID, *others: UUID) -> dict[UUID, Cart]:
    """Lock the account, then its cart: two logins at once go one after the other.

    Only a statement that starts after the account's lock is held sees the cart that the other login gave it.
    """
    await lock_account(session, account_id)
    return await queries.lock_carts(session, account_id, *others)


async def _put_larger(session: AsyncSession, cart_id: UUID, goods: Mapping[str, int]) -> None:
    """Put so many of each article into a locked cart, leaving what it holds more of; refuses to overfill it."""
    if goods:
        rows = [{"cart_id": cart_id, "sku": sku, "quantity": quantity} for sku, quantity in goods.items()]
        await session.execute(_LARGER, rows)
    held = await session.scalar(select(func.count()).where(CartLine.cart_id == cart_id))
    if held is None or held > MOST_LINES:
        raise CartFull(most=MOST_LINES)
