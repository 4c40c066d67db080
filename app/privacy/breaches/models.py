"""Tables of breaches: what happened, who is affected, what the authority and the people were told."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.language import Language
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Recipient, Retention, personal

SENT = text("sent_at IS NOT NULL")


class BreachStatus(StrEnum):
    DISCOVERED = "discovered"
    ASSESSED = "assessed"
    NOTIFIED = "notified"
    NOT_NOTIFIED = "not_notified"
    """The risk is unlikely (GDPR Art. 33(1)); the reasons are an entry."""
    PEOPLE_TOLD = "people_told"
    PEOPLE_NOT_TOLD = "people_not_told"
    """Nobody is affected, or an exemption of Art. 34(3) applies; the reasons are an entry."""
    CLOSED = "closed"


class BreachChannel(StrEnum):
    """From whom the shop learned of it."""

    STAFF = "staff"
    PROCESSOR = "processor"  # who tells the controller without undue delay (Art. 33(2))
    CUSTOMER = "customer"
    AUTHORITY = "authority"
    MONITORING = "monitoring"
    OTHER = "other"


class Risk(StrEnum):
    """To the rights and freedoms of people."""

    UNLIKELY = "unlikely"
    RISK = "risk"
    HIGH = "high"


class EntryKind(StrEnum):
    FACTS = "facts"
    CONSEQUENCES = "consequences"
    MEASURES = "measures"
    RISK_ASSESSMENT = "risk_assessment"
    PROPOSED_MEASURES = "proposed_measures"
    REASONS_OF_DELAY = "reasons_of_delay"
    REASONS_NOT_TO_NOTIFY = "reasons_not_to_notify"
    REASONS_NOT_TO_TELL = "reasons_not_to_tell"
    PUBLIC_NOTICE = "public_notice"
    NOTE = "note"
    MOVED = "moved"
    """The status changed."""
    PEOPLE_COMPUTED = "people_computed"
    CLOSING = "closing"


class Exemption(StrEnum):
    """Why no letters are sent (Art. 34(3)); that the risk is not high is no reason here: the policy tells all (S81)."""

    NOBODY_AFFECTED = "nobody_affected"
    ENCRYPTED = "encrypted"
    RISK_REMOVED = "risk_removed"
    DISPROPORTIONATE = "disproportionate"


class LetterState(StrEnum):
    """How far the letter to one person is."""

    NONE = "none"
    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    """There is no usable address: told by public notice (Art. 34(3)(c))."""
    DRAWN = "drawn"
    """In a drill: it would have been sent."""


class SentBy(StrEnum):
    """How a notification went to the authority."""

    EMAIL = "email"
    POST = "post"
    PORTAL = "portal"
    IN_PERSON = "in_person"


class AlarmStage(StrEnum):
    HOURS_24 = "24_hours"
    HOURS_48 = "48_hours"
    HOURS_66 = "66_hours"
    OVERDUE = "overdue"


class Breach(Base):
    """A breach, or a drill of one; when it was discovered and what was said then never change."""

    __tablename__ = "breaches"
    __table_args__ = (
        one_of("status", BreachStatus),
        one_of("channel", BreachChannel),
        one_of("exemption", Exemption),
        CheckConstraint("drill OR drill_hours = 0", name="only_a_drill_has_a_clock_of_its_own"),
        CheckConstraint("(channel = 'processor') OR processor IS NULL", name="a_processor_reports_itself"),
        Index(None, "drill", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    """In the register."""
    drill: Mapped[bool]
    drill_hours: Mapped[int] = mapped_column(server_default=text("0"))
    """How far the drill's clock was put forward."""
    summary: Mapped[str] = mapped_column(info=IMPERSONAL)
    """In a sentence that names nobody."""
    channel: Mapped[BreachChannel] = mapped_column(info=IMPERSONAL)
    processor: Mapped[Recipient | None] = mapped_column(ForeignKey("recipients.key"), info=IMPERSONAL)
    discovered_at: Mapped[datetime]
    """When the shop became aware of it: the 72 hours run from here."""
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(info=IMPERSONAL)

    status: Mapped[BreachStatus] = mapped_column(info=IMPERSONAL)
    risk: Mapped[Risk | None] = mapped_column(info=IMPERSONAL)
    """Of the last assessment."""
    kzld_notified_at: Mapped[datetime | None]
    """When the first notification went to the authority (S57)."""
    not_notified_at: Mapped[datetime | None]
    exemption: Mapped[Exemption | None] = mapped_column(info=IMPERSONAL)
    letters_started_at: Mapped[datetime | None]
    letters_done_at: Mapped[datetime | None]
    publicly_told_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    people_computed_at: Mapped[datetime | None]
    people: Mapped[int | None]
    records: Mapped[int | None]
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text), info=IMPERSONAL)
    """Kinds of data that were exposed, as far as the searches say."""

    def now(self, at: datetime) -> datetime:
        """Give the moment as this breach counts it: a drill's clock is put forward by hand."""
        return at + timedelta(hours=self.drill_hours)

    @property
    def is_decided(self) -> bool:
        """Whether the authority was notified, or it was decided that it need not be."""
        return self.kzld_notified_at is not None or self.not_notified_at is not None


