"""Several processes and adapters on one API key: never out of order (fact sheet §10.1)."""

import asyncio
import sys

from sqlalchemy import make_url

from app.accounting.ports import PostingState
from app.accounting.stream import PostgresStream
from app.core.clock import SystemClock
from app.integrations.icash.simulator import ICashSimulator
from tests.integrations.icash.desk import AT, Desk, connect, make_sale

SALES = 8


def plain(database: str) -> str:
    return make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)


def assert_in_order(simulator: ICashSimulator, sales: int) -> None:
    nonces = [int(request.parameters["nonce"]) for request in simulator.requests]
    assert nonces == sorted(set(nonces))
    assert [(operation.status, operation.print_attempts) for operation in simulator.operations] == [
        ("NORMAL", 1)
    ] * sales
    assert len({operation.import_reference for operation in simulator.operations}) == sales


async def test_processes_side_by_side(simulator: ICashSimulator, database: str) -> None:
    arguments = ["-m", "tests.integrations.icash.seller", simulator.url, plain(database)]
    sellers = [
        await asyncio.create_subprocess_exec(sys.executable, *arguments, str(first), str(SALES))
        for first in (1000, 2000)
    ]
    assert [await seller.wait() for seller in sellers] == [0, 0]
    assert_in_order(simulator, 2 * SALES)


async def test_adapters_side_by_side(simulator: ICashSimulator, database: str) -> None:
    async with connect(simulator.url) as http:
        desks = [Desk(simulator, http) for _ in range(4)]
        for desk in desks:
            desk.stream = PostgresStream(plain(database), desk.account.api_key, SystemClock())
            desk.restart()
        posted = await asyncio.gather(*(desk.post(make_sale(str(900 + n)), AT) for n, desk in enumerate(desks)))
    assert {progress.state for progress in posted} == {PostingState.COMPLETE}
    assert_in_order(simulator, len(desks))
