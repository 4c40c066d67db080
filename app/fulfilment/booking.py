"""Books the parcel of a confirmed order with the courier, keeps its label, calls it off when the order is cancelled.

The parcel is looked up before it is sent, so a second run books nothing twice; the moment of sending and the disclosure
are stored before the data leave, the waybill before anything else is asked. With the waybill the sale is promised to
the books: what the courier refuses waits for a person, and is not sold yet.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock
from app.core.db import Sessions
from app.core.jobs import Parked, Promise, defer
from app.core.personal import Ground, Purpose, Recipient
from app.fulfilment import queries
from app.fulfilment.jobs import BookShipment, CancelShipment, Overtaken, order_lock
from app.fulfilment.parcels import parcel
from app.fulfilment.posting import SOLD, promise_sale
from app.fulfilment.strays import call_off, call_off_doubles, take_for_own
from app.orders import queries as order_queries
from app.orders.models import Order, OrderStatus
from app.orders.whose import whose_of
from app.privacy import disclosing
from app.privacy.disclosing import HandingOver, Sent
from app.privacy.errors import AgreementMissing
from app.privacy.models import Handing
from app.shipping import ports
from app.shipping import queries as shipping_queries
from app.shipping import service as shipping
from app.shipping.models import TAKEN, WITH_COURIER, Label, Shipment, ShipmentStatus
from app.shipping.ports import Courier, Parcel, Waybill
from app.shipping.states import move

TO_COURIER = HandingOver(Recipient.SPEEDY, "shipment", Purpose.SALE, Ground.CONTRACT, Handing.PUSH)


NOT_BOOKED = frozenset({ShipmentStatus.WAITING, ShipmentStatus.CANCELLED})
"""One that was booked meanwhile, by a worker that took ours for dead, is nobody's concern."""


COURIER_UNSURE = "courier_unsure"
NOT_CALLED_OFF = "parcel_not_called_off"
THOUGH_CANCELLED = "_though_cancelled"
"""At the end of how far a parcel came that was not called off, as tracking learns it."""
REFUSED = "courier_refused_"
"""Before the number of the refusal, and what it is about where that is known."""
LATELY = timedelta(days=30)
"""A sale that was left out is found within hours; of old ones the records of the books may have been deleted."""


log = structlog.get_logger()


class NoLongerWanted(Parked):
    """The order was cancelled while its parcel was being booked."""


