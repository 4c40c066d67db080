"""Waybills that bear an order's number and are not its own: they are called off, or ask for a person.

They come about when a request lies in the network for longer than anybody waits for it, or arrives twice. What answers
our own request is surely ours to call off; what the nightly look at the courier finds may be what staff entered there,
so a person decides.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock
from app.core.db import Sessions
from app.core.jobs import Promise, defer
from app.fulfilment.jobs import CallOffStray, stray_lock
from app.orders import queries as order_queries
from app.shipping import queries as shipping_queries
from app.shipping.models import Shipment, ShipmentStatus, StrayWaybill, TrackingRecord
from app.shipping.ports import SEVERAL_MATCH, Courier, CourierRefused, CourierUnsure, Waybill

STRAY = "stray_waybill"
"""Before the number, in what a person is asked to look at."""
OPEN_FOR = timedelta(days=14)
"""So long after it was sent a parcel is compared each night, and for as long as it is with the courier."""
AT_ONCE = 200
FAILURES_IN_A_ROW = 5
"""More of them are no one parcel's fault: the look is left to the next night."""

IS_CALLED_OFF = StrayWaybill.concern.is_(None) & StrayWaybill.settled_at.is_(None)

log = structlog.get_logger()


async def call_off(session: AsyncSession, order_id: UUID, numbers: Collection[str], *, at: datetime) -> None:
    """Promise to call waybills off that answered our own requests; the order is locked."""
    for number in numbers:
        if await _keep(session, order_id, number, concern=None, at=at):
            log.warning("stray_waybill", order_id=str(order_id), waybill=number)
            await defer(session, Promise(CallOffStray(order_id, number), stray_lock(number)))


async def call_off_doubles(sessions: Sessions, order_id: UUID, doubt: Exception, *, at: datetime) -> None:
    """Leave one of several parcels that are all as the order's is to be: the next look finds that one.

    It is one that cannot be called off, or that a person has looked at, if there is such.
    """
    if not isinstance(doubt, CourierUnsure) or doubt.reason != SEVERAL_MATCH:
        return
    async with sessions.begin() as session:
        await order_queries.lock_order(session, order_id)
        shipment = await shipping_queries.lock_shipment(session, order_id)
        if shipment is not None and shipment.waybill is None:
            staying = select(StrayWaybill.waybill).where(StrayWaybill.waybill.in_(doubt.candidates), ~IS_CALLED_OFF)
            left = min((await session.scalars(staying)).all() or doubt.candidates)
            await call_off(session, order_id, sorted({*doubt.candidates} - {left}), at=at)


async def take_for_own(session: AsyncSession, number: str, *, at: datetime) -> bool:
    """Let it be the order's own from now on; False when it is being called off."""
    stray = await session.get(StrayWaybill, number)
    if stray is None:
        return True
    if stray.concern is None and stray.settled_at is None:
        return False
    stray.concern, stray.settled_at = None, at
    return True


async def settle_strays(session: AsyncSession, order_id: UUID, *, at: datetime) -> bool:
    """Drop what a person has looked at; False when there is nothing."""
    of_order = update(StrayWaybill).where(StrayWaybill.order_id == order_id, StrayWaybill.concern.is_not(None))
    settled = of_order.values(concern=None, settled_at=at).returning(StrayWaybill.waybill)
    return bool((await session.scalars(settled)).all())


async def _keep(session: AsyncSession, order_id: UUID, number: str, *, concern: str | None, at: datetime) -> bool:
    """Keep one; what a person has looked at stays so. Returns whether anything is to be done."""
    row = {"waybill": number, "order_id": order_id, "found_at": at, "concern": concern}
    kept = insert(StrayWaybill).values(row)
    kept = kept.on_conflict_do_update(
        index_elements=[StrayWaybill.waybill],
        set_={"concern": kept.excluded.concern},
        where=StrayWaybill.settled_at.is_(None),
    )
    return await session.scalar(kept.returning(StrayWaybill.waybill)) is not None


@dataclass(frozen=True)
class Strays:
    """The handler of `CallOffStray`, and the nightly comparison with the courier."""

    sessions: Sessions
    courier: Courier
    clock: Clock

    async def call_off(self, job: CallOffStray) -> None:
        async with self.sessions() as session:
            shipment = await shipping_queries.find_shipment(session, job.order_id)
        if shipment and shipment.waybill == job.waybill:
            return
        try:
            await self.courier.cancel(Waybill(job.waybill, (job.waybill,)), "Двойна товарителница")
            concern = None
        except CourierRefused:
            concern = f"{STRAY}_{job.waybill}"
        async with self.sessions.begin() as session:
            stray = update(StrayWaybill).where(StrayWaybill.waybill == job.waybill)
            await session.execute(stray.values(concern=concern))

    async def run(self) -> None:
        """Look at the courier for live waybills that bear the number of an order and are not its own."""
        after: UUID | None = None
        failures = 0
        while page := await self._list(after):
            for shipment, number in page:
                try:
                    await self._compare(shipment, number)
                    failures = 0
                except Exception as fault:  # one order's trouble must not keep those behind it from being compared
                    failures += 1
                    log.warning("comparison_left_out", order_id=str(shipment.order_id), exc_info=fault)
                    if failures == FAILURES_IN_A_ROW:
                        raise
            after = page[-1][0].id

    async def _list(self, after: UUID | None) -> Sequence[tuple[Shipment, str]]:
        async with self.sessions() as session:
            since = self.clock.now() - OPEN_FOR
            return await shipping_queries.list_sent(session, since=since, after=after, limit=AT_ONCE)

    async def _compare(self, shipment: Shipment, number: str) -> None:
        known = {each for each in (shipment.waybill, *(shipment.parcel_ids or [])) if each}
        async with self.sessions() as session:
            on_its_way = select(TrackingRecord.continued_as).where(TrackingRecord.shipment_id == shipment.id)
            known |= {each for each in await session.scalars(on_its_way) if each}
        live = await self.courier.find_live(number, besides=known)
        async with self.sessions.begin() as session:
            await self._note(session, shipment.order_id, set(live) - known)

    async def _note(self, session: AsyncSession, order_id: UUID, live: Collection[str]) -> None:
        """Ask for a person about what is live, and for none any more about what is not."""
        await order_queries.lock_order(session, order_id)
        shipment = await shipping_queries.lock_shipment(session, order_id)
        assert shipment is not None  # the caller read it
        if shipment.status is ShipmentStatus.WAITING:
            return  # its job looks for the booking whose answer was lost
        strangers = {number for number in live if number != shipment.waybill}
        over = update(StrayWaybill).where(StrayWaybill.order_id == order_id, StrayWaybill.concern.is_not(None))
        await session.execute(over.where(StrayWaybill.waybill.not_in(strangers)).values(concern=None))
        for number in sorted(strangers):
            await _keep(session, order_id, number, concern=f"{STRAY}_{number}", at=self.clock.now())
