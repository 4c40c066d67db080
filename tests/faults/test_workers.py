"""Workers that die, freeze, are asked to stop or lose a part of themselves: their jobs are done, once."""

import asyncio
import os
import signal
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.core.jobs import Promise, defer
from app.core.working import MOST_DEATHS
from tests.faults.accounts import nothing_lost_nothing_doubled
from tests.faults.buyers import Buyers
from tests.faults.deadly import Deadly
from tests.faults.house import House, build
from tests.processes import LOGS, processes, session_of, until
from tests.waiting import until_waiting

LINES = {"ION-H-SOFT-2": 1, "ION-SET-1": 2}
LONG = 600
"""Seconds that nobody waits: who makes a call so slow gives up, or is ended, before it is answered."""


async def under_way(house: House, job: str) -> None:
    async def doing() -> bool:
        return (job, "doing") in await house.unfinished()

    await until(doing)


async def called(house: House, path: str) -> None:
    async def heard() -> bool:
        return bool((await house.calls()).get(path))

    await until(heard)


async def test_the_jobs_of_a_killed_worker_are_taken_up_by_one_that_lives(house: House) -> None:
    second = house.add_worker("second")
    await house.open("speedy", "icash", "api", "worker")
    await house.order_fault("speedy", fault="slow", seconds=LONG)
    order = await Buyers(house).buy(LINES)
    await called(house, "/shipment")
    house.worker.kill()
    await house.open("second")
    await house.quiet()
    await nothing_lost_nothing_doubled(house, [order], paid=[], invoiced=[])
    assert b"job_recovered" in second.log.read_bytes()
    assert second.is_alive


@pytest.mark.slow
async def test_f8_a_job_that_kills_its_worker_every_time_is_parked_and_the_next_worker_lives(house: House) -> None:
    house.process("worker", "tests.faults.deadly", SHOP_WORKER_SILENT_SECONDS="2")
    async with house.sessions.begin() as session:
        await defer(session, *(Promise(Deadly(number), lock="one") for number in (1, 2)))
    for _ in range(MOST_DEATHS):
        await house.open("worker")
        assert await asyncio.to_thread(house.worker.ended) == -signal.SIGKILL
    await house.open("worker")
    await house.quiet()
    parked = "SELECT task_name, args ->> 'number', deaths FROM procrastinate_jobs WHERE status = 'failed'"
    assert await house.rows(parked) == [("deadly", "1", MOST_DEATHS)]
    assert await house.unfinished() == {("deadly", "failed"): 1}, "who stood behind it is done"
    assert house.worker.is_alive


@pytest.mark.slow
async def test_a_worker_taken_for_dead_books_nothing_twice(house: House) -> None:
    house.add_worker("second")
    await house.open("speedy", "icash", "api", "worker")
    await house.order_fault("speedy", fault="slow", on="/shipment/search", seconds=8)
    order = await Buyers(house).buy(LINES)
    await called(house, "/shipment/search")
    house.worker.freeze()  # it has asked, and will read "no such parcel" when it wakes
    assert "/shipment" not in await house.calls()
    await house.open("second")

    async def booked() -> bool:
        return len(await house.speedy_state()) == 1

    await until(booked)
    house.worker.thaw()
    await house.quiet()
    another = await Buyers(house).buy(LINES)
    await house.quiet()
    await nothing_lost_nothing_doubled(house, [order, another], paid=[], invoiced=[])
    assert house.worker.is_alive


HELD_AT_COMMIT = """
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_advisory_xact_lock_shared(77); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER held AFTER UPDATE OF sent_at ON shipments DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION hold()
"""
WAITS_TO_COMMIT = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted"


@pytest.mark.slow
async def test_f3_a_worker_frozen_between_its_commit_and_its_request_sends_nothing(
    database: str, tmp_path: Path
) -> None:
    """Its commit is done, and it has not heard of that, when it is stopped; another books the parcel meanwhile."""
    plain = make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)
    timings = {"SHOP_SPEEDY_SEND_SECONDS": "1", "SHOP_SPEEDY_QUIET_SECONDS": "4"}
    async with build(database, tmp_path, **timings) as house:
        house.add_worker("second")
        await house.open("speedy", "icash", "api", "worker")
        with psycopg.connect(plain, autocommit=True) as gate:
            gate.execute(HELD_AT_COMMIT)
            gate.execute("SELECT pg_advisory_lock(77)")
            order = await Buyers(house).buy(LINES)

            async def commits() -> bool:
                return await house.rows(WAITS_TO_COMMIT) == [(1,)]

            await until(commits)
            house.worker.freeze()

        async def committed() -> bool:
            return await house.rows("SELECT count(*) FROM shipments WHERE sent_at IS NOT NULL") == [(1,)]

        await until(committed)
        assert "/shipment" not in await house.calls()
        await house.open("second")

        async def booked() -> bool:
            return len(await house.speedy_state()) == 1

        await until(booked)
        house.worker.thaw()
        await until(lambda: b"held_up" in house.worker.log.read_bytes())
        await house.quiet()
        await nothing_lost_nothing_doubled(house, [order], paid=[], invoiced=[])
        assert (await house.calls())["/shipment"] == 1


