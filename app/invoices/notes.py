"""Notes to invoices: by how much less, or more, is owed (ЗДДС чл. 115).

What notes take back never exceeds the invoice, line by line, and all of it taken back is the invoice, to the cent of
each rate: a part takes all the VAT that what is left of its line does not bear.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.money import Money, summed
from app.core.parts import Left
from app.invoices.errors import CreditExceedsInvoice
from app.invoices.models import Annulment, CreditedLine, Document
from app.invoices.numbering import take_number
from app.invoices.service import Issuer, Request, store
from app.invoices.view import Corrected, DocumentKind, InvoiceView, Line


@dataclass(frozen=True, slots=True)
class Credit:
    """What is taken back of a line: pieces that came back, or a part of the price; exactly one is given."""

    position: int
    """Of the line on the invoice, from 1."""
    quantity: int | None = None
    amount: Money | None = None
    """With VAT."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why a note is issued, and when that happened."""

    ground: str
    event_on: date


async def list_left(session: AsyncSession, invoice: Document) -> dict[int, Left]:
    """Say of each line, by its position, what is left of it; notes that were annulled took nothing."""
    annulled = select(Annulment.document_id)
    taken: Mapping[int, tuple[int, Money, Money]] = {
        position: (quantity, gross, vat)
        for position, quantity, gross, vat in await session.execute(
            select(
                CreditedLine.position,
                func.sum(CreditedLine.quantity),
                summed(CreditedLine.gross),
                summed(CreditedLine.vat),
            )
            .where(CreditedLine.invoice_id == invoice.id, CreditedLine.document_id.not_in(annulled))
            .group_by(CreditedLine.position)
        )
    }
    none = (0, Money.ZERO, Money.ZERO)
    left: dict[int, Left] = {}
    for position, line in enumerate(InvoiceView.restored(invoice.snapshot).lines, start=1):
        quantity, gross, vat = taken.get(position, none)
        left[position] = Left(line.rate, line.quantity - quantity, line.gross - gross, line.vat - vat)
    return left


async def issue_credit_note(
    session: AsyncSession,
    invoice: Document,
    credits_: Sequence[Credit] | None,
    issuer: Issuer,
    *,
    ground: str,
    event_on: date,
    at: datetime,
    request: Request | None = None,
    charged: Document | None = None,
) -> Document:
    """Credit parts of an invoice, or, without any named, all that is left of it; its order is locked.

    `charged`: a debit note to it; its lines are taken back in place of the invoice's own. Refuses with
    CreditExceedsInvoice more than is left, and a line that is not there.
    """
    charged = charged or invoice
    view = InvoiceView.restored(charged.snapshot)
    left = await list_left(session, charged)
    wanted = credits_ or [Credit(position, amount=each.gross) for position, each in left.items() if each.gross]
    parts = _parts(view, left, wanted, is_whole=credits_ is None)
    if not parts:
        raise CreditExceedsInvoice(position=None, left=str(Money.ZERO))
    document = await _issue(
        session,
        DocumentKind.CREDIT_NOTE,
        invoice,
        [line for _, _, line in parts],
        issuer,
        Why(ground, event_on),
        at=at,
        request=request,
    )
    await session.flush()  # the lines below name the note
    session.add_all(
        CreditedLine(
            document_id=document.id,
            position=position,
            invoice_id=charged.id,
            quantity=quantity,
            gross=line.gross,
            vat=line.vat,
        )
        for position, quantity, line in parts
    )
    return document


async def issue_debit_note(
    session: AsyncSession,
    invoice: Document,
    lines: Sequence[Line],
    issuer: Issuer,
    *,
    ground: str,
    event_on: date,
    at: datetime,
    request: Request | None = None,
) -> Document:
    """Charge more on an invoice, in lines of its own; its order is locked.

    Refuses with GroundMismatch a rate that the invoice's seller could not charge.
    """
    return await _issue(
        session,
        DocumentKind.DEBIT_NOTE,
        invoice,
        lines,
        issuer,
        Why(ground, event_on),
        at=at,
        request=request,
    )


