"""Tables of the audit log."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.personal import IMPERSONAL


class Action(StrEnum):
    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    ENTRY_REFUSED = "entry_refused"
    SESSION_ENDED = "session_ended"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - an action, not a password
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - as above
    PASSWORD_RESET = "password_reset"  # noqa: S105 - as above
    EMAIL_CHANGED = "email_changed"
    ACCOUNT_REGISTERED = "account_registered"
    ACCOUNT_CLOSED = "account_closed"
    STAFF_INVITED = "staff_invited"
    STAFF_ACTIVATED = "staff_activated"
    STAFF_ROLE_CHANGED = "staff_role_changed"
    STAFF_DISABLED = "staff_disabled"
    STAFF_ENABLED = "staff_enabled"
    SECOND_FACTOR_RESET = "second_factor_reset"
    SECOND_FACTOR_UNLOCKED = "second_factor_unlocked"
    LIMITS_LIFTED = "limits_lifted"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    TRAINING_RECORDED = "training_recorded"
    CLIENT_CREATED = "client_created"
    CLIENT_ROTATED = "client_rotated"
    CLIENT_REVOKED = "client_revoked"
    CLIENT_NETWORKS_CHANGED = "client_networks_changed"
    PERSONAL_DATA_READ = "personal_data_read"
    PERSONAL_DATA_CHANGED = "personal_data_changed"
    AUDIT_READ = "audit_read"
    ACCESS_REVIEWED = "access_reviewed"
    ORDERS_CLAIMED = "orders_claimed"
    REGISTER_EXPORTED = "register_exported"
    INSPECTION_PACKED = "inspection_packed"
    AGREEMENT_RECORDED = "agreement_recorded"
    RECIPIENT_NAMED = "recipient_named"
    TEXT_PUBLISHED = "text_published"
    PERSON_ERASED = "person_erased"
    PERSON_RESTRICTED = "person_restricted"
    RESTRICTION_LIFTED = "restriction_lifted"
    HOLD_SET = "hold_set"
    HOLD_LIFTED = "hold_lifted"
    RETENTION_RUN = "retention_run"
    BACKUP_RESTORED = "backup_restored"
    MONTH_CLOSED = "month_closed"


class AuditEntry(Base):
    """What somebody did; a table of record. The database sets `sequence`, `previous` and `hash`, whatever is given."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        one_of("action", Action),
        Index(None, "actor", "sequence"),
        Index(None, "subject", "sequence"),
        Index(None, "action", "sequence"),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(info=IMPERSONAL)
    """Who: `staff:…`, `account:…`, `client:…`, `operator`, or `stranger`, who did not prove to be anybody."""
    action: Mapped[Action] = mapped_column(info=IMPERSONAL)
    subject: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """To whom or what, written as the actor is."""
    detail: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """Ids and codes alone, as `role: support → owner`."""
    previous: Mapped[bytes] = mapped_column(info=IMPERSONAL)
    hash: Mapped[bytes] = mapped_column(info=IMPERSONAL)


class AuditHead(Base):
    """The one row that knows how far the log goes: so that a log cut off at its end is seen."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("only_one", name="only_one"),)

    only_one: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(info=IMPERSONAL)
