"""Endpoint that orders again what an account ordered before."""

from app.auth.guards import ACCOUNT_REFUSALS, AccountCaller
from app.cart import account_carts
from app.cart import queries as cart_queries
from app.cart.errors import CartFull
from app.cart.schemas import CartView
from app.checkout import queries
from app.checkout.schemas import ReorderView
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid, NotFound
from app.core.language import Speaks
from app.core.problems import problems
from app.core.routing import Router
from app.fulfilment.api import Number

router = Router(prefix="/me/orders", tags=["account"])


@router.post("/{number}/reorder", responses=problems(*ACCOUNT_REFUSALS, NotFound, CartFull, Invalid))
async def reorder(number: Number, caller: AccountCaller, session: SessionDep, language: Speaks, at: At) -> ReorderView:
    """Put the goods of one's own order into the account's cart, as many as were ordered; a repeated call adds nothing.

    What is no longer sold is left out and named. Prices and stock are those of today.
    """
    goods = await queries.get_goods_again(session, number, caller.id)
    await account_carts.fill_cart(session, caller.id, goods.sold, at=at)
    cart = CartView.of(await cart_queries.get_open_cart(session, caller.id), language)
    return ReorderView(cart=cart, no_longer_sold=goods.withdrawn)
