"""The table of e-mails promised and sent."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.language import Language
from app.core.personal import IMPERSONAL, Category, Recipient, Retention, personal


class MailKind(StrEnum):
    ORDER_CONFIRMATION = "order_confirmation"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_REFUNDED = "order_refunded"
    """Of each refund."""
    PAYMENT_RECEIVED = "payment_received"
    """Of a transfer that is whole."""
    ORDER_SHIPPED = "order_shipped"
    READY_FOR_PICKUP = "ready_for_pickup"
    ORDER_CORRECTED = "order_corrected"
    """Of each correction: what of an order was put right."""
    INVOICE_ISSUED = "invoice_issued"
    REGISTRATION = "registration"
    ACCOUNT_CLOSED = "account_closed"
    EMAIL_CHANGE = "email_change"
    """To the new address, to be proved."""
    EMAIL_CHANGED = "email_changed"
    """To the old address, for notice."""
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind, not a password
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - as above
    TOKEN_REUSED = "token_reused"  # noqa: S105 - as above
    SECOND_FACTOR_LOCKED = "second_factor_locked"
    """To a member of staff: whoever knows the password entered wrong codes."""
    INVITATION = "invitation"
    REQUEST_PROOF = "request_proof"
    """To whoever asks as a guest: the link that proves the address."""
    REQUEST_RECEIVED = "request_received"
    REQUEST_INCOMPLETE = "request_incomplete"
    REQUEST_EXTENDED = "request_extended"
    REQUEST_LATE = "request_late"
    """Why an answer is late (C20)."""
    REQUEST_ANSWERED = "request_answered"
    RESTRICTION_ENDS = "restriction_ends"
    """Told before a restriction is lifted (GDPR Art. 18(3))."""
    RECIPIENT_LATE = "recipient_late"
    """To the responsible person: a recipient did not answer in time."""
    RECIPIENT_TOLD = "recipient_told"
    """To a recipient, of an erasure, a rectification or a restriction (GDPR Art. 19)."""
    RIGHTS_ALARM = "rights_alarm"
    """To the responsible person: a request nears its day."""
    WITHDRAWAL_PROOF = "withdrawal_proof"
    """To whoever withdraws as a guest: the link that proves the address."""
    WITHDRAWAL_RECEIPT = "withdrawal_receipt"
    """To whoever stated that they withdraw from a contract: the words that are kept as proof (чл. 52а ЗЗП)."""
    WITHDRAWAL_ALARM = "withdrawal_alarm"
    """To the shop: receipts did not arrive, or refunds near their day."""
    OFFERS_STOPPED = "offers_stopped"
    """To whom offers stopped on anybody's word."""
    MARKETING_PROOF = "marketing_proof"
    """To whoever ticked a box under an address that nobody proved: the link that makes a consent of it."""
    POLICY_CHANGED = "policy_changed"
    """A material change, to those with whom there is a ground to write (C21)."""
    BREACH_ALARM = "breach_alarm"
    """To the responsible person: the 72 hours run."""
    BREACH_NOTICE = "breach_notice"
    """To somebody affected (GDPR Art. 34)."""
    UPKEEP_ALARM = "upkeep_alarm"
    """To the responsible person: a backup, an integrity run or a retention run failed."""
    STANDSTILL = "standstill"
    """To the shop: jobs, orders or the workers themselves stand still."""
    ORDER_ACCESS = "order_access"
    """To whoever asks for it: the link that opens the whole order, where the address is the order's."""


ALARMS = frozenset(
    {
        *(MailKind.RIGHTS_ALARM, MailKind.RECIPIENT_LATE, MailKind.WITHDRAWAL_ALARM, MailKind.BREACH_ALARM),
        *(MailKind.UPKEEP_ALARM, MailKind.STANDSTILL),
    }
)
"""What the shop itself is told, about things of which others get mail too."""


class MailState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


BOUNCED = "bounced"
"""The refusal of what a mail server took, and that came back: no job sends it once more."""


class Mail(Base):
    __tablename__ = "mails"
    __table_args__ = (
        CheckConstraint("num_nonnulls(order_id, about_id) = 1", name="is_about_one_thing"),
        # One mail of a kind about a thing, or for each document of an order: promised again it promises nothing new.
        UniqueConstraint("order_id", "about_id", "kind", "document_id", postgresql_nulls_not_distinct=True),
        # By whom it was addressed to, and by when it may be forgotten.
        Index("ix_mails_address", text("lower(address)")),
        Index("ix_mails_created_at_of_accounts", "created_at", postgresql_where=text("order_id IS NULL")),
        Index("ix_mails_refusal", "order_id", postgresql_where=text("refusal IS NOT NULL")),
        # Those that somebody may have to be told of.
        Index(
            "ix_mails_unsent_receipts",
            "created_at",
            postgresql_where=text("kind = 'withdrawal_receipt' AND state <> 'sent' AND alarmed_at IS NULL"),
        ),
        Index(
            "ix_mails_alarmed_receipts",
            "alarmed_at",
            postgresql_where=text("kind = 'withdrawal_receipt' AND alarmed_at IS NOT NULL"),
        ),
        one_of("kind", MailKind),
        one_of("state", MailState),
        one_of("language", Language),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[MailKind] = mapped_column(info=IMPERSONAL)
    address: Mapped[str] = mapped_column(
        info=personal(Category.EMAIL, retention=Retention.MAIL, to=frozenset({Recipient.MAIL}))
    )
    language: Mapped[Language] = mapped_column(info=IMPERSONAL)
    # No foreign keys: orders, documents and accounts are of layers above.
    order_id: Mapped[UUID | None]
    document_id: Mapped[UUID | None]
    """The document of an order; of what is told or asked for several times, which time it is."""
    about_id: Mapped[UUID | None]
    """What it is about, when that is no order: a link, a session, an account."""
    parts: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """Codes of what it tells of, where the thing it is about does not say so by itself."""
    state: Mapped[MailState] = mapped_column(info=IMPERSONAL)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    """Since when it waits, because its mailbox was sent enough (`mail.holding`)."""
    carried_by: Mapped[UUID | None]
    """The mail that brings it, once it may go: itself, or another to the same mailbox."""
    message_id: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """What the mail that was sent bears; a bounce names it."""
    refusal: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """The code of the mail server that would not take it (4xx: for five days), or that it came back."""
    deferred_at: Mapped[datetime | None]
    """When the mail server first said that it would not take it now (`mail.deferring`)."""
    deferrals: Mapped[int] = mapped_column(default=0, server_default="0")
    retry_at: Mapped[datetime | None]
    """Until when it is left alone since."""
    alarmed_at: Mapped[datetime | None]
    """When the shop was told that it did not arrive, or go in time."""
