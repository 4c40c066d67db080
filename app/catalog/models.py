"""Tables of the catalogue: what is shown, what is bought, what it cost and when, how many there are and why."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, one_of
from app.core.explaining import shape
from app.core.ids import uuid7
from app.core.language import Text
from app.core.money import Money
from app.core.personal import IMPERSONAL

SKU_PATTERN = shape(
    "^[A-Za-z0-9._-]{1,20}$",
    Text("Напишете кода на артикула като ION-H-SOFT-2", "Write an article's code as ION-H-SOFT-2"),
)
"""At most 20 characters of ASCII: what I-Cash takes for an item's number."""

SLUG_PATTERN = shape(
    "^[a-z0-9]+(-[a-z0-9]+)*$",
    Text("Само малки латински букви, цифри и тирета между тях", "Only small Latin letters, digits and hyphens between"),
)


class Product(Base):
    """What a page of the shop shows; visible from the moment it is published."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint(f"slug ~ '{SLUG_PATTERN}'", name="slug"),
        Index(None, "position", "id", postgresql_where=text("published_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    slug: Mapped[str] = mapped_column(unique=True, info=IMPERSONAL)
    title_bg: Mapped[str] = mapped_column(info=IMPERSONAL)
    title_en: Mapped[str] = mapped_column(info=IMPERSONAL)
    summary_bg: Mapped[str] = mapped_column(info=IMPERSONAL)
    summary_en: Mapped[str] = mapped_column(info=IMPERSONAL)
    description_bg: Mapped[str] = mapped_column(info=IMPERSONAL)
    description_en: Mapped[str] = mapped_column(info=IMPERSONAL)
    # Folded in Python, not by the database: its lower() knows Cyrillic only under some locales.
    search: Mapped[str] = mapped_column(info=IMPERSONAL)
    position: Mapped[int]
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    variants: Mapped[list["Variant"]] = relationship(
        back_populates="product", lazy="raise_on_sql", order_by="(Variant.position, Variant.sku)"
    )

    @property
    def title(self) -> Text:
        return Text(self.title_bg, self.title_en)

    @property
    def summary(self) -> Text:
        return Text(self.summary_bg, self.summary_en)

    @property
    def description(self) -> Text:
        return Text(self.description_bg, self.description_en)

    def index(self) -> None:
        """Renew the text that a search looks through; call it when a text, a label or an SKU has changed."""
        texts = [self.title_bg, self.title_en, self.summary_bg, self.summary_en]
        labels = [label for variant in self.variants for label in (variant.sku, variant.label_bg, variant.label_en)]
        self.search = "\n".join(texts + labels).casefold()


class Variant(Base):
    """What is bought: one article of the warehouse, with the price of now."""

    __tablename__ = "variants"
    __table_args__ = (
        CheckConstraint(f"sku ~ '{SKU_PATTERN}'", name="sku"),
        CheckConstraint("price > 0", name="price"),
        CheckConstraint("vat_rate IN (0, 9, 20)", name="vat_rate"),
        CheckConstraint("weight_grams > 0", name="weight_grams"),
    )

    sku: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"), index=True)
    label_bg: Mapped[str] = mapped_column(info=IMPERSONAL)
    label_en: Mapped[str] = mapped_column(info=IMPERSONAL)
    price: Mapped[Money]
    vat_rate: Mapped[int]
    weight_grams: Mapped[int]
    # Unsealed by the buyer it need not be taken back: ЗЗП чл. 57 т. 5.
    hygiene_sealed: Mapped[bool]
    position: Mapped[int]
    discontinued: Mapped[bool] = mapped_column(default=False)

    product: Mapped[Product] = relationship(back_populates="variants", lazy="raise_on_sql")

    @property
    def label(self) -> Text:
        return Text(self.label_bg, self.label_en)


def named(title: str, label: str) -> str:
    """Say what is sold; a product that comes in one kind has no label."""
    return f"{title}, {label}" if label.strip() else title


class Price(Base):
    """A price that a variant has, or had until the next one: a table of record."""

    __tablename__ = "prices"
    __table_args__ = (
        CheckConstraint("price > 0", name="price"),
        CheckConstraint("vat_rate IN (0, 9, 20)", name="vat_rate"),
        Index(None, "sku", "valid_from", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey("variants.sku"), info=IMPERSONAL)
    price: Mapped[Money]
    vat_rate: Mapped[int]
    valid_from: Mapped[datetime]


class Stock(Base):
    """How many of a variant can be sold now; every variant has its row."""

    __tablename__ = "stock"
    __table_args__ = (
        CheckConstraint("available >= 0", name="available"),
        CheckConstraint("unpaid >= 0", name="unpaid"),
    )

    sku: Mapped[str] = mapped_column(ForeignKey("variants.sku"), primary_key=True, info=IMPERSONAL)
    available: Mapped[int]
    unpaid: Mapped[int] = mapped_column(server_default=text("0"))
    """Taken by orders that are neither paid nor confirmed, which may hold a share of what could be sold."""


class Reason(StrEnum):
    """Why stock moved; the last three are an order's."""

    RECEIPT = "receipt"
    CORRECTION = "correction"
    SALE = "sale"
    CANCELLATION = "cancellation"
    RETURN = "return"


class Movement(Base):
    """One change of stock: a table of record. The changes of a variant add up to what is available."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        one_of("reason", Reason),
        CheckConstraint("change <> 0", name="change"),
        CheckConstraint("(order_id IS NULL) = (reason IN ('receipt', 'correction'))", name="order_id"),
        Index(None, "order_id", postgresql_where=text("order_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey("stock.sku"), info=IMPERSONAL)
    change: Mapped[int]
    reason: Mapped[Reason] = mapped_column(info=IMPERSONAL)
    # No foreign key: orders are a floor above, and the ledger outlives what it tells of.
    order_id: Mapped[UUID | None]
    at: Mapped[datetime]


class CatalogVersion(Base):
    """One row: raised by triggers (migration 0062) as a change of what the catalogue shows is kept, and told by NOTIFY.

    Of stock that is a change from one of its words to another; how many there are is shown to nobody.
    """

    __tablename__ = "catalog_version"
    __table_args__ = (CheckConstraint("one", name="one"),)

    one: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    version: Mapped[int] = mapped_column(BigInteger)
