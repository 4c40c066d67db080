"""Rounds of runs side by side, so that what else the machine does weighs on all of them alike."""

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.driver import Load, Operation, drive
from benchmarks.processes import Books, Share, cpu_seconds

SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
ROUNDS = max(1, int(os.environ.get("BENCH_ROUNDS", "3")))
WARM_UP = 0.3
"""Of a run's seconds, before the first one."""


@dataclass(frozen=True)
class Run:
    """One run: how it went, the CPU milliseconds that each operation cost the serving processes, and who disturbed."""

    load: Load
    cpu: float
    others: Share


@dataclass
class Runs:
    """The runs of one contender; every figure is the median over them."""

    name: str
    runs: list[Run] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return median(run.load.rate for run in self.runs)

    @property
    def cpu(self) -> float:
        return median(run.cpu for run in self.runs)

    @property
    def others(self) -> Share:
        """Return what others took during the run that they disturbed most."""
        return max((run.others for run in self.runs), key=lambda share: share.whole)

    def percentile(self, percent: float) -> float:
        return median(run.load.percentile(percent) for run in self.runs)

    def cpu_against(self, limit: "Runs") -> float:
        """Return the limit's CPU for an operation as a part of ours, compared round by round."""
        return median(its.cpu / ours.cpu for ours, its in zip(self.runs, limit.runs, strict=True))

    def against(self, limit: "Runs") -> float:
        """Return the rate as a part of the limit's, compared round by round."""
        return median(ours.load.rate / its.load.rate for ours, its in zip(self.runs, limit.runs, strict=True))


@dataclass(frozen=True)
class Contender:
    """Something to be run: by how many clients, against which port, at the cost of which processes."""

    name: str
    port: int
    processes: Sequence[int]
    operation: Operation
    clients: int = 8


async def measure(contender: Contender, seconds: float = SECONDS) -> Run:
    books, before = Books.now(), cpu_seconds(contender.processes)
    load = await drive(contender.port, contender.clients, seconds, contender.operation)
    return Run(load, 1000 * (cpu_seconds(contender.processes) - before) / len(load.latencies), books.since())


async def compete(*contenders: Contender) -> list[Runs]:
    """Run them in turn, round after round, each warmed up before."""
    for contender in contenders:
        await drive(contender.port, contender.clients, WARM_UP * SECONDS, contender.operation)
    found = [Runs(contender.name) for contender in contenders]
    for _ in range(ROUNDS):
        for contender, runs in zip(contenders, found, strict=True):
            runs.runs.append(await measure(contender))
    for runs in found:
        say(runs)
    return found


async def rounds(*takers: Callable[[], Awaitable[Run]]) -> None:
    for _ in range(ROUNDS):
        for taker in takers:
            await taker()


def say(runs: Runs) -> None:
    print(
        f"  {runs.name}: {runs.rate:,.0f}/s, p50 {runs.percentile(50):.1f} ms, p99 {runs.percentile(99):.1f} ms, "
        f"{runs.cpu:.2f} ms CPU",
        flush=True,
    )
