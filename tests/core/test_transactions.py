"""A request is a transaction: what is answered is kept, what is refused never was."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.core import problems
from app.core.db import Pool, SessionDep, Sessions, make_engine, make_sessions
from app.core.errors import NotFound
from app.core.http import Frame, Net
from tests.problems import PUBLIC_URL

TABLE = "CREATE TABLE notes (word text CONSTRAINT notes_word UNIQUE DEFERRABLE INITIALLY DEFERRED)"


@pytest.fixture
async def http(sessions: Sessions) -> AsyncIterator[httpx.AsyncClient]:
    """Serve what writes a word, and then refuses, fails or waits."""
    app = FastAPI()
    app.state.sessions = sessions
    problems.install(app)
    app.state.public_url = PUBLIC_URL
    app.add_middleware(Net, body_seconds=10, body_limit=1024)
    app.add_middleware(Frame)

    @app.post("/{word}/{then}", status_code=201)
    async def note(word: str, then: str, session: SessionDep) -> dict[str, str]:
        await session.execute(text("INSERT INTO notes VALUES (:word)"), {"word": word})
        if then == "refuse":
            raise NotFound
        if then == "fail":
            raise RuntimeError
        if then == "wait":
            await session.execute(text("SET LOCAL statement_timeout = '50ms'"))
            await session.execute(text("SELECT pg_sleep(5)"))
        return {"word": word}

    async with sessions.begin() as session:
        await session.execute(text(TABLE))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as http:
        yield http


async def words(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        return list(await session.scalars(text("SELECT word FROM notes ORDER BY word")))


async def test_what_is_answered_is_committed(http: httpx.AsyncClient, sessions: Sessions) -> None:
    assert (await http.post("/a/answer")).status_code == 201
    assert await words(sessions) == ["a"]


@pytest.mark.parametrize(("then", "status"), [("refuse", 404), ("fail", 500)])
async def test_what_is_refused_leaves_nothing(
    http: httpx.AsyncClient, sessions: Sessions, then: str, status: int
) -> None:
    answer = await http.post(f"/a/{then}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert await words(sessions) == []


async def test_the_commit_comes_before_the_answer(http: httpx.AsyncClient, sessions: Sessions) -> None:
    """A constraint that speaks at the commit turns the answer into a failure: nobody reads of what was not kept."""
    assert (await http.post("/a/answer")).status_code == 201
    second = await http.post("/a/answer")
    assert second.status_code == 500
    assert second.json()["code"] == "failure"
    assert await words(sessions) == ["a"]


async def test_a_statement_that_takes_too_long_is_a_problem(http: httpx.AsyncClient, sessions: Sessions) -> None:
    answer = await http.post("/a/wait")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert answer.json()["code"] == "try-later"
    assert await words(sessions) == []


async def test_limits_are_the_servers_own(database: str) -> None:
    engine = make_engine(database, Pool(statement_timeout_ms=1234, lock_timeout_ms=567))
    async with make_sessions(engine)() as session:
        shown = [
            await session.scalar(text(f"SHOW {name}"))
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "timezone")
        ]
    assert shown == ["1234ms", "567ms", "30s", "UTC"]
    await engine.dispose()


async def test_an_exception_of_the_database_repeats_no_value(sessions: Sessions) -> None:
    with pytest.raises(Exception, match="invalid input") as refused:
        async with sessions() as session:
            await session.execute(text("SELECT CAST(:name AS uuid), :other"), {"name": "x", "other": "Иванка"})
    assert "Иванка" not in str(refused.value)
