"""Tables of retention runs and of holds."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.ids import uuid7
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Retention, personal


class RetentionRun(Base):
    """What one run found due and let go of, by rule; nothing personal."""

    __tablename__ = "retention_runs"
    __table_args__ = (Index(None, "started_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    """None: it was cut off, and the next one goes on."""
    by: Mapped[str] = mapped_column(info=IMPERSONAL)
    is_dry: Mapped[bool]
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, info=IMPERSONAL)
    """By rule: how much was due, gone and held."""
    failed: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """The rule that failed, and the kind of its fault."""


class RetentionHold(Base):
    """Data that a dispute needs: let go of only when it is over (S48)."""

    __tablename__ = "retention_holds"
    __table_args__ = (
        CheckConstraint("num_nonnulls(order_id, email) = 1", name="is_of_one"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="who_lifted"),
        Index("ix_retention_holds_order", "order_id", postgresql_where=text("lifted_at IS NULL")),
        Index("ix_retention_holds_email", text("lower(email)"), postgresql_where=text("lifted_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    order_id: Mapped[UUID | None]  # no foreign key: the record outlives the order
    email: Mapped[str | None] = mapped_column(
        info=personal(Category.EMAIL, Purpose.LEGAL, Ground.LEGITIMATE_INTEREST, Retention.EVIDENCE, given=False)
    )
    ground: Mapped[str] = mapped_column(
        info=personal(Category.FREE_TEXT, Purpose.LEGAL, Ground.LEGITIMATE_INTEREST, Retention.EVIDENCE, given=False)
    )
    """Which dispute: number of the case, who claims what."""
    until: Mapped[date]
    """The last day, inclusive; a dispute that goes on is held anew."""
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(info=IMPERSONAL)
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(info=IMPERSONAL)
