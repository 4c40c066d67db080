"""The table of announcements."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.ids import uuid7
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Retention, personal


class Announcement(Base):
    """One address was told of one version; a table of record, which holds the address's key and not the address."""

    __tablename__ = "announcements"
    __table_args__ = (
        UniqueConstraint("declaration_id", "key"),
        CheckConstraint("ground IN ('consent', 'contract')", name="ground"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    declaration_id: Mapped[UUID] = mapped_column(ForeignKey("declarations.id"))
    key: Mapped[bytes] = mapped_column(
        info=personal(Category.EMAIL, Purpose.LEGAL, Ground.LEGAL_OBLIGATION, Retention.EVIDENCE, given=False)
    )
    ground: Mapped[Ground] = mapped_column(info=IMPERSONAL)
    announced_at: Mapped[datetime]
