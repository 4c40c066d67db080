"""The table of ad-hoc disclosures."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Retention, personal


class AdHocKind(StrEnum):
    """To whom data may go outside the standing ways."""

    AUTHORITY = "authority"
    """A state body empowered to collect them (S32)."""
    LAWYER = "lawyer"
    AUDITOR = "auditor"
    CONSULTANT = "consultant"


class AdHocDisclosure(Base):
    """Data of one order or one person went to somebody once; a table of record."""

    __tablename__ = "ad_hoc_disclosures"
    __table_args__ = (
        one_of("kind", AdHocKind),
        one_of("ground", Ground),
        CheckConstraint("cardinality(fields) > 0", name="fields"),
        CheckConstraint("cardinality(categories) > 0", name="categories"),
        CheckConstraint("kind <> 'authority' OR ground = 'legal_obligation'", name="authority_asks_by_law"),
        CheckConstraint("num_nonnulls(order_id, email) = 1", name="is_of_one"),
        Index(None, "order_id"),
        Index("ix_ad_hoc_disclosures_email", text("lower(email)")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    disclosed_at: Mapped[datetime]
    kind: Mapped[AdHocKind] = mapped_column(info=IMPERSONAL)
    recipient: Mapped[str] = mapped_column(info=IMPERSONAL)
    """The body or the firm."""
    ground: Mapped[Ground] = mapped_column(info=IMPERSONAL)
    reference: Mapped[str] = mapped_column(info=IMPERSONAL)
    """The authority's request, or the contract: number and date."""
    reason: Mapped[str] = mapped_column(
        info=personal(Category.FREE_TEXT, Purpose.LEGAL, Ground.LEGAL_OBLIGATION, Retention.EVIDENCE, given=False)
    )
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text), info=IMPERSONAL)
    """Exactly which columns, as the data map names them."""
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text), info=IMPERSONAL)
    order_id: Mapped[UUID | None]  # no foreign key: the record outlives the order
    email: Mapped[str | None] = mapped_column(
        info=personal(Category.EMAIL, Purpose.LEGAL, Ground.LEGAL_OBLIGATION, Retention.EVIDENCE, given=False)
    )
    actor: Mapped[str] = mapped_column(info=IMPERSONAL)
