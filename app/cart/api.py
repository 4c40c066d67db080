"""Endpoints of carts; public, because the id is the key."""

from typing import Annotated

from fastapi import Depends, Path, Request, Response

from app.cart import queries, service
from app.cart.errors import CartFull, CartOrdered, ProductUnknown
from app.cart.schemas import CartId, CartView, PutLine
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid, NotFound
from app.core.problems import problems
from app.core.routing import Router, door
from app.core.throttle import HOUR, ThrottleDep, TooManyRequests, origin

router = Router(prefix="/carts", tags=["cart"])
Sku = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9._-]{1,20}$", description="Code of the article", examples=["ION-H-SOFT-2"])
]


@door
async def limit_carts(request: Request, throttle: ThrottleDep, at: At) -> None:
    limit = request.app.state.carts_per_hour
    await throttle.take(f"cart:{origin(request)}", limit=limit, per_seconds=HOUR, at=at)


@router.post("", status_code=201, dependencies=[Depends(limit_carts)], responses=problems(TooManyRequests))
async def open_cart(response: Response, session: SessionDep, at: At) -> CartView:
    """Start an empty cart."""
    cart = await service.open_cart(session, at=at)
    response.headers["Location"] = f"/v1/carts/{cart.id}"
    return CartView(id=cart.id, lines=[])


@router.get("/{cart_id}", responses=problems(NotFound, Invalid))
async def read_cart(cart_id: CartId, session: SessionDep) -> CartView:
    """Show what a cart holds; prices come with the quote."""
    return CartView.of(cart_id, await queries.list_lines(session, cart_id))


@router.put(
    "/{cart_id}/lines/{sku}",
    status_code=204,
    response_class=Response,
    responses=problems(NotFound, ProductUnknown, CartOrdered, CartFull, Invalid),
)
async def put_cart_line(cart_id: CartId, sku: Sku, wish: PutLine, session: SessionDep) -> None:
    """Set how many of an article the cart holds; the same call again changes nothing."""
    await service.put_line(session, cart_id, sku, wish.quantity)


@router.delete(
    "/{cart_id}/lines/{sku}",
    status_code=204,
    response_class=Response,
    responses=problems(NotFound, CartOrdered, Invalid),
)
async def remove_cart_line(cart_id: CartId, sku: Sku, session: SessionDep) -> None:
    """Take an article out of the cart; one that is not in it is no error."""
    await service.remove_line(session, cart_id, sku)
