"""The entry point of background work: the jobs that were promised, and the periodic ones."""

import asyncio
import os
import signal
import sys
from contextlib import AbstractContextManager, nullcontext
from functools import partial

import structlog
import uvloop

from app.accounting.issuers import IssuerSwitched, require_same_issuer
from app.core import logs, working
from app.core.beside import beside
from app.core.clock import SystemClock
from app.core.db import Sessions, make_engine, make_sessions
from app.core.jobs import Work
from app.core.privileges import require_lesser
from app.core.processes import Computers
from app.core.schema import require_schema
from app.core.signs import SignOfLife
from app.core.telemetry import measured
from app.settings import Settings
from app.upkeep import metrics
from app.upkeep.tallying import Tally
from app.wiring import values
from app.wiring.lookout import lookout
from app.wiring.outside import adapters, renderer
from app.wiring.work import work

log = structlog.get_logger()

FINISHING_SECONDS = 5
"""Given to jobs under way when asked to stop; one that is cut off comes due again."""
TALLY_SECONDS = 10
"""Between two entries of what was called; a worker that is killed loses as much."""


async def run(settings: Settings, database: values.Database) -> None:
    """Work until asked to stop (SIGINT, SIGTERM)."""
    pool = make_engine(database.url, values.pool(settings))
    sessions, clock = make_sessions(pool), SystemClock()
    await require_schema(pool)
    if settings.is_production:
        await require_lesser(pool)
    async with sessions() as session:
        await require_same_issuer(session, settings.invoice_issuer, at=clock.now())
    computers, tally = Computers(os.cpu_count() or 1), Tally(sessions)
    try:
        drawn = renderer(computers)
        async with adapters(settings, database.url, clock, drawn, tally.of, sessions=sessions) as outside:
            duties = work(settings, sessions, outside, clock)
            look = lookout(settings, sessions, outside.postman, clock)
            async with (
                working.make_worker(database.url, duties).open_async() as engine,
                beside(look.look_regularly(), tally.write_regularly(TALLY_SECONDS)),
            ):
                with _metrics(settings, sessions, duties), sign_of_life(settings) as sign:
                    log.info("worker_started", concurrency=settings.worker_concurrency)
                    await working.work_until(asked_to_stop(), engine, sessions, _shift(settings, sign))
        await tally.try_to_write()
    finally:
        computers.close()
        await pool.dispose()
        log.info("worker_stopped")


def asked_to_stop() -> asyncio.Event:
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    return asked


def sign_of_life(settings: Settings) -> SignOfLife:
    """Give `app.core.signs` a file to look at; a worker that the database takes for dead long since is killed."""
    return SignOfLife(settings.folder / "workers", silent_for=4 * settings.worker_silent_seconds)


def _metrics(settings: Settings, sessions: Sessions, duties: Work) -> AbstractContextManager[object]:
    if settings.metrics_port is None:
        return nullcontext()
    count = partial(metrics.count_all, sessions, silent_for=settings.worker_silent_seconds)
    kinds = [kind.name for kind in duties.handlers]
    return metrics.serve(settings.metrics_host, settings.metrics_port, count, kinds)


def _shift(settings: Settings, sign: SignOfLife) -> working.Shift:
    return working.Shift(
        concurrency=settings.worker_concurrency,
        silent_for=settings.worker_silent_seconds,
        finishing=FINISHING_SECONDS,
        give_sign=sign.give,
    )


def main() -> None:
    settings = Settings()
    logs.configure(settings.log_level)
    database = values.database(settings)
    try:
        with measured(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run(settings, database))
    except IssuerSwitched as refusal:
        sys.exit(str(refusal))
    finally:
        database.close()


if __name__ == "__main__":
    main()
