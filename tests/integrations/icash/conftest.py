"""An I-Cash of one's own for each test."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.integrations.icash.simulator import ICashSimulator
from tests.integrations.icash.desk import Desk, connect
from tests.integrations.icash.spoken import Line


@pytest.fixture
async def simulator() -> AsyncIterator[ICashSimulator]:
    async with ICashSimulator.serve() as simulator:
        yield simulator


@pytest.fixture
async def http(simulator: ICashSimulator) -> AsyncIterator[httpx.AsyncClient]:
    async with connect(simulator.url) as http:
        yield http


@pytest.fixture
def desk(simulator: ICashSimulator, http: httpx.AsyncClient) -> Desk:
    return Desk(simulator, http)


@pytest.fixture
async def line(http: httpx.AsyncClient) -> Line:
    """Give a line on which login has been said."""
    line = Line(http)
    await line.login()
    return line
