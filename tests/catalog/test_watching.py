"""Kept answers of the catalogue: made once, however many ask; and a change shows in every process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.catalog import api, service
from app.catalog.schemas import availability
from app.catalog.watching import CatalogWatch
from app.core import problems
from app.core.clock import SystemClock
from app.core.db import Sessions
from app.core.money import Money
from tests.catalog.statements import statements
from tests.dice import dice
from tests.factories.catalog import AT, make_product, make_variant, new_product, new_variant
from tests.processes import until
from tests.shop import Transport

LONG = 3600.0
"""Longer than any test: what shows meanwhile was told of."""
VERSION = text("SELECT version FROM catalog_version")


def process(sessions: Sessions, watch: CatalogWatch) -> httpx.AsyncClient:
    """Give a client of an API of its own."""
    app = FastAPI()
    problems.install(app)
    app.include_router(api.router)
    app.state.sessions = app.state.lookups = sessions
    app.state.catalog_watch = watch
    app.state.clock = SystemClock()
    return httpx.AsyncClient(transport=Transport(app), base_url="http://shop")


@pytest.fixture
async def watching(database: str) -> AsyncIterator[Any]:
    """Start watches that look for as long as the test lives."""
    tasks = []

    async def start(seconds: float = LONG) -> CatalogWatch:
        watch = CatalogWatch(seconds)
        tasks.append(asyncio.create_task(watch.watch(database)))
        await until(lambda: watch.version is not None)
        return watch

    yield start
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def set_price(sessions: Sessions, cents: int) -> None:
    async with sessions.begin() as session:
        await service.set_price(session, "HANDLE-WHITE", Money(cents), 20, at=AT)


async def price_at(client: httpx.AsyncClient) -> str:
    price: str = (await client.get("/products")).json()["items"][0]["price_from"]
    return price


async def test_g5_two_hundred_products_asked_for_at_random_are_kept(sessions: Sessions, watching: Any) -> None:
    slugs = [f"product-{number}" for number in range(200)]
    async with sessions.begin() as session:
        for number, slug in enumerate(slugs):
            await make_product(session, new_product(slug, position=number), new_variant(f"SKU-{number}"))
    async with process(sessions, await watching()) as client:
        with statements(sessions) as seen:
            first = {slug: (await client.get(f"/products/{slug}")).content for slug in slugs}
            asked_once = len(seen)
            for slug in dice().choices(slugs, k=400):
                assert (await client.get(f"/products/{slug}")).content == first[slug]
        assert len(seen) == asked_once == 2 * len(slugs)


async def test_g5_a_change_shows_in_every_process_because_all_are_told(sessions: Sessions, watching: Any) -> None:
    async with sessions.begin() as session:
        await make_variant(session)
    async with process(sessions, await watching()) as one, process(sessions, await watching()) as other:
        assert [await price_at(one), await price_at(other)] == ["59.90", "59.90"]
        await set_price(sessions, 4990)

        async def both_show() -> bool:
            return [await price_at(one), await price_at(other)] == ["49.90", "49.90"]

        await until(both_show)
        with statements(sessions) as seen:
            assert await both_show()
        assert seen == []


async def test_g5_a_change_of_which_nobody_was_told_shows_because_each_process_looks(
    sessions: Sessions, watching: Any
) -> None:
    async with sessions.begin() as session:
        await make_variant(session)
        await session.execute(
            text(
                "CREATE OR REPLACE FUNCTION raise_catalog_version() RETURNS trigger LANGUAGE plpgsql AS $$"
                " BEGIN UPDATE catalog_version SET version = version + 1; RETURN NULL; END $$"
            )
        )
    async with process(sessions, await watching(1.0)) as client:
        assert await price_at(client) == "59.90"
        await set_price(sessions, 4990)

        async def shows() -> bool:
            return await price_at(client) == "49.90"

        await until(shows)


async def test_g5_a_process_that_cannot_look_keeps_nothing_for_longer_than_it_may_be_behind(
    sessions: Sessions, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    for module in ("shelf", "watching"):
        monkeypatch.setattr(f"app.catalog.{module}.monotonic", lambda: now)
    async with sessions.begin() as session:
        await make_variant(session)
    watch = CatalogWatch(1.0)
    async with process(sessions, watch) as client:
        looking = asyncio.create_task(watch.watch(database))
        await until(lambda: watch.version is not None)
        looking.cancel()  # as if the database did not answer it any more
        assert await price_at(client) == "59.90"
        await set_price(sessions, 4990)
        now += 0.9
        assert await price_at(client) == "59.90"
        now += 0.1
        assert watch.version is None
        assert await price_at(client) == "49.90"


async def test_g5_a_connection_that_is_lost_is_made_again(sessions: Sessions, watching: Any) -> None:
    async with sessions.begin() as session:
        await make_variant(session)
    watch = await watching(0.5)
    async with sessions.begin() as session:
        ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%catalog_version'"
        assert await session.scalar(text(f"{ended} AND pid <> pg_backend_pid() AND datname = current_database()"))
    await set_price(sessions, 4990)
    async with sessions() as session:
        newest = await session.scalar(VERSION)
    await until(lambda: watch.version == newest)


async def test_g5_of_stock_only_a_change_of_its_word_is_a_change_of_the_catalogue(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await make_variant(session, stock=0)
    for before in range(9):
        for after in {0, 1, before - 1, before + 1, 5, 6, 8} - {before, -1}:
            async with sessions.begin() as session:
                await session.execute(text("UPDATE stock SET available = :before"), {"before": before})
            async with sessions() as session:
                earlier = await session.scalar(VERSION)
            async with sessions.begin() as session:
                await session.execute(text("UPDATE stock SET available = :after, unpaid = 0"), {"after": after})
            async with sessions() as session:
                raised = await session.scalar(VERSION) != earlier
            assert raised is (availability(before) is not availability(after)), f"{before} → {after}"


async def test_g5_what_is_not_kept_is_no_change(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await make_variant(session)
        earlier = await session.scalar(VERSION)
    async with sessions() as session:
        newest = await session.scalar(VERSION)
        assert newest != earlier  # raised as it was kept
        await service.set_price(session, "HANDLE-WHITE", Money(4990), 20, at=AT)
        await session.rollback()
        await service.reserve(session, [("HANDLE-WHITE", 1)], uuid4(), at=AT)
        assert await session.scalar(VERSION) == newest
