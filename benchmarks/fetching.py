"""Fetching a job: from a queue where few wait, and from one where tens of thousands do, many behind one lock."""

import time
from statistics import median

from procrastinate import App
from procrastinate.jobs import Status

from app.core import jobs, working
from app.core.jobs import Promise, Work
from benchmarks.background import CLEAR, Nothing
from benchmarks.measuring import ROUNDS
from benchmarks.processes import cpu_seconds
from benchmarks.report import Figure, Report
from benchmarks.stage import Stage

WAITING, BEHIND_ONE_LOCK = 50_000, 5_000
AT_ONCE = 1_000
LOOKS = 10
"""Fetches before the measured ones: the first prepare their statements and read what was just written."""
FEW, MOST_SECONDS = 200, 5.0
"""How often is fetched in one run, and for how long at most: the system counts hundredths of a second."""


async def fetch_figures(stage: Stage, report: Report) -> None:
    """Fetch and finish in turn from both; what waits behind the lock waits for one that is under way."""
    alone, among = [], []
    async with working.make_worker(stage.database, Work({})).open_async() as engine:
        worker = await engine.job_manager.register_worker()
        for _ in range(ROUNDS):
            _clear(stage)
            await _promise(stage, *(Promise(Nothing(n)) for n in range(LOOKS + FEW)))
            alone.append(await _cost(stage, engine, worker))
            _clear(stage)
            await _promise(stage, Promise(Nothing(0), lock="one"))
            assert await engine.job_manager.fetch_job(queues=[jobs.QUEUE], worker_id=worker)
            await _promise(stage, *(Promise(Nothing(n), lock="one") for n in range(BEHIND_ONE_LOCK)))
            await _promise(stage, *(Promise(Nothing(n)) for n in range(WAITING - BEHIND_ONE_LOCK)))
            with stage.superuser() as connection:
                connection.execute("VACUUM ANALYZE procrastinate_jobs")
            among.append(await _cost(stage, engine, worker))
    _clear(stage)
    print(f"  fetch: {median(alone):.2f} ms CPU, among {WAITING:,}: {median(among):.2f} ms", flush=True)
    ratio = median(many / few for few, many in zip(alone, among, strict=True))
    operation = f"fetch of a job, {WAITING:,} waiting, {BEHIND_ONE_LOCK:,} behind one lock: CPU, of an empty queue"
    report.figures += [Figure.below(operation, ratio, 3, "×"), Figure.told("the same", median(among), "ms")]


def _clear(stage: Stage) -> None:
    with stage.superuser() as connection:
        connection.execute(CLEAR)


async def _promise(stage: Stage, *promises: Promise) -> None:
    for first in range(0, len(promises), AT_ONCE):
        async with stage.sessions.begin() as session:
            await jobs.defer(session, *promises[first : first + AT_ONCE])


async def _cost(stage: Stage, engine: App, worker: int) -> float:
    """Return PostgreSQL's milliseconds of CPU for fetching a job and finishing it."""
    for _ in range(LOOKS):
        await _fetch(engine, worker)
    before, until, done = cpu_seconds([stage.server]), time.perf_counter() + MOST_SECONDS, 0
    while done < FEW and time.perf_counter() < until:
        await _fetch(engine, worker)
        done += 1
    return 1000 * (cpu_seconds([stage.server]) - before) / done


async def _fetch(engine: App, worker: int) -> None:
    job = await engine.job_manager.fetch_job(queues=[jobs.QUEUE], worker_id=worker)
    assert job
    await engine.job_manager.finish_job(job, Status.SUCCEEDED, delete_job=False)
