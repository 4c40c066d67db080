"""Every select of documents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.db import Sessions
from app.core.errors import NotFound
from app.core.money import Money, summed
from app.core.rows import Read
from app.core.searching import has_words
from app.invoices.models import Annulment, CreditedLine, Document, DocumentFile, DocumentReport
from app.invoices.view import DocumentKind
from app.orders.models import Order, OrderStatus

ICASH = "icash"
"""The series of numbers that I-Cash gave: their pages are I-Cash's too."""


class DocumentRow(NamedTuple):
    """What a list shows of a document; nothing personal."""

    id: UUID
    number: str
    kind: DocumentKind
    issued_on: date
    order_number: str
    base: Money
    vat: Money
    total: Money
    sha256: str | None
    """Of the PDF; `None` while it is being rendered."""
    has_xml: bool


SHOWN = (
    select(
        Document.id,
        Document.number,
        Document.kind,
        Document.issued_on,
        cast(Order.number, Text).label("order_number"),
        Document.base,
        Document.vat,
        Document.total,
        DocumentFile.sha256,
        DocumentFile.xml_sha256.is_not(None).label("has_xml"),
    )
    .join(Order, Order.id == Document.order_id)
    .outerjoin(DocumentFile, DocumentFile.document_id == Document.id)
)


async def find_last(session: AsyncSession, order_id: UUID, kind: DocumentKind) -> Document | None:
    """Find the last document of a kind, be it annulled."""
    wanted = select(Document).where(Document.order_id == order_id, Document.kind == kind)
    return await session.scalar(wanted.order_by(Document.edition.desc(), Document.issued_at.desc()).limit(1))


async def find_invoice_in_force(session: AsyncSession, order_id: UUID) -> Document | None:
    """Find the invoice that was not annulled."""
    annulled = exists().where(Annulment.document_id == Document.id)
    wanted = select(Document).where(Document.order_id == order_id, Document.kind == DocumentKind.INVOICE, ~annulled)
    return await session.scalar(wanted)


async def list_uncredited(session: AsyncSession, why: str, *, since: datetime) -> Sequence[UUID]:
    """List the orders cancelled since then of which something charged is left, and no note of this key was issued."""
    in_force = ~exists().where(Annulment.document_id == Document.id)
    annulled = select(Annulment.document_id)
    taken = select(summed(CreditedLine.gross)).where(
        CreditedLine.invoice_id == Document.id, CreditedLine.document_id.not_in(annulled)
    )
    added = and_(Document.kind == DocumentKind.DEBIT_NOTE, Document.issued_at <= Order.finished_at)
    note = aliased(Document)
    wanted = (
        select(Order.id)
        .distinct()
        .join(Document, Document.order_id == Order.id)
        .where(or_(Document.kind == DocumentKind.INVOICE, added))
        .where(Order.status == OrderStatus.CANCELLED, Order.finished_at >= since, Document.series != ICASH, in_force)
        .where(~exists().where(note.request_key == func.concat(why, ":", Document.id)))
        .where(Document.total > taken.scalar_subquery())
    )
    return (await session.scalars(wanted.order_by(Order.id))).all()


async def list_unrendered(session: AsyncSession, order_id: UUID) -> Sequence[Document]:
    """List an order's documents that have no bytes yet, in the order of issue."""
    rendered = exists().where(DocumentFile.document_id == Document.id)
    mirrored = Document.series == ICASH
    wanted = select(Document).where(Document.order_id == order_id, ~rendered, ~mirrored)
    return (await session.scalars(wanted.order_by(Document.issued_at, Document.id))).all()


async def list_of_order(session: AsyncSession, order_id: UUID) -> list[DocumentRow]:
    found = await session.execute(SHOWN.where(Document.order_id == order_id).order_by(Document.issued_on, Document.id))
    return [DocumentRow._make(row) for row in found]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an accountant looks for; all of what is given must fit."""

    first: date | None = None
    last: date | None = None
    kind: DocumentKind | None = None
    number_from: str | None = None
    number_to: str | None = None
    company: str | None = None
    """A part of a company's name."""
    eik: str | None = None
    order_number: int | None = None


