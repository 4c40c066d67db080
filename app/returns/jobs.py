"""What a statement promises."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.core.jobs import Job


@dataclass(frozen=True)
class MatchWithdrawal(Job):
    """Finds the order that a statement names, and cancels one that its own buyer withdraws from in time."""

    name: ClassVar[str] = "match_withdrawal"

    withdrawal_id: UUID
