"""How much a stranger can have mailed to one mailbox: of each kind of cause so many mails at once, then one an hour.

Decided here alone, when a mail is about to be written, whoever promised it. What is beyond is held, and kept: once an
hour one mail brings all that was held, so that nobody's request ends another's. Who asks is told nothing of it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.throttle import HOUR, Throttle, TooManyRequests, Use
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
        )
    ),
}
"""The cause of every kind of mail; None: no stranger can bring it about."""


def kinds_of(cause: Cause) -> list[MailKind]:
    return [kind for kind, of in CAUSES.items() if of is cause]


IsOwn = Callable[[AsyncSession, Mail], Awaitable[bool]]
"""Says of a mail that a stranger could have caused that its reader did, who has proved the address."""


@dataclass(frozen=True)
class Holding:
    """What a mailbox may be sent, and how much of it at once."""

    throttle: Throttle
    at_once: int
    is_own: IsOwn

    async def cause_of(self, session: AsyncSession, mail: Mail) -> Cause | None:
        cause = CAUSES[mail.kind]
        return None if cause is None or await self.is_own(session, mail) else cause

    async def wait(self, address: str, cause: Cause, *, at: datetime) -> timedelta | None:
        """Use up one mail of a mailbox's allowance; returns how long to wait where it is used up."""
        use = Use(allowance_key(address, cause), self.at_once, self.at_once * HOUR)
        try:
            await self.throttle.take_all(use, at=at)
        except TooManyRequests as refusal:
            return timedelta(seconds=refusal.members["retry_after"])
        return None


def allowance_key(address: str, cause: Cause) -> str:
    """Name the allowance of a mailbox; all that is made of it by a tag ("iva+1@…") share one beside its own."""
    local_part, _, domain = address.lower().rpartition("@")
    mailbox, tagged, _ = local_part.partition("+")
    return f"mail:{cause}:{mailbox}{tagged}@{domain}"
