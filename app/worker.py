"""The entry point of background work: the jobs that were promised, and the periodic ones."""

import asyncio
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

import procrastinate
import structlog
import uvloop

from app import wiring
from app.core import jobs, logs
from app.core.clock import SystemClock
from app.core.db import make_engine, make_sessions
from app.core.processes import die_with_parent
from app.settings import Settings

log = structlog.get_logger()

FINISHING_SECONDS = 5
"""Given to jobs under way when asked to stop; one that is cut off comes due again."""


async def run(settings: Settings, database: wiring.Database) -> None:
    """Work until asked to stop (SIGINT, SIGTERM)."""
    engine = make_engine(database.url, wiring.pool(settings))
    sessions, clock = make_sessions(engine), SystemClock()
    await wiring.require_schema(engine)
    # Spawned, not forked: a child must not share our connections. It ends with us, however we end.
    processes = ProcessPoolExecutor(
        max_workers=os.cpu_count() or 1,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=die_with_parent,
    )
    try:
        async with wiring.adapters(settings, database.url, clock, wiring.renderer(processes)) as outside:
            work = wiring.work(settings, sessions, outside, clock)
            async with jobs.make_worker(database.url, work).open_async() as app:
                await _work(app, settings)
    finally:
        processes.shutdown(wait=False, cancel_futures=True)
        await engine.dispose()
        log.info("worker_stopped")


async def _work(app: procrastinate.App, settings: Settings) -> None:
    silent = settings.worker_silent_seconds
    await jobs.recover(app, silent_for=silent)
    log.info("worker_started", concurrency=settings.worker_concurrency)
    await app.run_worker_async(
        queues=[jobs.QUEUE],
        concurrency=settings.worker_concurrency,
        shutdown_graceful_timeout=FINISHING_SECONDS,
        update_heartbeat_interval=silent / 3,
        stalled_worker_timeout=silent,
    )


def main() -> None:
    settings = Settings()
    logs.configure(settings.log_level)
    database = wiring.database(settings)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(settings, database))
    finally:
        database.close()
