"""The next job is found at once however many wait behind a lock, and nobody passes who stands before him."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
from psycopg.errors import LockNotAvailable
from sqlalchemy import make_url

from tests.dice import dice

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
LINES = ["icash", "order:1", "order:2", None]
FINISH = "SELECT procrastinate_finish_job_v1(%s, %s, false)"
RETRY = "SELECT procrastinate_retry_job_v2(%s, now() + %s * interval '1 second', NULL, NULL, %s)"
THEIRS = "SELECT id FROM procrastinate_fetch_job_v2('{shop}', %s)"
OURS = "SELECT id FROM take_job('{shop}', %s)"
LEFT = "SELECT id FROM procrastinate_jobs WHERE status IN ('todo', 'doing') ORDER BY id"


@asynccontextmanager
async def connected(database: str) -> AsyncIterator[Connection]:
    plain = make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(plain, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Connection]:
    async with connected(database) as connection:
        yield connection


async def promise(
    desk: Connection, *locks: str | None, priority: int = 0, wait: float | None = None, number: int = 1
) -> list[int]:
    """Put jobs on the queue, in this order; returns their ids."""
    cursor = await desk.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, priority, scheduled_at)"
        " SELECT 'shop', 'count', lock, %s, now() + %s * interval '1 second'"
        " FROM generate_series(1, %s), unnest(%s::text[]) WITH ORDINALITY AS given (lock, place) ORDER BY 2"
        " RETURNING id".replace("ORDER BY 2", "ORDER BY generate_series, place"),
        [priority, wait, number, list(locks)],
    )
    return [job for (job,) in await cursor.fetchall()]


async def register(desk: Connection) -> int:
    cursor = await desk.execute("SELECT worker_id FROM procrastinate_register_worker_v1()")
    return int((await cursor.fetchall())[0][0])


async def take(desk: Connection, worker: int, how: str = OURS) -> int | None:
    job: int | None = (await (await desk.execute(how.encode(), [worker])).fetchall())[0][0]
    return job


async def done(desk: Connection, worker: int, *, most: int = 1000) -> list[int]:
    """Do one job after the other until there is none; returns them in their order."""
    found: list[int] = []
    while len(found) < most and (job := await take(desk, worker)):
        found.append(job)
        await desk.execute(FINISH, [job, "succeeded"])
    return found


async def test_f6_jobs_of_a_lock_are_taken_in_their_order_and_the_others_pass_by(desk: Connection) -> None:
    worker = await register(desk)
    first, second, third = await promise(desk, "icash", number=3)
    [other] = await promise(desk, "order:1")
    [free] = await promise(desk, None)
    assert [await take(desk, worker) for _ in range(4)] == [first, other, free, None]
    await desk.execute(FINISH, [first, "succeeded"])
    assert await done(desk, worker) == [second, third]


async def test_f6_who_waits_for_a_retry_keeps_its_place_and_who_steps_aside_gives_it_up(desk: Connection) -> None:
    worker = await register(desk)
    first, second, third = await promise(desk, "icash", number=3)
    assert await take(desk, worker) == first
    assert await take(desk, worker) is None
    await desk.execute(RETRY, [first, 3600, None])
    assert await take(desk, worker) is None, "the first keeps its place"
    await desk.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE id = %s", [first])
    assert await take(desk, worker) == first
    await desk.execute(RETRY, [first, 0, f"aside:{first}"])
    assert await done(desk, worker) == [first, second, third]


async def test_f6_who_is_released_stands_before_those_who_came_later(desk: Connection) -> None:
    worker = await register(desk)
    first, second, third = await promise(desk, "icash", number=3)
    assert await take(desk, worker) == first
    await desk.execute(FINISH, [first, "failed"])
    assert await take(desk, worker) == second
    await desk.execute(RETRY, [first, 0, None])
    assert await take(desk, worker) is None
    await desk.execute(FINISH, [second, "succeeded"])
    assert await done(desk, worker) == [first, third]


async def test_f6_the_higher_priority_goes_first_within_a_lock_and_among_all(desk: Connection) -> None:
    worker = await register(desk)
    low = await promise(desk, "icash", "icash", None)
    assert await take(desk, worker) == low[0]
    high = await promise(desk, "icash", None, priority=5)
    due = await promise(desk, None, priority=3, wait=-1)
    assert await take(desk, worker) == high[1]
    await desk.execute(RETRY, [low[0], 0, None])
    assert await done(desk, worker) == [high[0], *due, low[0], low[1], low[2]]


@pytest.mark.parametrize("leave", ["cancelled", "deleted"])
async def test_f6_who_is_taken_out_of_the_line_lets_the_next_one_go(desk: Connection, leave: str) -> None:
    worker = await register(desk)
    first, second, third = await promise(desk, "icash", number=3, wait=-1)
    await desk.execute("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour' WHERE id = %s", [first])
    assert await take(desk, worker) is None
    gone = "DELETE FROM procrastinate_jobs WHERE id = %s"
    stopped = "UPDATE procrastinate_jobs SET status = 'cancelled' WHERE id = %s"
    await desk.execute(gone if leave == "deleted" else stopped, [first])
    assert await done(desk, worker) == [second, third]


async def test_f6_a_job_is_marked_only_while_who_goes_first_is_held(desk: Connection, database: str) -> None:
    """Else the first could leave between the look and the mark, and nobody would let the next one go."""
    worker = await register(desk)
    first, second = await promise(desk, "icash", number=2)
    assert await take(desk, worker) == first
    async with connected(database) as other, other.transaction():
        await other.execute(FINISH, [first, "succeeded"])
        assert await take(desk, worker) is None, "it was not waited for"
    assert await take(desk, worker) == second


async def test_f6_the_release_before_works_beside_this_one(desk: Connection) -> None:
    worker = await register(desk)
    jobs = await promise(desk, "icash", number=4)
    found = []
    for how in (OURS, THEIRS, OURS, THEIRS):
        job = await take(desk, worker, how)
        assert await take(desk, worker, OURS) is None
        assert await take(desk, worker, THEIRS) is None
        found.append(job)
        await desk.execute(RETRY, [job, 0, None])
        assert await take(desk, worker, how) == job
        await desk.execute(FINISH, [job, "succeeded"])
    assert found == jobs


async def touched(desk: Connection, worker: int) -> int:
    """Count the pages that one look for a job reads."""
    explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
    [(plan,)] = await (await desk.execute((explain + OURS).encode(), [worker])).fetchall()
    return int(plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"])


async def test_f6_a_look_reads_as_much_however_many_wait(desk: Connection) -> None:
    """Behind a lock, for their time, or both; counted in pages, for those hold still where time does not."""
    worker = await register(desk)
    await promise(desk, "busy")
    await touched(desk, worker)
    nothing = await touched(desk, worker)
    await promise(desk, "away", wait=3600)
    await promise(desk, "busy", "away", number=1000)
    await promise(desk, None, "later", wait=3600, number=1000)
    for _ in range(2):  # says once of all that they wait, and meets once what that leaves of them
        await take(desk, worker)
    assert await touched(desk, worker) < nothing + 40
    await promise(desk, "busy", None)
    assert await touched(desk, worker) < nothing + 300, "who joins the line is met once, and one is taken"
    assert await touched(desk, worker) < nothing + 40


@pytest.mark.slow
async def test_g2_a_look_reads_only_candidates_whatever_the_planner_knows_of_the_rest(desk: Connection) -> None:
    """An index that holds who waits behind a lock, too, begins like the candidates': it looked as good to him."""
    worker = await register(desk)
    await promise(desk, "busy", number=5000)
    await promise(desk, None, number=45_000)
    assert await take(desk, worker)
    await take(desk, worker)  # says of all the others that they wait
    await desk.execute("VACUUM ANALYZE procrastinate_jobs")
    await touched(desk, worker)
    assert await touched(desk, worker) < 60


