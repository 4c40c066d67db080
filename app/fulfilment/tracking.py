"""Asks the courier where the parcels are; a parcel's way moves its shipment, and the shipment its order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock
from app.core.db import Sessions
from app.core.jobs import Promise, defer
from app.fulfilment.jobs import IssueInvoice, invoice_lock
from app.fulfilment.promising import promise_mail
from app.mail.models import MailKind
from app.orders import queries as order_queries
from app.orders import states as order_states
from app.orders.models import Order, OrderStatus
from app.orders.states import Actor
from app.shipping import queries as shipping_queries
from app.shipping import states as shipping_states
from app.shipping.models import Shipment, ShipmentStatus, TrackingRecord
from app.shipping.ports import (
    Courier,
    CourierRefused,
    CourierUnavailable,
    Phase,
    TrackingEvent,
    may_be_of_one,
    phase_of,
)

AT_ONCE = 200
UNTOLD = "courier_untold"
"""Of a parcel of which the courier does not tell where it is, while it tells of others."""

log = structlog.get_logger()

# How far the shipment has come → the statuses the order passes through on its way there.
ORDER_WAY: dict[ShipmentStatus, tuple[OrderStatus, ...]] = {
    ShipmentStatus.HANDED_OVER: (OrderStatus.SHIPPED,),
    ShipmentStatus.DELIVERED: (OrderStatus.SHIPPED, OrderStatus.DELIVERED),
    ShipmentStatus.RETURNED: (OrderStatus.SHIPPED, OrderStatus.REFUSED),
}
# What a person has to look at, for as long as the courier says so.
# One that came back also leaves goods to be put in stock again, and a sale to be stornoed.
CONCERNS = {phase: f"courier_{phase.value}" for phase in (Phase.ATTENTION, Phase.CANCELLED, Phase.RETURNED)}
# What a person has to know of a parcel that the courier would not call off, before money goes back for it.
THOUGH_CANCELLED = {
    ShipmentStatus.HANDED_OVER: "parcel_left_though_cancelled",
    ShipmentStatus.DELIVERED: "parcel_delivered_though_cancelled",
    ShipmentStatus.RETURNED: "parcel_returned_though_cancelled",
}


@dataclass(frozen=True)
class Tracking:
    """The periodic look at every parcel on its way."""

    sessions: Sessions
    courier: Courier
    clock: Clock

    async def run(self) -> None:
        """Ask first about those of which the courier tells; what failed before is asked about alone, and last."""
        try:
            await self._ask(alone=False)
        finally:  # one that is asked about alone, as the only one under way, may be to blame itself
            await self._ask(alone=True)

    async def _ask(self, *, alone: bool) -> None:
        after: UUID | None = None
        while page := await self._list(after, untold=alone):
            waybills = {shipment.waybill: shipment.order_id for shipment in page if shipment.waybill}
            for asked in [[each] for each in waybills] if alone else [[*waybills]]:
                try:
                    histories = await self.courier.track(asked)
                except (CourierRefused, CourierUnavailable) as fault:
                    if not alone or not may_be_of_one(fault):
                        raise
                    continue  # as before
                for waybill in asked:
                    await self._apply(waybills[waybill], histories.get(waybill))
            after = page[-1].id

    async def _apply(self, order_id: UUID, history: Sequence[TrackingEvent] | None) -> None:
        try:
            async with self.sessions.begin() as session:
                if history is None:
                    await note_untold(session, order_id, at=self.clock.now())
                else:
                    await apply(session, order_id, history, at=self.clock.now())
        except Exception as fault:  # one order's trouble must not keep those behind it from being tracked
            log.warning("tracking_left_out", order_id=str(order_id), exc_info=fault)

    async def _list(self, after: UUID | None, *, untold: bool) -> Sequence[Shipment]:
        async with self.sessions() as session:
            return await shipping_queries.list_on_their_way(session, after=after, limit=AT_ONCE, untold=untold)


async def apply(session: AsyncSession, order_id: UUID, history: Sequence[TrackingEvent], *, at: datetime) -> None:
    """Keep the scans and move shipment and order as far as the whole history says; told again, nothing changes."""
    order = await order_queries.lock_order(session, order_id)
    shipment = await shipping_queries.lock_shipment(session, order_id)
    assert shipment is not None  # the caller read it
    shipment.tracked_at, shipment.untold_since = at, None
    if shipment.concern == UNTOLD:
        shipment.concern = None
    is_called_off = shipment.status is ShipmentStatus.CANCELLED
    if not history or (is_called_off and shipment.concern is None):
        return  # nothing is known, or what is told is our own calling off
    await _keep(session, shipment, history)
    before, phase = shipment.phase, phase_of(history)
    if is_called_off:
        _note_left(shipment, phase)
        return
    if phase is not before:  # told again, a concern that a person has settled does not come back
        _enter(shipment, phase)
    to = shipping_states.REACHED.get(phase)
    if to is not None and to in shipping_states.NEXT[shipment.status]:
        await _reach(session, order, shipment, to, history, at=at)
    is_ready = phase is Phase.READY_FOR_PICKUP and phase is not before
    if is_ready and order.status is OrderStatus.SHIPPED:
        await promise_mail(session, MailKind.READY_FOR_PICKUP, order, at=at)


async def note_untold(session: AsyncSession, order_id: UUID, *, at: datetime) -> None:
    """Ask for a person, once, about a parcel of which the courier does not tell; an earlier concern stays."""
    await order_queries.lock_order(session, order_id)
    shipment = await shipping_queries.lock_shipment(session, order_id)
    assert shipment is not None  # the caller read it
    if shipment.untold_since is None:
        shipment.untold_since = at
        shipment.concern = shipment.concern or UNTOLD


def _enter(shipment: Shipment, phase: Phase) -> None:
    shipment.phase = phase
    if phase in CONCERNS:
        shipment.concern = CONCERNS[phase]
    elif shipment.concern in CONCERNS.values():
        shipment.concern = None


def _note_left(shipment: Shipment, phase: Phase) -> None:
    """Note how far a parcel came that should have stayed; order, goods and money stay as cancelling left them."""
    shipment.phase = phase
    if phase is Phase.CANCELLED:
        shipment.concern = None
    elif phase in shipping_states.REACHED:
        shipment.concern = THOUGH_CANCELLED[shipping_states.REACHED[phase]]


async def _reach(
    session: AsyncSession,
    order: Order,
    shipment: Shipment,
    to: ShipmentStatus,
    history: Sequence[TrackingEvent],
    *,
    at: datetime,
) -> None:
    shipping_states.move(shipment, to)
    if shipment.handed_over_at is None:
        taken = [event.at for event in history if event.phase in shipping_states.REACHED]
        shipment.handed_over_at = min([at, *taken])
        await defer(session, Promise(IssueInvoice(order.id), invoice_lock(order.id)))
    elif to is ShipmentStatus.RETURNED:  # what was never paid is credited
        await defer(session, Promise(IssueInvoice(order.id), invoice_lock(order.id)))
    for status in ORDER_WAY[to]:
        if status in order_states.NEXT[order.status]:  # one cancelled meanwhile stays cancelled
            order_states.move(session, order, status, at=at, by=Actor.COURIER)
    if to is ShipmentStatus.HANDED_OVER and order.status is OrderStatus.SHIPPED:
        await promise_mail(session, MailKind.ORDER_SHIPPED, order, at=at)


async def _keep(session: AsyncSession, shipment: Shipment, history: Sequence[TrackingEvent]) -> None:
    rows = [
        {
            "shipment_id": shipment.id,
            "at": event.at,
            "code": event.code,
            "phase": event.phase,
            "continued_as": event.continued_as,
        }
        for event in history
    ]
    if rows:
        await session.execute(insert(TrackingRecord).values(rows).on_conflict_do_nothing())
