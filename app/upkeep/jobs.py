"""Jobs of upkeep; each is promised once its day has come, and waits for as long as it cannot be done."""

from dataclasses import dataclass
from typing import ClassVar

from app.core.jobs import Job

LOCK = "upkeep"
"""One after another: together they would only wait for the same disk."""


@dataclass(frozen=True)
class TakeBackup(Job):
    name: ClassVar[str] = "take_backup"


@dataclass(frozen=True)
class RehearseRestore(Job):
    name: ClassVar[str] = "rehearse_restore"


@dataclass(frozen=True)
class CheckIntegrity(Job):
    name: ClassVar[str] = "check_integrity"


@dataclass(frozen=True)
class ReportDependencies(Job):
    name: ClassVar[str] = "report_dependencies"
