"""Counts what the engine's tables hold: who is at work, what waits, for how long, and what is parked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.jobs import QUEUE

# A job that was tried waits since it first began; one that somebody released, since then. A retry's own moment says
# nothing: it moves on for as long as the fault lasts.
BACKLOG = text(
    """
    SELECT task_name,
        count(*) FILTER (WHERE status = 'todo' AND since <= now()),
        count(*) FILTER (WHERE status = 'doing'),
        count(*) FILTER (WHERE status = 'failed'),
        sum(attempts),
        coalesce(extract(epoch FROM now() - min(since) FILTER (
            WHERE since <= now() AND (status = 'todo' OR (status = 'doing' AND attempts > 0))
        )), 0)::float
    FROM procrastinate_jobs AS job CROSS JOIN LATERAL (
        SELECT CASE WHEN job.attempts = 0 THEN greatest(job.scheduled_at, min(at))
            ELSE greatest(min(at) FILTER (WHERE type = 'started'), max(at) FILTER (WHERE type = 'retried')) END AS since
        FROM procrastinate_events WHERE job_id = job.id
    ) AS begun
    WHERE status IN ('todo', 'doing', 'failed') AND queue_name = :queue
    GROUP BY task_name ORDER BY task_name
    """
)
WORKERS = text(
    "SELECT count(*) FILTER (WHERE last_heartbeat BETWEEN now() - :silent_for AND now() + :silent_for),"
    " count(*) FILTER (WHERE last_heartbeat NOT BETWEEN now() - :silent_for AND now() + :silent_for)"
    " FROM procrastinate_workers"
)


@dataclass(frozen=True, slots=True)
class Backlog:
    """The jobs of one kind that are not done."""

    kind: str
    waiting: int
    """Their time has come, be it the first or that of a retry; they are not under way."""
    doing: int
    parked: int
    attempts: int
    """Made so far, by all of them."""
    seconds: float
    """How long the oldest has been waiting; one that was tried in vain since it was first tried."""


@dataclass(frozen=True, slots=True)
class Workers:
    alive: int
    silent: int
    """Neither said that they end, nor gave a sign of life."""


async def count_jobs(session: AsyncSession) -> Sequence[Backlog]:
    """Count the jobs that are not done, by kind."""
    return [Backlog(*row) for row in await session.execute(BACKLOG, {"queue": QUEUE})]


async def count_workers(session: AsyncSession, *, silent_for: float) -> Workers:
    """Count the workers by whether they gave a sign of life within that many seconds."""
    found = await session.execute(WORKERS, {"silent_for": timedelta(seconds=silent_for)})
    return Workers(*found.one())


PUT_OFF = text(
    "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' AND queue_name = :queue"
    " AND scheduled_at > now() + CASE WHEN attempts > 0 THEN interval '1 day' ELSE interval '14 days' END"
)


async def hasten_put_off(session: AsyncSession) -> None:
    """Make due what waits for longer than anything is ever put off: it was by a clock that ran ahead."""
    await session.execute(PUT_OFF, {"queue": QUEUE})


async def forget_silent_workers(session: AsyncSession, *, silent_for: timedelta) -> None:
    """Forget workers that will not come back; while none lives they stay, for nobody is there to run this."""
    await session.execute(
        text(
            "DELETE FROM procrastinate_workers"
            " WHERE last_heartbeat NOT BETWEEN now() - :silent_for AND now() + :silent_for"
        ),
        {"silent_for": silent_for},
    )