@dataclass(frozen=True)
class Booking:
    """The handlers of `BookShipment` and `CancelShipment`."""

    sessions: Sessions
    courier: Courier
    clock: Clock

    async def book(self, job: BookShipment) -> None:
        begun = await self._begin(job.order_id)
        if begun is None:
            return
        order, shipment = begun
        if shipment.status is ShipmentStatus.WAITING:
            try:
                shipment = await self._register(order, shipment)
            except NoLongerWanted:
                return
        if shipment.status in WITH_COURIER:
            await self._keep_label(shipment)

    async def _begin(self, order_id: UUID) -> tuple[Order, Shipment] | None:
        """Read the shipment and its order, unless there is nothing left to do for it, or nothing may be asked."""
        try:
            async with self.sessions.begin() as session:
                order, shipment = await shipping_queries.get_with_order(session, order_id)
                if shipment and shipment.status in TAKEN:
                    await promise_sale_of_taken(session, order_id, at=self.clock.now())
                if shipment is None or shipment.status not in {ShipmentStatus.WAITING, *WITH_COURIER}:
                    return None
                if shipment.status is ShipmentStatus.WAITING:
                    await disclosing.require_agreement(session, Recipient.SPEEDY, at=self.clock.now())
                elif await shipping_queries.has_label(session, shipment.id):
                    return None
        except AgreementMissing:
            await self._note_concern(order_id, "agreement_missing")
            raise
        return order, shipment

    async def _register(self, order: Order, shipment: Shipment) -> Shipment:
        if order.status is not OrderStatus.CONFIRMED:
            raise NoLongerWanted
        order_id, wanted, sent = order.id, parcel(order, shipment), list[datetime]()
        async with self.sessions.begin() as session:
            sent_at = await shipping.sent_at(session, shipment, at=self.clock.now())

        async def send() -> None:
            sent.append(await self._about_to_send(order_id, wanted, sent_at))

        try:
            waybill = await self.courier.book(wanted, at=self.clock.now(), sent_at=sent_at, before_sending=send)
        except ports.CourierRefused as refusal:
            await self._note_refused(order_id, refusal, sent)
            raise
        except ports.CourierUnavailable as doubt:
            if shipment.sent_at or isinstance(doubt, ports.CourierUnsure):
                await self._note_concern(order_id, COURIER_UNSURE)
            await call_off_doubles(self.sessions, order_id, doubt, at=self.clock.now())
            raise
        return await self._keep_waybill(order_id, waybill)

    async def _about_to_send(self, order_id: UUID, wanted: Parcel, known_sent_at: datetime | None) -> datetime:
        """Store that the data leave now; the last look whether they still should, and are right (complaint 25)."""
        at = self.clock.now()
        async with self.sessions.begin() as session:
            order = await order_queries.lock_order(session, order_id)
            shipment = await shipping_queries.lock_shipment(session, order_id)
            if order.status is not OrderStatus.CONFIRMED or shipment is None:
                raise NoLongerWanted
            if shipment.status is not ShipmentStatus.WAITING or shipment.sent_at != known_sent_at:
                raise Overtaken
            if parcel(order, shipment) != wanted:  # put right meanwhile
                raise Overtaken
            shipment.sent_at = at
            sent = Sent(order_id, whose_of(order), shipment.id, shipping.told_of(order))
            await disclosing.disclose(session, TO_COURIER, [sent], at=at)
        return at

    async def _keep_waybill(self, order_id: UUID, waybill: Waybill) -> Shipment:
        async with self.sessions.begin() as session:
            order = await order_queries.lock_order(session, order_id)
            shipment = await shipping_queries.lock_shipment(session, order_id)
            assert shipment is not None  # shipments are not deleted
            if not await take_for_own(session, waybill.number, at=self.clock.now()):
                raise Overtaken  # it is being called off for one that was found beside it
            if shipment.status is ShipmentStatus.CANCELLED and shipment.waybill in {None, waybill.number}:
                # The order was cancelled while the courier was booking: the parcel is called off at once.
                shipment.waybill, shipment.parcel_ids = waybill.number, list(waybill.parcel_ids)
                await defer(session, Promise(CancelShipment(order_id), order_lock(order.id)))
            elif shipment.status is ShipmentStatus.WAITING:
                _enter(shipment, waybill, self.clock.now())
                await promise_sale(session, order_id, at=self.clock.now())
            elif shipment.waybill != waybill.number:
                await call_off(session, order_id, [waybill.number], at=self.clock.now())
        return shipment

    async def _keep_label(self, shipment: Shipment) -> None:
        try:
            pdf = await self.courier.label(waybill_of(shipment))
        except ports.CourierRefused as refusal:
            async with self.sessions.begin() as session:
                wanted = await shipping.note_label_refused(session, shipment.id, number(refusal))
            if wanted:
                raise
            return
        kept = insert(Label).values(
            shipment_id=shipment.id,
            pdf=pdf,
            sha256=hashlib.sha256(pdf).hexdigest(),
            kept_at=self.clock.now(),
        )
        async with self.sessions.begin() as session:
            await session.execute(kept.on_conflict_do_nothing())
            await shipping.clear_label_refused(session, shipment.id)

    async def _note_refused(self, order_id: UUID, refusal: ports.CourierRefused, sent: Sequence[datetime]) -> None:
        """Ask for a person; what was sent and refused was not booked, as all before it was looked up in vain."""
        async with self.sessions.begin() as session:
            shipment = await shipping_queries.lock_shipment(session, order_id)
            if shipment is None or shipment.status not in NOT_BOOKED:
                return
            if shipment.sent_at in sent:
                shipment.sent_at = None
            if shipment.status is ShipmentStatus.WAITING:
                shipment.concern = "_".join(filter(None, (f"{REFUSED}{number(refusal)}", refusal.subject)))

    async def _note_concern(self, order_id: UUID, code: str) -> None:
        async with self.sessions.begin() as session:
            shipment = await shipping_queries.lock_shipment(session, order_id)
            if shipment is not None and shipment.status in NOT_BOOKED:
                shipment.concern = code

    async def cancel(self, job: CancelShipment) -> None:
        async with self.sessions.begin() as session:
            order, shipment = await shipping_queries.get_with_order(session, job.order_id)
        if shipment is None:
            return
        waybill = None
        try:
            waybill = waybill_of(shipment) if shipment.waybill else await self._look_up(order, shipment)
            if waybill:
                await self.courier.cancel(waybill, "Поръчката е отказана")
        except (ports.CourierRefused, ports.CourierUnsure) as fault:
            await self._note_not_called_off(job.order_id, waybill)
            await call_off_doubles(self.sessions, job.order_id, fault, at=self.clock.now())
            raise
        async with self.sessions.begin() as session:
            called_off = await shipping_queries.lock_shipment(session, job.order_id)
            if called_off and called_off.concern == NOT_CALLED_OFF:
                called_off.concern = None

    async def _note_not_called_off(self, order_id: UUID, waybill: Waybill | None) -> None:
        """Ask for a person, and keep the waybill by which tracking follows it; what tracking knows of it stays."""
        async with self.sessions.begin() as session:
            shipment = await shipping_queries.lock_shipment(session, order_id)
            if shipment is None or shipment.status not in NOT_BOOKED:
                return
            if waybill and shipment.waybill is None:
                shipment.waybill, shipment.parcel_ids = waybill.number, list(waybill.parcel_ids)
            if shipment.concern is None or not shipment.concern.endswith(THOUGH_CANCELLED):
                shipment.concern = NOT_CALLED_OFF

    async def _look_up(self, order: Order, shipment: Shipment) -> Waybill | None:
        """Find a parcel that was sent and whose answer never came: booking looks first, and stops before it sends."""

        async def stop() -> None:
            raise NoLongerWanted

        try:
            async with self.sessions.begin() as session:
                sent_at = await shipping.sent_at(session, shipment, at=self.clock.now())
            wanted = parcel(order, shipment)
            return await self.courier.book(wanted, at=self.clock.now(), sent_at=sent_at, before_sending=stop)
        except NoLongerWanted:
            return None


