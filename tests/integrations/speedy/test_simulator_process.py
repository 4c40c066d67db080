"""The simulator as other processes meet it: killed, restarted, and ordered about over HTTP."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from app.integrations.speedy.client import SpeedyCourier
from app.integrations.speedy.simulator import SpeedySimulator
from app.shipping.ports import CourierUnsure, Phase, phase_of
from tests.integrations.speedy.conftest import AT, NO_TLS, make_account, make_parcel
from tests.processes import PATIENCE


@asynccontextmanager
async def process(state: Path, *, ending: signal.Signals) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """Run a simulator and give its address; end it by a signal."""
    command = (sys.executable, "-m", "app.integrations.speedy.simulator", "--state", str(state))
    running = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert running.stdout is not None
    url = (await running.stdout.readline()).decode().split()[-1]
    try:
        yield url, running
    finally:
        running.send_signal(ending)
        await running.communicate()


async def test_shipments_outlive_a_killed_process(tmp_path: Path) -> None:
    state = tmp_path / "speedy.jsonl"
    async with httpx.AsyncClient(verify=NO_TLS, timeout=PATIENCE) as http:
        async with process(state, ending=signal.SIGKILL) as (url, _):
            at_once = {"set": {"cancellation_seconds": 0}}  # the courier would show it as live for a second
            assert (await http.post(url.replace("/v1", "/sim/faults"), json=at_once)).status_code == httpx.codes.OK
            courier = SpeedyCourier(http, make_account(url))
            kept = [await courier.book(make_parcel(f"{number:09d}"), at=AT) for number in range(3)]
            await courier.cancel(kept[1], "по желание на клиента")
        with state.open("ab") as torn:
            torn.write(b'{"id":"63')  # what a kill in the middle of a write leaves behind
        async with process(state, ending=signal.SIGTERM) as (url, running):
            courier = SpeedyCourier(http, make_account(url))
            again = [await courier.book(make_parcel(f"{number:09d}"), at=AT) for number in range(3)]
            shown = (await http.get(url.replace("/v1", "/sim/state"))).json()
        assert running.returncode == 0
    assert [again[0], again[2]] == [kept[0], kept[2]]
    assert len({waybill.number for waybill in [*kept, *again]}) == 4
    assert [(row["reference"], row["state"]) for row in shown["shipments"]] == [
        ("000000000", "created"),
        ("000000001", "cancelled"),
        ("000000002", "created"),
        ("000000001", "created"),
    ]


async def test_faults_and_scans_are_ordered_over_http(
    http: httpx.AsyncClient, courier: SpeedyCourier, speedy: SpeedySimulator
) -> None:
    sim = f"{speedy.address}/sim"
    assert (await http.post(f"{sim}/faults", json={"fault": "lose_answer"})).status_code == 200
    with pytest.raises(CourierUnsure):
        await courier.book(make_parcel(), at=AT)
    waybill = await courier.book(make_parcel(), at=AT, sent_at=AT)
    moved = await http.post(f"{sim}/advance", json={"reference": "100000001", "to": "returned"})
    assert moved.json() == {
        "id": waybill.number,
        "reference": "100000001",
        "state": "returned",
        "cash_on_delivery": None,
        "parcel_ids": [waybill.number],
    }
    assert phase_of((await courier.track([waybill.number]))[waybill.number]) is Phase.RETURNED
    await http.post(f"{sim}/faults", json={"set": {"drop_cash_on_delivery": True, "tracks_per_second": 3}})
    assert (speedy.conduct.drop_cash_on_delivery, speedy.conduct.tracks_per_second) == (True, 3)
    assert (await http.get(f"{sim}/state")).json()["calls"]["/shipment"] == 1


@pytest.mark.parametrize(
    ("path", "order", "status"),
    [
        ("faults", {"fault": "nothing"}, 422),
        ("faults", {"set": {"unknown": 1}}, 409),
        ("faults", {"set": {"tracks_per_second": "many"}}, 422),
        ("advance", {"reference": "1", "to": "delivered"}, 409),
        ("advance", {"to": "delivered"}, 422),
        ("advance", {"id": "1", "to": "cancelled"}, 422),
        ("nothing", {}, 404),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused(
    http: httpx.AsyncClient, speedy: SpeedySimulator, path: str, order: dict[str, object], status: int
) -> None:
    assert (await http.post(f"{speedy.address}/sim/{path}", json=order)).status_code == status


async def test_a_lost_answer_is_a_connection_cut_without_a_byte(speedy: SpeedySimulator) -> None:
    speedy.cut_before_commit(on="/client")
    reader, writer = await asyncio.open_connection("127.0.0.1", int(speedy.address.rpartition(":")[2]))
    writer.write(b"POST /v1/client HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
    try:
        received = await reader.read()
    except ConnectionResetError:
        received = b""
    assert received == b""
    writer.close()


async def test_the_port_is_free_again_at_once() -> None:
    async with SpeedySimulator.serve() as first:
        port = int(first.address.rpartition(":")[2])
    async with SpeedySimulator.serve(port=port) as second:
        assert second.address.endswith(f":{port}")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
