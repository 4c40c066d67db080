"""Does the jobs that were promised: a worker that outlives a lost database and takes over from the dead."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, LiteralString

import procrastinate
import psycopg
import structlog
from procrastinate import jobs, manager, sql
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import JobContext
from procrastinate.periodic import PeriodicDeferrer, TaskAtTime
from procrastinate.worker import Worker
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.backlog import hasten_put_off
from app.core.db import Sessions
from app.core.jobs import QUEUE, Handler, Job, Periodic, Work

log = structlog.get_logger()

CONNECTION_SECONDS = 5.0
"""Waited for a connection of the engine's own."""

REPETITIONS, REPETITION_SECONDS = 5, 0.5
INTERRUPTION_SECONDS = 1.0
WATCH = "-c idle_in_transaction_session_timeout=5000 -c lock_timeout=5000"
"""A worker frozen in the midst of a transaction must not hold up those who would succeed it."""

LOOK_SECONDS = 1.0
"""Between two looks for jobs that have come due by themselves, such as a retry."""

MOST_DEATHS = 3
"""Of workers, one after the other, with a job under way: it is parked, for it may be what kills them."""

# Each tick is a job of its own: what the one before it was suspected of stands against it too, unless a person released
# it (it is tried twice only then).
STALLED = text(
    """
    SELECT id, task_name, queueing_lock IS NOT NULL, 1 + coalesce(CASE WHEN queueing_lock IS NULL OR attempts > 0
    THEN deaths ELSE (
        SELECT before.deaths FROM procrastinate_jobs AS before
        WHERE before.task_name = job.task_name AND before.id < job.id ORDER BY before.id DESC LIMIT 1
    ) END, 0)
    FROM procrastinate_jobs AS job
    WHERE status = 'doing' AND queue_name = :queue AND NOT EXISTS (
        SELECT FROM procrastinate_workers AS worker
        WHERE worker.id = job.worker_id AND worker.last_heartbeat BETWEEN now() - :silent_for AND now() + :silent_for
    )
    FOR UPDATE SKIP LOCKED
    """
)
AGAIN = text("SELECT procrastinate_retry_job_v2(:id, now(), NULL, NULL, NULL)")
ENDED = text("SELECT procrastinate_finish_job_v1(:id, CAST(:status AS procrastinate_job_status), false)")
COUNTED = text("UPDATE procrastinate_jobs SET deaths = :deaths WHERE id = :id")
NOT_NOW = text(
    "UPDATE procrastinate_jobs SET status = 'cancelled' WHERE status = 'todo' AND queueing_lock IS NOT NULL"
    " AND task_name = :name"
)


class _Connector(procrastinate.PsycopgConnector):
    """Repeats what a broken connection may have kept from the database, such as what became of a job.

    Left unwritten, the job would count as under way for as long as its worker lives; one that ends has nothing to
    repeat. Said twice it does no harm: the second time is refused.
    """

    is_ending = False

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        for _ in range(REPETITIONS):
            try:
                await super().execute_query_async(query, **arguments)
            except ConnectorException as fault:
                if self.is_ending or not isinstance(fault.__cause__, psycopg.OperationalError):
                    raise
                await asyncio.sleep(REPETITION_SECONDS)
            else:
                return
        await super().execute_query_async(query, **arguments)


TAKE = re.sub(r"procrastinate_fetch_job_v\d+", "take_job", sql.queries["fetch_job"])
"""What the engine asks for its next job, of a function of ours that is as quick however many wait behind a lock."""


# One that the release before did not know, which failed, is no reason.
IS_PARKED = (
    "SELECT EXISTS (SELECT FROM procrastinate_jobs"
    " WHERE task_name = %(name)s AND status = 'failed' AND deaths > 0) AS found"
)


