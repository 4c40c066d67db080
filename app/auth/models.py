"""Tables of auth."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.scopes import Scope
from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.language import Language
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Recipient, Retention, personal

"""How exact `last_used_at` is: a write per request would be dearer than what it tells."""

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
    # Addresses and networks it may call from; None: any.
    networks: Mapped[list[str] | None] = mapped_column(ARRAY(Text()), info=IMPERSONAL)
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


def _of_staff(category: Category, *, given: bool = True) -> dict[str, Any]:
    return personal(category, Purpose.LEGAL, Ground.LEGITIMATE_INTEREST, Retention.STAFF, given=given)


def _of_account(category: Category, *, given: bool = True) -> dict[str, Any]:
    return personal(category, Purpose.SALE, Ground.CONSENT, Retention.ACCOUNT, given=given)


class Account(Base):
    """A shopper who may log in: the address was proved. Name and addresses are the domain `accounts`'s."""

    __tablename__ = "accounts"
    __table_args__ = (one_of("language", Language), Index("uq_accounts_email", text("lower(email)"), unique=True))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    email: Mapped[str] = mapped_column(info=_of_account(Category.EMAIL))
    password_hash: Mapped[str] = mapped_column(info=_of_account(Category.CREDENTIAL, given=False))
    language: Mapped[Language] = mapped_column(info=IMPERSONAL)
    created_at: Mapped[datetime]

    @property
    def own_words(self) -> Sequence[str]:
        """What a stranger who knows this person would try as a password."""
        return (self.email,)


class Staff(Base):
    """A person who works for the shop; who was invited and did not answer yet has no password and is not active."""

    __tablename__ = "staff"
    __table_args__ = (
        one_of("role", StaffRole),
        one_of("language", Language),
        CheckConstraint(
            "activated_at IS NULL OR (password_hash IS NOT NULL AND totp IS NOT NULL)", name="active_has_both_factors"
        ),
        Index("uq_staff_email", text("lower(email)"), unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    email: Mapped[str] = mapped_column(info=_of_staff(Category.EMAIL))
    name: Mapped[str] = mapped_column(info=_of_staff(Category.NAME))
    password_hash: Mapped[str | None] = mapped_column(info=_of_staff(Category.CREDENTIAL, given=False))
    totp: Mapped[str | None] = mapped_column(info=_of_staff(Category.CREDENTIAL, given=False))
    """The key of the second factor, encrypted by `auth.totp`."""
    totp_counter: Mapped[int | None] = mapped_column(BigInteger)
    """Of the last code that was used: none is accepted twice."""
    refused_codes: Mapped[int] = mapped_column(server_default="0", default=0)
    """Wrong ones since the last right one (`auth.second_factor`)."""
    locked_until: Mapped[datetime | None]
    role: Mapped[StaffRole] = mapped_column(info=IMPERSONAL)
    language: Mapped[Language] = mapped_column(server_default=Language.BG, info=IMPERSONAL)
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]

    @property
    def own_words(self) -> Sequence[str]:
        """As an account's."""
        return (self.email, self.name)


class RecoveryCode(Base):
    """Stands in for the second factor once; 80 random bits, so that a plain SHA-256 is enough."""

    __tablename__ = "recovery_codes"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(primary_key=True, info=_of_staff(Category.CREDENTIAL, given=False))
    used_at: Mapped[datetime | None]


class Training(Base):
    """A member of staff was made acquainted with the law and the internal rules (S44); a table of record."""

    __tablename__ = "trainings"
    __table_args__ = (
        CheckConstraint("valid_until >= trained_on", name="valid_until"),
        Index(None, "staff_id", "trained_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    subject: Mapped[str] = mapped_column(info=IMPERSONAL)
    trained_on: Mapped[date]
    valid_until: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(info=IMPERSONAL)


class SessionEnd(StrEnum):
    """Why a session ended."""

    LOGOUT = "logout"
    ENDED_BY_OWNER = "ended_by_owner"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason, not a password
    TOKEN_REUSED = "token_reused"  # noqa: S105 - as above
    ACCESS_TAKEN = "access_taken"


class LoginSession(Base):
    """One login on one device; its refresh tokens are a family that lives and ends with it."""

    __tablename__ = "login_sessions"
    __table_args__ = (
        CheckConstraint("num_nonnulls(account_id, staff_id) = 1", name="is_of_one_person"),
        one_of("ended_because", SessionEnd),
        CheckConstraint("(ended_at IS NULL) = (ended_because IS NULL)", name="an_end_has_a_reason"),
        Index(None, "account_id"),
        Index(None, "staff_id"),
        Index("ix_login_sessions_over_at", text("coalesce(ended_at, expires_at)")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    device: Mapped[str | None] = mapped_column(
        info=personal(Category.CONNECTION, Purpose.LEGAL, Ground.LEGITIMATE_INTEREST, Retention.ACCESS, given=False)
    )
    """What the browser calls itself, so that its owner knows it in the list."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[SessionEnd | None] = mapped_column(info=IMPERSONAL)


class RefreshToken(Base):
    """A refresh token by its SHA-256 (it is 256 random bits); a used one is remembered, so that its reuse is seen."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index(None, "session_id"),)

    token_hash: Mapped[bytes] = mapped_column(primary_key=True, info=IMPERSONAL)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("login_sessions.id", ondelete="CASCADE"))
    issued_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    salt: Mapped[bytes | None] = mapped_column(info=IMPERSONAL)
    """With the token itself it makes the successor again, for a client that lost the answer."""


class LinkPurpose(StrEnum):
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, not a password
    CHANGE_EMAIL = "change_email"
    INVITATION = "invitation"
    ORDER_ACCESS = "order_access"


class Realm(StrEnum):
    """Whose login: a shopper's account and a place among the staff never share one."""

    ACCOUNT = "account"
    STAFF = "staff"


class MailLink(Base):
    """A link that was mailed; whoever opens it reads that mailbox. It works once, until it expires."""

    __tablename__ = "mail_links"
    __table_args__ = (
        one_of("purpose", LinkPurpose),
        one_of("realm", Realm),
        Index("ix_mail_links_email", text("lower(email)")),
        Index(None, "expires_at"),
        Index(None, "account_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    purpose: Mapped[LinkPurpose] = mapped_column(info=IMPERSONAL)
    realm: Mapped[Realm] = mapped_column(info=IMPERSONAL)
    # Whether anybody has this address is looked up when the mail is sent, so that the request takes the same time.
    email: Mapped[str] = mapped_column(info=_of_account(Category.EMAIL))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    # As it was typed: whether there is such an order is looked up then, too.
    order_number: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class FamiliarOrigin(Base):
    """Where somebody has logged in from, as a keyed digest: a stranger's guesses do not lock these out."""

    __tablename__ = "familiar_origins"
    __table_args__ = (Index(None, "seen_at"),)

    person_id: Mapped[UUID] = mapped_column(primary_key=True)  # an account or a member of staff
    digest: Mapped[bytes] = mapped_column(
        primary_key=True,
        info=personal(Category.CONNECTION, Purpose.LEGAL, Ground.LEGITIMATE_INTEREST, Retention.ACCESS, given=False),
    )
    seen_at: Mapped[datetime]
