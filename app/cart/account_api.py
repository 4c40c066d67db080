"""Endpoints of an account's own cart."""

from app.auth.guards import ACCOUNT_REFUSALS, AccountCaller
from app.cart import account_carts, queries
from app.cart.errors import CartFull, CartOrdered
from app.cart.schemas import AdoptCart, CartView
from app.core.db import SessionDep
from app.core.errors import Invalid, NotFound
from app.core.language import Speaks
from app.core.problems import problems
from app.core.routing import Router

router = Router(prefix="/me/cart", tags=["account"])


@router.get("", responses=problems(*ACCOUNT_REFUSALS, NotFound))
async def read_own_cart(caller: AccountCaller, session: SessionDep, language: Speaks) -> CartView:
    """Show the account's open cart; not found when it has none. Its lines are changed as those of any cart."""
    return CartView.of(await queries.get_open_cart(session, caller.id), language)


@router.put("", responses=problems(*ACCOUNT_REFUSALS, NotFound, CartOrdered, CartFull, Invalid))
async def adopt_cart(caller: AccountCaller, wish: AdoptCart, session: SessionDep, language: Speaks) -> CartView:
    """Take the cart that was filled before the login: it becomes the account's, or is merged into the one it has.

    Of an article in both the larger quantity counts. Go on with the cart of the answer: one that was merged is gone,
    so a repeated call no longer finds it and changes nothing.
    """
    await account_carts.adopt_cart(session, caller.id, wish.cart_id)
    return CartView.of(await queries.get_open_cart(session, caller.id), language)