class _Manager(manager.JobManager):
    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> jobs.Job | None:
        row = await self.connector.execute_query_one_async(query=TAKE, queues=queues, worker_id=worker_id)
        return None if row["id"] is None else jobs.Job.from_row(row)

    async def defer_periodic_job(self, job: jobs.Job, periodic_id: str, defer_timestamp: int) -> int | None:
        """Leave out the ticks of what workers died over, until a person releases it."""
        found = await self.connector.execute_query_one_async(query=IS_PARKED, name=job.task_name)
        return None if found["found"] else await super().defer_periodic_job(job, periodic_id, defer_timestamp)


class _Bell(asyncio.Event):
    """An event that counts: how often it was set is known even where somebody has cleared it since."""

    def __init__(self) -> None:
        super().__init__()
        self.rung = 0

    def set(self) -> None:
        self.rung += 1
        super().set()


class _Deferrer(PeriodicDeferrer):
    def get_previous_tasks(self, at: float) -> Iterable[TaskAtTime]:
        """Go on from now where a clock that ran ahead was put right: ticks would only come when that day does."""
        self.last_defers = {key: min(tick, int(at)) for key, tick in self.last_defers.items()}
        return super().get_previous_tasks(at)


class _Worker(Worker):
    """Looks for the next job as soon as one is done: what waited for its lock is announced by nobody."""

    def __init__(self, engine: procrastinate.App, give_sign: Callable[[], None], **how: Any) -> None:
        super().__init__(engine, **how)
        self._new_job_event = self._bell = _Bell()
        self._give_sign = give_sign

    async def _update_heartbeat(self) -> None:
        """Give the sign of life that the database keeps, as the engine does, and then the one of this machine."""
        while True:
            await asyncio.sleep(self.update_heartbeat_interval)
            assert self.worker_id is not None
            await self.app.job_manager.update_heartbeat(self.worker_id)
            self._give_sign()

    async def _periodic_deferrer(self) -> None:
        await _Deferrer(self.app.periodic_registry, **self.app.periodic_defaults).worker()

    async def _process_job(self, context: JobContext) -> None:
        try:
            await super()._process_job(context)
        finally:
            self._bell.set()

    async def _fetch_and_process_jobs(self) -> None:
        """Look again when the bell rang during a look, for the engine clears it afterwards and would not know of it."""
        heard = -1
        while heard != self._bell.rung:
            heard = self._bell.rung
            await super()._fetch_and_process_jobs()  # type: ignore[no-untyped-call] # the library leaves it so


def make_worker(database_url: str, work: Work, *, pool: int = 4) -> procrastinate.App:
    """Make the engine that runs the work; the caller opens it and runs its worker."""
    conninfo = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    engine = procrastinate.App(
        connector=_Connector(
            conninfo=conninfo,
            min_size=1,
            max_size=pool,
            timeout=CONNECTION_SECONDS,
            kwargs={"options": WATCH},
            configure=_as_is,
        )
    )
    engine.job_manager = _Manager(engine.connector)
    for kind, handler in work.handlers.items():
        engine.task(name=kind.name, queue=QUEUE, retry=work.backoff)(_run(kind, handler))
    for periodic in work.periodic:
        task = engine.task(name=periodic.name, queue=QUEUE, lock=f"tick:{periodic.name}", queueing_lock=periodic.name)(
            _tick(periodic)
        )
        engine.periodic(cron=periodic.cron)(task)
    return engine


async def _as_is(connection: psycopg.AsyncConnection) -> None:
    """Send no BEGIN and COMMIT: whatever the engine asks for is one statement."""
    await connection.set_autocommit(True)


def _run(kind: type[Job], handler: Handler) -> Callable[..., Awaitable[None]]:
    async def run(**arguments: str) -> None:
        structlog.contextvars.bind_contextvars(job=kind.name, **arguments)
        try:
            await handler(kind.read(arguments))
        except Exception as problem:
            # The engine's own line says nothing until the job is parked, and never why.
            log.warning("job_failed", exc_info=problem)
            raise
        finally:
            structlog.contextvars.clear_contextvars()

    return run


