"""Endpoints of carts; public, because the id is the key."""

from typing import Annotated

from fastapi import Depends, Path, Request, Response

from app.cart import queries, service
from app.cart.errors import CartFull, CartOrdered, ProductUnknown
from app.cart.schemas import EMPTY, CartId, CartView, OpenCart, PutLine
from app.catalog.models import SKU_PATTERN
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid, NotFound
from app.core.language import Speaks
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router, door
from app.core.throttle import HOUR, ThrottleDep, TooManyRequests, origin

router = Router(prefix="/carts", tags=["cart"])
Sku = Annotated[str, Path(pattern=SKU_PATTERN, description="Code of the article", examples=["ION-H-SOFT-2"])]


@door
async def limit_carts(request: Request, throttle: ThrottleDep, at: At) -> None:
    limit = request.app.state.carts_per_hour
    await throttle.take(f"cart:{origin(request)}", limit=limit, per_seconds=HOUR, at=at)


@router.post(
    "",
    status_code=201,
    dependencies=[Depends(limit_carts)],
    responses=problems(TooManyRequests, ProductUnknown, BodyUnreadable, Invalid),
)
async def open_cart(
    response: Response, session: SessionDep, language: Speaks, at: At, wish: OpenCart = EMPTY
) -> CartView:
    """Start a cart, empty or with lines: all of them or, if one is refused, no cart at all."""
    lines = {line.sku: line.quantity for line in wish.lines}
    cart = CartView.of(await service.open_cart(session, lines, at=at), language)
    response.headers["Location"] = f"/v1/carts/{cart.id}"
    return cart


@router.get("/{cart_id}", responses=problems(NotFound, Invalid))
async def read_cart(cart_id: CartId, session: SessionDep, language: Speaks) -> CartView:
    """Show what a cart holds at today's prices; discount, delivery and VAT come with the quote."""
    return CartView.of(await queries.get_cart(session, cart_id), language)


@router.put(
    "/{cart_id}/lines/{sku}",
    responses=problems(NotFound, ProductUnknown, CartOrdered, CartFull, BodyUnreadable, Invalid),
)
async def put_cart_line(cart_id: CartId, sku: Sku, wish: PutLine, session: SessionDep, language: Speaks) -> CartView:
    """Set how many of an article the cart holds, and show the cart; the same call again changes nothing."""
    return CartView.of(await service.put_line(session, cart_id, sku, wish.quantity), language)


@router.delete("/{cart_id}/lines/{sku}", responses=problems(NotFound, CartOrdered, Invalid))
async def remove_cart_line(cart_id: CartId, sku: Sku, session: SessionDep, language: Speaks) -> CartView:
    """Take an article out of the cart, and show the cart; one that is not in it is no error."""
    return CartView.of(await service.remove_line(session, cart_id, sku), language)
