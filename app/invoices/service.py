"""Issues documents: a number and what the document states in one transaction, its bytes once in another."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.ids import uuid7
from app.core.money import Money
from app.invoices import queries
from app.invoices.models import Document, DocumentFile
from app.invoices.numbering import Numbered, Ranges, take_number
from app.invoices.papers import Paper, Rendered
from app.invoices.sale_view import SaleView
from app.invoices.view import Buyer, DocumentKind, InvoiceView, Line, NoVatGround, Payment, Seller
from app.orders.models import LineKind, Order, OrderLine


@dataclass(frozen=True)
class Issuer:
    """Who issues, where, from which numbers on, and why goods at 0 % bear no VAT."""

    seller: Seller
    place: str
    ranges: Ranges = field(default_factory=Ranges)
    zero_rate_ground: NoVatGround | None = None

    def as_of(self, invoice: InvoiceView) -> "Issuer":
        """Take what corrects an invoice for taxed as that was, whoever is registered for VAT by now."""
        seller = replace(self.seller, vat_number=invoice.seller.vat_number)
        return replace(self, seller=seller, zero_rate_ground=invoice.no_vat_ground or self.zero_rate_ground)

    def ground_of(self, lines: Sequence[Line]) -> NoVatGround | None:
        if self.seller.vat_number is None:
            return NoVatGround.NOT_REGISTERED
        return self.zero_rate_ground if any(line.rate == 0 for line in lines) else None


@dataclass(frozen=True)
class Occasion:
    """Why an invoice is due: the tax event, and the payment when it came before."""

    tax_event_on: date
    paid_on: date | None
    is_advance: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What staff sent a wish with, so that the same again is the same document."""

    key: str
    digest: str


async def issue_invoice(
    session: AsyncSession, order: Order, lines: Sequence[OrderLine], issuer: Issuer, occasion: Occasion, *, at: datetime
) -> Document:
    """Issue the invoice of a locked order; a second call returns the first, be it annulled by now."""
    if earlier := await queries.find_last(session, order.id, DocumentKind.INVOICE):
        return earlier
    return await issue_edition(session, order, lines, issuer, occasion, buyer=buyer_of(order), edition=1, at=at)


async def issue_edition(
    session: AsyncSession,
    order: Order,
    lines: Sequence[OrderLine],
    issuer: Issuer,
    occasion: Occasion,
    *,
    buyer: Buyer,
    edition: int,
    at: datetime,
) -> Document:
    """Issue an invoice, or the one in the place of an annulled one."""
    numbered = await take_number(session, DocumentKind.INVOICE, issuer.ranges, today=legal_date(at))
    view = _stated(DocumentKind.INVOICE, numbered, order, lines, issuer, occasion, buyer)
    return store(session, numbered, view, order.id, edition=edition, at=at)


async def issue_proforma(
    session: AsyncSession, order: Order, lines: Sequence[OrderLine], issuer: Issuer, *, at: datetime
) -> Document:
    """Issue the offer to pay of an order that waits for a transfer; a second call returns the first."""
    if earlier := await queries.find_last(session, order.id, DocumentKind.PROFORMA):
        return earlier
    numbered = await take_number(session, DocumentKind.PROFORMA, issuer.ranges, today=legal_date(at))
    occasion = Occasion(numbered.issued_on, None)
    view = _stated(DocumentKind.PROFORMA, numbered, order, lines, issuer, occasion, buyer_of(order))
    return store(session, numbered, view, order.id, at=at)


def _stated(
    kind: DocumentKind,
    numbered: Numbered,
    order: Order,
    lines: Sequence[OrderLine],
    issuer: Issuer,
    occasion: Occasion,
    buyer: Buyer,
) -> InvoiceView:
    stated = invoice_lines(lines)
    view = InvoiceView.of(
        kind=kind,
        number=numbered.number,
        issued_on=numbered.issued_on,
        tax_event_on=occasion.tax_event_on,
        place=issuer.place,
        seller=issuer.seller,
        buyer=buyer,
        order_number=order.reference,
        ordered_on=legal_date(order.placed_at),
        payment=Payment(order.payment_method),
        paid_on=occasion.paid_on,
        lines=stated,
        no_vat_ground=issuer.ground_of(stated),
        is_advance=occasion.is_advance,
    )
    if view.total != order.total:
        raise ValueError("the invoice does not add up to the order")
    return view


def store(
    session: AsyncSession,
    numbered: Numbered,
    view: Paper,
    order_id: UUID,
    *,
    at: datetime,
    edition: int = 1,
    corrects_id: UUID | None = None,
    request: Request | None = None,
) -> Document:
    """Keep what a numbered document states; one without prices counts for nothing."""
    base, vat = (view.base, view.vat) if isinstance(view, InvoiceView | SaleView) else (Money.ZERO, Money.ZERO)
    document = Document(
        id=uuid7(),
        series=numbered.series,
        number=numbered.number,
        kind=view.kind,
        edition=edition,
        order_id=order_id,
        corrects_id=corrects_id,
        issued_at=at,
        issued_on=numbered.issued_on,
        base=base,
        vat=vat,
        total=base + vat,
        snapshot=view.snapshot(),
        request_key=request.key if request else None,
        request_digest=request.digest if request else None,
    )
    session.add(document)
    return document


def invoice_lines(lines: Sequence[OrderLine]) -> list[Line]:
    """Take an order's lines as documents state them; what was delivered free is none."""
    return [_line(line) for line in lines if line.kind is LineKind.GOODS or line.total]


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


async def keep_file(
    session: AsyncSession, document_id: UUID, rendered: Rendered, *, template: str, at: datetime
) -> None:
    """Keep the bytes for ever; those of an earlier rendering stay."""
    kept = insert(DocumentFile).values(
        document_id=document_id,
        pdf=rendered.pdf,
        sha256=hashlib.sha256(rendered.pdf).hexdigest(),
        xml=rendered.xml,
        xml_sha256=hashlib.sha256(rendered.xml).hexdigest() if rendered.xml else None,
        template_version=template,
        rendered_at=at,
    )
    await session.execute(kept.on_conflict_do_nothing())
