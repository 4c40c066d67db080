"""What was measured, as a table: figure reached beside figure wanted, and what disturbed it."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Self

from benchmarks.measuring import Runs
from benchmarks.processes import Share

LIBRARIES = ("fastapi", "starlette", "uvicorn", "sqlalchemy", "psycopg", "procrastinate", "pydantic", "weasyprint")
MARKS = {True: "yes", False: "**no**", None: ""}
NOBODY = Share(0, 0)
DISTURBING = 0.05
"""Of the machine's processors: what others take beyond it, a figure is not to be believed."""


@dataclass(frozen=True)
class Figure:
    """A line of the table; `holds` is None for what is only told."""

    operation: str
    reached: str
    wanted: str
    holds: bool | None
    by_cpu: str = ""

    @classmethod
    def at_least(cls, operation: str, reached: float, wanted: float, unit: str) -> Self:
        return cls(operation, _of(reached, unit), f"≥ {_of(wanted, unit)}", reached >= wanted)

    @classmethod
    def below(cls, operation: str, reached: float, wanted: float, unit: str) -> Self:
        return cls(operation, _of(reached, unit), f"≤ {_of(wanted, unit)}", reached <= wanted)

    @classmethod
    def told(cls, operation: str, reached: float, unit: str) -> Self:
        return cls(operation, _of(reached, unit), "", None)

    @classmethod
    def part_of(cls, operation: str, ours: Runs, limit: Runs, wanted: float, *, aim: float | None = None) -> Self:
        """Compare with a limit, in percent, by rate and by CPU, and judge by CPU: rates move with the machine."""
        reached = 100 * ours.cpu_against(limit)
        aiming = f", aiming at {written(aim)}" if aim else ""
        figure = cls.at_least(operation, 100 * ours.against(limit), wanted, "%")
        return replace(figure, wanted=f"{figure.wanted}{aiming}", by_cpu=_of(reached, "%"), holds=reached >= wanted)


def written(value: float) -> str:
    """Write three significant digits."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _of(value: float, unit: str) -> str:
    return f"{written(value)} {unit}".strip()


@dataclass
class Report:
    """Everything found in one part of the benchmarks."""

    part: str
    figures: list[Figure] = field(default_factory=list)
    runs: list[Runs] = field(default_factory=list)
    seconds: float = 0
    others: Share = NOBODY
    error: str = ""

    def add(self, *runs: Runs) -> None:
        self.runs.extend(runs)

    @property
    def is_disturbed(self) -> bool:
        return (
            max([self.others, *(runs.others for runs in self.runs)], key=lambda share: share.whole).whole > DISTURBING
        )


def page(reports: Sequence[Report], seconds: float, rounds: int, on: date) -> str:
    tables = [_figures(reports), _runs([*chain.from_iterable(report.runs for report in reports)]), _parts(reports)]
    return "\n".join([*_head(reports, seconds, rounds, on), *chain.from_iterable(tables)])


def _head(reports: Sequence[Report], seconds: float, rounds: int, on: date) -> list[str]:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return [
        "# What `make bench` found",
        "",
        f"{on.isoformat()}; {processors()}; {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, PostgreSQL 18 (fsync and synchronous_commit on); {libraries}.",
        "",
        f"Two API processes with the settings of production; clients, limits and PostgreSQL on the same machine. "
        f"Medians of {rounds} runs of {seconds:g} s each, taken in turn with the limit they are compared with. "
        f"All of it took {sum(report.seconds for report in reports) / 60:.1f} minutes.",
        "",
        *_disturbance(reports),
    ]


def _disturbance(reports: Sequence[Report]) -> list[str]:
    """Say whether the figures are to be believed."""
    disturbed = [report.part for report in reports if report.is_disturbed]
    most = f"more than {DISTURBING:.0%} of its processors"
    if not disturbed:
        return [f"Nothing disturbed it: at no time did other processes, or the machine's host, take {most}.", ""]
    return [f"**Disturbed**: other processes, or the machine's host, took {most} during {', '.join(disturbed)}.", ""]


def _figures(reports: Sequence[Report]) -> list[str]:
    rows = []
    for report in reports:
        doubt = ", disturbed" if report.is_disturbed else ""
        for each in report.figures:
            mark = f"{MARKS[each.holds]}{doubt if each.holds is not None else ''}"
            rows.append(f"| {each.operation} | {each.reached} | {each.by_cpu} | {each.wanted} | {mark} |")
        if report.error:
            rows.append(f"| the rest of “{report.part}” | failed: {report.error} | | | **no** |")
    head = ["| operation | figure reached | by CPU | figure wanted | ok? |", "|---|---|---|---|---|"]
    note = "Where a figure is given by CPU too, that one is judged."
    return [*head, *rows, "", note, ""]


def _runs(runs: Sequence[Runs]) -> list[str]:
    rows = [
        f"| {each.name} | {written(each.rate)} | {written(each.percentile(50))} | {written(each.percentile(99))} "
        f"| {written(each.cpu)} | {each.others.foreign:.1%} | {each.others.stolen:.1%} |"
        for each in runs
    ]
    head = [
        "| operation | per second | p50 ms | p99 ms | CPU ms each | foreign load | stolen |",
        "|---|---|---|---|---|---|---|",
    ]
    note = (
        "CPU is that of the serving processes and of PostgreSQL together, without the clients'. Foreign load is the "
        "CPU of processes that are not ours, stolen what the host gave to others: of all processors, in the worst run."
    )
    return ["## Rates", "", *head, *rows, "", note, ""]


def _parts(reports: Sequence[Report]) -> list[str]:
    rows = [
        f"| {each.part} | {each.seconds:.0f} | {each.others.foreign:.1%} | {each.others.stolen:.1%} |"
        for each in reports
    ]
    return ["## Parts", "", "| part | seconds | foreign load | stolen |", "|---|---|---|---|", *rows, ""]


def processors() -> str:
    """Name the processors of this machine."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return f"{len(models)} × {models[0]}" if models else platform.machine()
