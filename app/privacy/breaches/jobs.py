"""What the breach desk promises to the outside."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.core.jobs import Job


@dataclass(frozen=True)
class TellPeople(Job):
    """Promise a batch of letters to who is affected by a breach, and the next batch after it."""

    name: ClassVar[str] = "tell_people_of_breach"

    breach_id: UUID
