"""Tables of payments."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.money import Money
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Retention, personal
from app.orders.models import PaymentMethod


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
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), unique=True)
    method: Mapped[PaymentMethod] = mapped_column(info=IMPERSONAL)
    status: Mapped[PaymentStatus] = mapped_column(info=IMPERSONAL)
    amount: Mapped[Money]
    due_on: Mapped[date | None]
    received_at: Mapped[datetime | None]
    # What the bank writes beside a transfer may hold the payer's name or account.
    bank_reference: Mapped[str | None] = mapped_column(
        info=personal(Category.INVOICE, Purpose.ACCOUNTING, Ground.LEGAL_OBLIGATION, Retention.BOOKS, given=False)
    )
