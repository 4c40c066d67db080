"""The table of e-mails promised and sent."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.language import Language
from app.core.personal import IMPERSONAL, Category, Retention, personal


class MailKind(StrEnum):
    ORDER_CONFIRMATION = "order_confirmation"
    INVOICE_ISSUED = "invoice_issued"


class MailState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


class Mail(Base):
    __tablename__ = "mails"
    __table_args__ = (
        # One mail of a kind for an order, or for each of its documents: a promise made again promises nothing new.
        UniqueConstraint("order_id", "kind", "document_id", postgresql_nulls_not_distinct=True),
        one_of("kind", MailKind),
        one_of("state", MailState),
        one_of("language", Language),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[MailKind] = mapped_column(info=IMPERSONAL)
    address: Mapped[str] = mapped_column(info=personal(Category.EMAIL, retention=Retention.MAIL))
    language: Mapped[Language] = mapped_column(info=IMPERSONAL)
    # No foreign keys: orders and documents are of layers above.
    order_id: Mapped[UUID]
    document_id: Mapped[UUID | None]
    state: Mapped[MailState] = mapped_column(info=IMPERSONAL)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    message_id: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """What the mail that was sent bears; a bounce names it."""
    refusal: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """The code of the mail server that would not take it."""
