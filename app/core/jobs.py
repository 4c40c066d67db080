"""Promises to the outside: jobs kept in PostgreSQL; the only module that knows Procrastinate.

A job is deferred on the connection of the transaction that is its cause, so that both are kept or neither is. It runs
at least once: a worker that dies leaves it to be taken up again. A passing fault is retried for as long as it lasts;
a refusal parks the job until staff mends its cause and releases it.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, LiteralString, Self, cast
from uuid import UUID

import procrastinate
import psycopg
import structlog
from procrastinate import jobs as procrastinate_jobs
from procrastinate.exceptions import ConnectorException
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from sqlalchemy import make_url, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Sessions

log = structlog.get_logger()

QUEUE = "shop"
CONNECTION_SECONDS = 5.0
"""Waited for a connection of the engine's own."""

REPETITIONS, REPETITION_SECONDS = 5, 0.5
INTERRUPTION_SECONDS = 1.0
# The database away, busy or locked passes as the outside does; a row that it refuses will be refused again.
PASSING = (OperationalError, InterfaceError, PoolTimeout, ConnectorException, OSError)
Handler = Callable[[Any], Awaitable[None]]


class PassingFault(Exception):
    """The outside did not answer; the same call may succeed later."""


class Parked(Exception):
    """Retrying cannot help: the job waits for a person."""


@dataclass(frozen=True)
class Job:
    """What is to be done, by ids only: a payload holds nothing personal."""

    name: ClassVar[str]

    def arguments(self) -> dict[str, str]:
        return {key: str(value) for key, value in asdict(self).items()}

    @classmethod
    def read(cls, arguments: Mapping[str, str]) -> Self:
        readers: dict[Any, Callable[[str], Any]] = {UUID: UUID, int: int, str: str}
        return cls(**{key: readers[cls.__annotations__[key]](value) for key, value in arguments.items()})


@dataclass(frozen=True)
class Promise:
    """A job to run after the commit; jobs of one `lock` run one at a time, in the order they were promised."""

    job: Job
    lock: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Backoff(BaseRetryStrategy):
    """Waits `first` seconds, doubling to `most`, with jitter; what is no passing fault parks at the eighth failure."""

    first: float = 10
    most: float = 3600
    surprises: int = 8

    def get_retry_decision(self, *, exception: BaseException, job: procrastinate_jobs.Job) -> RetryDecision | None:
        if isinstance(exception, Parked):
            return None
        if isinstance(exception, asyncio.CancelledError):
            # Its worker was asked to stop: that is no fault of the job's, however often it was tried before.
            return RetryDecision(retry_at=datetime.now(UTC))  # noqa: DTZ005, RUF100 - the engine's own clock
        passing = isinstance(exception, (PassingFault, *PASSING))
        if not passing and job.attempts + 1 >= self.surprises:
            return None
        wait = min(self.most, self.first * 2 ** min(job.attempts, 30))
        # Between half and the whole: those who failed together do not come back together.
        return RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=wait * random.uniform(0.5, 1)))  # noqa: DTZ005, S311, RUF100 - the engine's own clock, dice


@dataclass(frozen=True)
class Periodic:
    """A job of the engine's own clock."""

    name: str
    cron: str
    run: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Work:
    """Everything a worker can do."""

    handlers: Mapping[type[Job], Handler]
    periodic: Sequence[Periodic] = ()
    backoff: Backoff = field(default_factory=Backoff)


RECOVER = text(
    """
    WITH stalled AS (
        SELECT id, task_name, queueing_lock FROM procrastinate_jobs AS job
        WHERE status = 'doing' AND queue_name = :queue AND NOT EXISTS (
            SELECT FROM procrastinate_workers AS worker
            WHERE worker.id = job.worker_id AND worker.last_heartbeat >= now() - :silent_for
        )
        FOR UPDATE SKIP LOCKED
    )
    SELECT task_name, id,
        CASE WHEN queueing_lock IS NULL THEN procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL)::text
        ELSE procrastinate_finish_job_v1(id, 'aborted', false)::text END
    FROM stalled
    """
)

# Never opened: it only writes jobs, each on the connection of the transaction that promises it.
_ledger = procrastinate.App(connector=procrastinate.PsycopgConnector())


async def defer(session: AsyncSession, *promises: Promise) -> None:
    """Promise jobs in this transaction, all in one round trip; they run after the commit, at least once."""
    connection = await (await session.connection()).get_raw_connection()
    rows = [
        procrastinate_jobs.Job(
            id=None,
            queue=QUEUE,
            task_name=promise.job.name,
            lock=promise.lock,
            queueing_lock=None,
            task_kwargs=cast("dict[str, Any]", promise.job.arguments()),
            scheduled_at=promise.at,
        )
        for promise in promises
    ]
    try:
        await _ledger.job_manager.batch_defer_jobs_async(rows, connection=connection.driver_connection)
    except ConnectorException as fault:
        if isinstance(fault.__cause__, psycopg.OperationalError):
            # The connection broke here: told as any other statement of the transaction tells it.
            raise OperationalError(None, None, fault.__cause__) from None
        raise