class BreachEntry(Base):
    """What was found out, done or decided; a table of record, a correction is a new entry."""

    __tablename__ = "breach_entries"
    __table_args__ = (
        one_of("kind", EntryKind),
        one_of("risk", Risk),
        one_of("status", BreachStatus),
        CheckConstraint("(kind = 'risk_assessment') = (risk IS NOT NULL)", name="an_assessment_has_a_risk"),
        CheckConstraint("(kind = 'moved') = (status IS NOT NULL)", name="a_move_has_a_status"),
        Index(None, "breach_id", "kind", "sequence"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    """The order in which entries were made."""
    breach_id: Mapped[UUID] = mapped_column(ForeignKey("breaches.id"))
    kind: Mapped[EntryKind] = mapped_column(info=IMPERSONAL)
    at: Mapped[datetime]
    author: Mapped[str] = mapped_column(info=IMPERSONAL)
    text: Mapped[str] = mapped_column(info=IMPERSONAL)
    """Names nobody: who is affected stands in `breach_people`."""
    risk: Mapped[Risk | None] = mapped_column(info=IMPERSONAL)
    status: Mapped[BreachStatus | None] = mapped_column(info=IMPERSONAL)
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("breach_entries.id"))


class BreachSearch(Base):
    """Where the officer looked for affected people; a table of record."""

    __tablename__ = "breach_searches"
    __table_args__ = (Index(None, "breach_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    breach_id: Mapped[UUID] = mapped_column(ForeignKey("breaches.id"))
    run_id: Mapped[UUID]
    """Searches of one run were made together; the last run gave the list."""
    run_at: Mapped[datetime]
    author: Mapped[str] = mapped_column(info=IMPERSONAL)
    search: Mapped[dict[str, str]] = mapped_column(JSONB, info=IMPERSONAL)
    """As `ports.Search` writes it: kind, whom or what, the period; ids and codes alone."""


class BreachPerson(Base):
    """Somebody affected, how they were found, and what became of the letter to them."""

    __tablename__ = "breach_people"
    __table_args__ = (
        one_of("language", Language),
        one_of("letter", LetterState),
        UniqueConstraint("breach_id", "key"),
        Index("ix_breach_people_key", text("lower(key)")),
        Index(None, "account_id"),
        Index(None, "breach_id", "letter", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    breach_id: Mapped[UUID] = mapped_column(ForeignKey("breaches.id"))
    key: Mapped[str] = mapped_column(
        info=personal(Category.EMAIL, Purpose.LEGAL, Ground.LEGAL_OBLIGATION, Retention.EVIDENCE, given=False)
    )
    """The address in small letters, or the order of somebody whose address is gone."""
    email: Mapped[str | None] = mapped_column(
        info=personal(Category.EMAIL, Purpose.LEGAL, Ground.LEGAL_OBLIGATION, Retention.EVIDENCE, given=False)
    )
    account_id: Mapped[UUID | None]  # no foreign key: the record outlives the account
    language: Mapped[Language] = mapped_column(info=IMPERSONAL)
    found_by: Mapped[list[str]] = mapped_column(ARRAY(Text), info=IMPERSONAL)
    records: Mapped[int]
    found_at: Mapped[datetime]
    letter: Mapped[LetterState] = mapped_column(info=IMPERSONAL)
    promised_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    message_id: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    refusal: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """The code of the mail server that would not take it."""


class BreachWording(Base):
    """What people are told, in one language (Art. 34(2)); a table of record, the last one is sent."""

    __tablename__ = "breach_wordings"
    __table_args__ = (one_of("language", Language), Index(None, "breach_id", "language", "id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    breach_id: Mapped[UUID] = mapped_column(ForeignKey("breaches.id"))
    language: Mapped[Language] = mapped_column(info=IMPERSONAL)
    nature: Mapped[str] = mapped_column(info=IMPERSONAL)
    consequences: Mapped[str] = mapped_column(info=IMPERSONAL)
    measures: Mapped[str] = mapped_column(info=IMPERSONAL)
    advice: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    written_at: Mapped[datetime]
    author: Mapped[str] = mapped_column(info=IMPERSONAL)


class BreachNotification(Base):
    """A notification to the authority as it was drafted; of its columns only those about its sending are set, once."""

    __tablename__ = "breach_notifications"
    __table_args__ = (
        one_of("means", SentBy),
        Index(None, "breach_id", "id"),
        # Several drafts of a phase may be made; one is sent.
        Index("uq_breach_notifications_sent", "breach_id", "phase", unique=True, postgresql_where=SENT),
        CheckConstraint("num_nonnulls(sent_at, sent_by, means) IN (0, 3)", name="a_sending_says_when_who_and_how"),
        CheckConstraint("sha256 = encode(sha256(pdf), 'hex')", name="sha256"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    breach_id: Mapped[UUID] = mapped_column(ForeignKey("breaches.id"))
    phase: Mapped[int]
    """The first notification is 1; what is told later is further information (Art. 33(4))."""
    drafted_at: Mapped[datetime]
    author: Mapped[str] = mapped_column(info=IMPERSONAL)
    text: Mapped[str] = mapped_column(info=IMPERSONAL)
    pdf: Mapped[bytes] = mapped_column(info=IMPERSONAL)
    sha256: Mapped[str] = mapped_column(info=IMPERSONAL)
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    means: Mapped[SentBy | None] = mapped_column(info=IMPERSONAL)
    reference: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """The authority's incoming number; it may come later than the sending."""


class BreachAlarm(Base):
    """The responsible person, or an officer, was alarmed of a stage; each once."""

    __tablename__ = "breach_alarms"
    __table_args__ = (
        one_of("stage", AlarmStage),
        UniqueConstraint("breach_id", "stage", "staff_id", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    breach_id: Mapped[UUID] = mapped_column(ForeignKey("breaches.id"))
    stage: Mapped[AlarmStage] = mapped_column(info=IMPERSONAL)
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    """None: the responsible person, at the shop's own address."""
    raised_at: Mapped[datetime]
