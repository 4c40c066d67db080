"""What a check finds, and how its report says it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from app.upkeep.models import Soundness

MOST = 100
"""Findings that one check tells one by one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something is wrong: in which table, where in it, and what; never a value out of a row but an id or a number."""

    table: str
    what: str
    block: int | None = None

    def __str__(self) -> str:
        place = f", block {self.block}" if self.block is not None else ""
        return f"{self.table}{place}: {self.what}"


@dataclass
class Check:
    """One check: how much it looked at, and what it found."""

    name: str
    examined: int = 0
    findings: list[Finding] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    untold: int = 0
    available: bool = True

    def find(self, table: str, what: str, block: int | None = None) -> None:
        if len(self.findings) < MOST:
            self.findings.append(Finding(table, what, block))
        else:
            self.untold += 1

    def cannot(self, why: str) -> None:
        self.available = False
        self.remarks.append(why)

    @property
    def outcome(self) -> Soundness:
        if self.findings:
            return Soundness.UNSOUND
        return Soundness.SOUND if self.available else Soundness.UNAVAILABLE

    def written(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "outcome": self.outcome.value,
            "examined": self.examined,
            "findings": [asdict(finding) for finding in self.findings],
            "untold": self.untold,
            "remarks": self.remarks,
        }


def outcome_of(checks: Sequence[Check]) -> Soundness:
    """Judge the whole: what could not be checked does not make it unsound."""
    return Soundness.UNSOUND if any(check.findings for check in checks) else Soundness.SOUND
