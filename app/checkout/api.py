"""Endpoints of the checkout."""

import re
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.errors import Unauthenticated
from app.auth.guards import MAYBE_ACCOUNT, MaybeAccount
from app.cart.errors import CartEmpty, CartOrdered
from app.cart.schemas import CartId
from app.catalog.errors import HeldUnpaid, OutOfStock
from app.checkout import queries, service, views
from app.checkout.errors import (
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    OrderInProgress,
    OrderTooLarge,
    PaymentMethodUnavailable,
    ProductWithdrawn,
    TooManyOpenOrders,
    TotalAboveExpected,
)
from app.checkout.pricing import price
from app.checkout.schemas import PlacedOrder, PlaceOrder, QuoteView, QuoteWish
from app.checkout.service import Attempt, Terms
from app.core.clock import At
from app.core.db import SessionDep, get_session
from app.core.errors import Invalid, NotFound
from app.core.language import Speaks
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router, door
from app.core.throttle import HOUR, ThrottleDep, TooManyRequests, origin
from app.privacy.errors import DeclarationNotAccepted, DeclarationOutdated
from app.privacy.evidence import EvidenceDep
from app.shipping.places import KnownPlaces, place_of
from app.shipping.ports import Place

router = Router(tags=["checkout"])

KEY = re.compile(r"[\x21-\x7e]{1,255}")

# Described by hand: to leave it out is a refusal of its own (400), so the code cannot call it required.
KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "New for each order, the same for a repetition",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$", "examples": ["0af7651916cd43dd8448eb211c80319c"]},
}
# More at a time only queue for the same stock rows; those beyond wait before they take a connection.
ORDERS_AT_ONCE = 8
OrderSession = Annotated[AsyncSession, Depends(get_session, scope="function", max_concurrency=ORDERS_AT_ONCE)]


async def get_terms(request: Request) -> Terms:
    terms: Terms = request.app.state.terms
    return terms


TermsDep = Annotated[Terms, Depends(get_terms)]


@door
async def get_idempotency_key(
    idempotency_key: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> str:
    if idempotency_key is None or not KEY.fullmatch(idempotency_key):
        raise IdempotencyKeyMissing
    return idempotency_key


async def find_unserved(request: Request, at: At) -> Place | None:
    """Ask whether the courier goes where the order is to go, before anything is locked; None: it does."""
    wish: PlaceOrder = request.state.body
    places: KnownPlaces = request.app.state.places
    place = place_of(wish.delivery)
    return None if await places.serves(place, at=at) else place


Unserved = Annotated[Place | None, Depends(find_unserved)]


async def get_attempt(
    request: Request,
    key: Annotated[str, Depends(get_idempotency_key)],
    account: MaybeAccount,
    evidence: EvidenceDep,
    unserved: Unserved,
) -> Attempt:
    return Attempt(key, account.id if account else None, evidence, origin(request), unserved)


@door
async def limit_orders(request: Request, throttle: ThrottleDep, at: At) -> None:
    """Let one address place only so many orders an hour: each takes stock and books a parcel."""
    limit = request.app.state.orders_per_hour
    await throttle.take(f"order:{origin(request)}", limit=limit, per_seconds=HOUR, at=at)


@router.post(
    "/carts/{cart_id}/quote",
    responses=problems(NotFound, CartEmpty, CartOrdered, ProductWithdrawn, OrderTooLarge, Invalid),
)
async def quote_cart(
    cart_id: CartId, wish: QuoteWish, session: SessionDep, terms: TermsDep, language: Speaks
) -> QuoteView:
    """Price a cart as an order placed now would be: lines, discount, delivery, VAT, total."""
    basket = await queries.get_basket(session, cart_id)
    priced = price(basket.items, wish.payment_method, terms.rules)
    terms.limits.check_size(priced, wish.payment_method)
    return QuoteView.of(priced, language)


@router.post(
    "/orders",
    status_code=201,
    dependencies=[Depends(limit_orders)],
    openapi_extra={"parameters": [KEY_PARAMETER], **MAYBE_ACCOUNT},
    responses=problems(
        TooManyRequests,
        Unauthenticated,
        IdempotencyKeyMissing,
        IdempotencyKeyReused,
        OrderInProgress,
        NotFound,
        CartEmpty,
        CartOrdered,
        ProductWithdrawn,
        PaymentMethodUnavailable,
        OrderTooLarge,
        TotalAboveExpected,
        TooManyOpenOrders,
        HeldUnpaid,
        OutOfStock,
        DeclarationNotAccepted,
        DeclarationOutdated,
        BodyUnreadable,
        Invalid,
    ),
)
async def place_order(
    wish: PlaceOrder,
    _unserved: Unserved,  # before the session: a courier who is slow takes no place of those who order meanwhile
    session: OrderSession,  # before whatever else uses the request's session: it is the one whose number is limited
    attempt: Annotated[Attempt, Depends(get_attempt)],
    terms: TermsDep,
    response: Response,
) -> PlacedOrder:
    """Turn the cart into an order that obliges to pay; a repeated call of the same caller returns the same order.

    A large order, or one of many, of somebody whose address is not proved waits until the link in its mail is followed.

    The order of whoever is logged in belongs to the account. A guest is given `access_token`, the key to the order; it
    is not mailed and not shown again but to the same request.
    """
    result = await service.place_order(session, wish, attempt, terms)
    response.headers["Location"] = f"/v1/orders/{result.order.reference}"
    if result.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return views.placed(result, terms, for_guest=attempt.account_id is None)
