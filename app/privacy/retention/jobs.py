"""What retention promises: a run that somebody asked for, done by the worker."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.jobs import Job


@dataclass(frozen=True)
class RunRetention(Job):
    name: ClassVar[str] = "run_retention"

    by: str
    """As records name who asked: an id, nothing personal."""
