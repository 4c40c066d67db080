"""Annuls a document: it keeps its number, and a protocol says why and what stands instead (ЗДДС чл. 116)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.invoices.errors import AlreadyAnnulled, NotAnnullable, ReplacementMissing
from app.invoices.models import Annulment, Document
from app.invoices.notes import has_notes
from app.invoices.numbering import take_number
from app.invoices.protocol_view import Named, ProtocolView
from app.invoices.queries import ICASH
from app.invoices.service import Issuer, Occasion, issue_edition, store
from app.invoices.view import TAXED, Buyer, DocumentKind, InvoiceView
from app.orders.models import Order, OrderLine


@dataclass(frozen=True, slots=True)
class Replacement:
    """The invoice in the place of an annulled one: the same sale, to this buyer."""

    order: Order
    lines: Sequence[OrderLine]
    buyer: Buyer


@dataclass(frozen=True, slots=True)
class Annulled:
    protocol: Document
    replacement: Document | None


async def annul(
    session: AsyncSession,
    document: Document,
    issuer: Issuer,
    *,
    ground: str,
    replacement: Replacement | None,
    is_sold: bool,
    by: str,
    at: datetime,
) -> Annulled:
    """Annul an invoice or a note; the order is locked, and `is_sold` says whether its sale stands.

    Refused: what is annulled already (AlreadyAnnulled), an invoice with notes, any other kind and what I-Cash issued
    (NotAnnullable), an invoice that nothing replaces though the sale stands (ReplacementMissing).
    """
    if await session.get(Annulment, document.id):
        raise AlreadyAnnulled
    if document.kind not in TAXED or document.series == ICASH or await has_notes(session, document.id):
        raise NotAnnullable
    if replacement and document.kind is not DocumentKind.INVOICE:
        raise NotAnnullable
    if document.kind is DocumentKind.INVOICE and is_sold and not replacement:
        raise ReplacementMissing
    view = InvoiceView.restored(document.snapshot)
    instead = None
    if replacement:
        occasion = Occasion(view.tax_event_on, view.paid_on, view.is_advance)
        instead = await issue_edition(
            session,
            replacement.order,
            replacement.lines,
            issuer.as_of(view),
            occasion,
            buyer=replacement.buyer,
            edition=document.edition + 1,
            at=at,
        )
    protocol = await _protocol(session, document, view, issuer, ground=ground, instead=instead, at=at)
    await session.flush()  # the documents are there before the record that names them
    session.add(
        Annulment(
            document_id=document.id,
            protocol_id=protocol.id,
            replacement_id=instead.id if instead else None,
            ground=ground,
            annulled_at=at,
            annulled_on=protocol.issued_on,
            annulled_by=by,
        )
    )
    return Annulled(protocol, instead)


async def _protocol(
    session: AsyncSession,
    document: Document,
    view: InvoiceView,
    issuer: Issuer,
    *,
    ground: str,
    instead: Document | None,
    at: datetime,
) -> Document:
    numbered = await take_number(session, DocumentKind.PROTOCOL, issuer.ranges, today=legal_date(at))
    protocol = ProtocolView(
        number=numbered.number,
        issued_on=numbered.issued_on,
        place=issuer.place,
        seller=issuer.seller,
        buyer=view.buyer,
        ground=ground,
        annulled=Named(kind=document.kind, number=document.number, issued_on=document.issued_on),
        replacement=Named(kind=instead.kind, number=instead.number, issued_on=instead.issued_on) if instead else None,
    )
    return store(session, numbered, protocol, document.order_id, at=at, corrects_id=document.id)
