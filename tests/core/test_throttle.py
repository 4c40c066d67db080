"""Allowances shared by all processes; a use stays counted when its request is refused."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import func, select, text

from app.core import problems
from app.core.db import SessionDep, Sessions, make_engine, make_sessions
from app.core.errors import NotFound
from app.core.secrets import Secret
from app.core.throttle import (
    Allowance,
    Rank,
    Throttle,
    ThrottleDep,
    TooManyRequests,
    Use,
    forget_full_allowances,
    origin,
    wider_networks,
)
from tests.problems import PUBLIC_URL, of_kind

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = Secret.of("a secret of the tests, 32 bytes.")


@pytest.fixture
def throttle(sessions: Sessions) -> Throttle:
    return Throttle(sessions, SECRET)


@pytest.fixture
async def elsewhere(database: str) -> AsyncIterator[Throttle]:
    """Give the same throttle as another process has it: with an engine and connections of its own."""
    engine = make_engine(database)
    yield Throttle(make_sessions(engine), SECRET)
    await engine.dispose()


async def refusal(throttle: Throttle, key: str, at: datetime, cost: int = 1) -> int | None:
    """Use five a minute; return the seconds to wait, None when the use is allowed."""
    try:
        await throttle.take(key, limit=5, per_seconds=60, at=at, cost=cost)
    except TooManyRequests as refused:
        return int(refused.members["retry_after"])
    return None


async def test_an_allowance_is_used_up_and_refills_evenly(throttle: Throttle) -> None:
    assert [await refusal(throttle, "order:a", AT) for _ in range(7)] == [None] * 5 + [12, 12]
    assert await refusal(throttle, "order:a", AT + timedelta(seconds=11.5)) == 1
    assert await refusal(throttle, "order:a", AT + timedelta(seconds=12)) is None
    assert await refusal(throttle, "order:a", AT + timedelta(seconds=12)) == 12
    later = AT + timedelta(hours=1)
    assert [await refusal(throttle, "order:a", later) for _ in range(6)] == [None] * 5 + [12]


async def test_f4_a_clock_that_ran_ahead_uses_up_no_more_than_one_window(throttle: Throttle) -> None:
    ahead = AT + timedelta(days=90)
    assert [await refusal(throttle, "order:a", ahead) for _ in range(6)] == [None] * 5 + [12]
    assert await refusal(throttle, "order:a", AT) == 12
    assert await refusal(throttle, "order:a", AT + timedelta(seconds=12)) is None
    assert await refusal(throttle, "order:a", AT + timedelta(seconds=12)) == 12
    later = AT + timedelta(minutes=2)
    assert [await refusal(throttle, "order:a", later) for _ in range(6)] == [None] * 5 + [12]


async def test_f4_a_clock_a_moment_ahead_of_another_gives_nobody_more(throttle: Throttle) -> None:
    ahead = AT + timedelta(seconds=2)
    assert [await refusal(throttle, "order:a", ahead) for _ in range(5)] == [None] * 5
    assert [await refusal(throttle, "order:a", AT) for _ in range(3)] == [14] * 3
    assert await refusal(throttle, "order:a", ahead) == 12


async def test_f4_a_request_that_was_held_up_gives_nobody_more(throttle: Throttle) -> None:
    """Its moment is that of its beginning; whoever sends its body slowly chooses when it is counted."""
    now = AT + timedelta(minutes=1)
    assert [await refusal(throttle, "order:a", now) for _ in range(5)] == [None] * 5
    assert await refusal(throttle, "order:a", AT) == 72
    assert await refusal(throttle, "order:a", now) == 12


async def test_keys_have_allowances_of_their_own_and_uses_may_cost_more(throttle: Throttle) -> None:
    assert await refusal(throttle, "order:a", AT, cost=4) is None
    assert await refusal(throttle, "order:a", AT, cost=2) == 12
    assert await refusal(throttle, "order:a", AT, cost=1) is None
    assert await refusal(throttle, "order:b", AT, cost=5) is None


async def test_several_allowances_are_used_in_one_round_trip_and_the_longest_wait_counts(throttle: Throttle) -> None:
    uses = (Use("login:a", 2, 60), Use("login:b", 1, 600))
    await throttle.take_all(*uses, at=AT)
    with pytest.raises(TooManyRequests) as refused:
        await throttle.take_all(*uses, at=AT)
    assert refused.value.members == {"retry_after": 600}
    with pytest.raises(TooManyRequests) as refused:  # the refused call had used up the first one all the same
        await throttle.take_all(uses[0], at=AT)
    assert refused.value.members == {"retry_after": 30}


async def test_the_last_allowance_is_used_only_where_no_other_refuses(throttle: Throttle) -> None:
    """Who is refused here already uses up nothing of what is for everybody."""

    async def refused(here: str) -> int | None:
        try:
            await throttle.take_all(Use(here, 2, 60), Use("everywhere", 3, 90, rank=Rank.EVERYWHERE), at=AT)
        except TooManyRequests as refusal:
            return int(refusal.members["retry_after"])
        return None

    assert [await refused("a") for _ in range(9)] == [None, None, *[30] * 7]
    assert [await refused("b"), await refused("c"), await refused("a")] == [None, 30, 30]
    assert await refused("b") == 30, "used, though the last one refused"
    assert await refused("b") == 30


@pytest.mark.parametrize("rank", Rank)
async def test_what_more_share_is_used_only_where_nothing_refuses_that_fewer_share(
    throttle: Throttle, sessions: Sessions, rank: Rank
) -> None:
    """Of four allowances the one of this rank is used up: those that more share are left alone."""
    uses = [Use(each.name, 1 if each is rank else 10, 60, rank=each) for each in Rank]
    await throttle.take_all(*uses, at=AT)
    for _ in range(5):
        with pytest.raises(TooManyRequests) as refused:
            await throttle.take_all(*uses, at=AT)
        assert refused.value.members == {"retry_after": 60}

    async with sessions() as session:
        kept = {key: full_at - AT for key, full_at in await session.execute(select(Allowance.key, Allowance.full_at))}
    used = [kept[SECRET.code(f"throttle:{each.name}")].total_seconds() for each in Rank]
    assert used == [36 if each < rank else 60 if each is rank else 6 for each in Rank]


async def test_processes_share_it(throttle: Throttle, elsewhere: Throttle) -> None:
    both = [throttle, elsewhere] * 25
    found = await asyncio.gather(*(refusal(one, "login:x", AT) for one in both))
    assert found.count(None) == 5
    assert all(wait is None or wait >= 1 for wait in found)
    assert await refusal(elsewhere, "login:x", AT) == await refusal(throttle, "login:x", AT) == 12


async def test_nothing_personal_is_kept(throttle: Throttle, sessions: Sessions) -> None:
    await refusal(throttle, "login:192.0.2.7", AT)
    async with sessions() as session:
        key = await session.scalar(select(Allowance.key))
        kind = await session.scalar(text("SELECT relpersistence FROM pg_class WHERE relname = 'throttle'"))
    assert key is not None
    assert len(key) == 32
    assert key not in {hashlib.sha256(guess).digest() for guess in (b"login:192.0.2.7", b"throttle:login:192.0.2.7")}
    assert kind == "u"
    assert "a secret of the tests" not in repr(throttle)


async def test_only_full_allowances_are_forgotten(throttle: Throttle, sessions: Sessions) -> None:
    await refusal(throttle, "order:a", AT)
    await refusal(throttle, "order:b", AT, cost=5)
    async with sessions.begin() as session:
        await forget_full_allowances(session, at=AT + timedelta(seconds=12))
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Allowance)) == 1
    assert await refusal(throttle, "order:b", AT) == 12


async def test_a_refused_request_stays_counted(throttle: Throttle, sessions: Sessions) -> None:
    app = FastAPI()
    problems.install(app)
    app.state.public_url = PUBLIC_URL
    app.state.sessions, app.state.throttle = sessions, throttle

    @app.post("/attempt")
    async def attempt(session: SessionDep, throttle: ThrottleDep) -> None:
        await throttle.take("attempt", limit=2, per_seconds=60, at=AT)
        await session.execute(text("SELECT 1"))
        raise NotFound

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client:
        answers = [await client.post("/attempt", headers={"Accept-Language": "en"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert answers[2].headers["retry-after"] == "30"
    assert answers[2].headers["content-type"] == "application/problem+json"
    assert answers[2].json() == {
        **of_kind("too-many-requests"),
        "title": "Too many requests",
        "status": 429,
        "detail": "Try again in 30 seconds.",
        "retry_after": 30,
    }


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("testclient", "nowhere"),
    ],
)
def test_an_origin_is_one_customer_of_a_provider(host: str, expected: str) -> None:
    assert origin(Request({"type": "http", "client": (host, 50000)})) == expected


def test_a_socket_of_this_machine_has_no_address() -> None:
    assert origin(Request({"type": "http", "client": None})) == "nowhere"


def test_an_origin_has_wider_networks_around_it() -> None:
    assert wider_networks("2001:db8:1:23ff::/64") == ["2001:db8:1:2300::/56", "2001:db8:1::/48"]
    assert wider_networks("192.0.2.7") == wider_networks("nowhere") == []
