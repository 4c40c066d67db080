"""A shop whose API has very few connections, to show that what takes long holds none of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from app.core.db import Pool, make_engine, make_sessions
from app.main import equip
from tests.processes import PATIENCE
from tests.shop import Shop, patient


@asynccontextmanager
async def narrow(shop: Shop, pool: Pool | None = None) -> AsyncIterator[AsyncEngine]:
    """Leave the API one connection, or such a pool; the test's own are others."""
    engine = make_engine(shop.database, pool or patient(size=1, overflow=0))
    equip(shop.app, shop.settings, make_sessions(engine), shop.clock, shop.places)
    try:
        yield engine
    finally:
        equip(shop.app, shop.settings, shop.sessions, shop.clock, shop.places)
        await engine.dispose()


async def a_cart_is_opened(shop: Shop) -> None:
    """Somebody else is answered meanwhile."""
    answer = await asyncio.wait_for(shop.http.post("/v1/carts"), PATIENCE)
    assert answer.status_code == httpx.codes.CREATED, answer.text
