"""One request, one transaction; limits that hold."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.core.db import Pool, Sessions, make_engine, make_sessions


async def test_a_statement_that_takes_too_long_is_stopped(database: str) -> None:
    engine = make_engine(database, Pool(statement_timeout_ms=50))
    async with make_sessions(engine)() as session:
        with pytest.raises(OperationalError):
            await session.execute(text("SELECT pg_sleep(5)"))
    await engine.dispose()


async def test_the_server_speaks_utc(sessions: Sessions) -> None:
    async with sessions() as session:
        assert await session.scalar(text("SHOW timezone")) == "UTC"
