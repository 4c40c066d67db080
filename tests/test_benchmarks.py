"""`make bench`: a part that fails leaves the others' figures standing, and what disturbed a run is said."""

import asyncio
import os
import subprocess
import sys
import time
from datetime import date

import pytest

from benchmarks.driver import Load
from benchmarks.measuring import Run, Runs
from benchmarks.parts import taken
from benchmarks.processes import Books, Share, family, own_seconds, resident
from benchmarks.report import Figure, Report, page
from benchmarks.stage import Stage
from benchmarks.volume import for_each

QUIET, LOUD = Share(0.01, 0.0), Share(0.3, 0.04)


class Restarted(Stage):
    """A stage that counts how often it was set up anew."""

    times = 0

    async def serve(self) -> None:
        self.times += 1

    def note_memory(self) -> None:
        pass


def stage() -> Restarted:
    unused: dict[str, object] = dict.fromkeys(("folder", "database", "server", "sessions", "accountant", "environment"))
    return Restarted(**unused)  # type: ignore[arg-type] # nothing of it is asked for


async def fails(_: Stage, report: Report) -> None:
    report.figures.append(Figure.told("before it failed", 2, "ms"))
    raise ValueError("cut | off")


async def succeeds(_: Stage, report: Report) -> None:
    report.figures.append(Figure.below("the next", 1, 2, "ms"))


async def test_g1_a_part_that_fails_leaves_the_figures_of_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    shown = stage()
    found = [await taken(fails, "months", shown), await taken(succeeds, "drawing", shown)]
    for report in found:
        report.others = QUIET
    assert shown.times == 1  # what the first one left behind is not the second one's stage
    text = page(found, 5, 3, date(2026, 11, 30))
    assert "| before it failed | 2 ms |  |  |  |" in text
    assert "| the rest of “months” | failed: ValueError: cut / off | | | **no** |" in text
    assert "| the next | 1 ms |  | ≤ 2 ms | yes |" in text
    assert "ValueError" in capsys.readouterr().err


async def test_g1_a_part_for_which_no_time_is_left_is_not_begun_and_one_that_hangs_is_cut_off() -> None:
    async def hangs(_: Stage, report: Report) -> None:
        report.figures.append(Figure.told("before it hung", 2, "ms"))
        await asyncio.Event().wait()

    shown = stage()
    cut_off, late = await taken(hangs, "login", shown, 0.01), await taken(succeeds, "drawing", shown, 0)
    assert (cut_off.error, late.error) == ("TimeoutError", "no time was left for it")
    assert (len(cut_off.figures), len(late.figures)) == (1, 0)


def test_g1_memory_of_a_process_that_has_ended_is_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    assert resident(process.pid) == 0
    assert resident(os.getpid()) > 1
    assert os.getpid() in family(os.getppid())


def test_g1_cpu_of_a_process_is_told_finer_than_the_kernels_books() -> None:
    before, own = own_seconds([os.getpid()]), time.process_time()
    assert before == pytest.approx(own, abs=0.005)
    sum(range(100_000))
    assert 0 < own_seconds([os.getpid()]) - before < 1


def test_g1_what_others_take_of_the_machine_is_told() -> None:
    before = Books.now()
    share = before.since()
    assert 0 <= share.foreign <= 1
    assert 0 <= share.stolen <= 1
    disturbed = Report("login", [Figure.below("login", 3, 2, "ms")], others=LOUD)
    text = page([disturbed, Report("drawing", others=QUIET)], 5, 3, date(2026, 11, 30))
    assert (
        "**Disturbed**: other processes, or the machine's host, took more than 5% of its processors during login"
        in text
    )
    assert "| login | 3 ms |  | ≤ 2 ms | **no**, disturbed |" in text
    assert "| login | 0 | 30.0% | 4.0% |" in text
    assert "**Disturbed**" not in page([Report("drawing", others=QUIET)], 5, 3, date(2026, 11, 30))


def test_g1_a_ratio_is_judged_by_cpu_whatever_the_rates_say() -> None:
    ours, limit = Runs("ours"), Runs("limit")
    for rate in (1, 2, 4):  # the machine moves, both with it
        ours.runs.append(Run(Load(1, (1.0,) * 100 * rate), 2.0, QUIET))
        limit.runs.append(Run(Load(1, (1.0,) * 400 * rate), 1.2, QUIET))
    figure = Figure.part_of("orders", ours, limit, 50, aim=70)
    assert figure == Figure("orders", "25 %", "≥ 50 %, aiming at 70", True, "60 %")


def test_g3_what_each_of_many_costs_is_judged_by_what_each_of_few_does() -> None:
    assert for_each("tracking", (10, 20.0), (100, 240.0)) == [
        Figure("tracking, CPU for each of 100", "2.4 ms", "", None),
        Figure("the same, of that for each of 10", "1.2 ×", "≤ 1.3 ×", True),
    ]
    assert for_each("tracking", (10, 20.0), (100, 300.0))[1].holds is False