class Hand:
    """One of many who do at random what is done to jobs, each on a connection of its own."""

    def __init__(self, desk: Connection, dice: random.Random, worker: int) -> None:
        self.desk, self.dice, self.worker = desk, dice, worker
        self.mine: list[int] = []

    async def act(self) -> None:
        await self.dice.choice([self._promise, self._take, self._take, self._finish, self._finish, self._staff])()

    async def _promise(self) -> None:
        async with self.desk.transaction(force_rollback=self.dice.random() < 0.3):
            for _ in range(self.dice.randint(1, 3)):
                wait = self.dice.choice([None, None, 0])
                await promise(self.desk, self.dice.choice(LINES), priority=self.dice.choice([0, 0, 1]), wait=wait)
            await asyncio.sleep(0)

    async def _take(self) -> None:
        if job := await take(self.desk, self.worker, self.dice.choice([OURS, OURS, OURS, THEIRS])):
            self.mine.append(job)

    async def _finish(self) -> None:
        if not self.mine:
            return
        job = self.mine.pop(self.dice.randrange(len(self.mine)))
        match self.dice.randrange(4):
            case 0:
                await self.desk.execute(FINISH, [job, "succeeded"])
            case 1:
                await self.desk.execute(FINISH, [job, "failed"])
            case 2:
                await self.desk.execute(RETRY, [job, 0, None])
            case _:
                await self.desk.execute(RETRY, [job, 0, f"aside:{job}"])

    async def _staff(self) -> None:
        """Release what failed, or hasten what waits, and think better of it now and then."""
        async with self.desk.transaction(force_rollback=self.dice.random() < 0.3):
            if self.dice.random() < 0.5:
                await self.desk.execute(
                    "WITH parked AS MATERIALIZED (SELECT id FROM procrastinate_jobs WHERE status = 'failed'"
                    " ORDER BY id LIMIT 2 FOR UPDATE)"
                    " SELECT procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) FROM parked"
                )
            else:
                await self.desk.execute(
                    "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE id IN (SELECT id FROM procrastinate_jobs"
                    " WHERE status = 'todo' ORDER BY id DESC LIMIT 2)"
                )
            await asyncio.sleep(0)


async def race(database: str, seed: int, *, hands: int, acts: int) -> Sequence[int]:
    """Let many do at random what is done to jobs, end what they began, and do what is left; returns what stays."""
    async with connected(database) as desk:

        async def one(number: int) -> None:
            async with connected(database) as own:
                hand = Hand(own, dice(f"{seed}:{number}"), await register(own))
                await own.execute("SET lock_timeout = '2s'")
                for _ in range(acts):
                    try:
                        await hand.act()
                    except (LockNotAvailable, psycopg.errors.DeadlockDetected, psycopg.errors.UniqueViolation) as fault:
                        raise AssertionError(f"seed {seed}") from fault
                for job in hand.mine:
                    await own.execute(FINISH, [job, "succeeded"])

        await asyncio.gather(*(one(number) for number in range(hands)))
        await done(desk, await register(desk), most=100_000)
        return [job for (job,) in await (await desk.execute(LEFT)).fetchall()]


async def test_f6_nobody_is_forgotten_whatever_is_done_at_once(database: str) -> None:
    assert await race(database, 1, hands=6, acts=60) == []
