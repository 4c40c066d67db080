"""Tables of what was entered in the books."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.accounting.ports import PostingState
from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.personal import IMPERSONAL


class Posting(Base):
    """How far the sale of one order has come in I-Cash."""

    __tablename__ = "postings"
    __table_args__ = (
        one_of("state", PostingState),
        Index("ix_postings_concern", "order_id", postgresql_where=text("concern IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), unique=True)
    state: Mapped[PostingState] = mapped_column(info=IMPERSONAL)
    operation_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    sale_unique_number: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    rows: Mapped[list[int | None]] = mapped_column(ARRAY(BigInteger))
    asked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    concern: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """A code that asks for a person: a refusal, or a doubt about what stands in the books."""
    unanswered: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    """How many requests for this sale got no usable answer since it was last entered or begun."""


class Nonce(Base):
    """The last number used with an I-Cash key; the key itself is kept as its SHA-256 only."""

    __tablename__ = "icash_nonces"

    api_key_hash: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    last: Mapped[int] = mapped_column(BigInteger)


MONTH = "month ~ '^20[0-9]{2}-(0[1-9]|1[0-2])$'"


class ClosedMonth(Base):
    """A month whose books are done: what changes later is in the next one. A table of record."""

    __tablename__ = "closed_months"
    __table_args__ = (CheckConstraint(MONTH, name="month"),)

    month: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    closed_at: Mapped[datetime]
    closed_by: Mapped[str] = mapped_column(info=IMPERSONAL)
    summary: Mapped[dict[str, Any]] = mapped_column(JSONB, info=IMPERSONAL)
    """As it stood then."""


class Report(StrEnum):
    """What tells of each order once, in one month."""

    AUDIT_FILE = "audit_file"
    SALES_REPORT = "sales_report"
    SALES_TAKEN_BACK = "sales_taken_back"
    """In the same report, as less: what a closed month's report told of came to nothing, or was invoiced after all."""


class MonthEntry(Base):
    """That an order was told of in a closed month; a table of record."""

    __tablename__ = "month_entries"
    __table_args__ = (one_of("report", Report), Index(None, "month", "report"))

    report: Mapped[Report] = mapped_column(primary_key=True, info=IMPERSONAL)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True, index=True)
    month: Mapped[str] = mapped_column(ForeignKey("closed_months.month"), info=IMPERSONAL)


class LateDocument(Base):
    """That a document counts in another month than that of its date, and in which; a table of record.

    It came to be known when its own was closed, or is an invoice that was issued later than the law allows. Its date
    stays as it is printed.
    """

    __tablename__ = "late_documents"
    __table_args__ = (CheckConstraint(MONTH, name="month"),)

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    month: Mapped[str] = mapped_column(info=IMPERSONAL)


class InvoiceIssuer(StrEnum):
    """Who issues invoices: never both for an order, and one for a whole month."""

    SHOP = "shop"
    ICASH = "icash"


class MonthIssuer(Base):
    """Who issues the invoices of a month, from its first one on; a table of record."""

    __tablename__ = "invoice_issuers"
    __table_args__ = (one_of("issuer", InvoiceIssuer), CheckConstraint(MONTH, name="month"))

    month: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    issuer: Mapped[InvoiceIssuer] = mapped_column(info=IMPERSONAL)
    since: Mapped[datetime]


class Reconciliation(Base):
    """One comparison of the shop's sales with those in I-Cash; a table of record."""

    __tablename__ = "reconciliations"
    __table_args__ = (Index(None, "made_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    made_at: Mapped[datetime]
    first: Mapped[date]
    last: Mapped[date]
    compared: Mapped[int]
    sums: Mapped[dict[str, list[str]]] = mapped_column(JSONB, info=IMPERSONAL)
    """What the sales of each month come to: here, and there."""


class Discrepancy(StrEnum):
    """How shop and I-Cash differ about a sale."""

    MISSING_THERE = "missing_there"
    MISSING_HERE = "missing_here"
    DOUBLED = "doubled"
    DIFFERENT_TOTAL = "different_total"
    NOT_CANCELLED = "not_cancelled"
    """I-Cash has the sale of an order that came to nothing."""
    DOCUMENT_MISSING = "document_missing"
    DOCUMENT_DIFFERS = "document_differs"
    DOCUMENT_DOUBLED = "document_doubled"
    """I-Cash has another invoice of a sale beside the one in force."""


class Finding(Base):
    """One difference that a comparison found; a table of record."""

    __tablename__ = "reconciliation_findings"
    __table_args__ = (one_of("kind", Discrepancy),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    reconciliation_id: Mapped[UUID] = mapped_column(ForeignKey("reconciliations.id"), index=True)
    on: Mapped[date]
    kind: Mapped[Discrepancy] = mapped_column(info=IMPERSONAL)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"), index=True)
    reference: Mapped[str] = mapped_column(info=IMPERSONAL)
    """The order's number, else I-Cash's own of the operation."""
    ours: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    theirs: Mapped[str | None] = mapped_column(info=IMPERSONAL)
