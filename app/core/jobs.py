"""Promises to the outside: jobs kept in PostgreSQL, in the tables of Procrastinate; `core.working` does them.

A job is deferred on the connection of the transaction that is its cause, so that both are kept or neither is. It runs
at least once: a worker that dies leaves it to be taken up again. A passing fault is retried for as long as it lasts;
a refusal parks the job until staff mends its cause and releases it, and so does one worker's death after the other.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar, cast
from uuid import UUID

import croniter
import procrastinate
import psycopg
import structlog
from procrastinate import jobs as procrastinate_jobs
from procrastinate.exceptions import ConnectorException
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

log = structlog.get_logger()

QUEUE = "shop"
# The database away, busy or locked passes as the outside does; a row that it refuses will be refused again.
PASSING = (OperationalError, InterfaceError, PoolTimeout, ConnectorException, OSError)
Handler = Callable[[Any], Awaitable[None]]


class PassingFault(Exception):
    """The outside did not answer; the same call may succeed later."""

    of_one: bool = False
    """Whether it says nothing of the jobs behind this one: then they need not wait for it."""
    pause: timedelta | None = None
    """How long to leave the outside alone; None: as long as the number of failures says."""


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


J = TypeVar("J", bound=Job)


@dataclass(frozen=True)
class Promise:
    """A job to run after the commit; jobs of one `lock` run one at a time, in the order they were promised."""

    job: Job
    lock: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Backoff(BaseRetryStrategy):
    """Waits as long as the fault says, else `first` seconds, doubling to `most`, with jitter.

    What is no passing fault parks at the eighth failure.
    """

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
        pause: timedelta | None = getattr(exception, "pause", None)
        wait = pause.total_seconds() if pause else min(self.most, self.first * 2 ** min(job.attempts, 30))
        # Between half and the whole: those who failed together do not come back together.
        retry_at = datetime.now(UTC) + timedelta(seconds=wait * random.uniform(0.5, 1))  # noqa: DTZ005, S311, RUF100 - the engine's own clock, dice
        # The engine lets nobody pass who waits behind the same lock: a fault of one job's own steps out of the line.
        aside = f"aside:{job.id}" if job.lock and (not passing or getattr(exception, "of_one", False)) else None
        return RetryDecision(retry_at=retry_at, lock=aside)


@dataclass(frozen=True)
class Periodic:
    """A job of the engine's own clock; it runs once at a time, and all ticks that come meanwhile are one that waits."""

    name: str
    cron: str
    run: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Work:
    """Everything a worker can do."""

    handlers: Mapping[type[Job], Handler]
    periodic: Sequence[Periodic] = ()
    backoff: Backoff = field(default_factory=Backoff)


# Never opened: it only writes jobs, each on the connection of the transaction that promises it.
_ledger = procrastinate.App(connector=procrastinate.PsycopgConnector())


def due_in(wait: timedelta) -> datetime:
    """Say when a job is due that long from now, by the engine's own clock."""
    return datetime.now(UTC) + wait  # noqa: DTZ005, RUF100 - as above


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


def last_tick(cron: str, at: datetime) -> datetime:
    """Say when a schedule came due last: a job that waits for its day is then late, where a tick would be lost."""
    found: datetime = croniter.croniter(cron, at).get_prev(datetime)
    return found


async def is_promised(session: AsyncSession, kind: type[Job]) -> bool:
    """Say whether a job of this kind waits, is being done or is parked."""
    found = await session.scalar(
        text(
            "SELECT EXISTS (SELECT FROM procrastinate_jobs"
            " WHERE task_name = :name AND status IN ('todo', 'doing', 'failed'))"
        ),
        {"name": kind.name},
    )
    return bool(found)


async def list_waiting(session: AsyncSession, kind: type[J], lock: str, *, most: int) -> list[J]:
    """List the first jobs of a kind that wait behind one lock, in their order."""
    waiting = "SELECT args FROM procrastinate_jobs WHERE status = 'todo' AND lock = :lock AND task_name = :name"
    values = {"lock": lock, "name": kind.name, "most": most}
    return [kind.read(found) for found in await session.scalars(text(f"{waiting} ORDER BY id LIMIT :most"), values)]


async def list_unpromised(session: AsyncSession, name: str, argument: str, values: Sequence[UUID]) -> Sequence[UUID]:
    """List those of the values for which no job of the name waits, is being done or is parked."""
    found = await session.scalars(
        text(
            "SELECT value FROM unnest(CAST(:values AS uuid[])) WITH ORDINALITY AS wanted (value, place)"
            " WHERE NOT EXISTS (SELECT FROM procrastinate_jobs WHERE task_name = :name"
            " AND status IN ('todo', 'doing', 'failed') AND args ->> :argument = value::text) ORDER BY place"
        ),
        {"name": name, "argument": argument, "values": list(values)},
    )
    return found.all()


