"""Runs one transaction for a command."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import SystemClock
from app.core.db import Pool, Sessions, make_engine, make_sessions
from app.core.schema import require_schema
from app.settings import Settings
from app.wiring import values as wiring

T = TypeVar("T")


def in_transaction(work: Callable[[AsyncSession, datetime], Awaitable[T]]) -> T:
    """Do the work in one transaction of the shop's database; what it raises undoes it."""
    return asyncio.run(_run(Settings(), work))


async def _run(settings: Settings, work: Callable[[AsyncSession, datetime], Awaitable[T]]) -> T:
    async def in_one(sessions: Sessions) -> T:
        async with sessions.begin() as session:
            return await work(session, SystemClock().now())

    return await _open(settings, in_one)


def with_sessions(work: Callable[[Sessions], Awaitable[T]]) -> T:
    """Do work that takes as many transactions of the shop's database as it needs."""
    return asyncio.run(_open(Settings(), work))


async def _open(settings: Settings, work: Callable[[Sessions], Awaitable[T]]) -> T:
    database = wiring.database(settings)
    engine = make_engine(database.url, Pool(size=1))
    try:
        await require_schema(engine)
        return await work(make_sessions(engine))
    finally:
        await engine.dispose()
        database.close()
