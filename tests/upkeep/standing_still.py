"""Builders of work that stands still, and who looks at it."""

from datetime import timedelta

from sqlalchemy import text

from app.core.jobs import QUEUE
from app.mail.ports import Postman
from app.wiring.lookout import LatePostman, lookout
from tests.shop import Shop


async def make_worker(shop: Shop, *, silent_seconds: float = 0) -> None:
    """Register a worker that last gave a sign of life so long ago."""
    await _do(
        shop,
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - :silent_for)",
        silent_for=timedelta(seconds=silent_seconds),
    )


async def forget_workers(shop: Shop) -> None:
    await _do(shop, "DELETE FROM procrastinate_workers")


async def make_job(shop: Shop, name: str, *, status: str = "todo", attempts: int = 0, minutes: float = 0) -> None:
    """Promise a job that came due, and was tried first, so many minutes ago."""
    await _do(
        shop,
        "WITH made AS (INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
        " VALUES (:queue, :name, jsonb_build_object('mail_id', gen_random_uuid(), 'order_id', gen_random_uuid()))"
        " RETURNING id) INSERT INTO procrastinate_events (job_id, type, at) SELECT id, 'started', now() - :since"
        " FROM made WHERE :attempts > 0",
        queue=QUEUE,
        name=name,
        since=timedelta(minutes=minutes),
        attempts=attempts,
    )
    # Its own event was written as it was made.
    await _do(
        shop,
        "UPDATE procrastinate_events SET at = now() - :since WHERE type = 'deferred' AND job_id ="
        " (SELECT max(id) FROM procrastinate_jobs)",
        since=timedelta(minutes=minutes),
    )
    await _do(
        shop,
        "UPDATE procrastinate_jobs SET attempts = :attempts, status = CAST(:status AS procrastinate_job_status)"
        " WHERE id = (SELECT max(id) FROM procrastinate_jobs)",
        attempts=attempts,
        status=status,
    )


async def _do(shop: Shop, statement: str, **values: object) -> None:
    async with shop.sessions.begin() as session:
        await session.execute(text(statement), values)


async def look(shop: Shop, carrier: Postman | None = None) -> None:
    """Look once, as a process of the API does now and then."""
    await lookout(shop.settings, shop.sessions, carrier or LatePostman(shop.settings), shop.clock).look()