def number(refusal: ports.CourierRefused) -> str:
    return str(refusal.code or "unnumbered")


def _enter(shipment: Shipment, waybill: Waybill, at: datetime) -> None:
    move(shipment, ShipmentStatus.BOOKED)
    shipment.waybill = waybill.number
    shipment.parcel_ids = list(waybill.parcel_ids)
    shipment.pickup_on = waybill.pickup_on
    shipment.price = waybill.price
    shipment.booked_at = at
    shipment.concern = waybill.concern.value if waybill.concern else None


def waybill_of(shipment: Shipment) -> Waybill:
    assert shipment.waybill is not None
    return Waybill(shipment.waybill, tuple(shipment.parcel_ids or [shipment.waybill]), shipment.pickup_on)


async def promise_sale_of_taken(session: AsyncSession, order_id: UUID, *, at: datetime) -> None:
    """Promise the sale of an order whose parcel the courier took on, should whoever booked it not have done so.

    A release that promised the sale elsewhere may be at work beside this one: each would leave it to the other.
    """
    order = await order_queries.lock_order(session, order_id)
    if order.status in SOLD:
        await promise_sale(session, order_id, at=at)


async def promise_missing_sales(sessions: Sessions, *, at: datetime) -> None:
    """Promise every sale that was left out, of parcels booked lately."""
    async with sessions() as session:
        unsold = await queries.list_unsold(session, since=at - LATELY)
    for order_id in unsold:
        try:
            async with sessions.begin() as session:
                await promise_sale_of_taken(session, order_id, at=at)
        except Exception as fault:  # one order's trouble must not keep those behind it from being sold
            log.warning("sale_left_out", order_id=str(order_id), exc_info=fault)


async def called_off(session: AsyncSession, order_id: UUID) -> None:
    """Cancel the parcel of a locked order; one that may have reached the courier is called off there by a job."""
    shipment = await shipping_queries.lock_shipment(session, order_id)
    if shipment is None or shipment.status is ShipmentStatus.CANCELLED:
        return
    move(shipment, ShipmentStatus.CANCELLED)
    shipment.concern = None  # whatever stood in its way is no longer anybody's concern
    if shipment.sent_at:
        await defer(session, Promise(CancelShipment(order_id), order_lock(order_id)))
