"""Runs one transaction for a command."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import SystemClock
from app.core.db import Pool, make_engine, make_sessions
from app.core.schema import require_schema
from app.settings import Settings
from app.wiring import values as wiring

T = TypeVar("T")


def in_transaction(work: Callable[[AsyncSession, datetime], Awaitable[T]]) -> T:
    """Do the work in one transaction of the shop's database; what it raises undoes it."""
    return asyncio.run(_run(Settings(), work))


async def _run(settings: Settings, work: Callable[[AsyncSession, datetime], Awaitable[T]]) -> T:
    database = wiring.database(settings)
    engine = make_engine(database.url, Pool(size=1))
    try:
        await require_schema(engine)
        async with make_sessions(engine).begin() as session:
            return await work(session, SystemClock().now())
    finally:
        await engine.dispose()
        database.close()
