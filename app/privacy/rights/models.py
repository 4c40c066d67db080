"""Tables of the rights desk: requests, the log of each case file, attachments, letters."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.language import Language
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Retention, personal
from app.privacy.models import ConsentPurpose


class RequestKind(StrEnum):
    """What may be asked: the rights of the policy's section 8, and a complaint, which has a clock of its own (C6)."""

    ACCESS = "access"
    PORTABILITY = "portability"
    RECTIFICATION = "rectification"
    RESTRICTION = "restriction"
    ERASURE = "erasure"
    OBJECTION = "objection"
    WITHDRAWAL = "withdrawal"
    COMPLAINT = "complaint"


class Via(StrEnum):
    """How a request came, and by that how far it is known who asks."""

    ACCOUNT = "account"
    EMAIL_PROOF = "email_proof"
    EMAIL = "email"
    POST = "post"
    PHONE = "phone"


class RequestState(StrEnum):
    RECEIVED = "received"
    """A guest's, whose address is not proved yet."""
    INCOMPLETE = "incomplete"
    IDENTITY_NEEDED = "identity_needed"
    OPEN = "open"
    EXTENDED = "extended"
    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    """The answer is on its way, on record; nothing more happens but that the case file is kept."""


class Outcome(StrEnum):
    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PreferredForm(StrEnum):
    """In which form somebody wants the answer (S76)."""

    ELECTRONIC = "electronic"
    PAPER = "paper"


class Part(StrEnum):
    """The parts of a request, in the policy's order (S76), and the proxy's (S77)."""

    NAME = "name"
    ADDRESS = "address"
    DESCRIPTION = "description"
    PREFERRED_FORM = "preferred_form"
    SIGNATURE = "signature"
    DATE = "date"
    CORRESPONDENCE_ADDRESS = "correspondence_address"
    POWER_OF_ATTORNEY = "power_of_attorney"


class ErasureGround(StrEnum):
    """Why data must go (S68, GDPR Art. 17(1))."""

    NOT_NEEDED = "not_needed"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OBJECTED = "objected"
    UNLAWFUL = "unlawful"
    LEGAL_DUTY = "legal_duty"


class Against(StrEnum):
    """What somebody objects to: marketing needs no reason and ends at once (S72), anything else is weighed (S73)."""

    MARKETING = "marketing"
    PROCESSING = "processing"


class EventKind(StrEnum):
    """What stands in the log of a case file."""

    RECEIVED = "received"
    PROVED = "proved"
    MOVED = "moved"
    MESSAGE = "message"
    NOTE = "note"
    AUTHORITY_NOTIFIED = "authority_notified"
    """КЗЛД was told, or told us, of it (S57)."""
    PARTS_ASKED = "parts_asked"
    IDENTITY_ASKED = "identity_asked"
    IDENTITY_RECORDED = "identity_recorded"
    DESTINATION_CHECKED = "destination_checked"
    ATTACHED = "attached"
    ATTACHMENT_READ = "attachment_read"
    ATTACHMENT_DELETED = "attachment_deleted"
    ALARMED = "alarmed"
    EXTENDED = "extended"
    DELAYED = "delayed"
    DECIDED = "decided"
    EXECUTED = "executed"
    COPY_GIVEN = "copy_given"
    ANSWER_SENT = "answer_sent"


class LetterKind(StrEnum):
    """Letters that are drawn as a PDF and kept; the receipt is a mail."""

    PARTS = "parts"
    IDENTITY = "identity"
    EXTENSION = "extension"
    DELAY = "delay"
    ANSWER = "answer"


class AttachmentKind(StrEnum):
    POWER_OF_ATTORNEY = "power_of_attorney"
    IDENTITY_PAPER = "identity_paper"


def _kept(category: Category, *, given: bool = True) -> dict[str, Any]:
    """Annotate what the duty to answer rests on, and is proved by afterwards (GDPR Art. 12(3), 5(2))."""
    return personal(category, Purpose.LEGAL, Ground.LEGAL_OBLIGATION, Retention.EVIDENCE, given=given)


