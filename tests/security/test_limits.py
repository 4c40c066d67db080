"""Bodies, orders and connections have their limits, and what is beyond is a problem, not a failure."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from app.core.db import Pool, Sessions, make_engine, make_sessions
from app.integrations.loopback import serve
from tests.problems import of_kind
from tests.processes import PATIENCE
from tests.security.conftest import app_on, client_of
from tests.shop import Shop, a_wish, open_shop

LIMIT = 65_536
TOO_LARGE = {
    **of_kind("body-too-large"),
    "title": "Твърде голяма заявка",
    "status": 413,
    "detail": "Изпратете най-много 64 KiB.",
    "most": "64 KiB",
}
LATER = {
    **of_kind("try-later"),
    "title": "Временно недостъпно",
    "status": 503,
    "detail": "Нищо не е променено. Опитайте отново след малко.",
}
LOCK_STOCK = text("SELECT FROM stock FOR UPDATE")
END_OTHERS = text(
    "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def body_of(size: int, cart_id: str = "5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10") -> bytes:
    """Write an order in exactly so many bytes, most of them spaces that JSON ignores."""
    return json.dumps(a_wish(cart_id)).encode().ljust(size)


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 10_000):
        yield body[start : start + 10_000]


async def send(http: httpx.AsyncClient, body: bytes, *, chunked: bool) -> httpx.Response:
    headers = {"Idempotency-Key": "limits", "Content-Type": "application/json"}
    return await http.post("/v1/orders", content=pieces(body) if chunked else body, headers=headers)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_may_be_as_large_as_the_limit_and_no_larger(shop: Shop, chunked: bool) -> None:  # noqa: FBT001 - pytest's parameter
    cart_id = await shop.cart()
    refused = await send(shop.http, body_of(LIMIT + 1, cart_id), chunked=chunked)
    assert refused.status_code == 413
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json() == TOO_LARGE
    assert await shop.count("orders") == 0
    assert (await send(shop.http, body_of(LIMIT, cart_id), chunked=chunked)).status_code == 201


@pytest.mark.parametrize("chunked", [False, True])
async def test_the_limit_holds_on_a_real_connection(shop: Shop, chunked: bool) -> None:  # noqa: FBT001 - as above
    async with serve(shop.app) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        refused = await send(http, body_of(20 * LIMIT), chunked=chunked)
        assert refused.status_code == 413
        assert refused.json() == TOO_LARGE
        assert "x-request-id" in refused.headers
        assert (await http.get("/health/live")).status_code == 200


async def test_a_length_that_is_no_number_is_no_way_around(shop: Shop) -> None:
    for length in ("-1", "1e9", "٩٩", " ", "0x10"):
        headers = [(b"content-length", length.encode()), (b"idempotency-key", b"limits")]
        refused = await shop.http.post("/v1/orders", content=pieces(body_of(LIMIT + 1)), headers=headers)
        assert refused.status_code == 413


async def test_one_address_places_only_so_many_orders_an_hour(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, orders_per_hour=3) as shop:
        for _ in range(3):
            await shop.ordered()
        refused = await shop.place(a_wish(await shop.cart()))
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "1200"
        assert refused.json() == {
            **of_kind("too-many-requests"),
            "title": "Твърде много опити",
            "status": 429,
            "detail": "Опитайте отново след 1200 секунди.",
            "retry_after": 1200,
        }
        assert await shop.count("orders") == 3
        shop.clock.advance(seconds=1200)
        await shop.ordered()


async def test_one_address_opens_only_so_many_carts_an_hour(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, carts_per_hour=3) as shop:
        for _ in range(3):
            await shop.cart()
        refused = await shop.http.post("/v1/carts")
        assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
        assert refused.headers["retry-after"] == "1200"
        assert await shop.count("carts") == 3
        shop.clock.advance(seconds=1200)
        await shop.cart()


async def test_a_database_that_is_away_is_said_so(tmp_path: Path, unused_port: int) -> None:
    engine = make_engine(f"postgresql+psycopg://shop@127.0.0.1:{unused_port}/shop")
    app = app_on(make_sessions(engine), tmp_path)
    async with client_of(app) as http:
        for answer in (
            await http.post("/v1/carts"),
            await http.get("/v1/products"),
            await http.get("/health/ready"),
            await send(http, body_of(2000), chunked=False),
        ):
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"] == "2"
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json() == LATER
        assert (await http.get("/health/live")).json() == {"status": "ok"}
    await engine.dispose()


async def test_a_pool_without_a_free_connection_is_said_so(database: str, tmp_path: Path) -> None:
    engine = make_engine(database, Pool(size=1, overflow=0, wait_seconds=0.1))
    sessions = make_sessions(engine)
    async with client_of(app_on(sessions, tmp_path)) as http:
        async with sessions() as held:
            await held.connection()
            answer = await http.post("/v1/carts")
            assert answer.status_code == 503
            assert answer.json() == LATER
            assert answer.headers["retry-after"] == "2"
        assert (await http.post("/v1/carts")).status_code == 201
    await engine.dispose()


async def test_a_lock_that_is_not_given_up_is_said_so(shop: Shop, tmp_path: Path) -> None:
    """An order that waits too long for its stock is refused whole, and succeeds once the way is free."""
    engine = make_engine(shop.database, Pool(lock_timeout_ms=100))
    cart_id = await shop.cart()
    async with client_of(app_on(make_sessions(engine), tmp_path)) as http:
        async with shop.sessions.begin() as session:
            await session.execute(LOCK_STOCK)
            answer = await send(http, body_of(2000, cart_id), chunked=False)
        assert answer.status_code == 503
        assert answer.json() == LATER
        assert await shop.count("orders") == 0
        assert await shop.jobs() == {}
        assert (await send(http, body_of(2000, cart_id), chunked=False)).status_code == 201
    await engine.dispose()


async def test_a_connection_that_the_server_ended_is_said_so_and_replaced(database: str, tmp_path: Path) -> None:
    engine = make_engine(database, Pool(size=1, overflow=0))
    sessions: Sessions = make_sessions(engine)
    async with client_of(app_on(sessions, tmp_path)) as http:
        assert (await http.post("/v1/carts")).status_code == 201
        other = make_engine(database)
        async with make_sessions(other)() as session:
            await session.execute(END_OTHERS)
        await other.dispose()
        answers = [(await http.post("/v1/carts")).status_code for _ in range(3)]
        assert answers == [503, 201, 201]
    await engine.dispose()


async def test_all_that_wait_for_one_another_are_answered(stocked: str, tmp_path: Path) -> None:
    """Ten times as many buyers as connections: each gets an answer of the contract."""
    async with open_shop(stocked, tmp_path) as shop:
        engine = make_engine(
            stocked, Pool(size=2, overflow=1, wait_seconds=PATIENCE, lock_timeout_ms=round(1000 * PATIENCE))
        )
        async with client_of(app_on(make_sessions(engine), tmp_path)) as http:
            carts = [await shop.cart() for _ in range(20)]
            answers: list[Any] = await asyncio.gather(
                *(http.post("/v1/orders", json=a_wish(cart), headers={"Idempotency-Key": cart}) for cart in carts)
            )
            assert [answer.status_code for answer in answers] == [201] * 20
        await engine.dispose()


async def test_e4_a_header_that_says_one_thing_is_sent_once(shop: Shop) -> None:
    cart = await shop.cart({"ION-SET-1": 1})
    for name in ("Idempotency-Key", "Authorization", "Content-Type", "X-Order-Token", "X-Request-Token"):
        twice = [("Accept-Language", "en"), (name, "one"), (name.lower(), "one")]
        refused = await shop.http.post("/v1/orders", content=json.dumps(a_wish(cart)), headers=twice)
        assert (refused.status_code, refused.json()) == (
            400,
            {
                **of_kind("header-repeated"),
                "title": "Header repeated",
                "status": 400,
                "detail": f"Send the header {name} only once.",
                "header": name,
            },
        )
    assert await shop.count("orders") == 0
    lists = [("If-None-Match", '"a"'), ("If-None-Match", '"b"'), ("Accept-Language", "en"), ("Accept-Language", "bg")]
    assert (await shop.http.get("/v1/products", headers=lists)).status_code == 200
