"""Endpoints of orders and customers for staff; each use is audited, with whose data it showed."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.recording import Action, audit_insert
from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import HOLDERS, Right
from app.core.clock import At, legal_date
from app.core.db import LookupsDep, SessionDep, write_last
from app.core.errors import Invalid, NotFound
from app.core.language import Language, Speaks
from app.core.paging import Cursor, CursorUnknown, Limit, Page, read_cursor, write_cursor
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.fulfilment import mending, queries, staff_queries
from app.fulfilment.accessing import raise_view_counter
from app.fulfilment.account_api import read_number
from app.fulfilment.api import Number, WithdrawalZone
from app.fulfilment.attention import row_parcel
from app.fulfilment.cancelling import cancel_order
from app.fulfilment.confirming import confirm_order
from app.fulfilment.mending import ParcelBeingBooked, ParcelBooked
from app.fulfilment.receipts_queries import list_of_order
from app.fulfilment.receipts_schemas import StaffReceiptView
from app.fulfilment.staff_schemas import (
    CorrectOrder,
    FoundCustomersView,
    FoundCustomerView,
    FoundOrderView,
    OwedRefundView,
    SearchCustomers,
    StaffDocumentView,
    StaffEventView,
    StaffOrderView,
    company_view,
    shown_order,
)
from app.fulfilment.views import order_view, term_view
from app.invoices import queries as invoice_queries
from app.orders import queries as order_queries
from app.orders.models import OrderStatus
from app.orders.states import Actor, OrderCannotMove
from app.orders.whose import whose_of
from app.privacy.restricting import PersonRestricted, Whose, require_unrestricted
from app.shipping.places import KnownPlaces, place_of, refusal

router = Router(prefix="/staff", tags=["staff"])
Reader = Annotated[Person, staff_with(Right.READ_ORDERS)]
Confirmer = Annotated[Person, staff_with(Right.CONFIRM_ORDERS)]
Revoker = Annotated[Person, staff_with(Right.REVOKE_VIEW_KEYS)]
Corrector = Annotated[Person, staff_with(Right.CORRECT_ORDERS)]
Canceller = Annotated[Person, staff_with(Right.CANCEL_ORDERS)]
Refunder = Annotated[Person, staff_with(Right.ISSUE_DOCUMENTS)]
CustomerReader = Annotated[Person, staff_with(Right.READ_CUSTOMERS)]


async def require_served(request: Request, language: Speaks, at: At) -> None:
    """Refuse a place to which the courier does not go, before anything is locked."""
    wish: CorrectOrder = request.state.body
    places: KnownPlaces = request.app.state.places
    if wish.delivery is None:
        return
    place = place_of(wish.delivery)
    if not await places.serves(place, at=at):
        raise refusal(place, "/delivery", language)


ServedPlace = Annotated[None, Depends(require_served)]


@router.get("/orders", responses=problems(*STAFF_REFUSALS, CursorUnknown, Invalid))
async def list_orders(
    caller: Reader,
    session: SessionDep,
    language: Speaks,
    at: At,
    status: Annotated[OrderStatus | None, Query(description="Of one status alone")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[FoundOrderView]:
    """List orders, newest first."""
    after = read_cursor(cursor, read_number)
    rows = await staff_queries.list_orders(
        session, status=status, with_restricted=decides(caller), after=after[0] if after else None, limit=limit + 1
    )
    return found_page(session, "list_orders", rows, limit, caller, language, at)


def decides(caller: Person) -> bool:
    """Say whether the caller decides on requests: then data under restriction are read for a claim (S64)."""
    return caller.role in HOLDERS[Right.DECIDE_REQUESTS]


async def _require_use(session: AsyncSession, caller: Person, whose: Whose) -> None:
    if not decides(caller):
        await require_unrestricted(session, [whose])


def found_page(
    session: AsyncSession,
    operation: str,
    rows: Sequence[Row[*tuple[Any, ...]]],
    limit: int,
    caller: Person,
    language: Language,
    at: datetime,
) -> Page[FoundOrderView]:
    shown = rows[:limit]
    _note_shown(session, operation, [f"order:{row.number}" for row in shown], caller, at)
    return Page(
        items=[FoundOrderView.of(row, row_parcel(row, language, to_staff=True)) for row in shown],
        next_cursor=write_cursor(shown[-1].number) if len(rows) > limit else None,
    )


def _note_shown(session: AsyncSession, operation: str, whose: Iterable[str], caller: Person, at: datetime) -> None:
    """Audit whose data a list showed: after a breach it has to be told who was seen."""
    detail = " ".join(whose)
    if detail:
        entry = audit_insert(Action.PERSONAL_DATA_READ, actor=caller.actor, subject=operation, detail=detail, at=at)
        write_last(session, entry)


@router.get("/orders/{number}", responses=problems(*STAFF_REFUSALS, NotFound, PersonRestricted, Invalid))
async def read_order_as_staff(
    number: Number,
    caller: Reader,
    lookups: LookupsDep,
    session: SessionDep,
    language: Speaks,
    zone: WithdrawalZone,
    at: At,
) -> StaffOrderView:
    """Show an order as its owner sees it, with company, documents, and who changed its status.

    E-mail address, company and documents are shown to whose role has a right to them.
    """
    found = await queries.find_whole(lookups, number)
    if found is None:
        raise NotFound
    order = found.order
    await _require_use(session, caller, whose_of(order))
    events = await order_queries.list_events(session, order.id)
    reads_documents = caller.role in HOLDERS[Right.READ_DOCUMENTS]
    documents = await invoice_queries.list_of_order(session, order.id) if reads_documents else []
    receipts = await list_of_order(session, order.id) if caller.role in HOLDERS[Right.HANDLE_RECEIPTS] else []
    return StaffOrderView(
        order=shown_order(
            order_view(found, language, term_view(found, zone, at=at), to_staff=True),
            with_email=caller.role in HOLDERS[Right.READ_CUSTOMERS],
        ),
        account_id=order.account_id,
        language=order.language,
        company=company_view(order) if reads_documents else None,
        history=[StaffEventView.model_validate(event) for event in events],
        documents=[StaffDocumentView.model_validate(document) for document in documents],
        receipts=[StaffReceiptView.of(row) for row in receipts],
    )


@router.post(
    "/orders/{number}/confirmation",
    status_code=204,
    response_class=Response,
    responses=problems(*STAFF_REFUSALS, NotFound, PersonRestricted, OrderCannotMove, Invalid),
)
async def confirm_order_as_staff(number: Number, caller: Confirmer, session: SessionDep, at: At) -> None:
    """Confirm an order that waits for its buyer to say that it is meant; they said so by phone, say."""
    order = await order_queries.get_order(session, number)
    await _require_use(session, caller, whose_of(order))
    await confirm_order(session, order.id, at=at, by=Actor.STAFF)


@router.post(
    "/orders/{number}/corrections",
    status_code=204,
    response_class=Response,
    responses=problems(
        *STAFF_REFUSALS,
        NotFound,
        PersonRestricted,
        OrderCannotMove,
        ParcelBooked,
        ParcelBeingBooked,
        BodyUnreadable,
        Invalid,
    ),
)
async def correct_order(
    number: Number, wish: CorrectOrder, _place: ServedPlace, caller: Corrector, session: SessionDep, at: At
) -> None:
    """Correct name, phone or place of delivery while the courier has no parcel; its booking goes on, and a mail tells.

    A repeated call changes nothing. Documents that were issued go on stating the name that they stated.
    """
    order = await order_queries.get_order(session, number)
    await _require_use(session, caller, whose_of(order))
    await mending.correct_order(session, order.id, wish, at=at)


@router.post(
    "/orders/{number}/cancellation",
    status_code=204,
    response_class=Response,
    responses=problems(*STAFF_REFUSALS, NotFound, PersonRestricted, OrderCannotMove, Invalid),
)
async def cancel_order_as_staff(number: Number, caller: Canceller, session: SessionDep, at: At) -> None:
    """Cancel an order that was not handed over yet; what was paid is then owed (`list_owed_refunds`).

    A repeated call changes nothing.
    """
    order = await order_queries.get_order(session, number)
    await _require_use(session, caller, whose_of(order))
    await cancel_order(session, order.id, at=at, by=Actor.STAFF)


@router.post(
    "/orders/{number}/view-keys/revocation",
    status_code=204,
    response_class=Response,
    responses=problems(*STAFF_REFUSALS, NotFound, Invalid),
)
async def revoke_view_keys(number: Number, caller: Revoker, session: SessionDep) -> None:  # noqa: ARG001 - the right
    """Let the links in an order's mails open it no more: somebody else has one. Mails from now on bear another."""
    order = await order_queries.get_order(session, number)
    await raise_view_counter(session, order.id)