class RightsRequest(Base):
    """What somebody asks, and how it stands."""

    __tablename__ = "rights_requests"
    __table_args__ = (
        one_of("kind", RequestKind),
        one_of("via", Via),
        one_of("state", RequestState),
        one_of("outcome", Outcome),
        one_of("preferred_form", PreferredForm),
        one_of("language", Language),
        one_of("erasure_ground", ErasureGround),
        one_of("against", Against),
        one_of("consent", ConsentPurpose),
        CheckConstraint(
            "(outcome IS NOT NULL) = (state IN ('granted', 'partly_granted', 'refused', 'withdrawn', 'closed'))",
            name="an_end_has_an_outcome",
        ),
        Index(None, "due_on", "id"),
        Index(None, "state", "due_on", "id"),
        Index(None, "account_id", "id"),
        Index("ix_rights_requests_email", text("lower(email)")),
        Index("ix_rights_requests_person_email", text("lower(person_email)")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[RequestKind] = mapped_column(info=IMPERSONAL)
    via: Mapped[Via] = mapped_column(info=IMPERSONAL)
    state: Mapped[RequestState] = mapped_column(info=IMPERSONAL)
    outcome: Mapped[Outcome | None] = mapped_column(info=IMPERSONAL)
    language: Mapped[Language] = mapped_column(info=IMPERSONAL)

    account_id: Mapped[UUID | None]  # no foreign key: the case file outlives the account
    """Who asked while logged in."""
    email: Mapped[str | None] = mapped_column(info=_kept(Category.EMAIL))
    """Where it is answered; proved, or taken from the letter by staff."""
    person_email: Mapped[str | None] = mapped_column(info=_kept(Category.EMAIL))
    """Under which address the data are that it is about; another than `email` for a proxy."""
    name: Mapped[str | None] = mapped_column(info=_kept(Category.NAME))
    address: Mapped[str | None] = mapped_column(info=_kept(Category.ADDRESS))
    correspondence_address: Mapped[str | None] = mapped_column(info=_kept(Category.ADDRESS))
    checked_destination: Mapped[str | None] = mapped_column(info=_kept(Category.ADDRESS, given=False))
    """The destination that was found to be the person's, or that was looked at on its own (`destinations`)."""
    preferred_form: Mapped[PreferredForm | None] = mapped_column(info=IMPERSONAL)
    text: Mapped[str | None] = mapped_column(info=_kept(Category.FREE_TEXT))
    is_signed: Mapped[bool]
    dated_on: Mapped[date | None]
    proxy_name: Mapped[str | None] = mapped_column(info=_kept(Category.NAME))
    has_power_of_attorney: Mapped[bool] = mapped_column(default=False)
    missing: Mapped[list[str]] = mapped_column(ARRAY(Text), info=IMPERSONAL)

    corrections: Mapped[list[dict[str, Any]] | None] = mapped_column(
        JSONB(none_as_null=True), info=_kept(Category.FREE_TEXT)
    )
    """What is wrong and what is right (S62)."""
    restriction_ground: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """A `restricting.RestrictionGround` (S63)."""
    erasure_ground: Mapped[ErasureGround | None] = mapped_column(info=IMPERSONAL)
    against: Mapped[Against | None] = mapped_column(info=IMPERSONAL)
    consent: Mapped[ConsentPurpose | None] = mapped_column(info=IMPERSONAL)

    received_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str] = mapped_column(info=IMPERSONAL)
    identified_at: Mapped[datetime | None]
    complete_at: Mapped[datetime]
    """When it had all that is needed; as long as it waits, when it last had."""
    waiting_since: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    """When the person first wrote since we wait for them: from then on the clock runs again, whoever reads it when."""
    waited_days: Mapped[int] = mapped_column(default=0)
    due_on: Mapped[date]
    extended_to: Mapped[date | None]
    decided_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    @property
    def is_decided(self) -> bool:
        return self.outcome is not None

    @property
    def last_day(self) -> date:
        """The day by which it is to be answered, as it stands."""
        return self.extended_to or self.due_on


class RightsEvent(Base):
    """A line in the log of a case file; a table of record."""

    __tablename__ = "rights_events"
    __table_args__ = (one_of("kind", EventKind), Index(None, "request_id", "number"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    """In the order of writing: several lines are of one moment."""
    request_id: Mapped[UUID] = mapped_column(ForeignKey("rights_requests.id"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(info=IMPERSONAL)
    """As the audit names it: "person", "system" or a member of staff."""
    kind: Mapped[EventKind] = mapped_column(info=IMPERSONAL)
    words: Mapped[str | None] = mapped_column(info=_kept(Category.FREE_TEXT))
    """What was written: the person's message, the reasons for a decision."""
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, info=_kept(Category.FREE_TEXT, given=False))
    """Codes, dates and counts; what an erasure left and took, what was corrected."""


class RightsAttachment(Base):
    """A power of attorney or a paper of identity, sealed; gone when the request is decided (S77, S78)."""

    __tablename__ = "rights_attachments"
    __table_args__ = (one_of("kind", AttachmentKind), Index(None, "request_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("rights_requests.id"))
    kind: Mapped[AttachmentKind] = mapped_column(info=IMPERSONAL)
    media_type: Mapped[str] = mapped_column(info=IMPERSONAL)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(info=IMPERSONAL)
    sealed: Mapped[bytes] = mapped_column(info=_kept(Category.FREE_TEXT))
    received_at: Mapped[datetime]


class RightsLetter(Base):
    """A letter as it was sent; a table of record."""

    __tablename__ = "rights_letters"
    __table_args__ = (one_of("kind", LetterKind), one_of("language", Language), Index(None, "request_id"))

    event_id: Mapped[UUID] = mapped_column(ForeignKey("rights_events.id"), primary_key=True)
    """The event that it tells of: each is told once."""
    request_id: Mapped[UUID] = mapped_column(ForeignKey("rights_requests.id"))
    kind: Mapped[LetterKind] = mapped_column(info=IMPERSONAL)
    language: Mapped[Language] = mapped_column(info=IMPERSONAL)
    pdf: Mapped[bytes] = mapped_column(info=_kept(Category.FREE_TEXT, given=False))
    sha256: Mapped[str] = mapped_column(info=IMPERSONAL)
    drawn_at: Mapped[datetime]