@pytest.mark.slow
async def test_a_worker_taken_for_dead_enters_no_sale_twice(house: House) -> None:
    house.add_worker("second")
    await house.open("speedy", "icash", "api", "worker")
    await house.order_fault("icash", kind="delay", endpoint="new-operation", seconds=15)
    order = await Buyers(house).buy(LINES)

    async def opened() -> bool:
        return len(await house.icash_state()) == 1

    await until(opened)
    house.worker.freeze()
    await house.open("second")

    async def taken_up() -> bool:
        return b'"job": "post_sale"' in house.processes["second"].log.read_bytes()

    await until(taken_up)
    await until_waiting(house)  # the second has read how far the sale is, and waits for its turn to speak
    house.worker.thaw()
    await house.quiet()
    await nothing_lost_nothing_doubled(house, [order], paid=[], invoiced=[])


async def test_a_worker_asked_to_stop_leaves_a_slow_job_to_be_done_again(house: House) -> None:
    await house.open("speedy", "icash", "api", "worker")
    await house.order_fault("speedy", fault="slow", seconds=LONG)
    order = await Buyers(house).buy(LINES)
    await called(house, "/shipment")
    assert house.worker.log in LOGS, "it is kept should this fail"
    assert house.worker.terminate() == 0
    assert b'"job_failed"' not in house.worker.log.read_bytes(), "it was waited for"
    await house.open("worker")
    await house.quiet()
    await nothing_lost_nothing_doubled(house, [order], paid=[], invoiced=[])


@pytest.mark.slow
async def test_a_job_tried_many_times_is_not_parked_by_a_stop(house: House) -> None:
    await house.open("icash", "api", "worker")
    order = await Buyers(house).buy(LINES)

    async def tried_often() -> bool:
        [(attempts,)] = await house.rows("SELECT attempts FROM procrastinate_jobs WHERE task_name = 'book_shipment'")
        return bool(attempts > 8)

    await until(tried_often)
    await house.open("speedy")
    await house.order_fault("speedy", fault="slow", seconds=LONG)
    await called(house, "/shipment")
    assert house.worker.terminate() == 0
    await house.open("worker")
    await house.quiet()
    await nothing_lost_nothing_doubled(house, [order], paid=[], invoiced=[])


@pytest.mark.slow
async def test_invoices_are_drawn_although_the_process_that_draws_was_killed(house: House) -> None:
    await house.open("speedy", "icash", "api", "worker")
    buyers = Buyers(house)
    first = await buyers.buy(LINES)
    await house.hand_over(first.number)
    await house.quiet()
    drawing = [pid for pid in children(house) if "spawn_main" in command(pid)]
    assert drawing
    for pid in drawing:
        os.kill(pid, signal.SIGKILL)
    second = await buyers.buy(LINES)
    await house.hand_over(second.number)
    await house.quiet()
    numbers = [first.number, second.number]
    await nothing_lost_nothing_doubled(house, [first, second], paid=[], invoiced=numbers)
    assert len(house.worker.leaders) == 1


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def children(house: House) -> list[int]:
    """List the processes of the worker's own, except itself."""
    leader = house.worker.leaders[-1]
    return [pid for pid in processes() if pid != leader and session_of(pid) == leader]


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "asked"])
async def test_nothing_of_a_worker_outlives_it(house: House, end: signal.Signals) -> None:
    await house.open("speedy", "icash", "api", "worker")
    order = await Buyers(house).buy(LINES)
    await house.hand_over(order.number)

    async def is_drawing() -> bool:
        return bool(children(house))

    await until(is_drawing)  # its invoice is drawn after it is issued
    house.worker.send(end)
    house.worker.ended()

    async def all_gone() -> bool:
        return not house.worker.left_behind()

    await until(all_gone)
