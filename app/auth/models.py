"""Tables of auth."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.scopes import Scope
from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Recipient, Retention, personal

SCOPES = ", ".join(repr(scope.value) for scope in Scope)


class Client(Base):
    """A machine that calls the shop.

    Its secret is 256 random bits, so that a plain SHA-256 is enough: argon2 is slow in order to make *guessable*
    secrets costly to guess, and here would only let a caller with a wrong secret keep the processor busy.
    """

    __tablename__ = "clients"
    __table_args__ = (
        CheckConstraint(f"scopes <@ ARRAY[{SCOPES}] AND cardinality(scopes) > 0", name="scopes"),
        CheckConstraint("recipient IN ('accountant', 'courier')", name="recipient"),
        CheckConstraint(
            "(previous_secret_hash IS NULL) = (previous_valid_until IS NULL)", name="previous_secret_has_an_end"
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    name: Mapped[str] = mapped_column(info=IMPERSONAL)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text()), info=IMPERSONAL)
    # For whom it acts in the register of recipients; None: it is given nothing personal.
    recipient: Mapped[Recipient | None] = mapped_column(info=IMPERSONAL)
    secret_hash: Mapped[bytes] = mapped_column(info=IMPERSONAL)
    previous_secret_hash: Mapped[bytes | None] = mapped_column(info=IMPERSONAL)
    previous_valid_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class StaffRole(StrEnum):
    SUPPORT = "support"
    WAREHOUSE = "warehouse"
    ACCOUNTANT = "accountant"
    EDITOR = "editor"
    PRIVACY_OFFICER = "privacy_officer"
    OWNER = "owner"


class Staff(Base):
    """A person who works for the shop."""

    __tablename__ = "staff"
    __table_args__ = (one_of("role", StaffRole), Index("uq_staff_email", text("lower(email)"), unique=True))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    email: Mapped[str] = mapped_column(
        info=personal(Category.EMAIL, Purpose.LEGAL, Ground.LEGITIMATE_INTEREST, Retention.STAFF)
    )
    name: Mapped[str] = mapped_column(
        info=personal(Category.NAME, Purpose.LEGAL, Ground.LEGITIMATE_INTEREST, Retention.STAFF)
    )
    password_hash: Mapped[str] = mapped_column(
        info=personal(Category.CREDENTIAL, Purpose.LEGAL, Ground.LEGITIMATE_INTEREST, Retention.STAFF, given=False)
    )
    role: Mapped[StaffRole] = mapped_column(info=IMPERSONAL)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
