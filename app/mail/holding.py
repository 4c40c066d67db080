"""How much a stranger can have mailed to one mailbox: of each kind of cause so many mails at once, the others together.

Decided here alone, when a mail is about to be written, whoever promised it. What is beyond is held, and kept: one mail
brings all that was held, so that nobody's request ends another's. It goes when the cause's pace says so: once an hour,
or before the working day ends. Who asks is told nothing of it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import SOFIA, legal_date
from app.core.throttle import HOUR, Throttle, TooManyRequests, Use
from app.core.working_days import is_working_day
from app.mail.models import Mail, MailKind


class Cause(StrEnum):
    """What somebody does, under an address that they need not have, that mails it."""

    ORDER = "order"
    REGISTRATION = "registration"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a cause, not a password
    EMAIL_CHANGE = "email_change"
    CONSENT = "consent"
    PRIVACY_REQUEST = "privacy_request"
    WITHDRAWAL = "withdrawal"
    """Of a consent."""
    STATEMENT = "statement"
    """Of withdrawal from a contract."""
    ORDER_ACCESS = "order_access"


CAUSES: dict[MailKind, Cause | None] = {
    MailKind.ORDER_CONFIRMATION: Cause.ORDER,
    MailKind.ORDER_CANCELLED: Cause.ORDER,
    MailKind.ORDER_SHIPPED: Cause.ORDER,
    MailKind.READY_FOR_PICKUP: Cause.ORDER,
    MailKind.INVOICE_ISSUED: Cause.ORDER,
    MailKind.REGISTRATION: Cause.REGISTRATION,
    MailKind.PASSWORD_RESET: Cause.PASSWORD_RESET,
    MailKind.EMAIL_CHANGE: Cause.EMAIL_CHANGE,
    MailKind.MARKETING_PROOF: Cause.CONSENT,
    MailKind.REQUEST_PROOF: Cause.PRIVACY_REQUEST,
    MailKind.WITHDRAWAL_PROOF: Cause.WITHDRAWAL,
    MailKind.OFFERS_STOPPED: Cause.WITHDRAWAL,
    MailKind.ORDER_ACCESS: Cause.ORDER_ACCESS,
    MailKind.WITHDRAWAL_RECEIPT: Cause.STATEMENT,
    # Of whoever proved the address, or of the shop itself.
    **dict.fromkeys(
        (
            *(MailKind.ACCOUNT_CLOSED, MailKind.EMAIL_CHANGED, MailKind.PASSWORD_CHANGED, MailKind.TOKEN_REUSED),
            *(MailKind.SECOND_FACTOR_LOCKED, MailKind.INVITATION, MailKind.REQUEST_RECEIVED),
            *(MailKind.REQUEST_INCOMPLETE, MailKind.REQUEST_EXTENDED, MailKind.REQUEST_LATE),
            *(MailKind.REQUEST_ANSWERED, MailKind.RESTRICTION_ENDS, MailKind.RECIPIENT_LATE, MailKind.RECIPIENT_TOLD),
            *(MailKind.RIGHTS_ALARM, MailKind.POLICY_CHANGED, MailKind.BREACH_ALARM, MailKind.BREACH_NOTICE),
            *(MailKind.UPKEEP_ALARM, MailKind.STANDSTILL, MailKind.ORDER_REFUNDED, MailKind.WITHDRAWAL_ALARM),
            *(MailKind.ORDER_CORRECTED, MailKind.PAYMENT_RECEIVED),
        )
    ),
}
"""The cause of every kind of mail; None: no stranger can bring it about."""


def kinds_of(cause: Cause) -> list[MailKind]:
    return [kind for kind, of in CAUSES.items() if of is cause]


IsOwn = Callable[[AsyncSession, Mail], Awaitable[bool]]
"""Says of a mail that a stranger could have caused that its reader did, who has proved the address, or has none."""


class Pace(Protocol):
    """How fast the mails of a cause go."""

    def use(self, address: str, cause: Cause, at_once: int, *, at: datetime) -> Use:
        """Name the allowance of a mailbox that one mail uses."""

    def goes_at(self, promised_at: datetime) -> datetime | None:
        """Say when what is held goes; None: as soon as the allowance has one more."""

    def gathers(self, address: str, cause: Cause, *, at: datetime) -> Use | None:
        """Name the allowance that a mailbox has of mails which bring what was held; None: it is that of any mail."""


class Hourly:
    """So many at once, and one an hour."""

    def use(self, address: str, cause: Cause, at_once: int, *, at: datetime) -> Use:  # noqa: ARG002 - as every pace
        return Use(allowance_key(address, cause), at_once, at_once * HOUR)

    def goes_at(self, promised_at: datetime) -> datetime | None:  # noqa: ARG002 - as above
        return None

    def gathers(self, address: str, cause: Cause, *, at: datetime) -> Use | None:  # noqa: ARG002 - as above
        return None


HOURLY = Hourly()
DAY = 24 * HOUR
MOST_GATHERED = 40
"""Mails a day to one mailbox that bring what was held; what is beyond waits for the next working day."""
LAST_CALLS = tuple(timedelta(minutes=before) for before in (30, 25, 20, 15, 10, 5, 1))
"""Before the working day ends what was held goes; after the first they are for what came since the one before."""


@dataclass(frozen=True, slots=True)
class BeforeTheDayEnds:
    """So many a day, and the others before the working day ends: a receipt that the law wants by then."""

    ends: time
    """In Bulgaria."""

    def use(self, address: str, cause: Cause, at_once: int, *, at: datetime) -> Use:
        return Use(allowance_key(address, cause, legal_date(at)), at_once, at_once * DAY)

    def goes_at(self, promised_at: datetime) -> datetime:
        day = legal_date(promised_at)
        while True:
            ends = datetime.combine(day, self.ends, SOFIA)
            if is_working_day(day) and promised_at < ends:
                calls = [ends - before for before in LAST_CALLS if promised_at < ends - before]
                return calls[0].astimezone(UTC) if calls else promised_at  # in the last minute: at once
            day += timedelta(days=1)

    def gathers(self, address: str, cause: Cause, *, at: datetime) -> Use:
        """Bound them too: each tagged form of a mailbox would be brought a mail of its own."""
        key = allowance_key(address, cause, legal_date(at), gathered=True)
        return Use(key, MOST_GATHERED, MOST_GATHERED * DAY)

    def ended_last(self, at: datetime) -> datetime:
        """Say when the latest working day ended that is over: what was promised before then is to have gone."""
        day = legal_date(at)
        while not (is_working_day(day) and datetime.combine(day, self.ends, SOFIA) <= at):
            day -= timedelta(days=1)
        return datetime.combine(day, self.ends, SOFIA).astimezone(UTC)


@dataclass(frozen=True)
class Holding:
    """What a mailbox may be sent, and how much of it at once."""

    throttle: Throttle
    at_once: int
    is_own: IsOwn
    paces: Mapping[Cause, Pace] = field(default_factory=dict)
    """Of causes that do not go by the hour."""

    async def cause_of(self, session: AsyncSession, mail: Mail) -> Cause | None:
        cause = CAUSES[mail.kind]
        return None if cause is None or await self.is_own(session, mail) else cause

    async def wait(self, mail: Mail, cause: Cause, *, at: datetime) -> timedelta | None:
        """Use up one mail of a mailbox's allowance; returns how long to wait where it is used up.

        What was held goes when its time has come, by an allowance of its own, and brings the others.
        """
        pace = self.paces.get(cause, HOURLY)
        goes_at = pace.goes_at(mail.created_at)
        is_due = goes_at is not None and mail.held_at is not None and goes_at <= at
        gathers = pace.gathers(mail.address, cause, at=at) if is_due else None
        try:
            await self.throttle.take_all(gathers or pace.use(mail.address, cause, self.at_once, at=at), at=at)
        except TooManyRequests as refusal:
            if gathers:
                return (pace.goes_at(_end_of_day(at)) or at) - at
            # One that is late already waits for no more than to be brought with the others.
            return max(goes_at - at, timedelta()) if goes_at else timedelta(seconds=refusal.members["retry_after"])
        return None


def _end_of_day(at: datetime) -> datetime:
    return datetime.combine(legal_date(at), time.max, SOFIA)


def allowance_key(address: str, cause: Cause, day: date | None = None, *, gathered: bool = False) -> str:
    """Name the allowance of a mailbox, of one day where it is by the day.

    All mailboxes that are made of it by a tag ("iva+1@…") share one beside its own.
    """
    local_part, _, domain = address.lower().rpartition("@")
    mailbox, tagged, _ = local_part.partition("+")
    parts = ["mail", cause, f"{mailbox}{tagged}@{domain}", *([str(day)] if day else []), *(["gathered"] * gathered)]
    return ":".join(parts)


def allowance_keys(address: str, *, at: datetime) -> list[str]:
    """Name every allowance of a mailbox."""
    today = legal_date(at)
    forms = ((None, False), (today, False), (today, True))
    return [allowance_key(address, cause, day, gathered=gathered) for cause in Cause for day, gathered in forms]
