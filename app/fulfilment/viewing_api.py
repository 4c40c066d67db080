"""Endpoints of whoever comes from an order's mails: what the link shows, and how the whole order is opened."""

from fastapi import Request, Response

from app.auth.errors import LinkInvalid
from app.auth.guest_tokens import guest_token
from app.auth.link_tokens import read_link
from app.auth.models import LinkPurpose
from app.core.clock import At
from app.core.db import LookupsDep, SessionDep
from app.core.errors import Invalid, NotFound
from app.core.language import Speaks
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.core.throttle import HOUR, QUARTER, ThrottleDep, TooManyRequests, limited, origin
from app.fulfilment import queries
from app.fulfilment.accessing import OPEN_FOR, ask_for_access, use_link
from app.fulfilment.api import Number
from app.fulfilment.viewing import ViewTerms, is_open, seen_order
from app.fulfilment.viewing_schemas import OpenOrder, OrderAccessView, RequestOrderAccess, SeenOrderView, ViewOrder
from app.orders.view_keys import read_view_key

router = Router(tags=["order"])
LOOKS = limited("view-order", 120, QUARTER)
ASKS = limited("order-access", 20, HOUR)
OPENINGS = limited("open-order", 20, HOUR)
"""The same for the endpoints and for the pages that do what they do."""


@router.post(
    "/orders/{number}/views",
    dependencies=[LOOKS],
    responses=problems(NotFound, TooManyRequests, BodyUnreadable, Invalid),
)
async def view_order(
    number: Number,
    wish: ViewOrder,
    request: Request,
    response: Response,
    lookups: LookupsDep,
    language: Speaks,
    at: At,
) -> SeenOrderView:
    """Show an order by the key of the link in its mails; with any other key it is not found."""
    terms: ViewTerms = request.app.state.view_terms
    # A key that was never made is refused before any order is looked at: nothing tells whether there is one.
    opened = read_view_key(terms.secret, wish.key.get_secret_value())
    found = await queries.find_whole(lookups, number, order_id=opened.order_id) if opened else None
    if opened is None or found is None or not is_open(found, opened, terms, at=at):
        raise NotFound
    response.headers["Cache-Control"] = "no-store"
    return await seen_order(found, language, terms, at=at)


@router.post(
    "/orders/{number}/access-links",
    status_code=202,
    dependencies=[ASKS],
    response_class=Response,
    responses=problems(TooManyRequests, BodyUnreadable, Invalid),
)
async def request_order_access(
    number: Number,
    wish: RequestOrderAccess,
    request: Request,
    session: SessionDep,
    throttle: ThrottleDep,
    language: Speaks,
    at: At,
) -> None:
    """Ask for a mail with a link that opens the order; the answer is the same whoever's order it is, if there is one.

    The mail is sent to the order's own address alone. The link works once, for half an hour.
    """
    here, mailbox = origin(request), wish.email.lower()
    await throttle.take(f"order-access:{here} {mailbox}", limit=5, per_seconds=HOUR, at=at)
    try:
        await throttle.take(f"order-access-of:{number} {mailbox}", limit=30, per_seconds=HOUR, at=at)
    except TooManyRequests:
        return  # asked for from everywhere: mails enough are under way, and nobody is told that others ask, too
    await ask_for_access(session, int(number), wish.email, language=language, at=at)


@router.post(
    "/orders/{number}/access",
    dependencies=[OPENINGS],
    responses=problems(LinkInvalid, TooManyRequests, BodyUnreadable, Invalid),
)
async def open_order(
    number: Number, wish: OpenOrder, request: Request, response: Response, session: SessionDep, at: At
) -> OrderAccessView:
    """Open the whole order for a day by the link that was mailed; it works once."""
    link_id = read_link(request.app.state.secret, LinkPurpose.ORDER_ACCESS, wish.token.get_secret_value())
    if link_id is None:
        raise LinkInvalid
    order_id = await use_link(session, link_id, int(number), at=at)
    expires_at = at.replace(microsecond=0) + OPEN_FOR
    response.headers["Cache-Control"] = "no-store"
    token = guest_token(request.app.state.terms.guest_token_secret, order_id, expires_at)
    return OrderAccessView(access_token=token, access_token_expires_at=expires_at)