@router.get("/owed-refunds", responses=problems(*STAFF_REFUSALS, CursorUnknown, Invalid))
async def list_owed_refunds(
    caller: Refunder, session: SessionDep, at: At, limit: Limit = 20, cursor: Cursor = None
) -> Page[OwedRefundView]:
    """List what is to go back to buyers whose paid orders were cancelled, the most urgent first."""
    after = read_cursor(cursor, date.fromisoformat, UUID)
    rows = await staff_queries.list_owed_refunds(
        session, after=(after[0], after[1]) if after else None, limit=limit + 1
    )
    shown, today = rows[:limit], legal_date(at)
    _note_shown(session, "list_owed_refunds", [f"order:{row.number}" for row in shown], caller, at)
    return Page(
        items=[OwedRefundView.of(row, today) for row in shown],
        next_cursor=write_cursor(shown[-1].due_on, shown[-1].order_id) if len(rows) > limit else None,
    )


@router.post("/customers/searches", responses=problems(*STAFF_REFUSALS, PersonRestricted, BodyUnreadable, Invalid))
async def search_customers(
    wish: SearchCustomers, caller: CustomerReader, session: SessionDep, at: At
) -> FoundCustomersView:
    """Find the account of an e-mail address."""
    found = await staff_queries.find_customer(session, wish.email)
    if found is None:
        return FoundCustomersView(items=[])
    await _require_use(session, caller, Whose(wish.email, found.account_id))
    _note_shown(session, "search_customers", [f"account:{found.account_id}"], caller, at)
    return FoundCustomersView(items=[FoundCustomerView.model_validate(found)])
