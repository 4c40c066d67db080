"""The table of restrictions."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Retention, personal


class RestrictionGround(StrEnum):
    """Why, in the policy's order (S63, GDPR Art. 18(1))."""

    ACCURACY_CONTESTED = "accuracy_contested"
    UNLAWFUL = "unlawful"
    CLAIMS = "claims"
    OBJECTION = "objection"


class Restriction(Base):
    """One person's data are stored and not used, from a moment until it is lifted."""

    __tablename__ = "restrictions"
    __table_args__ = (
        one_of("ground", RestrictionGround),
        CheckConstraint("lifted_at IS NULL OR lifting_at IS NOT NULL", name="told_before_lifted"),
        Index("ix_restrictions_email", text("lower(email)"), postgresql_where=text("lifted_at IS NULL")),
        Index("ix_restrictions_account", "account_id", postgresql_where=text("lifted_at IS NULL")),
        Index(None, "since", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    email: Mapped[str] = mapped_column(
        info=personal(Category.EMAIL, Purpose.LEGAL, Ground.LEGAL_OBLIGATION, Retention.EVIDENCE, given=False)
    )
    account_id: Mapped[UUID | None]  # no foreign key: it outlives the account
    ground: Mapped[RestrictionGround] = mapped_column(info=IMPERSONAL)
    request_id: Mapped[UUID | None]  # no foreign key: the rights desk is above
    since: Mapped[datetime]
    lifting_at: Mapped[datetime | None]
    """When it was decided to lift it; the letter that tells of it is promised."""
    mail_id: Mapped[UUID | None]
    lifting_by: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    lifted_at: Mapped[datetime | None]
    """From when it is in force no more: the person was told."""
