"""Tables of payments."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.money import Money
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Retention, personal
from app.orders.models import PaymentMethod

OF_BANK = personal(Category.INVOICE, Purpose.ACCOUNTING, Ground.LEGAL_OBLIGATION, Retention.BOOKS, given=False)
"""What the bank writes beside a transfer may hold the payer's name or account."""


class PaymentStatus(StrEnum):
    AWAITED = "awaited"
    RECEIVED = "received"
    VOID = "void"


class Payment(Base):
    __tablename__ = "payments"
    __table_args__ = (
        one_of("status", PaymentStatus),
        one_of("method", PaymentMethod),
        Index("ix_payments_due", "due_on", postgresql_where=text("status = 'awaited' AND due_on IS NOT NULL")),
        Index("ix_payments_paid", "paid_on", postgresql_where=text("paid_on IS NOT NULL")),
        Index("ix_payments_received", "received_at", postgresql_where=text("received_at IS NOT NULL")),
        Index(
            "ix_payments_refund_due", "refund_due_on", "order_id", postgresql_where=text("refund_due_on IS NOT NULL")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), unique=True)
    method: Mapped[PaymentMethod] = mapped_column(info=IMPERSONAL)
    status: Mapped[PaymentStatus] = mapped_column(info=IMPERSONAL)
    amount: Mapped[Money]
    let_off: Mapped[Money] = mapped_column(server_default=text("0"), default=Money.ZERO)
    """What of it is not asked for, as little was missing: the sale stands in the books with its whole price."""
    due_on: Mapped[date | None]
    received_at: Mapped[datetime | None]
    """When it was noted that the whole amount had come."""
    paid_on: Mapped[date | None]
    """The day, in Bulgaria, on which the whole amount had come: it may be before that, and in a month that is closed.

    The books take the sale into the first month that is open then, as they do a refund (`Refund.month`).
    """
    refund_due_on: Mapped[date | None]
    """By when what came for a cancelled order goes back; None: nothing is owed, or it went back (the refunds say)."""
    bank_reference: Mapped[str | None] = mapped_column(info=OF_BANK)

    @property
    def paid(self) -> Money:
        """What came of it, once it is received."""
        return self.amount - self.let_off


class RefundMeans(StrEnum):
    """How money went back, as the audit file of Наредба Н-18 asks (fact sheet 3.4, r_paym)."""

    ACCOUNT = "account"
    CARD = "card"
    CASH = "cash"
    OTHER = "other"


class Refund(Base):
    """Money that went back to a buyer; a table of record."""

    __tablename__ = "refunds"
    __table_args__ = (
        one_of("means", RefundMeans),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("month ~ '^20[0-9]{2}-(0[1-9]|1[0-2])$'", name="month"),
        Index(None, "month", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"), index=True)
    """The credit note, where there was an invoice."""
    amount: Mapped[Money]
    means: Mapped[RefundMeans] = mapped_column(info=IMPERSONAL)
    refunded_on: Mapped[date]
    month: Mapped[str] = mapped_column(info=IMPERSONAL)
    """The month whose books it is in: of the day, or the first one that was open when it was recorded."""
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(info=IMPERSONAL)
    request_key: Mapped[str | None] = mapped_column(unique=True, info=IMPERSONAL)
    request_digest: Mapped[str | None] = mapped_column(info=IMPERSONAL)


class RefundedLine(Base):
    """What of an order's line went back with a refund: all parts are the refund, and with the last what was let off.

    A table of record.
    """

    __tablename__ = "refunded_lines"
    __table_args__ = (
        ForeignKeyConstraint(["order_id", "position"], ["order_lines.order_id", "order_lines.position"]),
        CheckConstraint("quantity >= 0", name="quantity"),
        Index(None, "order_id", "position"),
    )

    refund_id: Mapped[UUID] = mapped_column(ForeignKey("refunds.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order_id: Mapped[UUID]
    quantity: Mapped[int]
    """How many pieces it was for; none where a part of the price went back."""
    gross: Mapped[Money]
    vat: Mapped[Money]


class Receipt(Base):
    """Money that came, as the bank's statement has it, whatever it is for; a table of record."""

    __tablename__ = "receipts"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"), Index(None, "received_on", "amount"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    amount: Mapped[Money]
    received_on: Mapped[date]
    bank_reference: Mapped[str | None] = mapped_column(info=OF_BANK)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(info=IMPERSONAL)
    request_key: Mapped[str | None] = mapped_column(unique=True, info=IMPERSONAL)
    request_digest: Mapped[str | None] = mapped_column(info=IMPERSONAL)


class ReceiptCase(Base):
    """What became of a receipt: whose order it is for, and what of it is still to be settled."""

    __tablename__ = "receipt_cases"
    __table_args__ = (
        CheckConstraint('"left" >= 0', name="left"),
        Index("ix_receipt_cases_open", "receipt_id", postgresql_where=text('"left" > 0')),
    )

    receipt_id: Mapped[UUID] = mapped_column(ForeignKey("receipts.id", ondelete="CASCADE"), primary_key=True)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id", ondelete="SET NULL"), index=True)
    left: Mapped[Money]
    """What neither pays its order nor was settled in another way."""
    matched_at: Mapped[datetime | None]
    matched_by: Mapped[str | None] = mapped_column(info=IMPERSONAL)


class ReceiptOutcome(StrEnum):
    RETURNED = "returned"
    MISTAKEN = "mistaken"
    """It never came: it was recorded twice, say."""


class ReceiptSettlement(Base):
    """What of a receipt pays no order: it went back, which is no refund of a sale, or never came; a table of record."""

    __tablename__ = "receipt_settlements"
    __table_args__ = (
        one_of("outcome", ReceiptOutcome),
        one_of("means", RefundMeans),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(outcome = 'returned') = (means IS NOT NULL)", name="is_by_some_means"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    receipt_id: Mapped[UUID] = mapped_column(ForeignKey("receipts.id", ondelete="CASCADE"), index=True)
    outcome: Mapped[ReceiptOutcome] = mapped_column(info=IMPERSONAL)
    amount: Mapped[Money]
    means: Mapped[RefundMeans | None] = mapped_column(info=IMPERSONAL)
    settled_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(info=IMPERSONAL)
    request_key: Mapped[str | None] = mapped_column(unique=True, info=IMPERSONAL)
    request_digest: Mapped[str | None] = mapped_column(info=IMPERSONAL)