async def _issue(
    session: AsyncSession,
    kind: DocumentKind,
    invoice: Document,
    lines: Sequence[Line],
    issuer: Issuer,
    why: Why,
    *,
    at: datetime,
    request: Request | None,
) -> Document:
    """Give a note its number and keep what it states: the invoice's parties, its own lines, and what it corrects."""
    view = InvoiceView.restored(invoice.snapshot)
    issuer = issuer.as_of(view)
    numbered = await take_number(session, kind, issuer.ranges, today=legal_date(at))
    note = InvoiceView.of(
        kind=kind,
        number=numbered.number,
        issued_on=numbered.issued_on,
        tax_event_on=why.event_on,
        place=issuer.place,
        seller=issuer.seller,
        buyer=view.buyer,
        order_number=view.order_number,
        ordered_on=view.ordered_on,
        payment=view.payment,
        lines=lines,
        no_vat_ground=issuer.ground_of(lines),
        corrects=Corrected(number=view.number, issued_on=view.issued_on, ground=why.ground),
    )
    return store(session, numbered, note, invoice.order_id, at=at, corrects_id=invoice.id, request=request)


def _parts(
    view: InvoiceView, left: Mapping[int, Left], wanted: Sequence[Credit], *, is_whole: bool
) -> list[tuple[int, int, Line]]:
    """Make of each wish its position, how many pieces it takes back, and the note's line."""
    parts = []
    for credit in wanted:
        rest = left.get(credit.position)
        if rest is None:
            raise CreditExceedsInvoice(position=credit.position, left=str(Money.ZERO))
        quantity, gross = _taken(credit, rest)
        if gross > rest.gross or gross <= Money.ZERO or quantity > rest.quantity:
            raise CreditExceedsInvoice(position=credit.position, left=str(rest.gross), pieces=rest.quantity)
        line = view.lines[credit.position - 1]
        vat = rest.vat_of(gross)
        pieces = rest.quantity if is_whole else quantity
        parts.append(
            (
                credit.position,
                pieces,
                Line.rest(
                    sku=line.sku,
                    description=line.description if pieces else f"Намаление на цената: {line.description}",
                    quantity=pieces or 1,
                    rate=line.rate,
                    gross=gross,
                    vat=vat,
                ),
            )
        )
    return parts


def _taken(credit: Credit, rest: Left) -> tuple[int, Money]:
    """Say how many pieces come back and what for."""
    if credit.quantity is None:
        assert credit.amount is not None  # the wish has one of the two
        return 0, credit.amount
    return credit.quantity, rest.worth(credit.quantity)


async def list_debit_notes(session: AsyncSession, invoice: Document, *, until: datetime) -> Sequence[Document]:
    """List the debit notes to an invoice that count and were issued by then, in the order of their numbers."""
    annulled = select(Annulment.document_id)
    wanted = select(Document).where(
        Document.corrects_id == invoice.id,
        Document.kind == DocumentKind.DEBIT_NOTE,
        Document.issued_at <= until,
        Document.id.not_in(annulled),
    )
    return (await session.scalars(wanted.order_by(Document.number))).all()


async def find_by_request(session: AsyncSession, key: str) -> Document | None:
    return await session.scalar(select(Document).where(Document.request_key == key))


async def has_notes(session: AsyncSession, document_id: UUID) -> bool:
    """Say whether a note that still counts corrects this invoice, or takes back what this debit note charged."""
    annulled = select(Annulment.document_id)
    notes = select(Document.id).where(
        Document.corrects_id == document_id,
        Document.kind.in_([DocumentKind.CREDIT_NOTE, DocumentKind.DEBIT_NOTE]),
        Document.id.not_in(annulled),
    )
    credited = select(CreditedLine.document_id).where(
        CreditedLine.invoice_id == document_id, CreditedLine.document_id.not_in(annulled)
    )
    return await session.scalar(notes.union_all(credited).limit(1)) is not None
