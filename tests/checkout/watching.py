"""Looks at the whole database and at every statement, from outside the app."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
from sqlalchemy import event, text

from tests.shop import Shop

TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
ROWS = "SELECT '{0}', md5(coalesce(string_agg(kept::text, '|' ORDER BY kept::text), '')), count(*) FROM {0} AS kept"
WAITING = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

Call = Coroutine[Any, Any, httpx.Response]
Contents = dict[str, tuple[str, int]]


async def contents(shop: Shop) -> Contents:
    """Read the number of rows in every table, and a hash of all they hold; an attempt is counted, so not `throttle`."""
    tables = [name for (name,) in await shop.rows(TABLES) if name != "throttle"]
    found = await shop.rows(" UNION ALL ".join(ROWS.format(name) for name in tables))
    return {name: (hashed, count) for name, hashed, count in found}


async def ledger_sums(shop: Shop) -> dict[str, tuple[int, int]]:
    """Give for each SKU what its stock row says and what its movements add up to."""
    found = await shop.rows(
        "SELECT sku, available, (SELECT coalesce(sum(change), 0) FROM stock_movements AS m WHERE m.sku = stock.sku)"
        " FROM stock"
    )
    return {sku: (available, int(moved)) for sku, available, moved in found}


async def until_somebody_waits(shop: Shop) -> None:
    """Return once a request of the app waits for a row that the test holds."""
    while not await shop.rows(WAITING):  # noqa: ASYNC110 - what is waited for happens inside PostgreSQL
        await asyncio.sleep(0.01)


@asynccontextmanager
async def held(shop: Shop, rows: str) -> AsyncIterator[None]:
    """Hold rows, so that whoever needs them waits until the end."""
    async with shop.sessions.begin() as session:
        await session.execute(text(rows))
        yield


async def until_waiting(shop: Shop, number: int) -> None:
    async with asyncio.timeout(4):  # less than anybody waits for a row
        while len(await shop.rows(WAITING)) < number:  # noqa: ASYNC110 - what is waited for happens inside PostgreSQL
            await asyncio.sleep(0.01)


async def under_way(shop: Shop, rows: str, *calls: Call) -> list[httpx.Response]:
    """Let calls begin one after another while rows are held that all of them need; returns their answers."""
    async with held(shop, rows):
        begun = []
        for number, call in enumerate(calls, start=1):
            begun.append(asyncio.create_task(call))
            await until_waiting(shop, number)
    return [await each for each in begun]


@contextmanager
def statements(shop: Shop) -> Iterator[list[str]]:
    """Collect the statements that the app sends; those of the job engine go past this and are not in it."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    event.listen(shop.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(shop.engine.sync_engine, "before_cursor_execute", note)
