"""What is promised is done: after the commit, at least once, in order, until it succeeds or a person is needed."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from procrastinate import jobs as engine_jobs
from procrastinate.periodic import PeriodicDeferrer
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.core.db import Sessions
from app.core.ids import uuid7
from app.core.jobs import (
    QUEUE,
    Backoff,
    Job,
    Parked,
    PassingFault,
    Periodic,
    Promise,
    Work,
    defer,
    list_parked,
    release,
)
from app.core.working import make_worker, recover
from tests.processes import PATIENCE, until

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Greet(Job):
    name = "greet"

    person_id: UUID
    times: int = 1


@dataclass
class Desk:
    """Does the jobs of a test and remembers which."""

    database: str
    sessions: Sessions
    done: list[Greet] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    meanwhile: Callable[[], Awaitable[None]] | None = None

    async def greet(self, job: Greet) -> None:
        if self.meanwhile:
            await self.meanwhile()
        if self.faults:
            raise self.faults.pop(0)
        self.done.append(job)

    async def promise(self, *jobs: Greet, lock: str | None = None, at: datetime | None = None) -> None:
        async with self.sessions.begin() as session:
            await defer(session, *(Promise(job, lock, at) for job in jobs))

    async def work(self, *, concurrency: int = 4) -> None:
        """Do what is due."""
        async with make_worker(self.database, Work({Greet: self.greet})).open_async() as engine:
            await engine.run_worker_async(
                queues=[QUEUE], concurrency=concurrency, wait=False, install_signal_handlers=False
            )

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        async with self.sessions() as session:
            return [tuple(row) for row in await session.execute(text(statement))]

    async def states(self) -> Counter[str]:
        return Counter(status for (status,) in await self.rows("SELECT status::text FROM procrastinate_jobs"))

    async def make_due(self) -> None:
        async with self.sessions.begin() as session:
            await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))


@pytest.fixture
def desk(database: str, sessions: Sessions) -> Desk:
    return Desk(database, sessions)


async def test_a_promise_is_kept_after_the_commit(desk: Desk) -> None:
    job = Greet(uuid7(), 3)
    await desk.promise(job)
    assert desk.done == []
    await desk.work()
    assert desk.done == [job]
    assert await desk.states() == {"succeeded": 1}


async def test_a_rollback_leaves_no_promise(desk: Desk) -> None:
    async with desk.sessions() as session:
        await defer(session, Promise(Greet(uuid7())), Promise(Greet(uuid7())))
        await session.rollback()
    assert await desk.states() == {}


async def test_nobody_sees_a_promise_before_the_commit(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        await defer(session, Promise(Greet(uuid7())))
        await desk.work()
        assert desk.done == []
    await desk.work()
    assert len(desk.done) == 1


async def test_a_payload_is_ids_as_text(desk: Desk) -> None:
    person = uuid7()
    await desk.promise(Greet(person, 2))
    assert await desk.rows("SELECT args FROM procrastinate_jobs") == [({"person_id": str(person), "times": "2"},)]
    assert Greet.read({"person_id": str(person), "times": "2"}) == Greet(person, 2)


async def test_jobs_of_one_lock_run_one_at_a_time_in_the_order_they_were_promised(desk: Desk) -> None:
    under_way: list[int] = []

    async def watch() -> None:
        under_way.append((await desk.states())["doing"])

    desk.meanwhile = watch
    promised = [Greet(uuid7(), number) for number in range(6)]
    for job in promised:
        await desk.promise(job, lock="order:1")
    for _ in range(10):
        await desk.work(concurrency=4)
    assert desk.done == promised
    assert under_way == [1] * 6


async def test_a_job_is_not_done_before_its_time(desk: Desk) -> None:
    await desk.promise(Greet(uuid7()), at=datetime.now(UTC) + timedelta(hours=1))
    await desk.work()
    assert await desk.states() == {"todo": 1}


async def test_a_passing_fault_is_tried_again_however_long_it_lasts(desk: Desk) -> None:
    desk.faults = [PassingFault() for _ in range(20)]
    await desk.promise(Greet(uuid7()))
    for _ in range(20):
        await desk.work()
        assert await desk.states() == {"todo": 1}
        await desk.make_due()
    await desk.work()
    assert await desk.states() == {"succeeded": 1}
    assert len(desk.done) == 1


async def test_a_refusal_parks_the_job_until_it_is_released(desk: Desk) -> None:
    desk.faults = [Parked()]
    job = Greet(uuid7())
    await desk.promise(job)
    await desk.work()
    await desk.make_due()
    await desk.work()
    assert desk.done == []
    async with desk.sessions.begin() as session:
        [parked] = await list_parked(session)
        assert (parked.name, parked.arguments["person_id"], parked.attempts) == ("greet", str(job.person_id), 1)
        assert await release(session, job_id=parked.id) == 1
        assert await release(session, job_id=parked.id) == 0, "it is no longer parked"
        assert await release(session, job_id=999_999) == 0
    await desk.work()
    assert desk.done == [job]
    async with desk.sessions() as session:
        assert await list_parked(session) == []


async def test_a_surprise_is_tried_eight_times(desk: Desk) -> None:
    desk.faults = [KeyError("x") for _ in range(20)]
    await desk.promise(Greet(uuid7()))
    for run in range(8):
        assert await desk.states() == {"todo": 1}, run
        await desk.work()
        await desk.make_due()
    assert await desk.states() == {"failed": 1}
    assert len(desk.faults) == 12


def a_job(attempts: int) -> engine_jobs.Job:
    return engine_jobs.Job(
        id=1, queue=QUEUE, task_name="greet", lock=None, queueing_lock=None, task_kwargs={}, attempts=attempts
    )


class Lost(Exception):
    sqlstate: ClassVar[str] = "08006"


@pytest.mark.parametrize(
    ("fault", "passes"),
    [
        (PassingFault(), True),
        (OperationalError("", {}, Lost()), True),
        (PoolTimeout(), True),
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        # What the database refuses once it refuses again.
        (IntegrityError("", {}, Lost()), False),
        (DataError("", {}, Lost()), False),
        (KeyError(), False),
        (AssertionError(), False),
    ],
)
def test_what_passes_and_what_needs_a_person(fault: Exception, passes: bool) -> None:  # noqa: FBT001 - pytest's parameter
    decided = Backoff().get_retry_decision(exception=fault, job=a_job(100))
    assert (decided is not None) == passes
    assert Backoff().get_retry_decision(exception=fault, job=a_job(0)) is not None


@pytest.mark.parametrize(("attempts", "most"), [(0, 10), (1, 20), (2, 40), (8, 2560), (9, 3600), (1000, 3600)])
def test_waits_double_to_an_hour_with_jitter(attempts: int, most: float) -> None:
    waits = []
    for _ in range(200):
        before = datetime.now(UTC)
        decision = Backoff().get_retry_decision(exception=PassingFault(), job=a_job(attempts))
        after = datetime.now(UTC)
        assert decision is not None
        assert decision.retry_at is not None
        waits.append((decision.retry_at - before).total_seconds())
        assert most / 2 <= waits[-1]
        assert (decision.retry_at - after).total_seconds() <= most
    assert max(waits) - min(waits) > most / 4


async def test_the_job_of_a_dead_worker_is_taken_up_again(desk: Desk) -> None:
    await desk.promise(Greet(uuid7()), Greet(uuid7()))
    async with desk.sessions.begin() as session:
        dead, alive = [
            await session.scalar(
                text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - :ago) RETURNING id"),
                {"ago": timedelta(seconds=seconds)},
            )
            for seconds in (7200, 0)
        ]
        ids = (await session.scalars(text("SELECT id FROM procrastinate_jobs ORDER BY id"))).all()
        for job_id, worker in zip(ids, (dead, alive), strict=True):
            await session.execute(
                text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker WHERE id = :id"),
                {"worker": worker, "id": job_id},
            )
    async with desk.sessions.begin() as session:
        await recover(session, silent_for=3600)
    assert await desk.rows("SELECT status::text FROM procrastinate_jobs ORDER BY id") == [("todo",), ("doing",)]
    await desk.work()
    assert len(desk.done) == 1


async def test_two_workers_tick_once(desk: Desk) -> None:
    """A tick is deferred once, whoever is first to see that it is due."""
    ticks, twice = 0, asyncio.Event()

    async def tick() -> None:
        nonlocal ticks
        ticks += 1
        if ticks == 2:
            twice.set()

    periodic = [Periodic("tick", "* * * * * *", tick)]
    works = [Work({}, periodic), Work({}, periodic)]
    async with (
        make_worker(desk.database, works[0]).open_async() as one,
        make_worker(desk.database, works[1]).open_async() as other,
    ):
        running = [
            asyncio.create_task(
                engine.run_worker_async(queues=[QUEUE], fetch_job_polling_interval=0.1, install_signal_handlers=False)
            )
            for engine in (one, other)
        ]
        await asyncio.wait_for(twice.wait(), PATIENCE)
        for worker in running:
            worker.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    per_moment = await desk.rows("SELECT count(*) FROM procrastinate_jobs GROUP BY args->>'timestamp'")
    assert set(per_moment) == {(1,)}
    assert 2 <= ticks <= len(per_moment)


async def test_f7_ticks_of_one_job_run_one_at_a_time_and_those_that_come_meanwhile_are_one(desk: Desk) -> None:
    under_way, most, begun, go_on = 0, 0, 0, asyncio.Event()

    async def tick() -> None:
        nonlocal under_way, most, begun
        under_way, begun = under_way + 1, begun + 1
        most = max(most, under_way)
        await go_on.wait()
        under_way -= 1

    work = Work({}, [Periodic("tick", "0 0 29 2 *", tick)])
    async with (
        make_worker(desk.database, work).open_async() as one,
        make_worker(desk.database, work).open_async() as other,
    ):
        engines = (one, other)
        running = [
            asyncio.create_task(
                engine.run_worker_async(
                    queues=[QUEUE], concurrency=4, fetch_job_polling_interval=0.05, install_signal_handlers=False
                )
            )
            for engine in engines
        ]
        for moment in range(1, 5):
            deferrer = PeriodicDeferrer(engines[moment % 2].periodic_registry)
            [known] = deferrer.registry.periodic_tasks.values()
            await deferrer.defer_jobs([(known, moment)])
            await until(lambda: begun == 1)
        assert await desk.rows("SELECT status::text, args FROM procrastinate_jobs ORDER BY id") == [
            ("doing", {"timestamp": 1}),
            ("todo", {"timestamp": 2}),
        ]
        go_on.set()
        await until(lambda: begun == 2)
        for worker in running:
            worker.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    assert (most, await desk.states()) == (1, {"succeeded": 2})


async def test_a_job_that_nobody_knows_waits_for_a_person(desk: Desk) -> None:
    @dataclass(frozen=True)
    class Retired(Job):
        name = "retired"

    async with desk.sessions.begin() as session:
        await defer(session, Promise(Retired()))
    await desk.work()
    assert await desk.states() == {"failed": 1}
