"""One request, one transaction; limits that hold."""

from datetime import datetime

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Pool, SessionDep, Sessions, make_engine, make_sessions
from app.core.reading import ReadingDep


async def test_a_statement_that_takes_too_long_is_stopped(database: str) -> None:
    engine = make_engine(database, Pool(statement_timeout_ms=50))
    async with make_sessions(engine)() as session:
        with pytest.raises(OperationalError):
            await session.execute(text("SELECT pg_sleep(5)"))
    await engine.dispose()


async def test_the_server_speaks_utc(sessions: Sessions) -> None:
    async with sessions() as session:
        assert await session.scalar(text("SHOW timezone")) == "UTC"


async def test_g2_what_only_reads_asks_without_a_transaction_around_it(sessions: Sessions) -> None:
    app = FastAPI()
    app.state.sessions = app.state.lookups = sessions

    async def moments(session: AsyncSession) -> list[datetime]:
        return [(await session.execute(text("SELECT now()"))).scalar_one() for _ in range(2)]

    @app.get("/reading")
    async def read(session: ReadingDep) -> list[datetime]:
        return await moments(session)

    @app.get("/whole")
    async def whole(session: SessionDep) -> list[datetime]:
        return await moments(session)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as client:
        first, second = (await client.get("/reading")).json()
        assert first < second  # each began by itself
        first, second = (await client.get("/whole")).json()
        assert first == second
    async with sessions() as session:  # the connection goes back as it came
        assert len({await session.scalar(text("SELECT now()")) for _ in range(2)}) == 1