class _Connector(procrastinate.PsycopgConnector):
    """Repeats what a broken connection may have kept from the database, such as what became of a job.

    Left unwritten, the job would count as under way for as long as its worker lives. Said twice it does no harm: the
    second time is refused.
    """

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        for _ in range(REPETITIONS):
            try:
                await super().execute_query_async(query, **arguments)
            except ConnectorException as fault:
                if not isinstance(fault.__cause__, psycopg.OperationalError):
                    raise
                await asyncio.sleep(REPETITION_SECONDS)
            else:
                return
        await super().execute_query_async(query, **arguments)


def make_worker(database_url: str, work: Work, *, pool: int = 4) -> procrastinate.App:
    """Make the engine that runs the work; the caller opens it and runs its worker."""
    conninfo = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    engine = procrastinate.App(
        connector=_Connector(conninfo=conninfo, min_size=1, max_size=pool, timeout=CONNECTION_SECONDS)
    )
    for kind, handler in work.handlers.items():
        engine.task(name=kind.name, queue=QUEUE, retry=work.backoff)(_run(kind, handler))
    for periodic in work.periodic:
        task = engine.task(name=periodic.name, queue=QUEUE, queueing_lock=periodic.name)(_tick(periodic))
        engine.periodic(cron=periodic.cron)(task)
    return engine


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
        except (PassingFault, *PASSING) as fault:
            # The next tick is its retry; a parked one would only be a page for staff to turn.
            log.warning("periodic_left_out", job=periodic.name, reason=type(fault).__name__)

    return tick


@dataclass(frozen=True)
class Shift:
    """How one process works."""

    concurrency: int
    silent_for: float
    """Seconds without a sign of life after which a worker is taken for dead."""
    finishing: float
    """Seconds given to jobs under way when asked to stop; one that is cut off comes due again."""


async def work_until(asked: asyncio.Event, engine: procrastinate.App, sessions: Sessions, shift: Shift) -> None:
    """Work until asked to stop. The engine gives up when it loses the database: then it is started again."""
    asking = asyncio.create_task(asked.wait())
    recovering = asyncio.create_task(_recover_regularly(sessions, shift.silent_for))
    while not asked.is_set():
        run = asyncio.create_task(
            engine.run_worker_async(
                queues=[QUEUE],
                concurrency=shift.concurrency,
                shutdown_graceful_timeout=shift.finishing,
                update_heartbeat_interval=shift.silent_for / 3,
                stalled_worker_timeout=shift.silent_for,
                install_signal_handlers=False,
            )
        )
        await asyncio.wait({run, asking}, return_when=asyncio.FIRST_COMPLETED)
        run.cancel()  # begins its graceful end, unless it has ended
        [end] = await asyncio.gather(run, return_exceptions=True)
        if not asked.is_set():
            log.warning("worker_interrupted", reason=type(end).__name__)
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
            except PASSING as fault:
                log.warning("recovery_left_out", reason=type(fault).__name__)
        due = clock() + silent_for
        await asyncio.sleep(silent_for)
        late = clock() - due


async def recover(session: AsyncSession, *, silent_for: float) -> None:
    """Take up again the jobs of workers that are gone, or have given no sign of life for that many seconds.

    One process at a time: between another's look and its act the job might be under way again. A tick of the clock is
    not repeated, the next one comes.
    """
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('recover_jobs', 0))"))
    for name, job_id, _ in await session.execute(
        RECOVER, {"queue": QUEUE, "silent_for": timedelta(seconds=silent_for)}
    ):
        log.warning("job_recovered", job=name, job_id=job_id)


@dataclass(frozen=True)
class ParkedJob:
    """A job that waits for a person."""

    id: int
    name: str
    arguments: dict[str, str]
    attempts: int


async def list_parked(session: AsyncSession) -> list[ParkedJob]:
    found = await session.execute(
        text("SELECT id, task_name, args, attempts FROM procrastinate_jobs WHERE status = 'failed' ORDER BY id")
    )
    return [ParkedJob(*row) for row in found]


async def release(session: AsyncSession, job_id: int) -> bool:
    """Run a parked job again, now; False when no parked job has that id."""
    found = await session.execute(
        text(
            # Locked first and apart: a row that the function changes beneath its own lock would not be returned.
            "WITH parked AS MATERIALIZED"
            " (SELECT id FROM procrastinate_jobs WHERE id = :id AND status = 'failed' FOR UPDATE)"
            " SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM parked"
        ),
        {"id": job_id},
    )
    return found.first() is not None
