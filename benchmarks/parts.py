"""Parts of the benchmarks: each is measured whatever became of the ones before it."""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress

from benchmarks.processes import Books
from benchmarks.report import Report
from benchmarks.stage import Stage

LONGEST = 300
"""Seconds: what takes longer hangs."""
ALTOGETHER = 1_200
"""Seconds: what is not begun by then is left away, and said to be."""
Part = Callable[[Stage, Report], Awaitable[None]]


async def taken(part: Part, title: str, stage: Stage, seconds: float = LONGEST) -> Report:
    """Run a part; one that fails leaves what it had found, its error, and a stage on which the next one can run."""
    if seconds <= 0:
        return Report(title, error="no time was left for it")
    print(title, flush=True)
    report, books, began = Report(title), Books.now(), time.perf_counter()
    try:
        async with asyncio.timeout(min(seconds, LONGEST)):
            await part(stage, report)
        stage.note_memory()
    except Exception as problem:  # noqa: BLE001 - whatever it is, the other parts are measured
        report.error = _in_one_line(problem)
        traceback.print_exc()
        with suppress(Exception):  # what needs the API then fails too, and says so
            await stage.serve()
    report.others, report.seconds = books.since(), time.perf_counter() - began
    return report


def _in_one_line(problem: BaseException) -> str:
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    said = " ".join(str(problem).split()).replace("|", "/")
    return f"{type(problem).__name__}: {said}"[:200].rstrip(": ")