def _tick(periodic: Periodic) -> Callable[[int], Awaitable[None]]:
    async def tick(timestamp: int) -> None:  # noqa: ARG001 - the engine's signature
        try:
            await periodic.run()
        except Exception as fault:
            # The next tick is its retry; a parked one would only be a page for staff to turn.
            log.warning("periodic_left_out", job=periodic.name, exc_info=fault)

    return tick


@dataclass(frozen=True)
class Shift:
    """How one process works."""

    concurrency: int
    silent_for: float
    """Seconds without a sign of life after which a worker is taken for dead."""
    finishing: float
    """Seconds given to jobs under way when asked to stop; one that is cut off comes due again."""
    give_sign: Callable[[], None] = lambda: None
    """Called while the engine works, and while it tries to: nobody is to be ended for what the database does."""


async def work_until(asked: asyncio.Event, engine: procrastinate.App, sessions: Sessions, shift: Shift) -> None:
    """Work until asked to stop. The engine gives up when it loses the database: then it is started again."""
    asking = asyncio.create_task(asked.wait())
    recovering = asyncio.create_task(_recover_regularly(sessions, shift.silent_for))
    while not asked.is_set():
        run = asyncio.create_task(
            _Worker(
                engine,
                shift.give_sign,
                queues=[QUEUE],
                concurrency=shift.concurrency,
                fetch_job_polling_interval=LOOK_SECONDS,
                shutdown_graceful_timeout=shift.finishing,
                update_heartbeat_interval=shift.silent_for / 3,
                stalled_worker_timeout=shift.silent_for,
                install_signal_handlers=False,
            ).run()  # type: ignore[no-untyped-call] # the library leaves it so
        )
        await asyncio.wait({run, asking}, return_when=asyncio.FIRST_COMPLETED)
        if asked.is_set() and isinstance(engine.connector, _Connector):
            engine.connector.is_ending = True
        run.cancel()  # begins its graceful end, unless it has ended
        end = (await asyncio.gather(run, return_exceptions=True))[0]
        if not asked.is_set():
            log.warning("worker_interrupted", reason=type(end).__name__)
            shift.give_sign()
            await asyncio.wait({asking}, timeout=INTERRUPTION_SECONDS)
    for task in (asking, recovering):
        task.cancel()
    await asyncio.gather(asking, recovering, return_exceptions=True)


async def _recover_regularly(sessions: Sessions, silent_for: float) -> None:
    clock, late = asyncio.get_running_loop().time, 0.0
    while True:
        # Who was silent for as long cannot say whether others were: on a machine that stood still everybody was.
        if late < silent_for / 3:
            try:
                async with sessions.begin() as session:
                    await recover(session, silent_for=silent_for)
            except Exception as fault:
                log.warning("recovery_left_out", exc_info=fault)
        due = clock() + silent_for
        await asyncio.sleep(silent_for)
        late = clock() - due


async def recover(session: AsyncSession, *, silent_for: float) -> None:
    """Take up again the jobs of workers that are gone, or have given no sign of life for that many seconds.

    And those that a clock which ran ahead has put off.

    One process at a time: between another's look and its act the job might be under way again. A tick of the clock is
    not repeated, the next one comes. What several workers have died over is parked.
    """
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('recover_jobs', 0))"))
    await hasten_put_off(session)
    stalled = await session.execute(STALLED, {"queue": QUEUE, "silent_for": timedelta(seconds=silent_for)})
    for job_id, name, is_tick, deaths in stalled.all():
        is_parked = deaths >= MOST_DEATHS
        if is_parked or is_tick:
            await session.execute(ENDED, {"id": job_id, "status": "failed" if is_parked else "aborted"})
        else:
            await session.execute(AGAIN, {"id": job_id})
        if is_parked and is_tick:
            await session.execute(NOT_NOW, {"name": name})
        await session.execute(COUNTED, {"id": job_id, "deaths": deaths})
        say = log.error if is_parked else log.warning
        say("job_parked" if is_parked else "job_recovered", job=name, job_id=job_id, workers_died=deaths)
