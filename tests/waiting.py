"""Calls that wait for what a test holds: it lets go once it sees them wait, never after some time."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol

import httpx
from sqlalchemy import text

from tests.processes import until
from tests.shop import Shop

WAITING = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

Call = Coroutine[Any, Any, httpx.Response]


class Looking(Protocol):
    """Whoever can look into the database."""

    async def rows(self, statement: str) -> list[tuple[Any, ...]]: ...


async def until_waiting(shop: Looking, number: int = 1) -> None:
    """Return once so many connections to the database wait for what others hold."""

    async def wait() -> bool:
        return len(await shop.rows(WAITING)) >= number

    await until(wait, every=0.01)


@asynccontextmanager
async def held(shop: Shop, rows: str) -> AsyncIterator[None]:
    """Hold rows, so that whoever needs them waits until the end."""
    async with shop.sessions.begin() as session:
        await session.execute(text(rows))
        yield


async def under_way(shop: Shop, rows: str, *calls: Call) -> list[httpx.Response]:
    """Let calls begin one after another while rows are held that all of them need; returns their answers."""
    async with held(shop, rows):
        begun = []
        for number, call in enumerate(calls, start=1):
            begun.append(asyncio.create_task(call))
            await until_waiting(shop, number)
    return [await each for each in begun]
