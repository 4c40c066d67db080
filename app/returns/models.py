"""Tables of withdrawals: the statement, which never changes, and what is done about it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Sequence, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.language import Language
from app.core.personal import IMPERSONAL, Category, Recipient, personal

NUMBERS = Sequence("withdrawal_numbers", start=10_001, metadata=Base.metadata)
LETTERS = frozenset({Recipient.MAIL})


class WithdrawalVia(StrEnum):
    """How a statement came."""

    ONLINE = "online"
    POST = "post"
    PHONE = "phone"
    EMAIL = "email"


class Identity(StrEnum):
    """How far it is known that whoever made the statement is the order's buyer."""

    UNPROVED = "unproved"
    SAME_ADDRESS = "same_address"
    """The receipt went to the order's own address, which many may know."""
    PROVED = "proved"
    """The order's token, or its account, was there when the statement was made."""
    CHECKED = "checked"
    """A member of staff made sure, and said how."""


KNOWN = frozenset({Identity.PROVED, Identity.CHECKED})
"""Before money moves it is one of these."""


class WithdrawalOutcome(StrEnum):
    REFUNDED = "refunded"
    NOTHING_OWED = "nothing_owed"
    NOT_A_WITHDRAWAL = "not_a_withdrawal"


class Withdrawal(Base):
    """A statement as it was made, with the words of its receipt; a table of record."""

    __tablename__ = "withdrawals"
    __table_args__ = (
        one_of("via", WithdrawalVia),
        one_of("language", Language),
        CheckConstraint("email IS NOT NULL OR via <> 'online'", name="is_receipted"),
        Index("ix_withdrawals_email", text("lower(email)")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    key: Mapped[UUID] = mapped_column(unique=True)
    """The client's own: the same statement sent again under it is the same."""
    number: Mapped[int] = mapped_column(BigInteger, unique=True, server_default=NUMBERS.next_value())
    stated_at: Mapped[datetime]
    sent_on: Mapped[date | None]
    """The day on which it was posted: sending it in time is enough (чл. 52 ЗЗП)."""
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """The member of staff; None: it was stated online."""
    via: Mapped[WithdrawalVia] = mapped_column(info=IMPERSONAL)
    language: Mapped[Language] = mapped_column(info=IMPERSONAL)
    name: Mapped[str] = mapped_column(info=personal(Category.NAME, to=LETTERS))
    order_number: Mapped[str] = mapped_column(info=personal(Category.ORDER, to=LETTERS))
    """As it was typed."""
    email: Mapped[str | None] = mapped_column(info=personal(Category.EMAIL, to=LETTERS))
    lines: Mapped[list[dict[str, Any]] | None] = mapped_column(
        JSONB(none_as_null=True), info=personal(Category.ORDER, to=LETTERS)
    )
    """Articles and pieces, where a part is withdrawn from."""
    goods: Mapped[str | None] = mapped_column(info=personal(Category.FREE_TEXT, to=LETTERS))
    # No foreign key: a statement on record may outlive the order.
    opened_order_id: Mapped[UUID | None]
    """The order that the caller's own token or account opened, when it was stated."""
    receipt_subject: Mapped[str] = mapped_column(info=personal(Category.ORDER, given=False, to=LETTERS))
    receipt_text: Mapped[str] = mapped_column(info=personal(Category.FREE_TEXT, given=False, to=LETTERS))
    receipt_html: Mapped[str] = mapped_column(info=personal(Category.FREE_TEXT, given=False, to=LETTERS))
    receipt_sha256: Mapped[str] = mapped_column(info=IMPERSONAL)

    @property
    def reference(self) -> str:
        """The number as everybody outside sees it."""
        return str(self.number)

    @property
    def is_of_whole(self) -> bool:
        """Whether it names no part: then it is of all that was ordered."""
        return self.lines is None and self.goods is None


class WithdrawalCase(Base):
    """What is done about a statement: which order it is of, whose, and how it ended."""

    __tablename__ = "withdrawal_cases"
    __table_args__ = (
        one_of("identity", Identity),
        one_of("outcome", WithdrawalOutcome),
        CheckConstraint("num_nulls(settled_at, settled_by, outcome) IN (0, 3)", name="is_settled"),
        # The queue by the clock of the refund, and what was settled, newest first.
        Index(
            "ix_withdrawal_cases_open", "refund_due_on", "withdrawal_id", postgresql_where=text("settled_at IS NULL")
        ),
        Index(
            "ix_withdrawal_cases_settled",
            "settled_at",
            "withdrawal_id",
            postgresql_where=text("settled_at IS NOT NULL"),
        ),
    )

    withdrawal_id: Mapped[UUID] = mapped_column(ForeignKey("withdrawals.id", ondelete="CASCADE"), primary_key=True)
    refund_due_on: Mapped[date]
    """Fourteen days after the statement (чл. 54 ЗЗП)."""
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id", ondelete="SET NULL"), index=True)
    matched_at: Mapped[datetime | None]
    matched_by: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    identity: Mapped[Identity] = mapped_column(info=IMPERSONAL)
    identity_at: Mapped[datetime | None]
    identity_by: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    identity_how: Mapped[str | None] = mapped_column(info=personal(Category.FREE_TEXT, given=False))
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    outcome: Mapped[WithdrawalOutcome | None] = mapped_column(info=IMPERSONAL)
    settled_why: Mapped[str | None] = mapped_column(info=personal(Category.FREE_TEXT, given=False))

    @property
    def is_settled(self) -> bool:
        return self.settled_at is not None
