"""Tables of issued documents."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
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


class Series(Base):
    """The counter of one series of numbers: locked by whoever stores the next document, so that none is left out."""

    __tablename__ = "document_series"
    __table_args__ = (CheckConstraint("last BETWEEN 0 AND 9999999999", name="last"),)

    key: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    last: Mapped[int] = mapped_column(BigInteger)
    last_on: Mapped[date | None]


class Document(Base):
    """An issued document: its number, and everything it states; a table of record."""

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("series", "number"),
        # Credit and debit notes may be many, the invoice is one.
        Index("uq_documents_invoice", "order_id", unique=True, postgresql_where=text("kind = 'invoice'")),
        Index(None, "order_id"),
        one_of("kind", DocumentKind),
        CheckConstraint("number ~ '^[0-9]{10}$'", name="number"),
        Index(None, "issued_on", "number", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    series: Mapped[str] = mapped_column(ForeignKey("document_series.key"), info=IMPERSONAL)
    number: Mapped[str] = mapped_column(info=IMPERSONAL)
    kind: Mapped[DocumentKind] = mapped_column(info=IMPERSONAL)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    issued_at: Mapped[datetime]
    issued_on: Mapped[date]
    base: Mapped[Money]
    vat: Mapped[Money]
    total: Mapped[Money]
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSONB, info=BOOKED)


class DocumentFile(Base):
    """The bytes of a document, rendered once and never again; a table of record."""

    __tablename__ = "document_files"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    pdf: Mapped[bytes] = mapped_column(LargeBinary, info=BOOKED)
    sha256: Mapped[str] = mapped_column(info=IMPERSONAL)
    template_version: Mapped[str] = mapped_column(info=IMPERSONAL)
    rendered_at: Mapped[datetime]
