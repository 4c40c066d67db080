"""Puts issued documents into words, as whoever bought reads them, and names their files by number."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.holders import Kept, Spoken
from app.core.language import Language, Text
from app.invoices.goods_view import GoodsView
from app.invoices.models import Annulment, Document
from app.invoices.papers import TITLES, Paper, filename, restored
from app.invoices.protocol_view import ProtocolView
from app.invoices.sale_view import SaleView
from app.invoices.view import InvoiceView
from app.invoices.words import in_words
from app.mail.writing import day, euro
from app.orders.models import Order
from app.shipping.models import Shipment

Said = list[tuple[Text, str]]
DOCUMENT, DATE, BUYER = Text("документ", "document"), Text("дата", "date"), Text("купувач", "buyer")
LINE, GROUND = Text("ред", "line"), Text("основание", "ground")
REPLACEMENT = Text("заменен с", "replaced by")
BASE, VAT = Text("данъчна основа", "taxable amount"), Text("ДДС", "VAT")
TOTAL, IN_WORDS = Text("общо", "total"), Text("словом", "in words")


async def speak_of_orders(
    session: AsyncSession, orders: Sequence[UUID], kept: Sequence[Kept], language: Language
) -> Spoken:
    """Tell of these orders' documents and labels: three selects, however many there are."""
    documents = (await session.scalars(select(Document).where(Document.order_id.in_(orders)))).all()
    annulled = select(Annulment).join(Document, Document.id == Annulment.document_id)
    annulments = (await session.scalars(annulled.where(Document.order_id.in_(orders)))).all()
    parcels = await session.execute(
        select(Shipment.id, Shipment.waybill, Order.number)
        .join(Order, Order.id == Shipment.order_id)
        .where(Shipment.order_id.in_(orders))
    )
    names = {each.id: filename(each.kind, each.number).removesuffix(".pdf") for each in documents}
    names |= {parcel: f"tovaritelnitsa-{waybill or number}" for parcel, waybill, number in parcels}
    numbers = {each.id: _number(each, language) for each in documents}
    rows = {("documents", each.id): [*_said(each, language)] for each in documents}
    rows |= {("document_files", key): [(DOCUMENT, number)] for key, number in numbers.items()}
    rows |= {("annulments", each.document_id): _annulled(each, numbers, language) for each in annulments}
    return Spoken(kept, names, rows)


def _number(document: Document, language: Language) -> str:
    return f"{TITLES[document.kind].in_(language)} № {document.number}"


def _annulled(annulment: Annulment, numbers: Mapping[UUID, str], language: Language) -> Said:
    """Say which document counts no more, since when, why, and which stands in its place."""
    said = [
        (DOCUMENT, numbers[annulment.document_id]),
        (DATE, day(annulment.annulled_on, language)),
        (GROUND, annulment.ground),
    ]
    return [*said, (REPLACEMENT, numbers[annulment.replacement_id])] if annulment.replacement_id else said


def _said(document: Document, language: Language) -> Iterator[tuple[Text, str]]:
    """Say what the document states: its number, date, buyer, lines, and what it comes to."""
    paper = restored(document.kind, document.snapshot)
    yield DOCUMENT, _number(document, language)
    yield DATE, day(document.issued_on, language)
    if not isinstance(paper, SaleView):
        buyer = paper.buyer
        named = (
            buyer.name,
            buyer.address,
            buyer.eik and f"ЕИК {buyer.eik}",
            buyer.vat_number,
            buyer.responsible_person,
        )
        yield BUYER, ", ".join(part for part in named if part)
    for line in _lines(paper, language):
        yield LINE, line
    if isinstance(paper, InvoiceView | SaleView):
        yield BASE, euro(paper.base, language)
        yield VAT, euro(paper.vat, language)
        yield TOTAL, euro(paper.total, language)
        yield IN_WORDS, in_words(paper.total)
    if isinstance(paper, ProtocolView):
        yield GROUND, paper.ground


def _lines(paper: Paper, language: Language) -> Iterator[str]:
    if isinstance(paper, InvoiceView):
        for line in paper.lines:
            yield f"{line.description}: {line.quantity} {line.unit} = {euro(line.gross, language)}"
    elif isinstance(paper, SaleView):
        for item in paper.items:
            price, value = euro(item.unit_price, language), euro(item.value, language)
            yield f"{item.name}: {item.quantity} × {price} = {value}"
    elif isinstance(paper, GoodsView):
        for piece in paper.pieces:
            yield f"{piece.description}: {piece.quantity} {piece.unit}"
