"""The simulator is a server: its faults are real ones, and its state outlives it."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.accounting.ports import PostingState
from app.integrations.icash.client import PATH
from app.integrations.icash.simulator import ICashSimulator
from tests.integrations.icash.desk import AT, Desk, connect, make_sale
from tests.integrations.icash.spoken import ITEM, Line, sell
from tests.processes import PATIENCE, free_port, until


@asynccontextmanager
async def process(port: int, state: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the simulator as `make run` does, ready to answer; whatever is left of it is killed."""
    arguments = ["-m", "app.integrations.icash.simulator", "--port", str(port), "--state", str(state)]
    running = await asyncio.create_subprocess_exec(sys.executable, *arguments)
    try:
        await until(lambda: _answers(port))
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


async def _answers(port: int) -> bool:
    try:
        await state_of(port)
    except httpx.TransportError:
        return False
    return True


async def state_of(port: int) -> Any:
    async with connect(f"http://127.0.0.1:{port}") as http:
        return (await http.get("/sim/state")).json()


async def test_state_nonce_and_session_outlive_a_killed_process(tmp_path: Path) -> None:
    port, file = free_port(), tmp_path / "icash.journal"
    async with connect(f"http://127.0.0.1:{port}") as http:
        line = Line(http)
        async with process(port, file) as running:
            await line.login()
            await line.ask("add-sale-item", **ITEM)
            operation = await sell(line, ImportRefID=100000123)
            row = {"SaleItemInventoryID": "SKU-1", "Qty": 2, "SaleItemSinglePrice": "12.50"}
            await line.ask("add-operation-sale-item", OperationID=operation, **row)
            assert await line.ask("print-operation", OperationID=operation, PayTypeID=2) == operation
            assert await line.refused("print-operation", OperationID=operation, PayTypeID=2)
            before = await state_of(port)
            running.send_signal(signal.SIGKILL)
            assert await running.wait() == -signal.SIGKILL
        assert [(each["total"], each["prints"], each["print_attempts"]) for each in before["operations"]] == [
            ("25.00000", 1, 2)
        ]
        async with process(port, file):
            assert await state_of(port) == before
            line.nonce -= 1
            assert await line.refused("get-users") == "Authentication Error"
            assert (await line.ask("get-operation", OperationID=operation))["OperationStatus"] == "NORMAL"


async def test_it_stops_when_told(tmp_path: Path) -> None:
    async with process(free_port(), tmp_path / "icash.journal") as running:
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), PATIENCE) == 0


async def test_a_torn_last_line_was_never_answered(tmp_path: Path) -> None:
    file = tmp_path / "icash.journal"
    async with ICashSimulator.serve(state=file) as simulator, connect(simulator.url) as http:
        line = Line(http)
        await line.login()
        operation = await sell(line)
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"endpoint": "new-oper')
    async with ICashSimulator.serve(state=file) as simulator, connect(simulator.url) as http:
        assert [each.id for each in simulator.operations] == [operation]
        line.http = http
        assert await sell(line) > operation
    assert file.read_bytes().startswith(whole)
    assert len(file.read_bytes().splitlines()) == 3


async def test_events_are_remembered(tmp_path: Path) -> None:
    file = tmp_path / "icash.journal"
    async with ICashSimulator.serve(state=file) as simulator, connect(simulator.url) as http:
        line = Line(http)
        await line.login()
        simulator.happen("sessions-expired")
    async with ICashSimulator.serve(state=file) as simulator, connect(simulator.url) as http:
        line.http = http
        assert await line.refused("get-users") == "Session expired"


@pytest.mark.parametrize("committed", [True, False])
async def test_a_cut_connection_says_not_one_byte(line: Line, simulator: ICashSimulator, committed: bool) -> None:  # noqa: FBT001 - a parameter
    simulator.fail("cut", committed=committed)
    body = str(httpx.QueryParams(line.signed(ImportSource="T", OperationType="Sell", CashRegisterID=1, StoreID=1)))
    url = httpx.URL(simulator.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(
        (
            "POST /clientapi/v1/new-operation HTTP/1.1\r\nHost: x\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
    )
    try:
        answer = await asyncio.wait_for(reader.read(), PATIENCE)
    except ConnectionResetError:
        answer = b""
    writer.close()
    assert (answer, len(simulator.operations)) == (b"", int(committed))


async def test_a_late_answer_comes_after_its_time(line: Line, simulator: ICashSimulator) -> None:
    simulator.fail("delay", seconds=0.1)
    await line.ask("get-users")
    simulator.fail("delay", "new-operation", seconds=10 * PATIENCE)
    asking = asyncio.create_task(sell(line))
    await until(lambda: simulator.faults.ordered == 0)
    [operation] = simulator.operations
    assert not asking.done()
    simulator.let_go.set()
    assert await asking == operation.id


@pytest.mark.parametrize(
    ("kind", "status", "start"), [("empty", 200, b""), ("html", 200, b"<html>"), ("html-502", 502, b"<html>")]
)
async def test_answers_that_are_none(
    line: Line, simulator: ICashSimulator, kind: str, status: int, start: bytes
) -> None:
    simulator.fail(kind)
    answer = await line.http.post(f"{PATH}get-users", data=line.signed())
    assert (answer.status_code, answer.content[:6]) == (status, start)
    await line.ask("get-users")


async def test_faults_and_events_are_ordered_over_http(desk: Desk) -> None:
    order = {"kind": "refusal", "endpoint": "login", "text": "Wrong value for UserID"}
    assert (await desk.http.post("/sim/faults", json=order)).status_code == 204
    assert (await desk.http.post("/sim/faults", json={"kind": "fire"})).status_code == 400
    assert (await desk.http.post("/sim/faults", json={"kind": "cut", "colour": 1})).status_code == 400
    line = Line(desk.http)
    assert await line.refused("login", WareHouseID=12345, UserID=1) == "Wrong value for UserID"
    await line.login()
    assert (await desk.http.post("/sim/events", json={"event": "sessions-expired"})).status_code == 204
    assert (await desk.http.post("/sim/events", json={"event": "fire"})).status_code == 400
    assert await line.refused("get-users") == "Session expired"


async def test_the_state_is_shown_over_http(desk: Desk) -> None:
    progress = await desk.post(make_sale(), AT)
    assert progress.state is PostingState.COMPLETE
    shown = (await desk.http.get("/sim/state")).json()
    [operation] = shown["operations"]
    assert {
        name: operation[name] for name in ("id", "import_source", "import_reference", "status", "total", "prints")
    } == {
        "id": progress.operation_id,
        "import_source": "IONICKISS",
        "import_reference": "100000123",
        "status": "NORMAL",
        "total": "125.88000",
        "prints": 1,
    }
    assert [row["sku"] for row in operation["rows"]] == ["ION-HANDLE-1", "ION-HEAD-4", "BOOK-1", "DELIVERY"]


async def test_the_journal_holds_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "icash.journal"
    async with ICashSimulator.serve(state=file) as simulator, connect(simulator.url) as http:
        line = Line(http)
        await line.login()
        assert simulator.rules.users[0].secret_key not in file.read_text()
    assert [json.loads(entry)["endpoint"] for entry in file.read_text().splitlines()] == ["login"]
