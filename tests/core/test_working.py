"""The worker's engine: locks follow each other at once, the dead are succeeded, a broken connection is survived."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import psycopg
import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job as EngineJob
from procrastinate.periodic import PeriodicDeferrer
from sqlalchemy import NullPool, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.core import working
from app.core.db import Sessions, make_sessions
from app.core.jobs import QUEUE, Backoff, Job, PassingFault, Periodic, Promise, Work, defer, list_parked, release
from app.core.working import Shift, recover
from tests.processes import PATIENCE, until
from tests.waiting import WAITING

SHIFT = Shift(concurrency=4, silent_for=10 * PATIENCE, finishing=PATIENCE)
SILENT = 3600.0
"""Seconds after which the tests that put down when a worker was last heard of take it for dead."""


@dataclass(frozen=True)
class Count(Job):
    name: ClassVar[str] = "count"

    number: int


@asynccontextmanager
async def at_work(database: str, sessions: Sessions, work: Work, shift: Shift = SHIFT) -> AsyncIterator[asyncio.Event]:
    """Run a worker for as long as the context is open; setting the event asks it to stop."""
    asked = asyncio.Event()
    async with working.make_worker(database, work).open_async() as engine:
        running = asyncio.create_task(working.work_until(asked, engine, sessions, shift))
        yield asked
        asked.set()
        await running


async def promise(sessions: Sessions, *numbers: int, lock: str | None = None) -> None:
    async with sessions.begin() as session:
        await defer(session, *(Promise(Count(number), lock) for number in numbers))


async def states(sessions: Sessions) -> list[tuple[str, str]]:
    async with sessions() as session:
        found = await session.execute(text("SELECT task_name, status::text FROM procrastinate_jobs ORDER BY id"))
        return [(name, status) for name, status in found]


async def test_jobs_of_one_lock_follow_each_other_at_once_and_in_order(
    database: str, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "LOOK_SECONDS", 3600.0)  # whoever waits for the next look is never done
    done: list[int] = []

    async def count(job: Count) -> None:
        done.append(job.number)

    await promise(sessions, *range(30), lock="one")
    async with at_work(database, sessions, Work({Count: count})):
        await until(lambda: len(done) == 30)
    assert done == list(range(30))


async def test_a_job_cut_off_by_a_stop_comes_due_at_once(database: str, sessions: Sessions) -> None:
    begun: list[int] = []

    async def count(job: Count) -> None:
        begun.append(job.number)
        await asyncio.Event().wait()

    await promise(sessions, 1)
    short = replace(SHIFT, finishing=0.2)
    async with at_work(database, sessions, Work({Count: count}, backoff=Backoff(surprises=1)), short):
        await until(lambda: bool(begun))
    async with sessions() as session:
        [(status, is_due)] = await session.execute(
            text("SELECT status::text, scheduled_at <= now() FROM procrastinate_jobs")
        )
    assert (status, is_due) == ("todo", True)


async def test_a_worker_gives_signs_of_life_to_the_database_and_to_its_machine(
    database: str, sessions: Sessions
) -> None:
    given: list[int] = []
    often = replace(SHIFT, silent_for=0.3, give_sign=lambda: given.append(1))
    async with at_work(database, sessions, Work({}), often):
        await until(lambda: len(given) > 2)
        async with sessions() as session:
            newer = "SELECT last_heartbeat > :before FROM procrastinate_workers"
            before = await session.scalar(text("SELECT last_heartbeat FROM procrastinate_workers"))
            await until(lambda: len(given) > 4)
        async with sessions() as session:
            assert await session.scalar(text(newer), {"before": before})


async def test_a_worker_that_lost_its_database_gives_signs_to_its_machine(
    database: str, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not at fault, and a new one would fare no better."""
    monkeypatch.setattr(working, "INTERRUPTION_SECONDS", 0.01)
    given: list[int] = []

    async def lost(_worker: object) -> None:
        raise ConnectorException

    monkeypatch.setattr(working._Worker, "run", lost)
    async with at_work(database, sessions, Work({}), replace(SHIFT, give_sign=lambda: given.append(1))):
        await until(lambda: len(given) > 2)


