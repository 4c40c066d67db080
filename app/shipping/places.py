"""Whether the courier goes to a place: asked before an order is taken, and remembered, so that few have to wait.

While the courier is silent, or asked by more than it has answers for, our own rules decide: what is written as a place
is one. Only what it said is remembered.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from app.accounts.forms import AddressDelivery, OfficeDelivery
from app.core.clock import legal_date
from app.core.db import require_empty_handed
from app.core.errors import Invalid
from app.core.language import Language, Text
from app.shipping.ports import CourierUnavailable, OfficeDestination, Place, Places, Settlement

WITHIN = 2.0
"""Seconds that a buyer waits for the courier's answer."""
SERVED_FOR, REFUSED_FOR = timedelta(hours=24), timedelta(minutes=10)
"""A wrong yes costs a parcel that is mended, a wrong no a sale: a no is soon asked again."""
EACH, AT_ONCE = timedelta(seconds=1), 10
"""A process asks once a second, after a rest so often at once: the account's few calls are for what is booked, too."""
CERTAIN = Settlement("София", "1000")
"""Where the courier surely goes: one who says no to this as well is asked wrongly by us, and must not stop the shop."""
MOST = 10_000
"""Places remembered by a process; Bulgaria has some five thousand settlements."""

NO_SETTLEMENT = Text(
    "Куриерът не познава населено място с това име и този пощенски код. Проверете двете: името се пише на кирилица, а"
    " кодът трябва да е на самото населено място.",
    "The courier knows no settlement of this name with this post code. Check both: the name is written in Bulgarian"
    " letters (София), and the code must be the settlement’s own.",
)
NO_SITE = Text(
    "Куриерът не познава населено място с този номер и този пощенски код. Изберете мястото отново.",
    "The courier knows no settlement of this number with this post code. Choose the place again.",
)
NO_OFFICE = Text(
    "Куриерът няма такъв офис или автомат, който да дава пратки. Изберете друг.",
    "The courier has no such office or locker that gives out parcels. Choose another.",
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Answer:
    is_served: bool
    until: datetime
    good_for: timedelta


def place_of(delivery: AddressDelivery | OfficeDelivery) -> Place:
    if isinstance(delivery, OfficeDelivery):
        return OfficeDestination(delivery.office_id)
    return Settlement(delivery.city, delivery.postcode, delivery.site_id)


class KnownPlaces:
    """What one process knows of places; without a courier to ask, our own rules are all there is."""

    def __init__(self, courier: Places | None) -> None:
        self._courier = courier
        self._known: dict[Place, _Answer] = {}
        self._asked: dict[Place, asyncio.Task[bool]] = {}
        self._rested_at = datetime.min.replace(tzinfo=UTC)

    async def serves(self, place: Place, *, at: datetime) -> bool:
        """Say whether parcels go there; whoever asks holds no connection to the database meanwhile."""
        until = asyncio.get_running_loop().time() + WITHIN
        if place == CERTAIN or await self._said(place, at):
            return True
        try:
            async with asyncio.timeout_at(until):
                is_believed = await self._said(CERTAIN, at)
        except TimeoutError:
            is_believed = True
        if not is_believed:
            log.error("courier_goes_nowhere")
        return not is_believed

    async def _said(self, place: Place, at: datetime) -> bool:
        known = self._known.get(place)
        if known and known.until - known.good_for <= at < known.until:
            return known.is_served
        if self._courier is None:
            return True
        require_empty_handed()
        asking = self._asked.get(place)
        if asking is None:
            asking = self._asked[place] = asyncio.create_task(self._ask(self._courier, place, at))
            asking.add_done_callback(lambda _: self._asked.pop(place, None))
        return await asyncio.shield(asking)  # one who leaves does not take the answer from the others

    async def _ask(self, courier: Places, place: Place, at: datetime) -> bool:
        if not self._may_ask(at):
            log.warning("place_not_checked", reason="asked_too_often")
            return True
        try:
            is_served = await courier.serves(place, on=legal_date(at), within=WITHIN)
        except CourierUnavailable as fault:
            log.info("place_not_checked", reason=fault.reason)
            return True
        self._known.pop(place, None)
        if len(self._known) >= MOST:
            self._known.pop(next(iter(self._known)))
        good_for = SERVED_FOR if is_served else REFUSED_FOR
        self._known[place] = _Answer(is_served, at + good_for, good_for)
        return is_served

    def _may_ask(self, at: datetime) -> bool:
        self._rested_at = min(self._rested_at, at + AT_ONCE * EACH)  # a clock that ran ahead asked for no longer rest
        rested_at = max(self._rested_at, at) + EACH
        if rested_at > at + AT_ONCE * EACH:
            return False
        self._rested_at = rested_at
        return True


def refusal(place: Place, within: str, language: Language) -> Invalid:
    """Refuse a place, with the fields to be looked at again; `within` is the pointer of the delivery."""
    fields: tuple[str, ...]
    if isinstance(place, OfficeDestination):
        fields, said = ("office_id",), NO_OFFICE
    elif place.site_id is not None:
        fields, said = ("site_id", "postcode"), NO_SITE
    else:
        fields, said = ("city", "postcode"), NO_SETTLEMENT
    return Invalid(errors=[{"pointer": f"{within}/{field}", "detail": said.in_(language)} for field in fields])
