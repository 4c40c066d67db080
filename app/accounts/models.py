"""Tables of registrations, profiles, addresses and invoice profiles."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.language import Language
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Retention, personal

MOST_ADDRESSES = 20
MOST_INVOICE_PROFILES = 20


def _kept(category: Category, *, given: bool = True) -> dict[str, Any]:
    """Annotate what rests on the consent to registration (S13)."""
    return personal(category, Purpose.SALE, Ground.CONSENT, Retention.ACCOUNT, given=given)


class Registration(Base):
    """Somebody asked for an account; forgotten when it expires, an account when the address is proved."""

    __tablename__ = "registrations"
    __table_args__ = (
        one_of("language", Language),
        Index(None, "expires_at"),
        Index("ix_registrations_email", text("lower(email)")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    email: Mapped[str] = mapped_column(info=_kept(Category.EMAIL))
    password_hash: Mapped[str] = mapped_column(info=_kept(Category.CREDENTIAL, given=False))
    first_name: Mapped[str] = mapped_column(info=_kept(Category.NAME))
    last_name: Mapped[str] = mapped_column(info=_kept(Category.NAME))
    phone: Mapped[str | None] = mapped_column(info=_kept(Category.PHONE))
    address: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), info=_kept(Category.ADDRESS))
    """As `forms.Delivery` writes it."""
    language: Mapped[Language] = mapped_column(info=IMPERSONAL)
    # What proves acceptance and consent, kept until they are recorded with the account.
    declaration_id: Mapped[UUID] = mapped_column(ForeignKey("declarations.id"))
    newsletter_declaration_id: Mapped[UUID | None] = mapped_column(ForeignKey("declarations.id"))
    """The wording under which the newsletter was asked for, if it was."""
    origin: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    ip: Mapped[str | None] = mapped_column(info=_kept(Category.CONNECTION, given=False))
    user_agent: Mapped[str | None] = mapped_column(info=_kept(Category.CONNECTION, given=False))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Profile(Base):
    """What an account tells of its owner."""

    __tablename__ = "profiles"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    first_name: Mapped[str] = mapped_column(info=_kept(Category.NAME))
    last_name: Mapped[str] = mapped_column(info=_kept(Category.NAME))
    phone: Mapped[str | None] = mapped_column(info=_kept(Category.PHONE))
    acceptance_id: Mapped[UUID] = mapped_column(ForeignKey("acceptances.id"), index=True)
    changed_at: Mapped[datetime]


class PlaceKind(StrEnum):
    ADDRESS = "address"
    OFFICE = "office"


class Address(Base):
    """A place parcels go to; an order copies it, so that a later change leaves the order as it was."""

    __tablename__ = "addresses"
    __table_args__ = (
        one_of("method", PlaceKind),
        CheckConstraint("(method = 'office') = (office_id IS NOT NULL)", name="office_id"),
        Index(None, "account_id", "id"),
        Index("uq_addresses_default", "account_id", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    label: Mapped[str | None] = mapped_column(info=_kept(Category.ADDRESS))
    is_default: Mapped[bool]
    method: Mapped[PlaceKind] = mapped_column(info=IMPERSONAL)
    office_id: Mapped[int | None]
    site_id: Mapped[int | None] = mapped_column(BigInteger)
    city: Mapped[str | None] = mapped_column(info=_kept(Category.ADDRESS))
    postcode: Mapped[str | None] = mapped_column(info=_kept(Category.ADDRESS))
    street: Mapped[str | None] = mapped_column(info=_kept(Category.ADDRESS))
    street_no: Mapped[str | None] = mapped_column(info=_kept(Category.ADDRESS))
    block: Mapped[str | None] = mapped_column(info=_kept(Category.ADDRESS))
    entrance: Mapped[str | None] = mapped_column(info=_kept(Category.ADDRESS))
    floor: Mapped[str | None] = mapped_column(info=_kept(Category.ADDRESS))
    apartment: Mapped[str | None] = mapped_column(info=_kept(Category.ADDRESS))
    note: Mapped[str | None] = mapped_column(info=_kept(Category.ADDRESS))


class InvoiceProfile(Base):
    """A company that invoices may be made out to."""

    __tablename__ = "invoice_profiles"
    __table_args__ = (Index(None, "account_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    company_name: Mapped[str] = mapped_column(info=_kept(Category.INVOICE))
    eik: Mapped[str] = mapped_column(info=_kept(Category.INVOICE))
    vat_number: Mapped[str | None] = mapped_column(info=_kept(Category.INVOICE))
    city: Mapped[str] = mapped_column(info=_kept(Category.INVOICE))
    address: Mapped[str] = mapped_column(info=_kept(Category.INVOICE))
    responsible_person: Mapped[str | None] = mapped_column(info=_kept(Category.INVOICE))
