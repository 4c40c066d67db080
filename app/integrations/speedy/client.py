"""The adapter: `shipping.ports.Courier` by Speedy."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar

import httpx
import structlog
from pydantic import BaseModel

from app.core.clock import Clock, SystemClock
from app.core.money import CURRENCY
from app.integrations.circuit import Circuit
from app.integrations.speedy import wire
from app.integrations.speedy.account import CashProcessing, SpeedyAccount
from app.integrations.speedy.booking import BULGARIA, clean, contradicts, create_body, cut, place_body, waybill_of
from app.integrations.speedy.transport import Transport, answer_of, booked, pdf
from app.shipping.ports import (
    SEVERAL_MATCH,
    BeforeSending,
    CourierRefused,
    CourierUnavailable,
    CourierUnsure,
    OfficeDestination,
    Parcel,
    Place,
    TrackingEvent,
    Waybill,
    may_be_of_one,
)

A = TypeVar("A", bound=BaseModel)
TRACKED_AT_ONCE = 10
COMMENT_LIMIT = 1024
OF_PLACES = frozenset({"address", "pickup_office"})

log = structlog.get_logger(__name__)


class Pace(Protocol):
    """How often Speedy is asked where parcels are."""

    async def turn(self) -> None:
        """Wait until it may be asked again."""


class OwnPace:
    """The pace of a process that is alone."""

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._asking = asyncio.Lock()
        self._next = 0.0

    async def turn(self) -> None:
        async with self._asking:
            await asyncio.sleep(max(0.0, self._next - self._monotonic()))
            self._next = self._monotonic() + self._seconds


class SpeedyCourier:
    """One for each process: it holds the circuit."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        account: SpeedyAccount,
        *,
        circuit: Circuit | None = None,
        pace: Pace | None = None,
        clock: Clock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._account = account
        self._transport = Transport(http, account, circuit or Circuit())
        self._pace = pace or OwnPace(account.track_interval)
        self._clock = clock or SystemClock()
        self._monotonic = monotonic

    async def book(
        self,
        parcel: Parcel,
        *,
        at: datetime,
        sent_at: datetime | None = None,
        before_sending: BeforeSending | None = None,
    ) -> Waybill:
        """Look the reference up, and only then register the parcel.

        The look-up comes before every create, the first included: Speedy knows no idempotency key, a read is cheap,
        and so even a shop restored from a backup books nothing twice. A reference that may have been sent and is not
        found waits out the quiet period, for it is not known how soon Speedy's search shows a new shipment.
        """
        body = create_body(parcel, self._account)
        if found := await self._find(parcel, searches=1 if sent_at is None else self._account.search_attempts):
            log.info("speedy parcel found", reference=parcel.reference, waybill=found.number)
            return found
        if sent_at is not None and at - sent_at < timedelta(seconds=self._account.quiet_period):
            raise CourierUnsure("not_found_yet")
        begun, begun_at = self._monotonic(), self._clock.now()

        def is_held_up() -> bool:
            """By both clocks: the one on the wall may be put back, the other stands still in a machine that sleeps."""
            passed = max(self._monotonic() - begun, (self._clock.now() - begun_at).total_seconds())
            return passed > self._account.send_seconds

        if before_sending is not None:
            await before_sending()
        waybill = waybill_of(await self._transport.command("/shipment", body, booked, unless=is_held_up), parcel)
        log.info("speedy parcel booked", reference=parcel.reference, waybill=waybill.number, concern=waybill.concern)
        return waybill

    async def _find(self, parcel: Parcel, *, searches: int) -> Waybill | None:
        """Return the one live shipment that is this parcel; several, or others of its reference, are a doubt."""
        numbers = await self._search(parcel.reference, searches)
        histories = await self._told(numbers)
        live = [number for number in numbers if not wire.is_cancelled(histories.get(number, []))]
        if not live:
            return None
        try:
            answer = await self._read("/shipment/info", {"shipmentIds": live}, wire.Shipments, of_one=True)
        except (CourierRefused, CourierUnavailable) as fault:
            if not may_be_of_one(fault):
                raise
            raise CourierUnsure("not_compared", *live) from None
        matching = [shipment for shipment in answer.shipments if shipment and not contradicts(shipment, parcel)]
        if not matching:
            raise CourierUnsure("none_matches", *live)
        if len(matching) > 1:
            found = [shipment.id for shipment in matching]
            raise CourierUnsure(SEVERAL_MATCH if histories.keys() >= {*found} else "untold", *found)
        return waybill_of(matching[0].booked, parcel)

    async def _search(self, reference: str, searches: int) -> list[str]:
        for attempt in range(searches):
            if attempt:
                await asyncio.sleep(self._account.pause)
            if numbers := await self._numbers(reference):
                return numbers
        return []

    async def _numbers(self, reference: str, *, of_one: bool = False) -> list[str]:
        wanted = {"ref": reference, "searchInRef": 1}
        return (await self._read("/shipment/search", wanted, wire.Found, of_one=of_one)).barcodes

    async def find_live(self, reference: str, *, besides: Collection[str]) -> list[str]:
        await self._pace.turn()  # how often it may be searched is not known
        numbers = [number for number in await self._numbers(reference, of_one=True) if number not in besides]
        histories = await self._told(numbers)
        return [number for number in numbers if not wire.is_cancelled(histories.get(number, []))]

    async def label(self, waybill: Waybill) -> bytes:
        parcels = [{"parcel": {"id": parcel_id}} for parcel_id in waybill.parcel_ids]
        body = {"paperSize": self._account.paper_size, "parcels": parcels}
        return await self._transport.read("/print", body, pdf, seconds=self._account.command_seconds)

    async def cancel(self, waybill: Waybill, reason: str) -> None:
        # Speedy answers an empty id with success and cancels nothing.
        if not waybill.number:
            raise ValueError("a waybill without a number cannot be cancelled")
        body = {"shipmentId": waybill.number, "comment": cut(clean(reason), COMMENT_LIMIT)}
        try:
            await self._transport.command("/shipment/cancel", body, answer_of)
        except CourierRefused:
            if not await self._turns_out_cancelled(waybill.number):
                raise
        log.info("speedy parcel cancelled", waybill=waybill.number)

    async def _turns_out_cancelled(self, number: str) -> bool:
        """Speedy refuses to cancel twice, and shows a cancellation only after a second."""
        for attempt in range(2):
            if attempt:
                await asyncio.sleep(self._account.pause)
            if wire.is_cancelled((await self._told([number])).get(number, [])):
                return True
        return False

    async def track(self, numbers: Sequence[str]) -> dict[str, list[TrackingEvent]]:
        """Leave out, as the unknown are, the parcels of which Speedy cannot tell: they keep nothing from the others.

        Where it tells nothing at all, or nothing of two batches in a row, Speedy is at fault, and its fault is raised.
        """
        wanted = list(dict.fromkeys(numbers))
        told, is_told, silence = dict[str, list[TrackingEvent]](), False, None
        for start in range(0, len(wanted), TRACKED_AT_ONCE):
            try:
                told |= await self._told_of(wanted[start : start + TRACKED_AT_ONCE])
            except (CourierRefused, CourierUnavailable) as fault:
                if silence or not may_be_of_one(fault):
                    raise
                silence = fault
            else:
                is_told, silence = True, None
        if silence and not is_told:
            raise silence
        return {number: told[number] for number in wanted if number in told}

    async def _told(self, numbers: Sequence[str]) -> dict[str, list[TrackingEvent]]:
        """Track what Speedy can tell of: what it cannot tell of is not known to be cancelled."""
        try:
            return await self.track(numbers)
        except (CourierRefused, CourierUnavailable) as fault:
            if not may_be_of_one(fault):
                raise
            return {}

    async def _told_of(self, numbers: Sequence[str]) -> dict[str, list[TrackingEvent]]:
        try:
            return await self._ask(numbers)
        except (CourierRefused, CourierUnavailable) as fault:
            told = await self._halved(numbers) if may_be_of_one(fault) else None
            if told is None:
                raise
            return told

    async def _halved(self, numbers: Sequence[str]) -> dict[str, list[TrackingEvent]] | None:
        """Ask again in halves, down to the parcels that are to blame; None where nothing is told of any of them."""
        told, is_told = dict[str, list[TrackingEvent]](), False
        parts = deque(_halves(numbers))
        while parts:
            part = parts.popleft()
            try:
                told |= await self._ask(part, attempts=1, of_one=True)
            except (CourierRefused, CourierUnavailable) as fault:
                if not may_be_of_one(fault):
                    raise
                parts += _halves(part)
            else:
                is_told = True
        return told if is_told else None

    async def _ask(
        self, numbers: Sequence[str], *, attempts: int | None = None, of_one: bool | None = None
    ) -> dict[str, list[TrackingEvent]]:
        await self._pace.turn()
        parcels = {"parcels": [{"id": number} for number in numbers]}
        alone = len(numbers) == 1 if of_one is None else of_one
        return (await self._transport.read("/track", parcels, _tracked, attempts=attempts, of_one=alone)).histories

    async def check(self) -> None:
        await self._read("/client", {}, wire.Client)
        if self._account.cash_processing is CashProcessing.POSTAL_MONEY_TRANSFER:
            contract = await self._read("/client/contract/info", {}, wire.Contract)
            if not (contract.cod and contract.cod.money_transfer_allowed):
                raise CourierRefused(410, "shop.money_transfer_not_allowed", subject="cash_on_delivery")
        home = await self._read(f"/location/country/{BULGARIA}", {}, wire.Country)
        if home.country.currency_code != CURRENCY:
            raise CourierRefused(410, "shop.currency_is_not_euro", subject="cash_on_delivery")

    async def serves(self, place: Place, *, on: date, within: float) -> bool:
        """Ask what booking will ask; only a refusal of the place itself is a no."""
        try:
            if isinstance(place, OfficeDestination):
                path = f"/location/office/{place.office_id}"
                told = await self._transport.ask(path, {}, _office, within=within)
                return told.gives_out_parcels(on)
            return await self._transport.ask("/validation/address", place_body(place), wire.is_valid, within=within)
        except CourierRefused as refusal:
            if refusal.subject in OF_PLACES:
                return False
            raise CourierUnavailable("place_not_looked_up") from None

    async def _read(self, path: str, body: Mapping[str, object], answer: type[A], *, of_one: bool = False) -> A:
        def understand(content: bytes) -> A:
            return answer.model_validate(answer_of(content))

        return await self._transport.read(path, body, understand, of_one=of_one)


def _tracked(content: bytes) -> wire.Tracked:
    return wire.Tracked.model_validate(answer_of(content))


def _halves(numbers: Sequence[str]) -> list[Sequence[str]]:
    """Split what is not one already."""
    middle = len(numbers) // 2
    return [numbers[:middle], numbers[middle:]] if middle else []


def _office(content: bytes) -> wire.Office:
    return wire.Office.model_validate(answer_of(content))
