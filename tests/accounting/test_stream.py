"""One speaks at a time, over all processes, and the number only rises."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import psycopg
import pytest
from sqlalchemy import make_url

from app.accounting.ports import BooksUnavailable
from app.accounting.stream import PostgresStream
from tests.processes import until
from tests.waiting import WAITING

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
KEY = "testapikey0000000000000000000001"


class SetClock:
    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def dsn(database: str) -> str:
    return make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)


NUMBERS = "SELECT api_key_hash, last FROM icash_nonces ORDER BY last"


def rows(dsn: str, statement: LiteralString = NUMBERS) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(statement).fetchall()


async def test_numbers_follow_the_clock_and_never_fall(dsn: str) -> None:
    clock = SetClock()
    given = []
    for hours in (0, 0, 1, -5, -5):
        clock.moment = NOW + timedelta(hours=hours)
        async with PostgresStream(dsn, KEY, clock).open() as stream:
            given += [await stream.next_nonce(), await stream.next_nonce()]
    later = SECONDS + 3600
    assert given == [*range(SECONDS, SECONDS + 4), *range(later, later + 6)]


async def test_a_number_is_kept_before_it_is_given_and_the_key_is_not(dsn: str) -> None:
    async with PostgresStream(dsn, KEY, SetClock()).open() as stream:
        assert await stream.next_nonce() == SECONDS
        [(key, last)] = rows(dsn)
    assert (last, len(key), KEY in key) == (SECONDS, 64, False)


async def test_each_key_has_its_own(dsn: str) -> None:
    clock = SetClock()
    async with PostgresStream(dsn, KEY, clock).open() as one, PostgresStream(dsn, "other", clock).open() as other:
        assert (await one.next_nonce(), await one.next_nonce(), await other.next_nonce()) == (
            SECONDS,
            SECONDS + 1,
            SECONDS,
        )


async def test_the_second_waits_for_the_first(dsn: str) -> None:
    stream = PostgresStream(dsn, KEY, SetClock())
    order: list[str] = []

    async def speak(name: str) -> None:
        async with stream.open() as turn:
            for _ in range(3):
                await turn.next_nonce()
                order.append(name)

    async with stream.open() as turn:
        all_speak = [asyncio.create_task(speak(name)) for name in "abc"]
        await until(lambda: len(rows(dsn, WAITING)) == 3)
        await turn.next_nonce()
        assert order == []
    await asyncio.gather(*all_speak)
    assert [order[at] for at in (0, 3, 6)] == [order[at] for at in (2, 5, 8)]
    assert sorted(order) == list("aaabbbccc")


async def test_the_wait_has_an_end(dsn: str) -> None:
    async with PostgresStream(dsn, KEY, SetClock()).open():
        with pytest.raises(BooksUnavailable) as caught:
            async with PostgresStream(dsn, KEY, SetClock(), wait_seconds=0.1).open():
                pass
        assert caught.value.reason == "busy"
    async with PostgresStream(dsn, KEY, SetClock()).open() as stream:
        await stream.next_nonce()


async def test_who_lost_the_lock_gets_no_number(dsn: str) -> None:
    stream = PostgresStream(dsn, KEY, SetClock())
    async with stream.open() as first:
        assert await first.next_nonce() == SECONDS
        with psycopg.connect(dsn) as connection:
            holders = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            assert connection.execute(holders).fetchall() == [(True,)]
        async with stream.open() as second:
            assert await second.next_nonce() == SECONDS + 1
            with pytest.raises(BooksUnavailable) as caught:
                await first.next_nonce()
    assert caught.value.reason == "lost"
    assert [last for _, last in rows(dsn)] == [SECONDS + 1]


SPEAKER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
CONNECTED = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND query LIKE '%advisory_unlock%'"
)


async def test_g2_one_connection_is_kept_and_holds_the_lock_only_while_somebody_speaks(dsn: str) -> None:
    async with PostgresStream(dsn, KEY, SetClock()).kept() as stream:
        speakers = []
        for _ in range(3):
            async with stream.open() as turn:
                await turn.next_nonce()
                speakers += rows(dsn, SPEAKER)
            assert rows(dsn, SPEAKER) == []
        assert len(set(speakers)) == 1
        async with PostgresStream(dsn, KEY, SetClock()).open() as other:
            assert await other.next_nonce() == SECONDS + 3
        async with stream.open():
            waiting = asyncio.create_task(_speak(stream))
            await until(lambda: len(rows(dsn, WAITING)) == 1)
        await waiting
        assert len(rows(dsn, CONNECTED)) == 1, "of two who spoke at once one is kept"
    await until(lambda: rows(dsn, CONNECTED) == [])


async def _speak(stream: PostgresStream) -> int:
    async with stream.open() as turn:
        return await turn.next_nonce()


async def test_g2_a_kept_connection_that_broke_is_replaced(dsn: str) -> None:
    async with PostgresStream(dsn, KEY, SetClock()).kept() as stream:
        assert await _speak(stream) == SECONDS
        with psycopg.connect(dsn) as connection:
            connection.execute(CONNECTED.replace("SELECT pid", "SELECT pg_terminate_backend(pid)"))
        assert await _speak(stream) == SECONDS + 1


async def test_g2_who_is_cut_off_while_it_waits_leaves_no_lock(dsn: str) -> None:
    async with PostgresStream(dsn, KEY, SetClock()).kept() as stream:
        await _speak(stream)
        async with PostgresStream(dsn, KEY, SetClock()).open():
            waiting = asyncio.create_task(_speak(stream))
            await until(lambda: len(rows(dsn, WAITING)) == 1)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        await until(lambda: rows(dsn, SPEAKER) == [])
        assert await _speak(stream) == SECONDS + 1


async def test_without_a_database_there_is_no_stream() -> None:
    with pytest.raises(BooksUnavailable, match="stream database"):
        async with PostgresStream("postgresql://u:p@127.0.0.1:1/x", KEY, SetClock()).open():
            pass
