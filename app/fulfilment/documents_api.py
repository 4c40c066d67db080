"""Endpoints by which staff correct what was issued; each use is audited."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Path, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.forms import InvoiceWish
from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid, NotFound
from app.core.explaining import REQUEST_KEY
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.fulfilment import correcting
from app.fulfilment.api import Number
from app.fulfilment.correcting import Act, GoneBack, request_of
from app.fulfilment.dates import DateBeforeOrder, DateInFuture, happened_on
from app.fulfilment.documents_schemas import (
    AnnulDocument,
    AnnulledView,
    CreditableLineView,
    CreditableView,
    IssueCreditNote,
    IssueDebitNote,
    IssuedView,
    RecordRefund,
    RefundView,
)
from app.invoices import notes, queries
from app.invoices.errors import (
    AlreadyAnnulled,
    CreditExceedsInvoice,
    NotAnnullable,
    NothingToCorrect,
    ReplacementMissing,
    RequestKeyReused,
    SeriesAhead,
    VatContradicts,
)
from app.invoices.notes import Credit
from app.invoices.service import Issuer
from app.invoices.view import Buyer, InvoiceView, Line
from app.orders import queries as order_queries
from app.orders.models import Order
from app.payments.errors import LineNotInOrder, RefundExceedsLines, RefundExceedsPayment
from app.returns.errors import WithdrawalChanged, WithdrawalSettled, WithdrawalUnmatched, WithdrawerUnchecked

router = Router(prefix="/staff", tags=["staff"])
Corrector = Annotated[Person, staff_with(Right.ISSUE_DOCUMENTS)]
Packer = Annotated[Person, staff_with(Right.ISSUE_GOODS_NOTES)]
NAMED = (WithdrawalUnmatched, WithdrawalChanged, WithdrawerUnchecked, WithdrawalSettled)
"""Refusals of a statement that a refund names."""
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=REQUEST_KEY,
        description="New for each document, the same for a repetition",
        examples=["0af7651916cd43dd8448eb211c80319c"],
    ),
]
DocumentId = Annotated[
    UUID, Path(description="As the order's documents name it", examples=["5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"])
]


async def get_issuer(request: Request) -> Issuer:
    issuer: Issuer = request.app.state.issuer
    return issuer


IssuerDep = Annotated[Issuer, Depends(get_issuer)]


async def _locked(session: AsyncSession, number: str) -> Order:
    order = await order_queries.get_order(session, number)
    return await order_queries.lock_order(session, order.id)


def _buyer(company: InvoiceWish) -> Buyer:
    return Buyer(
        name=company.company_name,
        address=f"{company.city}, {company.address}",
        eik=company.eik,
        vat_number=company.vat_number,
        responsible_person=company.responsible_person,
    )


@router.get("/orders/{number}/creditable", responses=problems(*STAFF_REFUSALS, NotFound, NothingToCorrect, Invalid))
async def read_creditable(number: Number, _: Corrector, session: SessionDep) -> CreditableView:
    """Show the invoice in force line by line, and what of each no credit note took back yet."""
    order = await order_queries.get_order(session, number)
    invoice = await queries.find_invoice_in_force(session, order.id)
    if invoice is None:
        raise NothingToCorrect
    left = await notes.list_left(session, invoice)
    lines = InvoiceView.restored(invoice.snapshot).lines
    return CreditableView(
        invoice=IssuedView.model_validate(invoice),
        lines=[
            CreditableLineView(
                position=position,
                description=line.description,
                quantity=line.quantity,
                gross=line.gross,
                left_quantity=left[position].quantity,
                left=left[position].gross,
            )
            for position, line in enumerate(lines, start=1)
        ],
    )


@router.post(
    "/orders/{number}/credit-notes",
    status_code=201,
    responses=problems(
        *STAFF_REFUSALS,
        NotFound,
        NothingToCorrect,
        SeriesAhead,
        CreditExceedsInvoice,
        RefundExceedsPayment,
        *NAMED,
        RequestKeyReused,
        DateInFuture,
        DateBeforeOrder,
        BodyUnreadable,
        Invalid,
    ),
)
async def issue_credit_note(
    number: Number,
    wish: IssueCreditNote,
    key: Key,
    caller: Corrector,
    session: SessionDep,
    issuer: IssuerDep,
    at: At,
) -> IssuedView:
    """Credit parts of the order's invoice, or all that is left of it, and note the refund that goes with it.

    It is mailed to the buyer. The same key and body again give the same note.
    """
    order = await _locked(session, number)
    gone = wish.refund
    refund = None
    if gone:
        refunded_on = happened_on(order, gone.refunded_on, at, pointer="/refund/refunded_on")
        refund = GoneBack(gone.means, refunded_on, gone.amount, gone.withdrawal)
    parts = [Credit(line.position, line.quantity, line.amount) for line in wish.lines] if wish.lines else None
    act = Act(caller.actor, at, request_of(key, "credit", number, wish))
    event_on = happened_on(order, wish.event_on, at, pointer="/event_on")
    note = await correcting.credit(
        session, order, parts, issuer, act, ground=wish.ground, event_on=event_on, refund=refund
    )
    return IssuedView.model_validate(note)


@router.post(
    "/orders/{number}/debit-notes",
    status_code=201,
    responses=problems(
        *STAFF_REFUSALS,
        NotFound,
        NothingToCorrect,
        SeriesAhead,
        VatContradicts,
        RequestKeyReused,
        DateInFuture,
        DateBeforeOrder,
        BodyUnreadable,
        Invalid,
    ),
)
async def issue_debit_note(
    number: Number,
    wish: IssueDebitNote,
    key: Key,
    caller: Corrector,
    session: SessionDep,
    issuer: IssuerDep,
    at: At,
) -> IssuedView:
    """Charge more on the order's invoice; mailed to the buyer. The same key and body again give the same note."""
    order = await _locked(session, number)
    lines = [
        Line.of(description=line.description, quantity=line.quantity, rate=line.vat_rate, gross=line.amount)
        for line in wish.lines
    ]
    act = Act(caller.actor, at, request_of(key, "debit", number, wish))
    event_on = happened_on(order, wish.event_on, at, pointer="/event_on")
    note = await correcting.debit(session, order, lines, issuer, act, ground=wish.ground, event_on=event_on)
    return IssuedView.model_validate(note)


