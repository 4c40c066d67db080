"""The pace that all processes of one database keep to together."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import text

from app.core.db import Sessions, make_engine, make_sessions
from app.core.pacing import LONGEST, RESERVE, SharedPace

APART = 0.05


@pytest.fixture
async def elsewhere(database: str) -> AsyncIterator[Sessions]:
    """Give connections as another process has them."""
    engine = make_engine(database)
    yield make_sessions(engine)
    await engine.dispose()


async def test_f7_all_processes_keep_to_one_pace_together(sessions: Sessions, elsewhere: Sessions) -> None:
    begun, came = time.monotonic(), list[float]()

    async def take(of: Sessions) -> None:
        pace = SharedPace(of, "speedy:track:demo", APART)
        for _ in range(3):
            await pace.turn()
            came.append(time.monotonic() - begun)

    await asyncio.gather(take(sessions), take(sessions), take(elsewhere), take(elsewhere))
    assert [round(at - place * APART, 3) for place, at in enumerate(sorted(came)) if at < place * APART] == []
    assert len(came) == 12


async def test_f7_another_account_has_a_pace_of_its_own(sessions: Sessions) -> None:
    await SharedPace(sessions, "speedy:track:demo", 3600).turn()
    await SharedPace(sessions, "speedy:track:another", 3600).turn()


async def test_f7_a_clock_that_ran_ahead_once_keeps_nobody_waiting(sessions: Sessions) -> None:
    key = sha256(b"pace:speedy:track:demo").digest()
    async with sessions.begin() as session:
        ahead = text("INSERT INTO throttle (key, full_at) VALUES (:key, now() + interval '1 year')")
        await session.execute(ahead, {"key": key})
    async with sessions.begin() as session:
        wanted = {"key": key, "apart": timedelta(seconds=1), "longest": LONGEST}
        wait: timedelta = (await session.scalars(RESERVE, wanted)).one()
    assert timedelta() < wait <= LONGEST
