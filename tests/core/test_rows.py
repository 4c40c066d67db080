"""What is only shown is read past the session, and is the same."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH
from sqlalchemy import Integer, bindparam, cast, func, literal, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.db import ConnectionHeld, Pool, Sessions, make_engine, make_sessions
from app.core.money import Money, MoneyType
from app.core.rows import Read, Shown
from app.fulfilment import queries
from app.orders.models import LineKind, OrderLine

AMOUNT = cast(bindparam("amount", type_=MoneyType()), MoneyType())
ROW = Read(select(AMOUNT.label("amount"), literal(LineKind.GOODS, OrderLine.kind.type).label("kind")))
BACKEND = Read(select(func.pg_backend_pid().label("pid"), func.now().label("now")))
SLOW = Read(select(func.pg_sleep(cast(bindparam("seconds"), Integer)).label("slept")))


@pytest.fixture
async def one(database: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database, Pool(size=1, statement_timeout_ms=500))
    yield engine
    await engine.dispose()


async def test_g2_rows_are_read_as_their_types_have_them(sessions: Sessions) -> None:
    [row] = await ROW.rows(sessions, amount=Money(1290))
    assert (row.amount, row.kind) == (Money(1290), LineKind.GOODS)
    [row] = await ROW.rows(sessions, amount=None)
    assert row.amount is None


async def test_g2_a_read_is_a_transaction_of_its_own_and_the_connection_goes_back_as_it_came(one: AsyncEngine) -> None:
    sessions = make_sessions(one)
    [first], [second] = [await BACKEND.rows(sessions) for _ in range(2)]
    assert first.pid == second.pid
    assert first.now < second.now
    async with sessions() as session:
        moments = {await session.scalar(select(func.now())) for _ in range(2)}
        assert len(moments) == 1
        with pytest.raises(ConnectionHeld):
            await BACKEND.rows(sessions)


async def test_g2_a_dead_connection_renews_the_pool(one: AsyncEngine, sessions: Sessions) -> None:
    mine = make_sessions(one)
    [before] = await BACKEND.rows(mine)
    async with sessions() as session:
        await session.execute(text("SELECT pg_terminate_backend(:pid, 1000)"), {"pid": before.pid})
    [after] = await BACKEND.rows(mine)
    assert after.pid != before.pid


async def test_g2_a_read_while_the_database_is_away_fails_as_a_session_does() -> None:
    """So that it is answered with 503 and not as a mistake of ours."""
    engine = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(OperationalError):
        await BACKEND.rows(make_sessions(engine))
    await engine.dispose()


async def test_g2_a_read_that_takes_too_long_or_is_left_is_stopped(one: AsyncEngine) -> None:
    sessions = make_sessions(one)
    with pytest.raises(OperationalError):
        await SLOW.rows(sessions, seconds=5)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await SLOW.rows(sessions, seconds=5)
    [row] = await SLOW.rows(sessions, seconds=0)
    assert len(row) == 1
    assert one.pool.checkedout() == 0  # type: ignore[attr-defined] # of this kind of pool


def test_g2_an_entity_is_made_of_its_columns() -> None:
    shown = Shown(OrderLine)
    names = [column.key for column in shown.columns]
    values = dict.fromkeys(names) | {"sku": "A", "kind": "goods", "total": 1290}
    rest = iter([*values.values(), "next"])
    line = shown.of_json(rest)
    assert (line.sku, line.kind, line.total) == ("A", LineKind.GOODS, Money(1290))
    assert [*rest] == ["next"]
    assert shown.find(iter(dict.fromkeys(names).values())) is None


def test_g2_what_shoppers_read_most_is_short_enough_for_psycopg_to_keep() -> None:
    """What is longer it takes apart again at each call: a twentieth of an order's read."""
    for read in (queries.BY_NUMBER, queries.BY_BOTH):
        assert len(read.sql) <= MAX_CACHED_STATEMENT_LENGTH