@pytest.mark.parametrize("attempts", [0, 7, 1000])
def test_a_stop_never_parks(attempts: int) -> None:
    job = EngineJob(id=1, queue=QUEUE, task_name="count", lock=None, queueing_lock=None, attempts=attempts)
    assert Backoff().get_retry_decision(exception=asyncio.CancelledError(), job=job) is not None


async def _of_a_dead_worker(
    sessions: Sessions, name: str, *, tick: bool = False, silent_seconds: float = 2 * SILENT
) -> None:
    """Leave a job under way in the hands of a worker that was last heard of so long ago."""
    async with sessions.begin() as session:
        await session.execute(
            text(
                "WITH worker AS (INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - :silent * interval '1 second') RETURNING id)"
                " INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id, lock, queueing_lock)"
                " SELECT :queue, :name, '{}', 'doing', id, :tick, :tick FROM worker"
            ),
            {"silent": silent_seconds, "queue": QUEUE, "name": name, "tick": name if tick else None},
        )


async def test_jobs_of_the_dead_come_due_and_those_of_the_living_do_not(sessions: Sessions) -> None:
    await _of_a_dead_worker(sessions, "dead")
    await _of_a_dead_worker(sessions, "alive", silent_seconds=0)
    async with sessions.begin() as session:
        await recover(session, silent_for=SILENT)
    assert await states(sessions) == [("dead", "todo"), ("alive", "doing")]


async def test_f4_a_worker_that_was_last_heard_of_in_the_future_is_dead_too(sessions: Sessions) -> None:
    await _of_a_dead_worker(sessions, "dead", silent_seconds=-2 * SILENT)
    await _of_a_dead_worker(sessions, "alive", silent_seconds=-1)
    async with sessions.begin() as session:
        await recover(session, silent_for=SILENT)
    assert await states(sessions) == [("dead", "todo"), ("alive", "doing")]


async def test_f4_what_a_clock_that_ran_ahead_put_off_is_due_and_what_is_for_a_later_day_is_not(
    sessions: Sessions,
) -> None:
    put_off = [("retried", 3, 90), ("retried soon", 3, 0.5), ("held", 0, 5), ("held for ever", 0, 90)]
    async with sessions.begin() as session:
        for name, attempts, days in put_off:
            await session.execute(
                text(
                    "INSERT INTO procrastinate_jobs (queue_name, task_name, args, attempts, scheduled_at)"
                    " VALUES (:queue, :name, '{}', :attempts, now() + :days * interval '1 day')"
                ),
                {"queue": QUEUE, "name": name, "attempts": attempts, "days": days},
            )
        await recover(session, silent_for=SILENT)
        due = text("SELECT task_name FROM procrastinate_jobs WHERE scheduled_at <= now() ORDER BY id")
        assert (await session.scalars(due)).all() == ["retried", "held for ever"]


def test_f4_ticks_go_on_once_a_clock_that_ran_ahead_is_put_right(database: str) -> None:
    async def nothing() -> None:
        pass

    engine = working.make_worker(database, Work({}, [Periodic("minutely", "* * * * *", nothing)]))
    ticking = working._Deferrer(engine.periodic_registry)
    now = 1_800_000_000

    def ticks(at: float) -> list[int]:
        return [tick for _, tick in ticking.get_previous_tasks(at)]

    assert ticks(now + 90 * 86_400 + 1) == [now + 90 * 86_400]
    assert ticks(now + 30) == []
    assert ticks(now + 61) == [now + 60]
    assert ticks(now + 62) == []
    assert ticks(now + 185) == [now + 120, now + 180]


