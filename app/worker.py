"""The entry point of background work: the jobs that were promised, and the periodic ones."""

import asyncio
import os
import signal
import sys

import structlog
import uvloop

from app.accounting.issuers import IssuerSwitched, require_same_issuer
from app.core import logs, working
from app.core.clock import SystemClock
from app.core.db import make_engine, make_sessions
from app.core.processes import Computers
from app.core.schema import require_schema
from app.settings import Settings
from app.wiring import values
from app.wiring.outside import adapters, renderer
from app.wiring.work import work

log = structlog.get_logger()

FINISHING_SECONDS = 5
"""Given to jobs under way when asked to stop; one that is cut off comes due again."""


async def run(settings: Settings, database: values.Database) -> None:
    """Work until asked to stop (SIGINT, SIGTERM)."""
    pool = make_engine(database.url, values.pool(settings))
    sessions, clock = make_sessions(pool), SystemClock()
    await require_schema(pool)
    async with sessions() as session:
        await require_same_issuer(session, settings.invoice_issuer, at=clock.now())
    computers = Computers(os.cpu_count() or 1)
    try:
        async with adapters(settings, database.url, clock, renderer(computers)) as outside:
            duties = work(settings, sessions, outside, clock)
            async with working.make_worker(database.url, duties).open_async() as engine:
                log.info("worker_started", concurrency=settings.worker_concurrency)
                await working.work_until(asked_to_stop(), engine, sessions, _shift(settings))
    finally:
        computers.close()
        await pool.dispose()
        log.info("worker_stopped")


def asked_to_stop() -> asyncio.Event:
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    return asked


def _shift(settings: Settings) -> working.Shift:
    return working.Shift(
        concurrency=settings.worker_concurrency,
        silent_for=settings.worker_silent_seconds,
        finishing=FINISHING_SECONDS,
    )


def main() -> None:
    settings = Settings()
    logs.configure(settings.log_level)
    database = values.database(settings)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(settings, database))
    except IssuerSwitched as refusal:
        sys.exit(str(refusal))
    finally:
        database.close()


if __name__ == "__main__":
    main()
