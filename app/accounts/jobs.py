"""What a new account promises."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.core.jobs import Job


@dataclass(frozen=True)
class ClaimGuestOrders(Job):
    """Attach the orders that were placed as a guest with the address that is proved now."""

    name: ClassVar[str] = "claim_guest_orders"

    account_id: UUID