async def test_f7_a_tick_of_the_dead_is_dropped_and_holds_up_none_that_waits(database: str, sessions: Sessions) -> None:
    await _of_a_dead_worker(sessions, "tick", tick=True)
    await _of_a_dead_worker(sessions, "count")
    async with sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args, lock, queueing_lock)"
                " VALUES (:queue, 'tick', '{\"timestamp\": 1}', 'tick', 'tick')"
            ),
            {"queue": QUEUE},
        )
    ticks: list[int] = []

    async def tick() -> None:
        ticks.append(1)

    async with working.make_worker(database, Work({}, [Periodic("tick", "0 0 29 2 *", tick)])).open_async() as engine:
        await engine.run_worker_async(queues=[QUEUE], wait=False, install_signal_handlers=False)
        assert ticks == []
        async with sessions.begin() as session:
            await recover(session, silent_for=SILENT)
        assert await states(sessions) == [("tick", "aborted"), ("count", "todo"), ("tick", "todo")]
        await engine.run_worker_async(queues=[QUEUE], wait=False, install_signal_handlers=False)
    assert ticks == [1]


async def _take(sessions: Sessions, *, silent_seconds: float = 0) -> str | None:
    """Take the next job as a worker that was last heard of so long ago; returns whose number it is."""
    async with sessions.begin() as session:
        taken = text(
            "WITH worker AS (INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - :silent * interval '1 second') RETURNING id)"
            " SELECT coalesce(job.args ->> 'number', job.task_name) FROM worker, take_job(:queues, worker.id) AS job"
        )
        number: str | None = await session.scalar(taken, {"silent": silent_seconds, "queues": [QUEUE]})
        return number


