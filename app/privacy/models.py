"""Tables of declarations, acceptances, consents, recipients, agreements and disclosures."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.language import Language
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Recipient, Retention, personal


class DeclarationPurpose(StrEnum):
    """The points at which data are collected, each with a declaration of its own (S27), and the policy itself."""

    POLICY = "policy"
    ORDER = "order"
    REGISTRATION = "registration"
    CONTACT = "contact"
    NEWSLETTER = "newsletter"
    BLOG = "blog"
    REVIEW = "review"
    COOKIES = "cookies"
    """The cookie policy, and what the banner asks."""
    SMS = "sms"
    VIBER = "viber"
    SURVEY = "survey"
    THIRD_PARTY_MARKETING = "third_party_marketing"
    """Without a text that names the third parties it cannot be asked for: nobody is (C13)."""


class ConsentPurpose(StrEnum):
    """What a person may agree to outside a contract; each is agreed to alone (S12)."""

    REGISTRATION = "registration"
    NEWSLETTER = "newsletter"
    BLOG_COMMENT = "blog_comment"
    CONTACT = "contact"
    REVIEW = "review"
    THIRD_PARTY_MARKETING = "third_party_marketing"
    SURVEY = "survey"


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    VIBER = "viber"
    PHONE = "phone"


class ConsentAct(StrEnum):
    ASKED = "asked"
    """Wished for under an address that nobody has proved: no consent yet (complaint 22)."""
    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class Means(StrEnum):
    """How an acceptance or a consent, or its end, reached us."""

    API = "api"
    STAFF = "staff"
    LINK = "link"
    """By the link in a mail."""
    ONE_CLICK = "one_click"
    """By the button that a mailbox shows beside a mail (RFC 8058)."""


class ReceivedBy(StrEnum):
    """How it reached the member of staff who recorded it."""

    EMAIL = "email"
    POST = "post"
    PHONE = "phone"
    IN_PERSON = "in_person"


class SaidBy(StrEnum):
    """Who spoke: whose data it is about, a parent or guardian of somebody under 14, or a proxy."""

    PERSON = "person"
    PARENT = "parent"
    PROXY = "proxy"


class RecipientKind(StrEnum):
    CONTROLLER = "controller"
    PROCESSOR = "processor"


class AgreementKind(StrEnum):
    ART28 = "art28"
    CONTRACT = "contract"


class Handing(StrEnum):
    """How data left: sent by us, pulled by the recipient, or downloaded by a person."""

    PUSH = "push"
    PULL = "pull"
    DOWNLOAD = "download"


def _connection(ground: Ground) -> dict[str, Any]:
    return personal(Category.CONNECTION, Purpose.LEGAL, ground, Retention.EVIDENCE, given=False)


class Declaration(Base):
    """One version of a text that people are shown; a table of record."""

    __tablename__ = "declarations"
    __table_args__ = (
        UniqueConstraint("purpose", "version"),
        one_of("purpose", DeclarationPurpose),
        CheckConstraint("sha256_bg = encode(sha256(convert_to(text_bg, 'UTF8')), 'hex')", name="sha256_bg"),
        CheckConstraint("sha256_en = encode(sha256(convert_to(text_en, 'UTF8')), 'hex')", name="sha256_en"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    purpose: Mapped[DeclarationPurpose] = mapped_column(info=IMPERSONAL)
    version: Mapped[str] = mapped_column(info=IMPERSONAL)
    effective_on: Mapped[date]
    title_bg: Mapped[str] = mapped_column(info=IMPERSONAL)
    title_en: Mapped[str] = mapped_column(info=IMPERSONAL)
    text_bg: Mapped[str] = mapped_column(info=IMPERSONAL)
    text_en: Mapped[str] = mapped_column(info=IMPERSONAL)
    sha256_bg: Mapped[str] = mapped_column(info=IMPERSONAL)
    sha256_en: Mapped[str] = mapped_column(info=IMPERSONAL)
    material: Mapped[bool]
    """A change that people are told of personally (C21)."""
    published_at: Mapped[datetime]

    def title(self, language: Language) -> str:
        return self.title_en if language is Language.EN else self.title_bg

    def text(self, language: Language) -> str:
        return self.text_en if language is Language.EN else self.text_bg

    def sha256(self, language: Language) -> str:
        return self.sha256_en if language is Language.EN else self.sha256_bg


class Acceptance(Base):
    """Somebody ticked the box under a declaration; a table of record."""

    __tablename__ = "acceptances"
    __table_args__ = (one_of("language", Language), one_of("means", Means))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    declaration_id: Mapped[UUID] = mapped_column(ForeignKey("declarations.id"))
    language: Mapped[Language] = mapped_column(info=IMPERSONAL)
    text_sha256: Mapped[str] = mapped_column(info=IMPERSONAL)
    accepted_at: Mapped[datetime]
    means: Mapped[Means] = mapped_column(info=IMPERSONAL)
    origin: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    ip: Mapped[str | None] = mapped_column(info=_connection(Ground.LEGITIMATE_INTEREST))
    user_agent: Mapped[str | None] = mapped_column(info=_connection(Ground.LEGITIMATE_INTEREST))


class Consent(Base):
    """Somebody agreed to one purpose, or took it back; a table of record, the last act counts."""

    __tablename__ = "consents"
    __table_args__ = (
        one_of("purpose", ConsentPurpose),
        one_of("channel", Channel),
        one_of("act", ConsentAct),
        one_of("language", Language),
        one_of("means", Means),
        one_of("received_by", ReceivedBy),
        one_of("said_by", SaidBy),
        Index("ix_consents_email", text("lower(email)")),
        Index(None, "order_id"),
        # Whom a campaign may go to, page by page.
        Index("ix_consents_audience", "purpose", "channel", text("lower(email)"), "recorded_at", "id"),
        Index(None, "follows_id", postgresql_where=text("follows_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    purpose: Mapped[ConsentPurpose] = mapped_column(info=IMPERSONAL)
    channel: Mapped[Channel | None] = mapped_column(info=IMPERSONAL)
    act: Mapped[ConsentAct] = mapped_column(info=IMPERSONAL)
    email: Mapped[str] = mapped_column(
        info=personal(Category.EMAIL, Purpose.NEWSLETTER, Ground.CONSENT, Retention.EVIDENCE)
    )
    order_id: Mapped[UUID | None]  # no foreign key: the proof outlives the order
    declaration_id: Mapped[UUID] = mapped_column(ForeignKey("declarations.id"))
    language: Mapped[Language] = mapped_column(info=IMPERSONAL)
    text_sha256: Mapped[str] = mapped_column(info=IMPERSONAL)
    recorded_at: Mapped[datetime]
    means: Mapped[Means] = mapped_column(info=IMPERSONAL)
    origin: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    ip: Mapped[str | None] = mapped_column(info=_connection(Ground.LEGAL_OBLIGATION))
    user_agent: Mapped[str | None] = mapped_column(info=_connection(Ground.LEGAL_OBLIGATION))
    words: Mapped[str | None] = mapped_column(
        info=personal(Category.FREE_TEXT, Purpose.LEGAL, Ground.LEGAL_OBLIGATION, Retention.EVIDENCE)
    )
    """What somebody wrote when taking it back (S18)."""
    follows_id: Mapped[UUID | None]  # no foreign key: what it follows may be erased before it
    """The act that this one confirms, or carries on under a new address."""
    proof_sent_at: Mapped[datetime | None]
    """When the mail with the link went out."""
    proved_at: Mapped[datetime | None]
    """When its link was opened: the address was proved after the box had been ticked."""
    received_by: Mapped[ReceivedBy | None] = mapped_column(info=IMPERSONAL)
    said_by: Mapped[SaidBy | None] = mapped_column(info=IMPERSONAL)


class RegisteredRecipient(Base):
    """A line of the register of recipients: who receives data, as what, for what (S34, S37, S39)."""

    __tablename__ = "recipients"
    __table_args__ = (one_of("key", Recipient), one_of("kind", RecipientKind))

    key: Mapped[Recipient] = mapped_column(primary_key=True, info=IMPERSONAL)
    kind: Mapped[RecipientKind] = mapped_column(info=IMPERSONAL)
    title_bg: Mapped[str] = mapped_column(info=IMPERSONAL)
    title_en: Mapped[str] = mapped_column(info=IMPERSONAL)
    purpose_bg: Mapped[str] = mapped_column(info=IMPERSONAL)
    purpose_en: Mapped[str] = mapped_column(info=IMPERSONAL)
    guarantees_bg: Mapped[str] = mapped_column(info=IMPERSONAL)
    guarantees_en: Mapped[str] = mapped_column(info=IMPERSONAL)
    legal_name: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    contact: Mapped[str | None] = mapped_column(info=IMPERSONAL)


class Agreement(Base):
    """What was signed with a recipient; a table of record, the one recorded last governs (S38)."""

    __tablename__ = "agreements"
    __table_args__ = (
        one_of("kind", AgreementKind),
        CheckConstraint("ends_on >= signed_on", name="ends_on"),
        Index(None, "recipient", "recorded_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    recipient: Mapped[Recipient] = mapped_column(ForeignKey("recipients.key"), info=IMPERSONAL)
    kind: Mapped[AgreementKind] = mapped_column(info=IMPERSONAL)
    reference: Mapped[str] = mapped_column(info=IMPERSONAL)
    signed_on: Mapped[date]
    ends_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(info=IMPERSONAL)


class Disclosure(Base):
    """Data of one order went to one recipient; a table of record."""

    __tablename__ = "disclosures"
    __table_args__ = (
        one_of("purpose", Purpose),
        one_of("ground", Ground),
        one_of("means", Handing),
        CheckConstraint("cardinality(categories) > 0", name="categories"),
        Index(None, "order_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    disclosed_at: Mapped[datetime]
    recipient: Mapped[Recipient] = mapped_column(ForeignKey("recipients.key"), info=IMPERSONAL)
    order_id: Mapped[UUID]  # no foreign key: the record outlives the order
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text), info=IMPERSONAL)
    purpose: Mapped[Purpose] = mapped_column(info=IMPERSONAL)
    ground: Mapped[Ground] = mapped_column(info=IMPERSONAL)
    means: Mapped[Handing] = mapped_column(info=IMPERSONAL)
    what: Mapped[str] = mapped_column(info=IMPERSONAL)
    reference_id: Mapped[UUID | None]
    """The document or the shipment."""
    actor: Mapped[str] = mapped_column(info=IMPERSONAL)