@router.post(
    "/documents/{document_id}/annulment",
    status_code=201,
    responses=problems(
        *STAFF_REFUSALS,
        NotFound,
        AlreadyAnnulled,
        SeriesAhead,
        NotAnnullable,
        ReplacementMissing,
        VatContradicts,
        BodyUnreadable,
        Invalid,
    ),
)
async def annul_document(
    document_id: DocumentId, wish: AnnulDocument, caller: Corrector, session: SessionDep, issuer: IssuerDep, at: At
) -> AnnulledView:
    """Annul an invoice or a note: it keeps its number, a protocol says why, and another may stand in its place."""
    document = await correcting.lock_document(session, document_id)
    company = wish.replacement.company if wish.replacement else None
    act = Act(caller.actor, at, request_of(str(document_id), "annul", str(document_id), wish))
    done = await correcting.annul_document(
        session,
        document,
        issuer,
        act,
        ground=wish.ground,
        replaced=wish.replacement is not None,
        buyer=_buyer(company) if company else None,
    )
    return AnnulledView(
        protocol=IssuedView.model_validate(done.protocol),
        replacement=IssuedView.model_validate(done.replacement) if done.replacement else None,
    )


@router.post(
    "/orders/{number}/refunds",
    status_code=201,
    responses=problems(
        *STAFF_REFUSALS,
        NotFound,
        RefundExceedsPayment,
        RefundExceedsLines,
        LineNotInOrder,
        *NAMED,
        RequestKeyReused,
        DateInFuture,
        DateBeforeOrder,
        BodyUnreadable,
        Invalid,
    ),
)
async def record_refund(
    number: Number, wish: RecordRefund, key: Key, caller: Corrector, session: SessionDep, at: At
) -> RefundView:
    """Note money that went back where no credit note goes with it; it is in the audit file of its month."""
    order = await _locked(session, number)
    act = Act(caller.actor, at, request_of(key, "refund", number, wish))
    refunded_on = happened_on(order, wish.refunded_on, at, pointer="/refunded_on")
    lines = {line.sku: line.quantity for line in wish.lines} if wish.lines else None
    gone = GoneBack(wish.means, refunded_on, withdrawal=wish.withdrawal, lines=lines)
    return RefundView.model_validate(await correcting.refund_order(session, order, gone, wish.amount, act))


@router.post(
    "/orders/{number}/goods-note", status_code=201, responses=problems(*STAFF_REFUSALS, NotFound, SeriesAhead, Invalid)
)
async def issue_goods_note(number: Number, _: Packer, session: SessionDep, issuer: IssuerDep, at: At) -> IssuedView:
    """Issue the goods note of an order, without prices; again, it is the one it has."""
    order = await _locked(session, number)
    return IssuedView.model_validate(await correcting.issue_goods_note(session, order, issuer, at=at))
