"""The privacy endpoints alone, over HTTP, at a fixed moment."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.core import problems
from app.core.db import Sessions
from app.privacy.api import router
from tests.factories.privacy import AT
from tests.problems import PUBLIC_URL
from tests.shop import Transport


class FixedClock:
    def now(self) -> datetime:
        return AT


@pytest.fixture
async def client(sessions: Sessions) -> AsyncIterator[AsyncClient]:
    app = FastAPI()
    app.state.sessions, app.state.clock = sessions, FixedClock()
    app.include_router(router, prefix="/v1")
    problems.install(app)
    app.state.public_url = PUBLIC_URL
    async with AsyncClient(transport=Transport(app), base_url="http://shop.test") as client:
        yield client
