"""Issues the documents that an order is due, draws each once, and promises its mail."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.issuers import require_issuer
from app.accounting.models import InvoiceIssuer
from app.accounting.month.booking import book_invoice
from app.core.clock import Clock, legal_date
from app.core.db import Sessions
from app.core.jobs import Parked, PassingFault, Promise, defer, list_unpromised
from app.fulfilment.due_documents import IssueRules, State, state_of
from app.fulfilment.jobs import IssueInvoice, invoice_lock
from app.invoices import notes, queries, registering
from app.invoices import service as invoices
from app.invoices.errors import GroundMismatch, SeriesAhead
from app.invoices.models import Document
from app.invoices.papers import TEMPLATE_VERSION, Paper, Rendered, restored
from app.invoices.service import Issuer, Occasion, Request
from app.invoices.view import DocumentKind
from app.mail import service as mail
from app.mail.models import MailKind
from app.orders import queries as order_queries
from app.orders.models import Order, OrderStatus, PaymentMethod

K = DocumentKind
Render = Callable[[Paper], Awaitable[Rendered]]
MAILED = frozenset(DocumentKind) - {K.GOODS_NOTE}
CAME_BACK = "Неприета пратка, върната на изпращача"
BY_CANCELLING = "cancelled"
"""Before the id of what was charged: the key of the note that takes it back."""
LATELY = timedelta(days=30)
CANCELLED = "Отменена поръчка, стоката не е изпратена"


class NoGround(Parked):
    """The settings of VAT do not fit what was sold: no invoice can say why it bears none, or bears it."""


class DayToCome(PassingFault):
    """A clock that ran ahead has dated a document: what is due is issued once that day has come."""


@dataclass(frozen=True)
class Invoicing:
    """The handler of `IssueInvoice`; a second run goes on where the first stopped, with the same numbers."""

    sessions: Sessions
    clock: Clock
    issuer: Issuer
    render: Render
    rules: IssueRules

    async def issue(self, job: IssueInvoice) -> None:
        try:
            async with self.sessions.begin() as session:
                await self._number(session, await _state(session, job))
        except GroundMismatch as mismatch:
            raise NoGround(str(mismatch)) from mismatch
        except SeriesAhead as ahead:
            raise DayToCome from ahead
        async with self.sessions.begin() as session:
            waiting = await queries.list_unrendered(session, job.order_id)
        for document in waiting:
            await self._draw(document)

    async def _draw(self, document: Document) -> None:
        rendered = await self.render(restored(document.kind, document.snapshot))
        at = self.clock.now()
        async with self.sessions.begin() as session:
            await invoices.keep_file(session, document.id, rendered, template=TEMPLATE_VERSION, at=at)
            order = await session.get_one(Order, document.order_id)
            if document.kind in MAILED:
                await mail.promise(
                    session,
                    kind=MailKind.INVOICE_ISSUED,
                    address=order.email,
                    language=order.language,
                    order_id=order.id,
                    document_id=document.id,
                    at=at,
                )

    async def _number(self, session: AsyncSession, state: State) -> None:
        """Give a number to everything that is due and has none."""
        at = self.clock.now()
        if state.order.status is OrderStatus.CANCELLED:
            await self._take_back(session, state, BY_CANCELLING, CANCELLED, at)
            return
        if state.occasion is None:
            if self._offers(state):
                await invoices.issue_proforma(session, state.order, state.lines, self.issuer, at=at)
            return
        if self._invoices(state):
            await require_issuer(session, self.rules.issuer, at=at)
            if self.rules.issuer is InvoiceIssuer.SHOP:
                await self._invoice(session, state, state.occasion, at)
        await session.flush()  # what follows names the invoice
        await self._register(session, state, at)
        if state.order.status is OrderStatus.REFUSED and not state.payment.received_at:
            # What was paid is for a person to decide, with the refund.
            await self._take_back(session, state, "came back", CAME_BACK, at)

    async def _invoice(self, session: AsyncSession, state: State, occasion: Occasion, at: datetime) -> None:
        if await queries.find_last(session, state.order.id, DocumentKind.INVOICE) is None:
            invoice = await invoices.issue_invoice(session, state.order, state.lines, self.issuer, occasion, at=at)
            await book_invoice(session, invoice, occasion.tax_event_on)

    def _offers(self, state: State) -> bool:
        waits = state.order.status is OrderStatus.PLACED and state.order.payment_method is PaymentMethod.BANK_TRANSFER
        return waits and self.rules.proforma and state.order.is_company

    def _invoices(self, state: State) -> bool:
        return self.rules.every_order or state.order.is_company

    async def _register(self, session: AsyncSession, state: State, at: datetime) -> None:
        shop_number, sold_at = self.rules.shop_number, state.sold_at
        if shop_number is None or sold_at is None or state.order.payment_method not in self.rules.registered:
            return
        await registering.issue_sale_document(
            session,
            state.order,
            state.lines,
            self.issuer,
            shop_number=shop_number,
            transaction=state.payment.bank_reference or (state.shipment.waybill if state.shipment else None),
            sold_at=sold_at,
            at=at,
        )

    async def _take_back(self, session: AsyncSession, state: State, why: str, ground: str, at: datetime) -> None:
        """Credit, once, all that is left of the invoice of a sale that came to nothing, and of what was added to it."""
        invoice = await queries.find_invoice_in_force(session, state.order.id)
        if invoice is None or invoice.series == queries.ICASH:
            return
        ended_at = state.order.finished_at or at
        for charged in (invoice, *await notes.list_debit_notes(session, invoice, until=ended_at)):
            once = Request(f"{why}:{charged.id}", "automatic")  # a person who annuls the note has decided otherwise
            left = await notes.list_left(session, charged)
            if await notes.find_by_request(session, once.key) or not any(each.gross for each in left.values()):
                continue
            await notes.issue_credit_note(
                session,
                invoice,
                None,
                self.issuer,
                ground=ground,
                event_on=legal_date(ended_at),
                at=at,
                request=once,
                charged=charged,
            )


async def _state(session: AsyncSession, job: IssueInvoice) -> State:
    order = await order_queries.lock_order(session, job.order_id)
    return await state_of(session, order)


async def promise_missing_notes(sessions: Sessions, *, at: datetime) -> None:
    """Promise again the note to every invoice of an order cancelled lately that was left standing.

    A worker of a release that credits none may have taken the job. Who annuls the note has decided otherwise.
    """
    async with sessions.begin() as session:
        left = await queries.list_uncredited(session, BY_CANCELLING, since=at - LATELY)
        for order_id in await list_unpromised(session, IssueInvoice.name, "order_id", left) if left else ():
            await defer(session, Promise(IssueInvoice(order_id), invoice_lock(order_id)))
