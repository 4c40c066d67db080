"""Pages of an order that is open: by the cookie with its token, which the link in a mail was exchanged for."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.guest_tokens import is_current
from app.core.clock import At
from app.core.conditions import ConditionsDep
from app.core.db import LookupsDep, SessionDep, let_go
from app.fulfilment import queries
from app.fulfilment.api import (
    Holder,
    Number,
    cancel_own_order,
    download_own_document,
    list_own_documents,
    own_order_view,
    read_accepted_declaration,
)
from app.fulfilment.queries import Whole
from app.fulfilment.viewing import ViewTerms, seen_order
from app.orders.models import OrderStatus
from app.pages.order_words import WORDS
from app.pages.rendering import language_of, link, render
from app.pages.routing import PageRouter

router = PageRouter("/orders")
CANCELLABLE = frozenset({OrderStatus.PLACED, OrderStatus.CONFIRMED})


def cookie_of(number: str) -> str:
    """Name the cookie that opens an order: its browser sends it to this host alone, and shows it to no script."""
    return f"__Host-order-{number}"


def get_holder(number: Number, request: Request, at: At) -> Holder:
    token = request.cookies.get(cookie_of(number))
    return Holder(request.app.state.terms.guest_token_secret, token, None, at)


HolderDep = Annotated[Holder, Depends(get_holder)]


async def find_opened(number: Number, holder: HolderDep, lookups: LookupsDep) -> Whole | None:
    """Find the order, where the cookie opens it; without one that may, no order is looked for."""
    if holder.token is None or not is_current(holder.token, holder.at):
        return None
    found = await queries.find_whole(lookups, number)
    return found if found and holder.holds(found.order) else None


OpenedDep = Annotated[Whole | None, Depends(find_opened, scope="function")]


async def show_whole(
    request: Request, opened: Whole, session: AsyncSession, holder: Holder, *, at: datetime
) -> Response:
    language = language_of(request)
    documents = await list_own_documents(opened.order, session)
    terms: ViewTerms = request.app.state.view_terms
    whole = own_order_view(opened, holder, language, terms)
    await let_go(session)  # no connection is held while a code is drawn
    return render(
        request,
        "order_whole.html",
        number=whole.number,
        seen=await seen_order(opened, language, terms, at=at),
        whole=whole,
        zone=terms.withdrawal_zone,
        documents=documents.items,
        **WORDS,
        may_cancel=whole.status in CANCELLABLE,
    )


@router.get("/{number}/documents/{document_id}.pdf")
async def download_document(
    number: Number, document_id: UUID, request: Request, holder: HolderDep, asked: ConditionsDep, session: SessionDep
) -> Response:
    if holder.token is None:
        return _closed(request, number)
    return await download_own_document(document_id, holder, asked, session)


@router.get("/{number}/declaration")
async def show_declaration(number: Number, request: Request, opened: OpenedDep, session: SessionDep) -> Response:
    if opened is None:
        return _closed(request, number)
    accepted = await read_accepted_declaration(opened.order, session)
    return render(request, "order_declaration.html", number=number, accepted=accepted)


@router.get("/{number}/cancellation")
async def ask_to_cancel(number: Number, request: Request, opened: OpenedDep) -> Response:
    if opened is None or opened.order.status not in CANCELLABLE:
        return _closed(request, number)
    return render(request, "order_cancellation.html", number=number)


@router.post("/{number}/cancellation")
async def cancel_by_cookie(
    number: Number, request: Request, opened: OpenedDep, session: SessionDep, at: At
) -> Response:
    if opened is not None:
        await cancel_own_order(opened.order, session, at)
    return _closed(request, number)


@router.post("/{number}/closing")
async def close_order(number: Number, request: Request) -> Response:
    """Forget in this browser that the order is open."""
    answer = _closed(request, number)
    answer.delete_cookie(cookie_of(number), path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _closed(request: Request, number: str) -> Response:
    """Go to the order's page, which shows how it stands or how it is opened."""
    return RedirectResponse(link(request, f"/orders/{number}"), 303)
