"""Issues documents: a number and what the document states in one transaction, its bytes once in another."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.ids import uuid7
from app.invoices.models import Document, DocumentFile, Series
from app.invoices.view import Buyer, DocumentKind, InvoiceView, Line, NoVatGround, Payment, Seller
from app.orders.models import LineKind, Order, OrderLine

SERIES = "invoices"


@dataclass(frozen=True)
class Issuer:
    """Who issues, and where."""

    seller: Seller
    place: str


@dataclass(frozen=True)
class Occasion:
    """Why an invoice is due: the tax event, and the payment when it came before."""

    tax_event_on: date
    paid_on: date | None


async def open_series(session: AsyncSession, *, first: int, key: str = SERIES) -> None:
    """Make sure the series exists; one that exists keeps its place whatever `first` says now."""
    await session.execute(insert(Series).values(key=key, last=first - 1).on_conflict_do_nothing())


async def find_invoice(session: AsyncSession, order_id: UUID) -> Document | None:
    wanted = select(Document).where(Document.order_id == order_id, Document.kind == DocumentKind.INVOICE)
    return await session.scalar(wanted)


async def issue_invoice(
    session: AsyncSession, order: Order, lines: Sequence[OrderLine], issuer: Issuer, occasion: Occasion, *, at: datetime
) -> Document:
    """Issue the one invoice of a locked order; a second call returns the first.

    The number comes from the series' counter row, which stays locked until this transaction ends: numbers are dense,
    and a transaction that fails leaves none behind (ЗДДС чл. 114 ал. 1 т. 2, ППЗДДС чл. 78).
    """
    if earlier := await find_invoice(session, order.id):
        return earlier
    number, issued_on = await _next_number(session, legal_date(at))
    view = InvoiceView.of(
        number=number,
        issued_on=issued_on,
        tax_event_on=occasion.tax_event_on,
        place=issuer.place,
        seller=issuer.seller,
        buyer=buyer_of(order),
        order_number=order.reference,
        ordered_on=legal_date(order.placed_at),
        payment=Payment(order.payment_method),
        paid_on=occasion.paid_on,
        lines=[_line(line) for line in lines if line.kind is LineKind.GOODS or line.total],
        no_vat_ground=None if issuer.seller.vat_number else NoVatGround.NOT_REGISTERED,
    )
    if view.total != order.total:
        raise ValueError("the invoice does not add up to the order")
    document = Document(
        id=uuid7(),
        series=SERIES,
        number=number,
        kind=DocumentKind.INVOICE,
        order_id=order.id,
        issued_at=at,
        issued_on=issued_on,
        base=view.base,
        vat=view.vat,
        total=view.total,
        snapshot=view.snapshot(),
    )
    session.add(document)
    return document


async def _next_number(session: AsyncSession, today: date) -> tuple[str, date]:
    """Take the next number and a date that does not run backwards (fact sheet 1.7–1.9)."""
    series = await session.get_one(Series, SERIES, with_for_update=True)
    series.last += 1
    series.last_on = max(series.last_on or today, today)
    return f"{series.last:010d}", series.last_on


def _line(line: OrderLine) -> Line:
    return Line.of(
        sku=line.sku if line.kind is LineKind.GOODS else None,
        description=line.name,
        quantity=line.quantity,
        rate=line.vat_rate,
        gross=line.total,
        discount=line.discount,
    )


def buyer_of(order: Order) -> Buyer:
    """Name the company when its data were given, else the person by name and address; never by a personal number."""
    if order.is_company:
        return Buyer(
            name=order.company_name or "",
            address=f"{order.company_city}, {order.company_address}",
            eik=order.company_eik,
            vat_number=order.company_vat_number,
            responsible_person=order.company_responsible_person,
        )
    return Buyer(name=order.person, address=buyer_address(order))


def buyer_address(order: Order) -> str:
    """Leave out what was written for the courier, unless nothing else says where the buyer is."""
    with_note = not (order.street or order.block)
    return address_of(order, with_note=with_note)


def address_of(order: Order, *, with_note: bool = True) -> str:
    """Write the delivery address on one line, as Bulgarian envelopes do."""
    street = " ".join(part for part in (order.street, order.street_no and f"№ {order.street_no}") if part)
    named = (("бл.", order.block), ("вх.", order.entrance), ("ет.", order.floor), ("ап.", order.apartment))
    parts = [
        order.city and f"{order.postcode} {order.city}",
        street,
        *(f"{word} {value}" for word, value in named if value),
        order.note if with_note else None,
        order.office_id and f"офис на Спиди № {order.office_id}",
    ]
    return ", ".join(part for part in parts if part)


async def keep_file(session: AsyncSession, document_id: UUID, pdf: bytes, *, template: str, at: datetime) -> None:
    """Keep the bytes for ever; those of an earlier rendering stay."""
    kept = insert(DocumentFile).values(
        document_id=document_id,
        pdf=pdf,
        sha256=hashlib.sha256(pdf).hexdigest(),
        template_version=template,
        rendered_at=at,
    )
    await session.execute(kept.on_conflict_do_nothing())
