"""Corrects what was issued: notes to an invoice, annulments, and money that goes back; promises what is then drawn."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.month.booking import BOOKING, book_month
from app.core.clock import legal_date
from app.core.db import Sessions
from app.core.errors import NotFound
from app.core.jobs import Promise, defer
from app.core.money import Money
from app.core.request_keys import lock_key
from app.fulfilment.cancelling import cancel_order
from app.fulfilment.due_documents import state_of
from app.fulfilment.jobs import IssueInvoice, invoice_lock
from app.fulfilment.queries import list_unallotted
from app.fulfilment.withdrawals_handling import require_known, settle_refunded
from app.invoices import notes, queries, registering
from app.invoices.annulling import Annulled, Replacement, annul
from app.invoices.errors import GroundMismatch, NothingToCorrect, RequestKeyReused, VatContradicts
from app.invoices.models import Document
from app.invoices.notes import Credit
from app.invoices.service import Issuer, Request, buyer_of
from app.invoices.view import Buyer, Line
from app.mail import service as mail
from app.mail.models import MailKind
from app.orders import queries as order_queries
from app.orders.models import Order, OrderStatus, PaymentMethod
from app.orders.states import NEXT, Actor
from app.payments import service as payments
from app.payments.models import Refund, RefundMeans
from app.payments.service import RefundWish
from app.shipping import queries as shipping_queries

CAME_BACK = frozenset({OrderStatus.REFUSED, OrderStatus.RETURNED})
COLLECTED = frozenset({OrderStatus.DELIVERED, OrderStatus.RETURNED})


@dataclass(frozen=True, slots=True)
class Act:
    """Who corrects, when, and how they recognise the same wish again."""

    by: str
    at: datetime
    request: Request


@dataclass(frozen=True, slots=True)
class GoneBack:
    """Money that went back: how and when."""

    means: RefundMeans
    on: date
    amount: Money | None = None
    """None: the whole of the note."""
    withdrawal: str | None = None
    """The statement of withdrawal that it is for."""
    lines: Mapping[str, int] | None = None
    """Of which articles how many pieces it is for."""


def request_of(key: str, operation: str, of: str, wish: BaseModel) -> Request:
    """Tell the same wish again by its key, and another under the same key by its digest."""
    written = f"{operation}:{of}:{wish.model_dump_json()}"
    return Request(key, hashlib.sha256(written.encode()).hexdigest())


async def credit(
    session: AsyncSession,
    order: Order,
    credits_: Sequence[Credit] | None,
    issuer: Issuer,
    act: Act,
    *,
    ground: str,
    event_on: date,
    refund: GoneBack | None,
) -> Document:
    """Issue a credit note to the order's invoice, with the refund that goes with it; again, return the first one."""
    if earlier := await _earlier(session, order, act):
        return earlier
    invoice = await _invoice(session, order)
    note = await notes.issue_credit_note(
        session, invoice, credits_, issuer, ground=ground, event_on=event_on, at=act.at, request=act.request
    )
    if refund:
        amount = refund.amount or await payments.came_of(session, order.id, note.total)
        await _refund(session, order, refund, amount, act, document_id=note.id)
    await _promise(session, order)
    return note


async def debit(
    session: AsyncSession,
    order: Order,
    lines: Sequence[Line],
    issuer: Issuer,
    act: Act,
    *,
    ground: str,
    event_on: date,
) -> Document:
    """Issue a debit note to the order's invoice; again, return the first one."""
    if earlier := await _earlier(session, order, act):
        return earlier
    invoice = await _invoice(session, order)
    try:
        note = await notes.issue_debit_note(
            session, invoice, lines, issuer, ground=ground, event_on=event_on, at=act.at, request=act.request
        )
    except GroundMismatch as mismatch:
        raise VatContradicts from mismatch
    await _promise(session, order)
    return note


async def annul_document(
    session: AsyncSession,
    document: Document,
    issuer: Issuer,
    act: Act,
    *,
    ground: str,
    replaced: bool,
    buyer: Buyer | None,
) -> Annulled:
    """Annul an invoice or a note of a locked order; an invoice is replaced where the sale stands.

    Refuses with VatContradicts a replacement to a buyer without the VAT number that its ground rests on.
    """
    order = await order_queries.lock_order(session, document.order_id)
    state = await state_of(session, order)
    replacement = None
    if replaced:
        replacement = Replacement(order, state.lines, buyer or buyer_of(order))
    is_sold = state.occasion is not None and order.status not in CAME_BACK
    try:
        done = await annul(
            session, document, issuer, ground=ground, replacement=replacement, is_sold=is_sold, by=act.by, at=act.at
        )
    except GroundMismatch as mismatch:
        raise VatContradicts from mismatch
    await _promise(session, order)
    return done


