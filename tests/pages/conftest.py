"""A browser for each process of a run, and a shop for it on a loopback socket."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.pages.browsing import Driver, Visits, driving
from tests.serving import serving
from tests.shop import Shop


@pytest.fixture(scope="session")
def driver() -> Iterator[Driver]:
    with driving() as driver:
        yield driver


@pytest.fixture
async def visits(shop: Shop, driver: Driver) -> AsyncIterator[Visits]:
    async with serving(shop.app) as (port, _):
        visits = Visits(driver, f"http://127.0.0.1:{port}")
        yield visits
        await visits.leave()
