"""What was measured, as a table: figure reached beside figure wanted."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Self

from benchmarks.measuring import Runs

LIBRARIES = ("fastapi", "starlette", "uvicorn", "sqlalchemy", "psycopg", "procrastinate", "pydantic", "weasyprint")


@dataclass(frozen=True)
class Figure:
    """A line of the table; `holds` is None for what is only told."""

    operation: str
    reached: str
    wanted: str
    holds: bool | None

    @classmethod
    def at_least(cls, operation: str, reached: float, wanted: float, unit: str, *, aim: float | None = None) -> Self:
        aiming = f", aiming at {written(aim)}" if aim else ""
        return cls(operation, _of(reached, unit), f"≥ {_of(wanted, unit)}{aiming}", reached >= wanted)

    @classmethod
    def below(cls, operation: str, reached: float, wanted: float, unit: str) -> Self:
        return cls(operation, _of(reached, unit), f"≤ {_of(wanted, unit)}", reached <= wanted)

    @classmethod
    def told(cls, operation: str, reached: float, unit: str) -> Self:
        return cls(operation, _of(reached, unit), "", None)


def written(value: float) -> str:
    """Write three significant digits."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _of(value: float, unit: str) -> str:
    return f"{written(value)} {unit}".strip()


@dataclass
class Report:
    """Everything found in one run of the benchmarks."""

    figures: list[Figure] = field(default_factory=list)
    runs: list[Runs] = field(default_factory=list)

    def add(self, *runs: Runs) -> None:
        self.runs.extend(runs)

    def page(self, seconds: float, rounds: int, on: date) -> str:
        return "\n".join([*_head(seconds, rounds, on), *_figures(self.figures), *_runs(self.runs), ""])


def _head(seconds: float, rounds: int, on: date) -> list[str]:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return [
        "# What `make bench` found",
        "",
        f"{on.isoformat()}; {processors()}; {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, PostgreSQL 18 (fsync and synchronous_commit on); {libraries}.",
        "",
        f"Two API processes with the settings of production; clients, limits and PostgreSQL on the same machine. "
        f"Medians of {rounds} runs of {seconds:g} s each, taken in turn with the limit they are compared with.",
        "",
    ]


def _figures(figures: Sequence[Figure]) -> list[str]:
    marks = {True: "yes", False: "**no**", None: ""}
    rows = [f"| {each.operation} | {each.reached} | {each.wanted} | {marks[each.holds]} |" for each in figures]
    return ["| operation | figure reached | figure wanted | ok? |", "|---|---|---|---|", *rows, ""]


def _runs(runs: Sequence[Runs]) -> list[str]:
    rows = [
        f"| {each.name} | {written(each.rate)} | {written(each.percentile(50))} | {written(each.percentile(99))} "
        f"| {written(each.cpu)} |"
        for each in runs
    ]
    head = ["| operation | per second | p50 ms | p99 ms | CPU ms each |", "|---|---|---|---|---|"]
    note = "CPU is that of the serving processes and of PostgreSQL together, without the clients'."
    return ["## Rates", "", *head, *rows, "", note]


def processors() -> str:
    """Name the processors of this machine."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return f"{len(models)} × {models[0]}" if models else platform.machine()
