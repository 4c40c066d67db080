"""Tables of erasures, and of what recipients are told."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Recipient, Retention, personal


class ErasureRecord(Base):
    """One erasure: the certificate is drawn from it."""

    __tablename__ = "erasures"
    __table_args__ = (
        Index("ix_erasures_next_on", "next_on", postgresql_where=text("finished_at IS NULL")),
        Index(None, "erased_at"),
        Index(None, "request_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    request_id: Mapped[UUID | None]  # no foreign key: the rights desk is above
    erased_at: Mapped[datetime]
    account_id: Mapped[UUID | None]  # no foreign key: it is gone
    order_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    sealed: Mapped[bytes | None] = mapped_column(
        LargeBinary,
        info=personal(Category.EMAIL, Purpose.LEGAL, Ground.LEGAL_OBLIGATION, Retention.EVIDENCE, given=False),
    )
    """The address, readable under the shop's secret alone; kept as long as a backup may bring it back."""
    erased: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, info=IMPERSONAL)
    """What went: in both languages, with the day when that was later."""
    kept: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, info=IMPERSONAL)
    """What is held: which holder, in both languages, the law, the last day, how many."""
    next_on: Mapped[date | None]
    """The day on which something that is held comes due."""
    finished_at: Mapped[datetime | None]


class Told(StrEnum):
    """What a recipient is told of (GDPR Art. 19)."""

    ERASURE = "erasure"
    RECTIFICATION = "rectification"
    RESTRICTION = "restriction"
    RESTRICTION_LIFTED = "restriction_lifted"


class RecipientTask(Base):
    """One recipient that really has data of a person, told once of one thing; it says when that is done."""

    __tablename__ = "recipient_tasks"
    __table_args__ = (
        UniqueConstraint("cause_id", "recipient", "told"),
        one_of("told", Told),
        CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="who_acknowledged"),
        Index("ix_recipient_tasks_open", "due_on", "id", postgresql_where=text("acknowledged_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    cause_id: Mapped[UUID]
    """The request, or the erasure that nobody had to ask for."""
    recipient: Mapped[Recipient] = mapped_column(ForeignKey("recipients.key"), info=IMPERSONAL)
    told: Mapped[Told] = mapped_column(info=IMPERSONAL)
    order_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    created_at: Mapped[datetime]
    due_on: Mapped[date]
    mail_id: Mapped[UUID | None]
    """None: the register has no address to write to, and the responsible person does it."""
    alarmed_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    reference: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """Of the recipient's answer."""
