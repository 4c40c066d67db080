"""The worker: pushes to simulators that answer at once, empty jobs, memory."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, LiteralString

import psycopg

from app.core import jobs, working
from app.core.jobs import Job, Promise, Work
from benchmarks.driver import HOST, drive
from benchmarks.measuring import SECONDS
from benchmarks.ordering import ordering
from benchmarks.processes import answering, cpu_seconds, family, free_port, resident, running
from benchmarks.report import Figure, Report
from benchmarks.stage import Stage

DONE = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'"
ALL = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'succeeded')"
CLEAR = "TRUNCATE procrastinate_jobs CASCADE"
PATIENCE = 120


@dataclass(frozen=True)
class Nothing(Job):
    """A job that does nothing."""

    name: ClassVar[str] = "nothing"

    number: int


async def worker_figures(stage: Stage, report: Report) -> None:
    fastest, least = await _empty_jobs(stage, report)
    await _orders_to_push(stage, int(SECONDS * 80))
    async with _worker(stage) as (worker, simulators):
        early = await _begun(stage)
        before = cpu_seconds([worker, stage.server]), cpu_seconds(simulators)
        rate, all_done = await _rate(stage)
        done = all_done - early
        ours = 1000 * (cpu_seconds([worker, stage.server]) - before[0]) / done
        theirs = 1000 * (cpu_seconds(simulators) - before[1]) / done
        memory = max(resident(process) for process in family(worker))
    report.figures += [
        Figure.at_least(
            "worker: parcels booked and sales posted, of empty jobs' rate", 100 * rate / fastest, 5.45, "%"
        ),
        Figure.told("the same", rate, "per second"),
        Figure.below("the same, CPU of worker and PostgreSQL for each, of an empty job's", ours / least, 20, "×"),
        Figure.told("the same", ours, "ms"),
        Figure.told("the same, CPU of the simulators for each", theirs, "ms"),
        Figure.below("worker, resident under load", memory, 220, "MiB"),
    ]


async def memory_figures(stage: Stage, report: Report) -> None:
    stage.note_memory()
    figure = Figure.below("API process, the most resident after any part", stage.most_resident, 160, "MiB")
    report.figures.append(figure)


async def _empty_jobs(stage: Stage, report: Report) -> tuple[float, float]:
    """Let an engine in this process do jobs that do nothing; returns how many a second, and the CPU of each."""
    with stage.superuser() as connection:
        connection.execute(CLEAR)
    number = int(SECONDS * 100)
    async with stage.sessions.begin() as session:
        await jobs.defer(session, *(Promise(Nothing(n)) for n in range(number)))

    async def nothing(_: Nothing) -> None:
        return

    async with working.make_worker(stage.database, Work({Nothing: nothing})).open_async() as engine:
        began, before = time.perf_counter(), time.process_time() + cpu_seconds([stage.server])
        await engine.run_worker_async(queues=[jobs.QUEUE], concurrency=8, wait=False, install_signal_handlers=False)
        rate = number / (time.perf_counter() - began)
        each = 1000 * (time.process_time() + cpu_seconds([stage.server]) - before) / number
    report.figures += [
        Figure.told("worker: jobs that do nothing", rate, "per second"),
        Figure.told("the same, CPU for each", each, "ms"),
    ]
    return rate, each


async def _orders_to_push(stage: Stage, number: int) -> None:
    """Place orders and leave of their jobs what goes to Speedy and to I-Cash."""
    with stage.superuser() as connection:
        connection.execute(CLEAR)
    carts = iter(await asyncio.to_thread(stage.carts, number))
    await drive(stage.api_port, 8, PATIENCE, ordering(carts), most=number)
    with stage.superuser() as connection:
        connection.execute("DELETE FROM procrastinate_events")
        connection.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'send_mail'")


@asynccontextmanager
async def _worker(stage: Stage) -> AsyncIterator[tuple[int, list[int]]]:
    speedy, icash = free_port(), free_port()
    state = [str(stage.folder / f"{name}.jsonl") for name in ("speedy", "icash")]
    settings = _settings(stage, speedy, icash)
    run = partial(running, environment=settings, log=stage.folder / "worker.log")
    async with (
        run("app.integrations.speedy.simulator", "--port", str(speedy), "--state", state[0]) as first,
        run("app.integrations.icash.simulator", "--port", str(icash), "--state", state[1]) as second,
    ):
        await answering(speedy)
        await answering(icash)
        async with run("app.cli", "worker") as worker:
            yield worker, [first, second]


def _settings(stage: Stage, speedy: int, icash: int) -> Mapping[str, str]:
    """Give the settings of development: production refuses the simulators."""
    return {
        "SHOP_ENVIRONMENT": "development",
        "SHOP_FOLDER": str(stage.folder),
        "SHOP_DATABASE_URL": stage.database,
        "SHOP_SPEEDY_URL": f"http://{HOST}:{speedy}",
        "SHOP_ICASH_URL": f"http://{HOST}:{icash}",
    }


async def _begun(stage: Stage) -> int:
    """Wait for the first jobs to be done, for to load the shop is no part of them; returns how many are."""
    deadline = time.perf_counter() + PATIENCE
    with stage.superuser() as connection:
        while not (done := _count(connection, DONE)):
            if time.perf_counter() > deadline:
                raise TimeoutError("the worker does nothing")
            await asyncio.sleep(0.05)
    return done


async def _rate(stage: Stage) -> tuple[float, int]:
    """Watch the jobs until none is left; the rate is that of the middle, without start and end."""
    seen: list[tuple[float, int]] = []
    with stage.superuser() as connection:
        number, deadline = _count(connection, ALL), time.perf_counter() + PATIENCE
        while (done := _count(connection, DONE)) < number:
            seen.append((time.perf_counter(), done))
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{done} of {number} jobs done")
            await asyncio.sleep(0.2)
    middle = [each for each in seen if number * 0.1 <= each[1] <= number * 0.9]
    (start, first), (end, last) = middle[0], middle[-1]
    return (last - first) / (end - start), number


def _count(connection: psycopg.Connection[tuple[object, ...]], statement: LiteralString) -> int:
    row = connection.execute(statement).fetchone()
    return row[0] if row and isinstance(row[0], int) else 0