async def _recover(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await recover(session, silent_for=SILENT)


async def _die(sessions: Sessions, *, with_jobs: int = 1) -> list[str | None]:
    """Take jobs as a worker that dies over them, and take them up again."""
    taken = [await _take(sessions, silent_seconds=2 * SILENT) for _ in range(with_jobs)]
    await _recover(sessions)
    return taken


async def _end(sessions: Sessions, how: str) -> None:
    async with sessions.begin() as session:
        await session.execute(text(f"SELECT {how} FROM procrastinate_jobs WHERE status = 'doing'"))  # noqa: S608


SUCCEED = "procrastinate_finish_job_v1(id, 'succeeded', false)"
RETRY = "procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL)"


async def test_f8_a_job_over_which_three_workers_died_is_parked_until_a_person_releases_it(sessions: Sessions) -> None:
    await promise(sessions, 1, lock="one")
    await promise(sessions, 2, lock="one")
    assert [await _die(sessions) for _ in range(3)] == [["1"]] * 3
    async with sessions.begin() as session:
        [parked] = await list_parked(session)
        assert (parked.name, parked.arguments, parked.deaths) == ("count", {"number": "1"}, 3)
    assert await _take(sessions) == "2", "it holds up nobody"
    await _end(sessions, SUCCEED)
    async with sessions.begin() as session:
        assert await release(session, job_id=parked.id) == 1
    assert await _die(sessions) == ["1"]
    assert await states(sessions) == [("count", "todo"), ("count", "succeeded")], "it begins anew"


async def test_f8_a_run_that_ends_clears_of_the_deaths_before(sessions: Sessions) -> None:
    await promise(sessions, 1)
    for _ in range(3):
        await _die(sessions)
        await _die(sessions)
        assert await _take(sessions) == "1"
        await _end(sessions, RETRY)
    assert await states(sessions) == [("count", "todo")]


async def test_f8_of_those_that_died_together_only_who_kills_again_is_parked(sessions: Sessions) -> None:
    await promise(sessions, 1, 2, 3)
    assert await _die(sessions, with_jobs=3) == ["1", "2", "3"]
    assert await _die(sessions, with_jobs=2) == ["1", None], "suspects are done one at a time"
    await promise(sessions, 4)
    assert await _take(sessions) == "2"
    assert await _take(sessions) == "4", "nobody else waits for them"
    assert await _take(sessions) is None
    await _end(sessions, SUCCEED)
    assert await _take(sessions) == "3"
    await _end(sessions, SUCCEED)
    assert await _die(sessions) == ["1"]
    assert [status for _, status in await states(sessions)] == ["failed", "succeeded", "succeeded", "succeeded"]


async def test_f8_a_periodic_job_over_which_three_workers_died_ticks_no_more_until_it_is_released(
    database: str, sessions: Sessions
) -> None:
    ticks: list[int] = []

    async def tick() -> None:
        ticks.append(1)

    async with working.make_worker(database, Work({}, [Periodic("tick", "0 0 29 2 *", tick)])).open_async() as engine:
        [known] = engine.periodic_registry.periodic_tasks.values()

        async def come(moment: int) -> None:
            await PeriodicDeferrer(engine.periodic_registry).defer_jobs([(known, moment)])

        for moment in range(1, 4):
            await come(moment)
            assert await _take(sessions, silent_seconds=2 * SILENT) == "tick"
            if moment == 3:
                await come(4)
            await _recover(sessions)
        await come(5)
        assert [status for _, status in await states(sessions)] == ["aborted", "aborted", "failed", "cancelled"]
        async with sessions.begin() as session:
            assert await release(session, name="tick") == 1
        await engine.run_worker_async(queues=[QUEUE], wait=False, install_signal_handlers=False)
        await come(6)
        await engine.run_worker_async(queues=[QUEUE], wait=False, install_signal_handlers=False)
    assert ticks == [1, 1]


@asynccontextmanager
async def ticking(
    database: str,
) -> AsyncIterator[tuple[Callable[[int], Awaitable[None]], Callable[[], Awaitable[int]]]]:
    """Give what lets one periodic job tick, and what does all that waits and counts the ticks that were done."""
    ticks: list[int] = []

    async def tick() -> None:
        ticks.append(1)

    async with working.make_worker(database, Work({}, [Periodic("tick", "0 0 29 2 *", tick)])).open_async() as engine:
        [known] = engine.periodic_registry.periodic_tasks.values()

        async def come(moment: int) -> None:
            await PeriodicDeferrer(engine.periodic_registry).defer_jobs([(known, moment)])

        async def do_all() -> int:
            await engine.run_worker_async(queues=[QUEUE], wait=False, install_signal_handlers=False)
            return len(ticks)

        yield come, do_all


async def test_f8_a_periodic_job_that_is_released_begins_anew(database: str, sessions: Sessions) -> None:
    async with ticking(database) as (come, _):
        for moment in range(1, 4):
            await come(moment)
            await _die(sessions)
        async with sessions.begin() as session:
            assert await release(session, name="tick") == 1
        assert await _die(sessions) == ["tick"]
        for moment in range(5, 7):
            assert [status for _, status in await states(sessions)][-1] == "aborted"
            await come(moment)
            assert await _die(sessions) == ["tick"]
        assert [status for _, status in await states(sessions)][-1] == "failed"


async def test_f8_a_tick_that_a_release_before_did_not_know_stops_none_that_come(
    database: str, sessions: Sessions
) -> None:
    """While both run beside each other it takes ticks of jobs that are new; none of them died."""
    async with ticking(database) as (come, do_all):
        await come(1)
        async with working.make_worker(database, Work({})).open_async() as before:
            await before.run_worker_async(queues=[QUEUE], wait=False, install_signal_handlers=False)
        assert await states(sessions) == [("tick", "failed")]
        await come(2)
        assert await do_all() == 1


@pytest.mark.parametrize("by", ["number", "name"])
async def test_f8_ticks_that_are_released_run_once_and_so_does_one_that_waits(
    database: str, sessions: Sessions, by: str
) -> None:
    async with ticking(database) as (come, do_all):
        for moment in (1, 2):
            await come(moment)
            async with working.make_worker(database, Work({})).open_async() as before:
                await before.run_worker_async(queues=[QUEUE], wait=False, install_signal_handlers=False)
        if by == "number":
            await come(3)
        async with sessions.begin() as session:
            first, _ = await list_parked(session)
            wanted: dict[str, Any] = {"job_id": first.id} if by == "number" else {"name": "tick"}
            assert await release(session, **wanted) == (1 if by == "number" else 2)
        assert await do_all() == 1


async def test_two_who_recover_at_once_take_up_each_job_once(sessions: Sessions) -> None:
    for _ in range(10):
        await _of_a_dead_worker(sessions, "dead")

    async def one() -> None:
        async with sessions.begin() as session:
            await recover(session, silent_for=SILENT)

    await asyncio.gather(*(one() for _ in range(8)))
    async with sessions() as session:
        assert list(await session.scalars(text("SELECT attempts FROM procrastinate_jobs"))) == [1] * 10


async def test_a_tick_that_meets_an_outage_is_left_out_not_parked(database: str, sessions: Sessions) -> None:
    ticks: list[int] = []

    async def look() -> None:
        ticks.append(1)
        raise PassingFault

    async with at_work(database, sessions, Work({}, periodic=[Periodic("look", "* * * * * *", look)])):
        await until(lambda: len(ticks) >= 2)
    assert {status for _, status in await states(sessions)} <= {"succeeded", "todo"}


async def test_a_worker_outlives_its_connections(database: str) -> None:
    sessions = make_sessions(create_async_engine(database, poolclass=NullPool))  # the test's own are not to be cut
    done: list[int] = []

    async def count(job: Count) -> None:
        if job.number == 1:
            _cut(database)  # what became of this job has to be written over a connection that is gone
        done.append(job.number)

    async with at_work(database, sessions, Work({Count: count})):
        await promise(sessions, 1, lock="one")
        await until(lambda: 1 in done)
        await promise(sessions, 2, lock="one")
        await until(lambda: 2 in done)
        await until(lambda: all_succeeded(sessions))


async def all_succeeded(sessions: Sessions) -> bool:
    return {status for _, status in await states(sessions)} == {"succeeded"}


def _connect(database: str) -> "psycopg.Connection[tuple[Any, ...]]":
    plain = make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    " AND datname = current_database() AND usename = current_user"
)


