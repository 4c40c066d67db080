"""What publishing promises to the outside."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from app.core.jobs import Job


@dataclass(frozen=True)
class AnnounceChange(Job):
    """Tell everybody with whom there is a ground of a material change (C21)."""

    name: ClassVar[str] = "announce_change"

    declaration_id: UUID
