"""What the shop asks of a courier, in the shop's own words."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from app.core.jobs import Parked, PassingFault
from app.core.money import Money


@dataclass(frozen=True, slots=True, repr=False)
class Recipient:
    """Who receives; no `repr`, so that no log line can hold it.

    `email` is given only where the courier cannot do without it: inside Bulgaria the phone is enough (S29, S33).
    """

    name: str
    phone: str
    """E.164."""
    email: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class AddressDestination:
    city: str
    postcode: str
    street: str | None = None
    street_no: str | None = None
    block: str | None = None
    entrance: str | None = None
    floor: str | None = None
    apartment: str | None = None
    note: str | None = None
    site_id: int | None = None
    """The courier's number of the settlement; it goes before city and postcode."""


@dataclass(frozen=True, slots=True)
class OfficeDestination:
    """An office or a locker."""

    office_id: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """Where an address is, and nothing of whose it is: neither street nor name."""

    city: str
    postcode: str
    site_id: int | None = None


Place = Settlement | OfficeDestination


@dataclass(frozen=True, slots=True)
class Size:
    width_cm: int
    depth_cm: int
    height_cm: int


@dataclass(frozen=True, slots=True)
class Parcel:
    reference: str
    """The order's number; it never changes, so that a lost booking can be found again."""
    recipient: Recipient
    destination: AddressDestination | OfficeDestination
    weight_grams: int
    contents: str
    cash_on_delivery: Money | None = None
    size: Size | None = None


class Concern(StrEnum):
    """What staff must look at although the parcel is booked."""

    CASH_ON_DELIVERY_NOT_CHARGED = "cash_on_delivery_not_charged"
    """The price shows no fee for collecting the money: the courier may hand the goods over unpaid."""
    ANSWER_INCOMPLETE = "answer_incomplete"


@dataclass(frozen=True, slots=True)
class Waybill:
    number: str
    parcel_ids: tuple[str, ...]
    pickup_on: date | None = None
    price: Money | None = None
    """With VAT; `None` where the account may not see prices."""
    concern: Concern | None = None


class Phase(StrEnum):
    """Where a parcel is."""

    REGISTERED = "registered"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    DELAYED = "delayed"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPTED = "attempted"
    READY_FOR_PICKUP = "ready_for_pickup"
    REFUSED = "refused"
    RETURNING = "returning"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    ATTENTION = "attention"
    """Loss, damage, closure, or a history that contradicts itself: a person has to decide."""


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    at: datetime
    code: int
    """The courier's own number of the operation."""
    phase: Phase | None
    """`None`: the event says nothing of where the parcel is, or is unknown to us."""
    continued_as: str | None = None
    """The waybill under which a returned or redirected parcel travels on."""


def phase_of(history: Iterable[TrackingEvent]) -> Phase:
    """Decide where a parcel is from its whole history.

    The courier neither sorts the events nor ends with the last one, so the decisive ones count wherever they stand;
    only among the passing ones does the latest win. A registration scan may be dated after the pick-up.
    """
    moments: dict[Phase, datetime] = {}
    for event in history:
        if event.phase is not None:
            moments[event.phase] = max(event.at, moments.get(event.phase, event.at))
    if delivered_at := moments.get(Phase.DELIVERED):
        back = [moments[phase] for phase in (Phase.RETURNING, Phase.RETURNED) if phase in moments]
        return Phase.ATTENTION if any(at >= delivered_at for at in back) else Phase.DELIVERED
    for decisive in (Phase.RETURNED, Phase.CANCELLED, Phase.ATTENTION, Phase.RETURNING):
        if decisive in moments:
            return decisive
    moments.pop(Phase.REGISTERED, None)
    return max(moments, key=moments.__getitem__, default=Phase.REGISTERED)


class CourierRefused(Parked):
    """Understood, will not: retrying cannot help. Holds codes and ids only, nothing of what was sent."""

    def __init__(
        self,
        code: int | None = None,
        context: str | None = None,
        error_id: str | None = None,
        *,
        component: str | None = None,
        subject: str | None = None,
    ) -> None:
        parts = (code, subject, context, component, error_id)
        super().__init__(" ".join(str(part) for part in parts if part is not None))
        self.code, self.context, self.error_id = code, context, error_id
        self.component, self.subject = component, subject


class CourierUnavailable(PassingFault):
    """No usable answer, and nothing was done by this call: the same call may succeed later."""

    def __init__(self, reason: str, *candidates: str, reached: bool = False) -> None:
        super().__init__(" ".join((reason, *candidates)))
        self.reason = reason
        self.reached = reached or isinstance(self, CourierUnsure)
        """Whether it came to an answer, or could have: then what was asked about may be why there is none."""
        self.candidates = candidates
        """Waybills that a person should compare with the order."""


class CourierUnsure(CourierUnavailable):
    """It may have been done: the next `book` looks it up before anything is sent again."""


def may_be_of_one(fault: CourierRefused | CourierUnavailable) -> bool:
    """Say whether what was asked about, or one of several, may itself be why there is no answer."""
    return isinstance(fault, CourierRefused) or fault.reached


SEVERAL_MATCH = "several_match"
"""Reason of a doubt: each of its candidates is a live waybill of the parcel that was to be booked."""

BeforeSending = Callable[[], Awaitable[None]]


class Courier(Protocol):
    async def book(
        self,
        parcel: Parcel,
        *,
        at: datetime,
        sent_at: datetime | None = None,
        before_sending: BeforeSending | None = None,
    ) -> Waybill:
        """Register the parcel; the same reference books once.

        `sent_at` is the last moment at which this reference may have been sent. `before_sending` is awaited right
        before it is: there the caller stores the new moment, so that it is known even if the process dies. What could
        not leave soon after that is not sent: somebody else may have sent it meanwhile.
        """

    async def find_live(self, reference: str, *, besides: Collection[str]) -> list[str]:
        """Find the waybills of a reference that were not called off, besides those that are known."""

    async def label(self, waybill: Waybill) -> bytes:
        """Return the label as PDF."""

    async def cancel(self, waybill: Waybill, reason: str) -> None:
        """Call the parcel off; one already called off is fine, one already collected is refused."""

    async def track(self, numbers: Sequence[str]) -> dict[str, list[TrackingEvent]]:
        """Return the history of each waybill the courier knows; those it does not know are missing."""

    async def check(self) -> None:
        """Refuse unless the account may book what the shop books: its login, its contract, the euro."""


class Places(Protocol):
    async def serves(self, place: Place, *, on: date, within: float) -> bool:
        """Say whether parcels go there, by an answer that comes in so many seconds; else CourierUnavailable."""
