"""Mirrors the documents that I-Cash issued: number and date are its own, what they state is our order's."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.issuers import note_issuer
from app.accounting.models import InvoiceIssuer, LateDocument
from app.accounting.month.booking import book_month
from app.accounting.month.period import Month
from app.accounting.ports import BookedDocument, BookedKind
from app.accounting.reconciling_queries import Ours
from app.core.clock import Clock, legal_date
from app.core.db import Sessions
from app.core.money import Money
from app.invoices import queries as invoice_queries
from app.invoices.models import Document, Series
from app.invoices.numbering import Numbered, SeriesKey
from app.invoices.service import Issuer, Request, buyer_of, invoice_lines, store
from app.invoices.view import DocumentKind, InvoiceView, Payment
from app.orders import queries as order_queries
from app.orders.models import Order

log = structlog.get_logger()

# What one document can be refused for; where the database itself is away, the comparison is.
UNFIT = (IntegrityError, DataError, ValueError)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A document there, whose sale it is of, and whether all is as it ought to be."""

    document: BookedDocument
    ours: Ours | None
    agrees: bool
    expected: Money | None = None
    beside: str | None = None
    """The number of the invoice in force beside which this is a second one."""


@dataclass(frozen=True)
class Mirror:
    sessions: Sessions
    clock: Clock
    issuer: Issuer

    async def take(self, document: BookedDocument, ours: Mapping[int, Ours], *, issues_here: bool) -> Mirrored:
        """Look at a document there, and keep its number and date when it is the invoice of a sale of ours.

        It does not agree: one of a sale of ours that the shop invoices itself, of another total, deleted after it was
        mirrored, a second one beside the one in force, or a note, which I-Cash tells no lines of.
        """
        sale = ours.get(document.operation_id or 0)
        if sale is None:
            return Mirrored(document, None, agrees=document.is_deleted)
        if issues_here:
            return Mirrored(document, sale, agrees=document.is_deleted)
        try:
            async with self.sessions.begin() as session:
                return await self._take(session, document, sale)
        except UNFIT as problem:
            log.warning("document_not_mirrored", document=document.document_id, problem=type(problem).__name__)
            return Mirrored(document, sale, agrees=False, expected=sale.total)

    async def _take(self, session: AsyncSession, document: BookedDocument, sale: Ours) -> Mirrored:
        known = await _find(session, document)
        if document.is_deleted:
            return Mirrored(document, sale, agrees=known is None, expected=sale.total)
        is_right = document.kind is BookedKind.INVOICE and document.total == sale.total
        if known or not is_right:
            return Mirrored(document, sale, agrees=is_right, expected=sale.total)
        order = await order_queries.lock_order(session, sale.order_id)
        if first := await invoice_queries.find_invoice_in_force(session, order.id):
            return Mirrored(document, sale, agrees=False, expected=sale.total, beside=first.number)
        await self._keep(session, order, document)
        return Mirrored(document, sale, agrees=True, expected=sale.total)

    async def _keep(self, session: AsyncSession, order: Order, document: BookedDocument) -> None:
        last = await invoice_queries.find_last(session, order.id, DocumentKind.INVOICE)
        lines = invoice_lines(await order_queries.list_lines(session, order.id))
        number = number_of(document)
        view = InvoiceView.of(
            kind=DocumentKind.INVOICE,
            number=number,
            issued_on=document.issued_on,
            tax_event_on=document.issued_on,
            place=self.issuer.place,
            seller=self.issuer.seller,
            buyer=buyer_of(order),
            order_number=order.reference,
            ordered_on=legal_date(order.placed_at),
            payment=Payment(order.payment_method),
            lines=lines,
            no_vat_ground=self.issuer.ground_of(lines),
        )
        await note_issuer(session, Month.on(document.issued_on), InvoiceIssuer.ICASH, at=self.clock.now())
        await _note_number(session, document)
        numbered = Numbered(SeriesKey.ICASH, number, document.issued_on)
        request = Request(key_of(document), "mirrored")
        edition = last.edition + 1 if last else 1
        kept = store(session, numbered, view, order.id, edition=edition, at=self.clock.now(), request=request)
        month = await book_month(session, kept.issued_on)
        if month != Month.on(kept.issued_on):
            await session.flush()  # the record names the document
            session.add(LateDocument(document_id=kept.id, month=str(month)))


async def _note_number(session: AsyncSession, document: BookedDocument) -> None:
    """Let the series know of a number that I-Cash gave; it is locked until the document is kept."""
    new = {"key": SeriesKey.ICASH.value, "first": document.number, "last": 0}
    await session.execute(insert(Series).values(new).on_conflict_do_nothing())
    moved = (
        update(Series)
        .where(Series.key == SeriesKey.ICASH)
        .values(
            first=func.least(Series.first, document.number),
            last=func.greatest(Series.last, document.number),
            last_on=func.greatest(func.coalesce(Series.last_on, document.issued_on), document.issued_on),
        )
    )
    await session.execute(moved, execution_options={"synchronize_session": False})


async def _find(session: AsyncSession, document: BookedDocument) -> Document | None:
    return await session.scalar(select(Document).where(Document.request_key == key_of(document)))


def key_of(document: BookedDocument) -> str:
    return f"icash:{document.document_id}"


def number_of(document: BookedDocument) -> str:
    return f"{document.number:010d}"
