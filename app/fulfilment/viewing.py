"""The view of an order behind the link in its mails: what whoever holds the link needs, and nothing of who lives where.

A key works to the end of the legal guarantee, which runs from the delivery (fact sheet 6.20); nothing delivered, it
works. It ends before that when the order's counter is raised, and with the person's data.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from app.core.clock import legal_date
from app.core.language import Language, Text
from app.core.secrets import Secret
from app.fulfilment.attention import parcel_view
from app.fulfilment.queries import Whole
from app.fulfilment.schemas import BankTransferView, EventView
from app.fulfilment.viewing_schemas import ParcelView, SeenOrderView, TransferView
from app.fulfilment.views import awaited_transfer, payment_view, term_view
from app.orders.models import Order, OrderStatus
from app.orders.schemas import line_views, totals_view
from app.orders.view_keys import Opened
from app.payments.transfers import Payee, drawn
from app.privacy.storage_terms import years_after
from app.shipping.models import Shipment

TRACKING = Text(
    "https://www.speedy.bg/bg/track-shipment?shipmentNumber={waybill}",
    "https://www.speedy.bg/en/track-shipment?shipmentNumber={waybill}",
)


@dataclass(frozen=True, slots=True)
class ViewTerms:
    """What keys are made of, how long they work, and to whom transfers go."""

    secret: Secret = field(repr=False)
    guarantee_years: int
    payee: Payee | None
    withdrawal_zone: ZoneInfo


def is_open(found: Whole, opened: Opened, terms: ViewTerms, *, at: datetime) -> bool:
    """Say whether a key that this shop made for some order opens this one now."""
    if not opened.fits(found.order) or not found.order.email:
        return False
    delivered = _delivered(found)
    return not delivered or legal_date(at) <= years_after(legal_date(max(delivered)), terms.guarantee_years)


def _delivered(found: Whole) -> list[datetime]:
    return [datetime.fromisoformat(each["at"]) for each in found.story if each["status"] == OrderStatus.DELIVERED]


async def seen_order(found: Whole, language: Language, terms: ViewTerms, *, at: datetime) -> SeenOrderView:
    """Show what the link shows; the caller holds no connection, as a code may have to be drawn."""
    order = found.order
    return SeenOrderView(
        number=order.reference,
        status=order.status,
        placed_at=order.placed_at,
        confirmation_due_at=order.confirmation_due_at if order.awaits_confirmation else None,
        name=shortened(order),
        lines=line_views(found.lines, language),
        totals=totals_view(order, found.lines),
        payment=payment_view(found),
        transfer=await _drawn(awaited_transfer(found, terms.payee)),
        shipment=_parcel(found.shipment, language) if found.shipment else None,
        history=[EventView.model_validate(event) for event in found.story],
        withdrawal=term_view(found, terms.withdrawal_zone, at=at),
    )


async def _drawn(transfer: BankTransferView | None) -> TransferView | None:
    if transfer is None:
        return None
    return TransferView(**transfer.model_dump(), code_svg=await asyncio.to_thread(drawn, transfer.code))


def shortened(order: Order) -> str:
    """Write "Ива П.": enough for its owner to know the order by."""
    return f"{order.first_name} {order.last_name[:1]}." if order.last_name else order.first_name


def tracking_link(waybill: str, language: Language) -> str:
    """Return the courier's own page about a parcel."""
    return TRACKING.in_(language).format(waybill=waybill)


def _parcel(shipment: Shipment, language: Language) -> ParcelView:
    link = tracking_link(shipment.waybill, language) if shipment.waybill else None
    return ParcelView(**parcel_view(shipment, language).model_dump(), tracking=link)
