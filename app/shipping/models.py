"""Tables of shipments."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.money import Money
from app.core.personal import IMPERSONAL, Category, Recipient, personal
from app.shipping.ports import Phase


class ShipmentStatus(StrEnum):
    WAITING = "waiting"
    BOOKED = "booked"
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


WITH_COURIER = frozenset({ShipmentStatus.BOOKED, ShipmentStatus.HANDED_OVER})
TAKEN = WITH_COURIER | {ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED}
"""What the courier took on, whatever became of it."""


class Shipment(Base):
    """One parcel of one order, from the promise to the door."""

    __tablename__ = "shipments"
    __table_args__ = (
        one_of("status", ShipmentStatus),
        one_of("phase", Phase),
        # What the courier's integration pulls, in the order it was booked.
        Index(
            "ix_shipments_ready",
            "booked_at",
            "id",
            postgresql_where=text("status = 'booked' AND acknowledged_at IS NULL"),
        ),
        Index("ix_shipments_handed_over", "handed_over_at", postgresql_where=text("handed_over_at IS NOT NULL")),
        Index("ix_shipments_concern", "order_id", postgresql_where=text("concern IS NOT NULL")),
        # What is with the courier, be it that it would not call it off.
        Index(
            "ix_shipments_followed",
            "id",
            postgresql_where=text(
                "status IN ('booked', 'handed_over')"
                " OR (status = 'cancelled' AND waybill IS NOT NULL AND concern IS NOT NULL)"
            ),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), unique=True)
    status: Mapped[ShipmentStatus] = mapped_column(info=IMPERSONAL)
    weight_grams: Mapped[int]
    cash_on_delivery: Mapped[Money | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    """The last moment at which the booking may have reached the courier."""
    booked_at: Mapped[datetime | None]
    handed_over_at: Mapped[datetime | None]
    waybill: Mapped[str | None] = mapped_column(unique=True, info=IMPERSONAL)
    parcel_ids: Mapped[list[str] | None] = mapped_column(ARRAY(TEXT), info=IMPERSONAL)
    pickup_on: Mapped[date | None]
    price: Mapped[Money | None]
    phase: Mapped[Phase | None] = mapped_column(info=IMPERSONAL)
    tracked_at: Mapped[datetime | None]
    untold_since: Mapped[datetime | None]
    """Since when the courier does not tell of it, though it tells of others."""
    acknowledged_at: Mapped[datetime | None]
    concern: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """A code that asks for a person: a refusal of the courier, or a doubt about a booking."""


class StrayWaybill(Base):
    """A waybill with an order's number that is not the order's own: its cash must not be collected a second time."""

    __tablename__ = "stray_waybills"
    __table_args__ = (
        Index("ix_stray_waybills_concern", "order_id", postgresql_where=text("concern IS NOT NULL")),
        Index("ix_stray_waybills_order_id", "order_id"),
    )

    waybill: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    found_at: Mapped[datetime]
    concern: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """Asks for a person; None: it is being called off, or that is over."""
    settled_at: Mapped[datetime | None]
    """When a person had looked at it."""


class Label(Base):
    """The label as the courier printed it; a table of record."""

    __tablename__ = "labels"

    shipment_id: Mapped[UUID] = mapped_column(ForeignKey("shipments.id"), primary_key=True)
    pdf: Mapped[bytes] = mapped_column(
        LargeBinary, info=personal(Category.ADDRESS, given=False, to=frozenset({Recipient.COURIER}))
    )
    sha256: Mapped[str] = mapped_column(info=IMPERSONAL)
    kept_at: Mapped[datetime]


class TrackingRecord(Base):
    """One scan the courier told of; a table of record."""

    __tablename__ = "tracking_records"
    __table_args__ = (UniqueConstraint("shipment_id", "at", "code"), one_of("phase", Phase))

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    shipment_id: Mapped[UUID] = mapped_column(ForeignKey("shipments.id"))
    at: Mapped[datetime]
    code: Mapped[int]
    phase: Mapped[Phase | None] = mapped_column(info=IMPERSONAL)
    continued_as: Mapped[str | None] = mapped_column(info=IMPERSONAL)