def _is_of_company(part: str) -> ColumnElement[bool]:
    buyer = Document.snapshot["buyer"]
    return and_(buyer["eik"].astext.is_not(None), has_words(part, buyer["name"].astext))


FITS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "first": Document.issued_on.__ge__,
    "last": Document.issued_on.__le__,
    "kind": Document.kind.__eq__,
    "number_from": Document.number.__ge__,
    "number_to": Document.number.__le__,
    "eik": Document.snapshot["buyer", "eik"].astext.__eq__,
    "order_number": Order.number.__eq__,
}
KEY = ("after_day", "after_number", "after_id")


async def search(
    lookups: Sessions, wanted: Wanted, *, after: tuple[date, str, UUID] | None, limit: int
) -> Sequence[DocumentRow]:
    """List by day of issue and number."""
    given = {name: value for name in FITS if (value := getattr(wanted, name)) is not None}
    key = dict(zip(KEY, after, strict=True)) if after else {}
    read = _search(tuple(given), goes_on=bool(key))
    if wanted.company is not None:  # made of its words
        read = Read(read.statement.where(_is_of_company(wanted.company)), DocumentRow._make)
    return await read.rows(lookups, **given, **key, limit=limit)


@cache
def _search(given: tuple[str, ...], *, goes_on: bool) -> Read:
    """Make the select of a search once for what it looks for; values come with each call."""
    found = SHOWN.where(*(FITS[name](bindparam(name)) for name in given))
    order = (Document.issued_on, Document.number, Document.id)
    if goes_on:
        after = (bindparam(name, type_=column.type) for name, column in zip(KEY, order, strict=True))
        found = found.where(tuple_(*order) > tuple_(*after))
    return Read(found.order_by(*order).limit(bindparam("limit", type_=BigInteger)), DocumentRow._make)


async def get_file(session: AsyncSession, document_id: UUID) -> tuple[Document, DocumentFile]:
    """Get a document with its bytes; one that is not rendered yet is not found yet."""
    wanted = select(Document, DocumentFile).join(DocumentFile, DocumentFile.document_id == Document.id)
    found = (await session.execute(wanted.where(Document.id == document_id))).first()
    if found is None:
        raise NotFound
    document, file = found
    return document, file


class KeptFile(NamedTuple):
    """A document in one of its forms, and whose order it is of."""

    order_id: UUID
    email: str
    account_id: UUID | None
    order_status: OrderStatus
    kind: DocumentKind
    number: str
    content: bytes
    sha256: str


def _kept(content: Any, sha256: Any) -> Read:
    of_order = (Order.id, Order.email, Order.account_id, Order.status.label("order_status"))
    wanted = (
        select(*of_order, Document.kind, Document.number, content, sha256)
        .select_from(Document)
        .join(DocumentFile, DocumentFile.document_id == Document.id)
        .join(Order, Order.id == Document.order_id)
        .where(Document.id == bindparam("document_id"), content.is_not(None))
    )
    return Read(wanted, KeptFile._make)


AS_PDF = _kept(DocumentFile.pdf, DocumentFile.sha256)
AS_XML = _kept(DocumentFile.xml, DocumentFile.xml_sha256)


async def get_kept(lookups: Sessions, form: Read, document_id: UUID) -> KeptFile:
    """Get a document in one form, as `get_file` does; one that has not this form is not found."""
    for found in await form.rows(lookups, document_id=document_id):
        kept: KeptFile = found
        return kept
    raise NotFound


async def list_orders_of(session: AsyncSession, documents: Sequence[UUID]) -> Sequence[tuple[UUID, Order]]:
    """List the orders of documents that have their bytes, each with its document."""
    wanted = (
        select(Document.id, Order)
        .join(Order, Order.id == Document.order_id)
        .join(DocumentFile, DocumentFile.document_id == Document.id)
        .where(Document.id.in_(documents))
    )
    return [(document_id, order) for document_id, order in await session.execute(wanted)]


async def find_last_report(session: AsyncSession) -> DocumentReport | None:
    """Find the last check of all series."""
    newest = select(DocumentReport).order_by(DocumentReport.made_at.desc(), DocumentReport.id.desc()).limit(1)
    return await session.scalar(newest)
