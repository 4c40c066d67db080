"""Tables of issued documents."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.money import Money
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Recipient, Retention, personal
from app.invoices.view import DocumentKind

BOOKED: dict[str, Any] = personal(
    Category.INVOICE,
    Purpose.ACCOUNTING,
    Ground.LEGAL_OBLIGATION,
    Retention.BOOKS,
    given=False,
    to=frozenset({Recipient.ACCOUNTANT, Recipient.MAIL}),
)


ONCE = frozenset({DocumentKind.INVOICE, DocumentKind.PROFORMA, DocumentKind.SALE, DocumentKind.GOODS_NOTE})
"""Of these an order has one at a time; notes may be many."""


class Series(Base):
    """The counter of one series of numbers: locked by whoever stores the next document, so that none is left out."""

    __tablename__ = "document_series"
    __table_args__ = (CheckConstraint("last BETWEEN 0 AND 9999999999", name="last"),)

    key: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    first: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
    last: Mapped[int] = mapped_column(BigInteger)
    last_on: Mapped[date | None]
    head: Mapped[str] = mapped_column(server_default="", info=IMPERSONAL)
    """The hash of the last document; moved by the database as it seals one."""


class Document(Base):
    """An issued document: its number, and everything it states; a table of record.

    The database seals each as it is stored: `hash` is made of what it states and of the hash of the one before it.
    """

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("series", "number"),
        # A replacement of one that was annulled is its next edition.
        Index(
            "uq_documents_once",
            "order_id",
            "kind",
            "edition",
            unique=True,
            postgresql_where=text("kind IN ('invoice', 'proforma', 'sale_document', 'goods_note')"),
        ),
        Index(None, "order_id"),
        Index(None, "corrects_id", postgresql_where=text("corrects_id IS NOT NULL")),
        one_of("kind", DocumentKind),
        CheckConstraint("number ~ '^[0-9]{10}$'", name="number"),
        Index(None, "issued_on", "number", "id"),
        # What an accountant searches by.
        Index("ix_documents_buyer_eik", text("(snapshot #>> '{buyer,eik}')"), "issued_on", "number", "id"),
        Index("ix_documents_number", "number"),
        # Two series of invoices and notes, and one number once.
        Index(
            "uq_documents_tax_number",
            "number",
            unique=True,
            postgresql_where=text("series IN ('invoices', 'notes')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    series: Mapped[str] = mapped_column(ForeignKey("document_series.key"), info=IMPERSONAL)
    number: Mapped[str] = mapped_column(info=IMPERSONAL)
    kind: Mapped[DocumentKind] = mapped_column(info=IMPERSONAL)
    edition: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    """The invoice that a note corrects, or the document that a protocol annuls."""
    issued_at: Mapped[datetime]
    issued_on: Mapped[date]
    base: Mapped[Money]
    vat: Mapped[Money]
    total: Mapped[Money]
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSONB, info=BOOKED)
    snapshot_sha256: Mapped[str] = mapped_column(server_default="", info=IMPERSONAL)
    previous_hash: Mapped[str] = mapped_column(server_default="", info=IMPERSONAL)
    hash: Mapped[str] = mapped_column(server_default="", info=IMPERSONAL)
    request_key: Mapped[str | None] = mapped_column(unique=True, info=IMPERSONAL)
    """What staff sent it with: the same again is the same document."""
    request_digest: Mapped[str | None] = mapped_column(info=IMPERSONAL)


class DocumentFile(Base):
    """The bytes of a document, rendered once and never again; a table of record."""

    __tablename__ = "document_files"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    pdf: Mapped[bytes] = mapped_column(LargeBinary, info=BOOKED)
    sha256: Mapped[str] = mapped_column(info=IMPERSONAL)
    xml: Mapped[bytes | None] = mapped_column(LargeBinary, info=BOOKED)
    """The same as an e-invoice (EN 16931, UBL 2.1), of a kind that has one."""
    xml_sha256: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    template_version: Mapped[str] = mapped_column(info=IMPERSONAL)
    rendered_at: Mapped[datetime]


class CreditedLine(Base):
    """How much of an invoice's line a credit note took back; a table of record."""

    __tablename__ = "credited_lines"
    __table_args__ = (CheckConstraint("quantity >= 0 AND gross > 0 AND vat >= 0", name="amounts"),)

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Of the line on the invoice, from 1."""
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), index=True)
    """Or the debit note to it whose line it is."""
    quantity: Mapped[int]
    """None came back where the price alone was reduced."""
    gross: Mapped[Money]
    vat: Mapped[Money]


class Annulment(Base):
    """That a document counts no more, and why (ЗДДС чл. 116); it keeps its number. A table of record."""

    __tablename__ = "annulments"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    protocol_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), unique=True)
    replacement_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"), index=True)
    ground: Mapped[str] = mapped_column(info=BOOKED)
    annulled_at: Mapped[datetime]
    annulled_on: Mapped[date] = mapped_column(index=True)
    annulled_by: Mapped[str] = mapped_column(info=IMPERSONAL)


class RetiredDocument(Base):
    """What stays of a document whose storage term is over: its place in the series, nothing it said."""

    __tablename__ = "retired_documents"
    __table_args__ = (one_of("kind", DocumentKind),)

    series: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    number: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    kind: Mapped[DocumentKind] = mapped_column(info=IMPERSONAL)
    issued_on: Mapped[date]
    previous_hash: Mapped[str] = mapped_column(info=IMPERSONAL)
    hash: Mapped[str] = mapped_column(info=IMPERSONAL)
    retired_at: Mapped[datetime]


class Verdict(StrEnum):
    SOUND = "sound"
    UNSOUND = "unsound"


class DocumentReport(Base):
    """What a check of all series found; a table of record."""

    __tablename__ = "document_reports"
    __table_args__ = (one_of("outcome", Verdict), Index(None, "made_at", "id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    made_at: Mapped[datetime]
    outcome: Mapped[Verdict] = mapped_column(info=IMPERSONAL)
    series: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, info=IMPERSONAL)
    faults: Mapped[list[str]] = mapped_column(JSONB, info=IMPERSONAL)
