"""Pages of an order: what the link in its mails shows, and how its whole is opened, with scripts or without.

The key of the view stands behind the `#` of the address, which browsers send to no server: the page's script sends it
by POST. Without a key, or without scripts, the page asks for the order's address and mails a link. What the page says
without a key is the same of every number.
"""

from typing import Annotated

from fastapi import Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from app.auth.errors import LinkInvalid
from app.auth.link_tokens import LENGTH
from app.core.clock import At
from app.core.db import LookupsDep, SessionDep
from app.core.errors import NotFound
from app.core.language import Text
from app.core.throttle import ThrottleDep
from app.fulfilment.accessing import OPEN_FOR
from app.fulfilment.api import CONFIRMATIONS, Number, confirm_own_order
from app.fulfilment.schemas import ConfirmOrder
from app.fulfilment.viewing_api import ASKS, LOOKS, OPENINGS, open_order, request_order_access, view_order
from app.fulfilment.viewing_schemas import OpenOrder, RequestOrderAccess, ViewOrder
from app.pages.forms import Form, Label
from app.pages.opened_orders import HolderDep, OpenedDep, cookie_of, show_whole
from app.pages.order_words import LINK_DEAD, LINK_USED, WORDS
from app.pages.rendering import PageLanguage, language_of, link, render
from app.pages.routing import PageRouter, read_form

router = PageRouter("/orders")
Typed = Annotated[dict[str, str], Depends(read_form)]
Token = Annotated[str, Query(max_length=LENGTH)]
ASKING = Form(
    RequestOrderAccess,
    {
        "email": Label(
            Text("Имейл, с който е поръчано", "E-mail address of the order"),
            Text("Пращаме връзката само на него.", "We send the link to no other."),
            autocomplete="email",
        )
    },
)


@router.get("/{number}")
async def show_order(
    number: Number, request: Request, opened: OpenedDep, holder: HolderDep, session: SessionDep, at: At
) -> Response:
    """Show the whole order to whom it is open, to anybody else how it is opened."""
    if opened is None:
        return _ask(request, number)
    return await show_whole(request, opened, session, holder, at=at)


@router.get("/{number}/view")
@router.get("/{number}/access-links")
@router.get("/{number}/closing")
async def reopen_order(number: Number, request: Request) -> Response:
    """Go to the order's page where the address of an act is opened by itself, as the switch of languages does."""
    return RedirectResponse(link(request, f"/orders/{number}"), 303)


@router.post("/{number}/view", dependencies=[LOOKS])
async def show_view(
    number: Number, request: Request, typed: Typed, lookups: LookupsDep, language: PageLanguage, at: At
) -> Response:
    try:
        wish = ViewOrder.model_validate(typed)
        seen = await view_order(number, wish, request, Response(), lookups, language, at)
    except (NotFound, ValidationError):
        return _ask(request, number, notice=LINK_DEAD, status=404)
    return render(
        request,
        "order_seen.html",
        typed=typed,
        number=number,
        seen=seen,
        zone=request.app.state.view_terms.withdrawal_zone,
        form=ASKING.shown(language, {}),
        **WORDS,
    )


@router.post("/{number}/access-links", dependencies=[ASKS])
async def ask_for_link(
    number: Number,
    request: Request,
    typed: Typed,
    session: SessionDep,
    throttle: ThrottleDep,
    language: PageLanguage,
    at: At,
) -> Response:
    try:
        wish = ASKING.read(typed)
    except ValidationError as refused:
        return _ask(request, number, typed, ASKING.errors(refused, typed, language), status=422)
    await request_order_access(number, wish, request, session, throttle, language, at)
    return render(request, "order_asked.html", number=number, email=wish.email)


@router.get("/{number}/access")
async def show_access(number: Number, request: Request, token: Token = "") -> Response:
    """Ask whether the order is to be opened: a scanner of mails that only looks uses nothing up."""
    if not token:
        return await reopen_order(number, request)
    if len(token) != LENGTH:
        return _ask(request, number, notice=LINK_USED)
    return render(request, "order_access.html", number=number, token=token)


@router.post("/{number}/access", dependencies=[OPENINGS])
async def open_by_link(
    number: Number, request: Request, typed: Typed, opened_already: OpenedDep, session: SessionDep, at: At
) -> Response:
    """Exchange the link for the cookie; the second of a double click finds the first one's."""
    try:
        opened = await open_order(number, OpenOrder.model_validate(typed), request, Response(), session, at)
    except (LinkInvalid, ValidationError):
        if opened_already is not None:
            return await reopen_order(number, request)
        return _ask(request, number, notice=LINK_USED, status=422)
    answer = RedirectResponse(link(request, f"/orders/{number}"), 303)
    answer.set_cookie(
        cookie_of(number),
        opened.access_token,
        max_age=int(OPEN_FOR.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/{number}/confirmation")
async def show_confirmation(number: Number, request: Request, token: Token = "") -> Response:
    """Ask whether the order is meant: to look at the page confirms nothing."""
    if not token:
        return await reopen_order(number, request)
    return render(request, "order_confirmation.html", number=number, token=token, is_confirmed=False)


@router.post("/{number}/confirmation", dependencies=[CONFIRMATIONS])
async def confirm_by_link(number: Number, request: Request, typed: Typed, session: SessionDep, at: At) -> Response:
    try:
        wish = ConfirmOrder.model_validate(typed)
    except ValidationError:
        raise LinkInvalid from None
    await confirm_own_order(number, wish, request, session, at)
    return render(request, "order_confirmation.html", number=number, token="", is_confirmed=True)


def _ask(
    request: Request,
    number: str,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    *,
    notice: Text | None = None,
    status: int = 200,
) -> Response:
    form = ASKING.shown(language_of(request), typed or {}, errors)
    return render(request, "order_closed.html", status=status, number=number, form=form, notice=notice)
