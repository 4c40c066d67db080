"""Logs on a disk that is full: everything goes on, and what was lost is counted."""

from pathlib import Path

import httpx
import pytest

from tests.faults.buyers import Buyers
from tests.faults.house import House
from tests.processes import free_port, until

FULL = Path("/dev/full")
RUNS = "SELECT count(*) FROM retention_runs"


@pytest.mark.slow
async def test_f5_nothing_fails_and_nobody_ends_while_no_log_can_be_written(house: House) -> None:
    port = free_port()
    worker = house.add_worker("worker", SHOP_METRICS_PORT=str(port))
    command = house.process("retention", "app.cli", "retention", "run")
    for process in (house.api, worker, command):
        process.output = FULL
    await house.open("speedy", "icash", "api")
    worker.start()

    assert (await house.http.get("/v1/nothing-here")).status_code == httpx.codes.NOT_FOUND
    order = await Buyers(house).buy({"ION-H-SOFT-2": 1})
    await house.quiet()
    assert [each["import_reference"] for each in await house.icash_state()] == [order.number]
    assert (await house.http.get("/health/ready")).json() == {"status": "degraded"}, "a worker is at work"

    async def counted() -> bool:
        figures = (await house.http.get(f"http://127.0.0.1:{port}/metrics")).text
        [lost] = [line for line in figures.splitlines() if line.startswith("shop_lost_log_lines_total")]
        return float(lost.split()[-1]) >= 1

    await until(counted)
    command.start()
    command.ended()
    assert await house.rows(RUNS) == [(1,)], "the run was made, though nothing of it could be printed"
    assert (worker.is_alive, house.api.is_alive) == (True, True)
    assert (worker.terminate(), house.api.terminate()) == (0, 0)
