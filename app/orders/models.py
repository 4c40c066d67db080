"""Tables of orders."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, ForeignKey, Identity, Index, Sequence, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.language import Language
from app.core.money import Money
from app.core.personal import IMPERSONAL, Category, Ground, Purpose, Recipient, Retention, personal

MOST_HOLDS = 3
"""For so many times the hold goods are kept for an order whose link could not be mailed."""

UNPROVED = "proved_at IS NULL AND status IN ('placed', 'confirmed', 'shipped')"
"""Of open orders that nobody has proved to mean: written out, so that the index is found by it."""

ORDER_WORDS = "order_words(number, first_name, last_name, email, phone, company_name, company_eik)"
"""By what an order is searched for; as its index has it, which forgets with the row."""

# Nine digits: I-Cash searches it as a 32-bit integer, and the QR payload of Н-18 forbids anything but plain text.
NUMBERS = Sequence("order_numbers", start=100_000_001, metadata=Base.metadata)

CARRIERS = frozenset({Recipient.SPEEDY, Recipient.COURIER})
BOOKS = frozenset({Recipient.ICASH, Recipient.ACCOUNTANT})
LETTERS = frozenset({Recipient.MAIL})
"""Whose server carries the confirmation, which names the order and where it goes, and the invoice with it."""


class OrderStatus(StrEnum):
    PLACED = "placed"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    RETURNED = "returned"


class PaymentMethod(StrEnum):
    CASH_ON_DELIVERY = "cash_on_delivery"
    BANK_TRANSFER = "bank_transfer"


class DeliveryMethod(StrEnum):
    ADDRESS = "address"
    OFFICE = "office"


class LineKind(StrEnum):
    GOODS = "goods"
    DELIVERY = "delivery"


def named() -> dict[str, Any]:
    return personal(Category.NAME, to=CARRIERS | LETTERS | {Recipient.ACCOUNTANT})


def addressed() -> dict[str, Any]:
    """Annotate what the courier needs, and what the invoice of a person must name."""
    return personal(Category.ADDRESS, to=CARRIERS | LETTERS | {Recipient.ACCOUNTANT})


def invoiced() -> dict[str, Any]:
    return personal(Category.INVOICE, Purpose.ACCOUNTING, Ground.LEGAL_OBLIGATION, Retention.BOOKS, to=BOOKS | LETTERS)


class Order(Base):
    """What a customer declared and the shop froze; amounts with VAT."""

    __tablename__ = "orders"
    __table_args__ = (
        one_of("status", OrderStatus),
        one_of("payment_method", PaymentMethod),
        one_of("delivery_method", DeliveryMethod),
        one_of("language", Language),
        CheckConstraint("total >= 0", name="total"),
        Index(None, "account_id", "number"),
        # By what staff are told on the phone, and by the address that somebody proves to be theirs.
        Index("ix_orders_email", text("lower(email)")),
        Index(None, "phone"),
        Index(
            "ix_orders_words",
            text(ORDER_WORDS),
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 512},
        ),
        Index(None, "status", "number"),
        Index("ix_orders_unproved", "origin_digest", postgresql_where=text(UNPROVED)),
        Index(
            "ix_orders_unconfirmed",
            "confirmation_due_at",
            postgresql_where=text("status = 'placed' AND proved_at IS NULL AND confirmation_due_at IS NOT NULL"),
        ),
        # Whose storage terms run: all of it, and how the buyer is reached.
        Index("ix_orders_finished_at", "finished_at", "id", postgresql_where=text("finished_at IS NOT NULL")),
        Index("ix_orders_reachable", "finished_at", "id", postgresql_where=text("email <> ''")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    number: Mapped[int] = mapped_column(BigInteger, unique=True, server_default=NUMBERS.next_value())
    cart_id: Mapped[UUID] = mapped_column(ForeignKey("carts.id"), unique=True)
    # None: a guest's, or its account is closed.
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="SET NULL"))
    # Set, it is no guest's: whoever has its address by then does not come to own it.
    account_closed_at: Mapped[datetime | None]
    # The client's own words, of this cart alone, and a digest of all it sent: both go when the person's data go.
    idempotency_key: Mapped[str] = mapped_column(info=personal(Category.ORDER, given=False))
    wish_digest: Mapped[str] = mapped_column(info=personal(Category.ORDER, given=False))
    acceptance_id: Mapped[UUID] = mapped_column(ForeignKey("acceptances.id"), unique=True)
    status: Mapped[OrderStatus] = mapped_column(info=IMPERSONAL)
    placed_at: Mapped[datetime]
    # From where it came, while it is open and unproved: a keyed digest, by which others from there are counted.
    origin_digest: Mapped[bytes | None] = mapped_column(
        info=personal(Category.CONNECTION, Purpose.LEGAL, Ground.LEGITIMATE_INTEREST, Retention.ACCESS, given=False)
    )
    proved_at: Mapped[datetime | None]
    """When it was known that it is meant: by its account's own address, the link in its mail, staff, or its payment."""
    confirmation_due_at: Mapped[datetime | None]
    """Until when its goods are kept for it unproved, were its link mailed at once; None: it need not be confirmed."""
    finished_at: Mapped[datetime | None]
    """When it came to its end, as `states.OVER` has it."""
    language: Mapped[Language] = mapped_column(info=IMPERSONAL)
    view_counter: Mapped[int | None] = mapped_column(server_default="0", default=0)
    """What keys of its view are made of: raised, those mailed before open nothing. None: nobody is let in by mail."""

    first_name: Mapped[str] = mapped_column(info=named())
    last_name: Mapped[str] = mapped_column(info=named())
    email: Mapped[str] = mapped_column(info=personal(Category.EMAIL, retention=Retention.CONTACT, to=LETTERS))
    phone: Mapped[str] = mapped_column(info=personal(Category.PHONE, retention=Retention.CONTACT, to=CARRIERS))

    delivery_method: Mapped[DeliveryMethod] = mapped_column(info=IMPERSONAL)
    office_id: Mapped[int | None]
    site_id: Mapped[int | None] = mapped_column(BigInteger)
    city: Mapped[str | None] = mapped_column(info=addressed())
    postcode: Mapped[str | None] = mapped_column(info=addressed())
    street: Mapped[str | None] = mapped_column(info=addressed())
    street_no: Mapped[str | None] = mapped_column(info=addressed())
    block: Mapped[str | None] = mapped_column(info=addressed())
    entrance: Mapped[str | None] = mapped_column(info=addressed())
    floor: Mapped[str | None] = mapped_column(info=addressed())
    apartment: Mapped[str | None] = mapped_column(info=addressed())
    note: Mapped[str | None] = mapped_column(info=addressed())

    company_name: Mapped[str | None] = mapped_column(info=invoiced())
    company_eik: Mapped[str | None] = mapped_column(info=invoiced())
    company_vat_number: Mapped[str | None] = mapped_column(info=invoiced())
    company_city: Mapped[str | None] = mapped_column(info=invoiced())
    company_address: Mapped[str | None] = mapped_column(info=invoiced())
    company_responsible_person: Mapped[str | None] = mapped_column(info=invoiced())

    comment: Mapped[str | None] = mapped_column(info=personal(Category.FREE_TEXT))
    payment_method: Mapped[PaymentMethod] = mapped_column(info=IMPERSONAL)
    goods: Mapped[Money]
    discount: Mapped[Money]
    delivery: Mapped[Money]
    vat: Mapped[Money]
    total: Mapped[Money]

    @property
    def reference(self) -> str:
        """The number as everybody outside sees it."""
        return str(self.number)

    @property
    def awaits_confirmation(self) -> bool:
        return self.status is OrderStatus.PLACED and self.confirmation_due_at is not None and self.proved_at is None

    def confirm_until(self, mailed_at: datetime) -> datetime | None:
        """Say until when it can be confirmed by a link that is mailed then: the hold counts from the mailing."""
        if self.confirmation_due_at is None:
            return None
        hold = self.confirmation_due_at - self.placed_at
        return min(mailed_at + hold, self.placed_at + MOST_HOLDS * hold)

    @property
    def person(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_company(self) -> bool:
        return self.company_eik is not None

    @property
    def pays_by_proforma(self) -> bool:
        """Whether a company's bookkeeper pays it."""
        return self.is_company and self.payment_method is PaymentMethod.BANK_TRANSFER


WORDS: ColumnElement[Any] = func.order_words(
    Order.number,
    Order.first_name,
    Order.last_name,
    Order.email,
    Order.phone,
    Order.company_name,
    Order.company_eik,
)


class OrderLine(Base):
    """A line as it was bought: goods, or the delivery; every document is made of these lines and no others."""

    __tablename__ = "order_lines"
    __table_args__ = (
        one_of("kind", LineKind),
        CheckConstraint("total = unit_price * quantity - discount", name="total"),
        CheckConstraint("quantity > 0 AND discount >= 0 AND total >= 0", name="amounts"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[LineKind] = mapped_column(info=IMPERSONAL)
    sku: Mapped[str] = mapped_column(info=personal(Category.ORDER, to=BOOKS))
    name: Mapped[str] = mapped_column(info=personal(Category.ORDER, to=BOOKS | LETTERS))
    name_en: Mapped[str] = mapped_column(info=personal(Category.ORDER, to=LETTERS))
    quantity: Mapped[int]
    unit_price: Mapped[Money]
    discount: Mapped[Money]
    total: Mapped[Money]
    vat_rate: Mapped[int]
    vat: Mapped[Money]
    weight_grams: Mapped[int]


class OrderEvent(Base):
    """One change of status; a table of record."""

    __tablename__ = "order_events"
    __table_args__ = (
        one_of("status", OrderStatus),
        Index(None, "order_id", "id"),
        # What was delivered in a month.
        Index("ix_orders_delivered", "at", "order_id", postgresql_where=text("status = 'delivered'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    status: Mapped[OrderStatus] = mapped_column(info=IMPERSONAL)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(info=IMPERSONAL)