def _cut(database: str) -> None:
    with _connect(database) as connection:
        connection.execute(CUT)


async def test_what_a_broken_connection_kept_from_the_database_is_said_again(database: str) -> None:
    async with working.make_worker(database, Work({})).open_async() as engine:
        with _connect(database) as holder:
            holder.execute("SELECT pg_advisory_lock(7)")
            saying = asyncio.create_task(engine.connector.execute_query_async("SELECT pg_advisory_xact_lock(7)"))
            await until(lambda: bool(holder.execute(WAITING).fetchall()))
            holder.execute(CUT)
        await saying


async def test_a_worker_asked_to_stop_when_its_database_is_gone_repeats_nothing(
    database: str, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its last words would be said for half a minute, to nobody."""
    monkeypatch.setattr(working, "REPETITION_SECONDS", PATIENCE / 4)
    monkeypatch.setattr(working, "CONNECTION_SECONDS", 0.2)
    sessions = make_sessions(create_async_engine(database, poolclass=NullPool))
    begun: list[int] = []

    async def count(job: Count) -> None:
        begun.append(job.number)
        await asyncio.Event().wait()

    await promise(sessions, 1)
    async with asyncio.timeout(PATIENCE):
        async with at_work(database, sessions, Work({Count: count}), replace(SHIFT, finishing=0.2)):
            await until(lambda: bool(begun))
            with _connect(server) as outside:
                outside.execute(f'ALTER DATABASE "{make_url(database).database}" ALLOW_CONNECTIONS false')
                outside.execute(CUT.replace("current_database()", f"'{make_url(database).database}'"))


async def test_what_the_database_refuses_is_said_once(database: str, sessions: Sessions) -> None:
    async with working.make_worker(database, Work({})).open_async() as engine:
        await engine.connector.execute_query_async("CREATE SEQUENCE said")
        with pytest.raises(ConnectorException):
            await engine.connector.execute_query_async("SELECT nextval('said') / 0")
    async with sessions() as session:  # how far a sequence is, no failure takes back
        assert await session.scalar(text("SELECT last_value FROM said WHERE is_called")) == 1
