"""Tables of suppressed addresses, and of withdrawals that wait for proof."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.language import Language
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Retention, personal
from app.privacy.models import Channel, ConsentPurpose

PROOF = (Purpose.LEGAL, Ground.LEGAL_OBLIGATION, Retention.EVIDENCE)


class AddressSecret(Base):
    """What the function `address_key` hashes an address with: made with the database, in no register and no export."""

    __tablename__ = "address_secret"
    __table_args__ = (CheckConstraint("only_one", name="only_one"),)

    only_one: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    inner_pad: Mapped[bytes] = mapped_column(info=IMPERSONAL)
    outer_pad: Mapped[bytes] = mapped_column(info=IMPERSONAL)


class Suppression(Base):
    """An address that is not written to: nothing that was agreed to before this moment counts."""

    __tablename__ = "suppressions"
    __table_args__ = (
        UniqueConstraint("key", "purpose", "channel", postgresql_nulls_not_distinct=True),
        one_of("purpose", ConsentPurpose),
        one_of("channel", Channel),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    key: Mapped[bytes] = mapped_column(info=personal(Category.EMAIL, *PROOF, given=False))
    """`address_key` of the address: it can be looked up, not read."""
    purpose: Mapped[ConsentPurpose] = mapped_column(info=IMPERSONAL)
    channel: Mapped[Channel | None] = mapped_column(info=IMPERSONAL)
    """None: by no channel."""
    suppressed_at: Mapped[datetime]


class PendingWithdrawal(Base):
    """Somebody wants to take back, under an address, what would destroy something; forgotten when done or expired."""

    __tablename__ = "pending_withdrawals"
    __table_args__ = (
        one_of("language", Language),
        Index("ix_pending_withdrawals_email", text("lower(email)")),
        Index(None, "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(info=personal(Category.EMAIL, *PROOF))
    purposes: Mapped[list[str]] = mapped_column(ARRAY(Text), info=IMPERSONAL)
    words: Mapped[str | None] = mapped_column(info=personal(Category.FREE_TEXT, *PROOF))
    language: Mapped[Language] = mapped_column(info=IMPERSONAL)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