@dataclass(frozen=True)
class ParkedJob:
    """A job that waits for a person, or for its next try."""

    id: int
    name: str
    arguments: dict[str, str]
    attempts: int
    deaths: int
    """Of workers that died while they were at it, one after the other, which is why it is parked; 0: it was refused."""


async def list_parked(session: AsyncSession) -> list[ParkedJob]:
    found = await session.execute(
        text("SELECT id, task_name, args, attempts, deaths FROM procrastinate_jobs WHERE status = 'failed' ORDER BY id")
    )
    return [ParkedJob(*row) for row in found]


async def list_retried(session: AsyncSession, *, attempts: int) -> list[ParkedJob]:
    """List jobs that were tried so often in vain, and that are to be tried again by themselves."""
    tried = "status = 'todo' AND attempts >= :attempts ORDER BY id"
    found = text(f"SELECT id, task_name, args, attempts, deaths FROM procrastinate_jobs WHERE {tried}")  # noqa: S608 - words of ours
    return [ParkedJob(*row) for row in await session.execute(found, {"attempts": attempts})]


async def set_aside(session: AsyncSession, job_id: int) -> bool:
    """Park a job that was tried in vain and waits, so that those behind its lock go on; False when none such waits."""
    return await _change_waiting(session, job_id, "status = 'failed'")


async def hasten_one(session: AsyncSession, job_id: int) -> bool:
    """Make a job due now that was tried in vain and waits for its next try; False when none such waits."""
    return await _change_waiting(session, job_id, "scheduled_at = now()")


async def _change_waiting(session: AsyncSession, job_id: int, change: str) -> bool:
    change += " WHERE id = :id AND status = 'todo' AND attempts > 0 RETURNING id"
    return await session.scalar(text(f"UPDATE procrastinate_jobs SET {change}"), {"id": job_id}) is not None  # noqa: S608 - words of ours


WHICH = "status = 'failed' AND (id = :id OR task_name = :name)"
# It would be refused: of the ticks of one periodic job one waits at a time.
OF_TICKS_ALL_BUT_ONE = text(
    f"""
    UPDATE procrastinate_jobs AS job SET status = 'cancelled' WHERE {WHICH} AND queueing_lock IS NOT NULL AND EXISTS (
        SELECT FROM procrastinate_jobs AS other WHERE other.queueing_lock = job.queueing_lock
        AND (other.status = 'todo' OR other.status = 'failed' AND other.task_name = :name AND other.id > job.id)
    ) RETURNING id
    """  # noqa: S608 - words of ours
)


async def release(session: AsyncSession, *, job_id: int | None = None, name: str | None = None) -> int:
    """Run a parked job again, now, or all of one name; returns how many."""
    values = {"id": job_id, "name": name}
    dropped = await session.scalars(OF_TICKS_ALL_BUT_ONE, values)
    return len(dropped.all()) + await _release(session, WHICH, values)


async def release_of(session: AsyncSession, name: str, argument: str, values: Sequence[UUID]) -> int:
    """Run parked jobs of one name again whose argument is one of these; returns how many."""
    which = "status = 'failed' AND task_name = :name AND args ->> :argument = ANY(:values)"
    return await _release(
        session, which, {"name": name, "argument": argument, "values": [str(value) for value in values]}
    )


async def _release(session: AsyncSession, which: str, values: Mapping[str, Any]) -> int:
    # Locked first and apart: a row that the function changes beneath its own lock would not be returned.
    parked = f"WITH parked AS MATERIALIZED (SELECT id FROM procrastinate_jobs WHERE {which} ORDER BY id FOR UPDATE)"  # noqa: S608 - words of ours
    again = "SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM parked"
    return len((await session.execute(text(f"{parked} {again}"), values)).all())


async def hasten(session: AsyncSession, name: str, argument: str, values: Sequence[UUID]) -> None:
    """Make jobs of one name due now that wait for their time, and whose argument is one of these."""
    await session.execute(
        text(
            "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' AND scheduled_at > now()"
            " AND task_name = :name AND args ->> :argument = ANY(:values)"
        ),
        {"name": name, "argument": argument, "values": [str(value) for value in values]},
    )


async def give_up(session: AsyncSession, name: str, argument: str, value: UUID) -> bool:
    """Never run a parked job again; False when none of the name, with this argument, is parked."""
    found = await session.execute(
        text(
            "UPDATE procrastinate_jobs SET status = 'cancelled' WHERE status = 'failed'"
            " AND task_name = :name AND args ->> :argument = :value RETURNING id"
        ),
        {"name": name, "argument": argument, "value": str(value)},
    )
    return bool(found.all())


async def forget_done_jobs(session: AsyncSession, *, days: int) -> None:
    """Delete jobs that were done that long ago, with their events; what is parked stays."""
    await session.execute(
        text(
            "DELETE FROM procrastinate_jobs AS job WHERE status IN ('succeeded', 'aborted', 'cancelled') AND NOT EXISTS"
            " (SELECT FROM procrastinate_events WHERE job_id = job.id AND at > now() - make_interval(days => :days))"
        ),
        {"days": days},
    )