async def refund_order(session: AsyncSession, order: Order, gone: GoneBack, amount: Money, act: Act) -> Refund:
    """Note a refund without a note: there was no invoice, or the note is issued already; again, return the first."""
    await lock_key(session, act.request.key)
    earlier = await payments.find_refund(session, act.request.key)
    if earlier:
        if earlier.request_digest != act.request.digest:
            raise RequestKeyReused
        return earlier
    return await _refund(session, order, gone, amount, act, document_id=None)


async def allot_refunds(sessions: Sessions) -> None:
    """Say what refunds were for that a release noted which keeps no lines of them, while their month is open."""
    async with sessions() as session:
        found = await list_unallotted(session)
    for order_id, refund_id in found:
        async with sessions.begin() as session:
            await order_queries.lock_order(session, order_id)
            await session.execute(BOOKING)  # no month is closed until the end
            if (order_id, refund_id) in await list_unallotted(session):
                await payments.allot_late(session, await session.get_one(Refund, refund_id))


async def issue_goods_note(session: AsyncSession, order: Order, issuer: Issuer, *, at: datetime) -> Document:
    """Issue the goods note of a locked order, or return the one it has."""
    lines = await order_queries.list_lines(session, order.id)
    shipment = await shipping_queries.find_shipment(session, order.id)
    waybill = shipment.waybill if shipment else None
    note = await registering.issue_goods_note(session, order, lines, issuer, waybill=waybill, at=at)
    await _promise(session, order)
    return note


async def lock_document(session: AsyncSession, document_id: UUID) -> Document:
    """Get a document with its order locked."""
    document = await session.get(Document, document_id)
    if document is None:
        raise NotFound
    await order_queries.lock_order(session, document.order_id)
    return document


async def _earlier(session: AsyncSession, order: Order, act: Act) -> Document | None:
    await lock_key(session, act.request.key)
    found = await notes.find_by_request(session, act.request.key)
    if found and (found.request_digest != act.request.digest or found.order_id != order.id):
        raise RequestKeyReused
    if found is None and await payments.find_refund(session, act.request.key):  # a note's refund has its key
        raise RequestKeyReused
    return found


async def _invoice(session: AsyncSession, order: Order) -> Document:
    invoice = await queries.find_invoice_in_force(session, order.id)
    if invoice is None or invoice.series == queries.ICASH:
        raise NothingToCorrect
    return invoice


async def _refund(
    session: AsyncSession, order: Order, gone: GoneBack, amount: Money, act: Act, *, document_id: UUID | None
) -> Refund:
    """Note a refund, and that the buyer is written to.

    With all of it back, what was not handed over is cancelled, and the buyer's statements of withdrawal are settled.
    """
    if gone.withdrawal is not None:
        await require_known(session, order, gone.withdrawal)
    payment = await payments.lock_payment(session, order.id)
    was_collected = order.payment_method is PaymentMethod.CASH_ON_DELIVERY and order.status in COLLECTED
    wish = RefundWish(
        amount=amount,
        means=gone.means,
        refunded_on=gone.on,
        month=str(await book_month(session, min(gone.on, legal_date(act.at)))),
        document_id=document_id,
        lines=gone.lines,
        request_key=act.request.key,
        request_digest=act.request.digest,
    )
    made = await payments.refund(session, payment, wish, was_collected=was_collected, at=act.at, by=act.by)
    await session.flush()  # what is counted below counts it
    is_whole = payment.paid == await payments.total_refunded(session, order.id)
    if is_whole and OrderStatus.CANCELLED in NEXT[order.status]:
        await cancel_order(session, order.id, at=act.at, by=Actor.STAFF)
    if is_whole:
        await settle_refunded(session, order.id, by=act.by, at=act.at)
    if order.email:
        await _promise_mail(session, order, made, at=act.at)
    return made


async def _promise_mail(session: AsyncSession, order: Order, refund: Refund, *, at: datetime) -> None:
    await mail.promise(
        session,
        kind=MailKind.ORDER_REFUNDED,
        address=order.email,
        language=order.language,
        order_id=order.id,
        document_id=refund.id,
        at=at,
    )


async def _promise(session: AsyncSession, order: Order) -> None:
    await session.flush()  # the job must find what it is to draw
    await defer(session, Promise(IssueInvoice(order.id), invoice_lock(order.id)))
