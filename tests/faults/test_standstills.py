"""Work that stands still with the only worker dead or frozen: the shop is told, and the worker ends (B9)."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from app.core.signs import find_signs, look
from tests.faults.buyers import Buyers
from tests.faults.house import House
from tests.processes import free_port, until

SOON = {"SHOP_WORKER_ALARM_MINUTES": "0", "SHOP_STANDSTILL_LOOK_SECONDS": "1"}


async def health(house: House) -> str:
    answer = await house.http.get("/health/ready")
    assert answer.status_code == httpx.codes.OK
    return str(answer.json()["status"])


async def test_the_api_writes_to_the_shop_when_the_only_worker_is_dead(house: House) -> None:
    house.process("api", "app.cli", "api", "--port", str(house.http.base_url.port), **SOON)
    await house.open("api", "worker")

    async def at_work() -> bool:
        return await health(house) == "ok"

    async def degraded() -> bool:
        return await health(house) == "degraded"

    async def written() -> bool:
        rows = await house.rows(
            "SELECT found -> 0 ->> 'kind', state FROM standstill_alarms JOIN mails ON about_id = standstill_alarms.id"
        )
        return rows == [("nobody", "sent")]

    await until(at_work)
    house.worker.kill()
    await until(degraded)
    await until(written)
    [letter] = (house.folder / "mail").iterdir()
    assert "office@completedental.solutions" in letter.read_text()
    await house.open("worker")
    await until(at_work)


@pytest.mark.slow
async def test_a_worker_without_a_sign_of_life_is_killed_by_its_health_check(house: House) -> None:
    await house.open("worker")
    folder = house.folder / "workers"
    assert look(folder) is None
    house.worker.freeze()

    def silent() -> bool:
        return [sign.is_silent for sign in find_signs(folder)] == [True]

    await until(silent)
    assert look(folder, again=0) == f"no sign of life, killed: {house.worker.leaders[-1]}"
    assert house.worker.ended() == -9
    assert look(folder) == "no process is there"
    await house.open("worker")
    assert look(folder) is None
    assert house.worker.terminate() == 0
    assert [path.name for path in folder.iterdir()] == [str(house.worker.leaders[0])], (
        "who ends in peace leaves nothing"
    )


@pytest.mark.slow
async def test_a_worker_answers_prometheus_and_tells_of_nobody(house: House) -> None:
    port = free_port()
    worker = house.add_worker("worker", SHOP_METRICS_PORT=str(port))
    await house.open("speedy", "icash", "api", "worker")
    await Buyers(house).buy({"ION-H-SOFT-2": 1})
    await house.quiet()
    assert worker.terminate() == 0  # it writes down what it has counted
    await house.open("worker")
    figures: dict[str, str] = {}

    async def alive() -> bool:
        text = (await house.http.get(f"http://127.0.0.1:{port}/metrics")).text
        figures.update(dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")))
        return figures['shop_workers{state="alive"}'] == "1.0"

    await until(alive)
    assert figures['shop_orders{status="confirmed"}'] == "1.0"
    assert figures['shop_queue_length{kind="book_shipment"}'] == "0.0"
    assert figures['shop_jobs_parked{kind="send_mail"}'] == "0.0"
    assert float(figures['shop_adapter_calls_total{adapter="speedy",outcome="answered"}']) >= 1
    assert float(figures['shop_adapter_calls_total{adapter="icash",outcome="answered"}']) >= 1
    assert {name.partition("{")[0] for name in figures} == {
        "shop_queue_length",
        "shop_queue_age_seconds",
        "shop_jobs_under_way",
        "shop_jobs_parked",
        "shop_jobs_attempts",
        "shop_workers",
        "shop_orders",
        "shop_adapter_calls_total",
        "shop_lost_log_lines_total",
    }


@contextmanager
def a_collector() -> Iterator[tuple[int, list[bytes]]]:
    """Take what is sent by OTLP; gives its port and the bodies."""
    bodies: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/metrics":
                bodies.append(body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, bodies
        server.shutdown()
        thread.join()


@pytest.mark.slow
async def test_api_and_worker_send_the_figures_of_their_processes_by_otlp(house: House) -> None:
    with a_collector() as (port, bodies):
        asked = {
            "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
        }
        house.process(
            "api", "app.cli", "api", "--port", str(house.http.base_url.port), OTEL_SERVICE_NAME="an-api", **asked
        )
        house.add_worker("worker", OTEL_SERVICE_NAME="a-worker", **asked)
        await house.open("api", "worker")
        assert house.worker.terminate() == 0
        assert house.api.terminate() == 0
    for service in (b"an-api", b"a-worker"):
        sent = b"".join(body for body in bodies if service in body)
        for figure in (b"process.cpu.time", b"process.memory.usage", b"process.thread.count"):
            assert figure in sent, (service, figure)
        assert b"system.network" not in sent
