"""Tables of cookies and of choices about them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.language import Language
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Retention, personal

CONNECTION = personal(Category.CONNECTION, Purpose.LEGAL, Ground.LEGAL_OBLIGATION, Retention.EVIDENCE, given=False)


class CookieCategory(StrEnum):
    NECESSARY = "necessary"
    FUNCTIONAL = "functional"
    STATISTICS = "statistics"
    MARKETING = "marketing"


class ChoiceMethod(StrEnum):
    """Which button of the banner was pressed."""

    ACCEPT_ALL = "accept_all"
    REJECT_ALL = "reject_all"
    CHOOSE = "choose"


class Cookie(Base):
    """A line of the register: what is kept in a visitor's browser, by whom, what for, how long."""

    __tablename__ = "cookies"
    __table_args__ = (one_of("category", CookieCategory),)

    name: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    provider: Mapped[str] = mapped_column(info=IMPERSONAL)
    purpose_bg: Mapped[str] = mapped_column(info=IMPERSONAL)
    purpose_en: Mapped[str] = mapped_column(info=IMPERSONAL)
    category: Mapped[CookieCategory] = mapped_column(info=IMPERSONAL)
    lifetime_bg: Mapped[str] = mapped_column(info=IMPERSONAL)
    lifetime_en: Mapped[str] = mapped_column(info=IMPERSONAL)
    is_third_party: Mapped[bool]


class CookieConsent(Base):
    """One choice; a table of record, the last of a `consent_id` counts."""

    __tablename__ = "cookie_consents"
    __table_args__ = (
        one_of("method", ChoiceMethod),
        one_of("language", Language),
        Index(None, "consent_id", "recorded_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    consent_id: Mapped[UUID]
    """Random, kept by the browser: it tells one visitor's choices from another's and nothing else."""
    declaration_id: Mapped[UUID] = mapped_column(ForeignKey("declarations.id"))
    functional: Mapped[bool]
    statistics: Mapped[bool]
    marketing: Mapped[bool]
    method: Mapped[ChoiceMethod] = mapped_column(info=IMPERSONAL)
    language: Mapped[Language] = mapped_column(info=IMPERSONAL)
    text_sha256: Mapped[str] = mapped_column(info=IMPERSONAL)
    network: Mapped[str | None] = mapped_column(info=CONNECTION)
    """The address, truncated: its /24, or /48 of IPv6."""
    browser: Mapped[str] = mapped_column(info=CONNECTION)
    """Its family alone."""
    recorded_at: Mapped[datetime]
