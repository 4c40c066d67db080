"""Endpoints of a placed order, for its owner: a guest with the order's token, or the account it belongs to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Path, Request, Response

from app.auth.errors import LinkInvalid, Unauthenticated
from app.auth.guards import MAYBE_ACCOUNT, MaybeAccount, guard
from app.auth.guest_tokens import OrderToken, verify
from app.auth.link_tokens import read_link
from app.core.clock import At
from app.core.conditions import ConditionsDep
from app.core.db import LookupsDep, SessionDep
from app.core.errors import Invalid, NotFound
from app.core.explaining import ORDER_NUMBER
from app.core.files import PDF, file_responses, pdf_response
from app.core.language import Language, Speaks
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.core.secrets import Secret
from app.core.throttle import HOUR, TooManyRequests, limited
from app.fulfilment import queries
from app.fulfilment.cancelling import cancel_order
from app.fulfilment.confirming import CONFIRM, confirm_order
from app.fulfilment.schemas import (
    AcceptedDeclarationView,
    ConfirmOrder,
    OrderView,
    OwnDocumentsView,
    OwnDocumentView,
)
from app.fulfilment.viewing import ViewTerms
from app.fulfilment.views import order_view, term_view
from app.invoices import queries as invoice_queries
from app.invoices.papers import filename
from app.orders import queries as order_queries
from app.orders.models import Order
from app.orders.states import Actor, OrderCannotMove
from app.privacy import service as privacy

router = Router(tags=["order"])
CONFIRMATIONS = limited("confirm-order", 60, HOUR)
Number = Annotated[str, Path(pattern=ORDER_NUMBER, description="Of the order", examples=["100000001"])]
DocumentId = Annotated[
    UUID,
    Path(description="As the order's list of documents names it", examples=["5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"]),
]


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever holds a token or is logged in; whether that opens an order is asked of each order."""

    secret: Secret
    token: str | None
    account_id: UUID | None
    at: datetime

    def holds(self, order: Order) -> bool:
        """Say whether the order is theirs; after an erasure no token opens it any more, nor does a link."""
        if order.account_id is not None and order.account_id == self.account_id:
            return True
        if self.token is None or order.view_counter is None:
            return False
        return verify(self.secret, self.token, order.id, self.at)


@guard
async def get_holder(request: Request, account: MaybeAccount, at: At, token: OrderToken = None) -> Holder:
    return Holder(request.app.state.terms.guest_token_secret, token, account.id if account else None, at)


HolderDep = Annotated[Holder, Depends(get_holder)]


@guard
async def get_own_order(number: Number, holder: HolderDep, session: SessionDep) -> Order:
    """Find the order its owner asks for; a stranger's is not found, whatever the reason."""
    order = await order_queries.find_order(session, number)
    if order is None or not holder.holds(order):
        raise NotFound
    return order


async def get_withdrawal_zone(request: Request) -> ZoneInfo:
    zone: ZoneInfo = request.app.state.view_terms.withdrawal_zone
    return zone


WithdrawalZone = Annotated[ZoneInfo, Depends(get_withdrawal_zone)]
OwnOrder = Annotated[Order, Depends(get_own_order, scope="function")]


@router.get("/orders/{number}", openapi_extra=MAYBE_ACCOUNT, responses=problems(Unauthenticated, NotFound, Invalid))
async def read_order(
    number: Number, holder: HolderDep, lookups: LookupsDep, language: Speaks, request: Request
) -> OrderView:
    """Show an order with its lines, payment and how to pay, shipment and history."""
    found = await queries.find_whole(lookups, number)
    if found is None or not holder.holds(found.order):
        raise NotFound
    return own_order_view(found, holder, language, request.app.state.view_terms)


def own_order_view(found: queries.Whole, holder: Holder, language: Language, terms: ViewTerms) -> OrderView:
    # Once it is an account's, its address may have changed since: not for whoever still has the guest's token.
    with_email = found.order.account_id in {None, holder.account_id}
    withdrawal = term_view(found, terms.withdrawal_zone, at=holder.at)
    return order_view(found, language, withdrawal, payee=terms.payee, with_email=with_email)


@router.post(
    "/orders/{number}/cancellation",
    status_code=204,
    response_class=Response,
    openapi_extra=MAYBE_ACCOUNT,
    responses=problems(Unauthenticated, NotFound, OrderCannotMove, Invalid),
)
async def cancel_own_order(order: OwnOrder, session: SessionDep, at: At) -> None:
    """Cancel an order that was not handed over yet; what was paid goes back within 14 days.

    A repeated call changes nothing.
    """
    await cancel_order(session, order.id, at=at, by=Actor.CUSTOMER)


@router.post(
    "/orders/{number}/confirmation",
    status_code=204,
    dependencies=[CONFIRMATIONS],
    response_class=Response,
    responses=problems(LinkInvalid, OrderCannotMove, TooManyRequests, BodyUnreadable, Invalid),
)
async def confirm_own_order(number: Number, wish: ConfirmOrder, request: Request, session: SessionDep, at: At) -> None:
    """Confirm an order that waits for it, by the link that was mailed; a repeated call changes nothing."""
    order_id = read_link(request.app.state.secret, CONFIRM, wish.token.get_secret_value())
    order = await order_queries.find_order(session, number)
    if order is None or order.id != order_id:
        raise LinkInvalid
    await confirm_order(session, order.id, at=at, by=Actor.CUSTOMER)


@router.get(
    "/orders/{number}/declaration", openapi_extra=MAYBE_ACCOUNT, responses=problems(Unauthenticated, NotFound, Invalid)
)
async def read_accepted_declaration(order: OwnOrder, session: SessionDep) -> AcceptedDeclarationView:
    """Show the exact text that was accepted with the order."""
    return AcceptedDeclarationView.model_validate(await privacy.show_accepted_text(session, order.acceptance_id))


@router.get(
    "/orders/{number}/documents", openapi_extra=MAYBE_ACCOUNT, responses=problems(Unauthenticated, NotFound, Invalid)
)
async def list_own_documents(order: OwnOrder, session: SessionDep) -> OwnDocumentsView:
    """List the documents issued for an order."""
    rows = await invoice_queries.list_of_order(session, order.id)
    return OwnDocumentsView(items=_documents(rows))


@router.get(
    "/documents/{document_id}.pdf",
    response_class=Response,
    openapi_extra=MAYBE_ACCOUNT,
    responses={**file_responses("The document", PDF), **problems(Unauthenticated, NotFound, Invalid)},
)
async def download_own_document(
    document_id: DocumentId, holder: HolderDep, asked: ConditionsDep, session: SessionDep
) -> Response:
    """Download a document of one's own order, as it was issued."""
    file = await queries.get_file(session, document_id)
    if not holder.holds(file.order):
        raise NotFound
    return pdf_response(file.pdf, sha256=file.sha256, filename=filename(file.kind, file.number), asked=asked)


def _documents(rows: Sequence[invoice_queries.DocumentRow]) -> list[OwnDocumentView]:
    return [
        OwnDocumentView(
            id=row.id,
            number=row.number,
            kind=row.kind,
            issued_on=row.issued_on,
            total=row.total,
            pdf=f"/v1/documents/{row.id}.pdf",
        )
        for row in rows
        if row.sha256
    ]
