"""What a client sees when the API is asked to stop, or its database goes away beneath it."""

import asyncio
import signal
import tempfile
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from app.core.embedded import EmbeddedServer
from tests.conftest import migrate
from tests.faults.accounts import nothing_lost_nothing_doubled
from tests.faults.buyers import Buyers
from tests.faults.house import House, build
from tests.processes import until
from tests.shop import a_wish_today
from tests.waiting import until_waiting

LINES = {"ION-H-SOFT-2": 1}
CUTS = 4


async def test_requests_under_way_are_answered_when_the_api_is_asked_to_stop(house: House) -> None:
    await house.open("api")
    cart = (await house.http.post("/v1/carts")).json()["id"]
    await house.http.put(f"/v1/carts/{cart}/lines/ION-H-SOFT-2", json={"quantity": 1})
    plain = make_url(house.database).set(drivername="postgresql").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(plain) as other:
        await other.execute("SELECT FROM stock WHERE sku = 'ION-H-SOFT-2' FOR UPDATE")  # the order has to wait for us
        placing = asyncio.create_task(
            house.http.post("/v1/orders", json=a_wish_today(cart), headers={"Idempotency-Key": "one"})
        )

        await until_waiting(house)
        house.api.send(signal.SIGTERM)
        await until(lambda: _is_closed(house))
        assert house.api.is_alive
        await other.rollback()
    answer = await placing
    assert answer.status_code == 201
    assert await asyncio.to_thread(house.api.ended) == 0
    assert await house.rows("SELECT count(*) FROM orders WHERE idempotency_key = 'one'") == [(1,)]


async def _is_closed(house: House) -> bool:
    """Tell whether the API takes no connection any more."""
    try:
        _, writer = await asyncio.open_connection(house.http.base_url.host, house.http.base_url.port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False


async def test_a_lost_database_is_told_as_such_and_the_next_request_succeeds(house: House) -> None:
    await house.open("speedy", "icash", "api", "worker")
    statuses: list[int] = []
    cuts = 0

    def looked() -> bool:
        return len(statuses) >= 20 * (cuts + 1)

    async def look() -> None:
        after = 0
        while after < 10:  # of the requests since the last cut
            answer = await house.http.post("/v1/carts")
            statuses.append(answer.status_code)
            if answer.status_code != httpx.codes.CREATED:
                assert answer.json()["code"] == "try-later"
                assert "retry-after" in answer.headers
            after += cuts == CUTS

    async def cut() -> None:
        nonlocal cuts
        while cuts < CUTS:
            await until(looked)
            await until(lambda: house.cut_database() > 0)
            cuts += 1

    buyers = Buyers(house)
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(look())
        buying = [group.create_task(buyers.buy(LINES)) for _ in range(12)]
        group.create_task(cut())
    assert set(statuses) <= {201, 503}
    assert (await house.http.post("/v1/carts")).status_code == 201
    await house.quiet()
    await nothing_lost_nothing_doubled(house, [task.result() for task in buying], paid=[], invoiced=[])
    assert len(house.worker.leaders) == len(house.api.leaders) == 1
    assert house.worker.is_alive


@pytest.mark.slow
async def test_a_database_that_is_stopped_and_started_again_loses_nothing(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="shop-") as place:
        folder = Path(place) / "pg"
        server = EmbeddedServer.start(folder)
        try:
            migrate(server.url())
            async with build(server.url(), tmp_path) as house:
                await house.open("speedy", "icash", "api", "worker")
                buyers = Buyers(house)
                bought = [await buyers.buy(LINES) for _ in range(3)]
                await asyncio.to_thread(server.stop)
                late = [asyncio.create_task(buyers.buy(LINES)) for _ in range(3)]
                await until(lambda: _refused(house))
                server = await asyncio.to_thread(EmbeddedServer.start, folder)
                bought += await asyncio.gather(*late)
                await house.quiet()
                await nothing_lost_nothing_doubled(house, bought, paid=[], invoiced=[])
                assert house.worker.is_alive
                assert len(house.worker.leaders) == 1
        finally:
            server.stop()


async def _refused(house: House) -> bool:
    answer = await house.http.get("/health/ready")
    return answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
