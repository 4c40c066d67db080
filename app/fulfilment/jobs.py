"""What the shop promises to the outside once an order is confirmed; ids only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.core.jobs import Job, PassingFault

BOOKS_LOCK = "icash"
"""I-Cash takes one strictly serial stream of requests, so its jobs run one at a time, in order."""


class Overtaken(PassingFault):
    """Another worker went on with this job: it took ours for dead, and what ours knows is out of date."""


@dataclass(frozen=True)
class BookShipment(Job):
    """Register the parcel with the courier and keep its label."""

    name: ClassVar[str] = "book_shipment"

    order_id: UUID


@dataclass(frozen=True)
class CancelShipment(Job):
    """Call a booked parcel off."""

    name: ClassVar[str] = "cancel_shipment"

    order_id: UUID


@dataclass(frozen=True)
class CallOffStray(Job):
    """Call off a waybill that is not the order's own."""

    name: ClassVar[str] = "call_off_stray"

    order_id: UUID
    waybill: str


@dataclass(frozen=True)
class PostSale(Job):
    """Enter the sale in the books."""

    name: ClassVar[str] = "post_sale"

    order_id: UUID


@dataclass(frozen=True)
class IssueInvoice(Job):
    """Number the invoice, render it, mail it."""

    name: ClassVar[str] = "issue_invoice"

    order_id: UUID


def order_lock(order_id: UUID) -> str:
    """Name the lock that keeps the jobs of one order's parcel in their order."""
    return f"order:{order_id}"


def stray_lock(waybill: str) -> str:
    """Name the lock of a stray waybill: it does not wait for the order's own parcel, which may wait for it."""
    return f"stray:{waybill}"


def invoice_lock(order_id: UUID) -> str:
    """Name the lock of an order's invoice: it does not wait for a courier who does not answer."""
    return f"invoice:{order_id}"
