"""Placing orders, against pgbench that plays the same statements; the whole guest flow; reading an order."""

import asyncio
import json
import re
from collections.abc import Iterator
from importlib.resources import files
from itertools import chain, count
from uuid import UUID, uuid4

import httpx
from sqlalchemy import make_url

from app.core.clock import SystemClock
from app.core.db import make_sessions
from app.core.embedded import ROLE, program
from app.main import create_app
from app.settings import Settings
from benchmarks.driver import Connection, Load, Operation, addresses, request
from benchmarks.measuring import ROUNDS, SECONDS, WARM_UP, Contender, Run, Runs, compete, measure, say
from benchmarks.processes import cpu_seconds
from benchmarks.report import Figure, Report
from benchmarks.stage import Stage
from benchmarks.statements import Statement, recording, script

DECLARATION = max(
    text.name.removesuffix(".bg.md") for text in (files("app.privacy") / "texts/order").iterdir() if ".bg." in text.name
)
"""In force where processes run by the clock on the wall."""
FASTEST = 3000
"""Orders per second that no run is expected to exceed; so many carts are made for it."""

ADDRESSES = addresses()
BUYERS = count(1_000_000)
WISH = {
    "customer": {"first_name": "Ива", "last_name": "Петрова", "email": "iva@example.bg", "phone": "+359888123456"},
    "delivery": {
        "method": "address",
        "city": "София",
        "postcode": "1618",
        "street": "ул. Българска легия",
        "street_no": "2",
    },
    "payment_method": "cash_on_delivery",
    "expected_total": "9999.99",
    "privacy_declaration": {"version": DECLARATION, "accepted": True},
}
BODY = json.dumps({"cart_id": "CART", **WISH})
LATENCY = re.compile(r"^\d+ \d+ (\d+)", re.MULTILINE)


def placing(cart_id: str) -> bytes:
    headers = {"idempotency-key": uuid4().hex, "x-forwarded-for": next(ADDRESSES)}
    buyer = next(BUYERS)
    body = BODY.replace("CART", cart_id).replace("iva@", f"buyer-{buyer}@").replace("+359888123456", f"+35988{buyer}")
    return request("POST", "/v1/orders", headers, body.encode())


def ordering(carts: Iterator[int]) -> Operation:
    async def place(connection: Connection) -> None:
        await connection.ask(placing(str(UUID(int=next(carts)))), 201)

    return place


async def guest_flow(connection: Connection) -> None:
    """Cart, line, quote, order: what a shopper's browser asks for."""
    somewhere = {"x-forwarded-for": next(ADDRESSES)}
    cart = json.loads(await connection.ask(request("POST", "/v1/carts", somewhere), 201))["id"]
    await connection.ask(request("PUT", f"/v1/carts/{cart}/lines/BENCH-12", body=b'{"quantity":2}'), 204)
    await connection.ask(request("POST", f"/v1/carts/{cart}/quote", body=b"{}"), 200)
    await connection.ask(placing(cart), 201)


async def order_figures(stage: Stage, report: Report) -> None:
    written = await _record(stage)
    (stage.folder / "order.sql").write_text(written)
    served = [stage.api, stage.server]
    eight, many, limit = Runs("POST /v1/orders, 8 clients"), Runs("POST /v1/orders, 32 clients"), Runs("pgbench")
    for clients in (8, 32):
        await _place(stage, served, clients, WARM_UP * SECONDS)
    for _ in range(ROUNDS):
        limit.runs.append(await _pgbench(stage))
        eight.runs.append(await _place(stage, served, 8, SECONDS))
        many.runs.append(await _place(stage, served, 32, SECONDS))
    for runs in (limit, eight, many):
        say(runs)
        report.add(runs)
    report.figures += [
        Figure.at_least("POST /v1/orders, 8 clients, of pgbench", 100 * eight.against(limit), 15, "%", aim=30),
        Figure.below("its p99 / p50", eight.percentile(99) / eight.percentile(50), 10, ""),
        Figure.at_least("32 clients, of the rate of 8", 100 * many.against(eight), 95, "%"),
    ]
    (flow,) = await compete(Contender("guest flow", stage.api_port, served, guest_flow))
    report.add(flow)
    report.figures += [
        Figure.at_least("guest flow: cart, line, quote, order", flow.rate, 40, "per second", aim=100),
        Figure.below("guest flow, CPU", flow.cpu, 50, "ms"),
        Figure.below("guest flow, p99 at 8 clients", flow.percentile(99), 350, "ms"),
    ]


async def read_figures(stage: Stage, report: Report) -> None:
    """Read an order as its owner, against one indexed query."""
    (cart,) = stage.carts(1)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{stage.api_port}") as client:
        answer = await client.post(
            "/v1/orders", json={"cart_id": str(UUID(int=cart)), **WISH}, headers={"Idempotency-Key": uuid4().hex}
        )
    order = answer.raise_for_status().json()
    wanted = request("GET", f"/v1/orders/{order['number']}", {"x-order-token": order["access_token"]})
    limit = request("GET", f"/order/{order['number']}")
    ours, its = await compete(
        Contender("GET /v1/orders/{number}", stage.api_port, [stage.api, stage.server], _asking(wanted)),
        Contender("one indexed query", stage.bare_port, [stage.bare, stage.server], _asking(limit)),
    )
    report.add(ours, its)
    report.figures.append(Figure.at_least("order detail, of one indexed query", 100 * ours.against(its), 40, "%"))


def _asking(wanted: bytes) -> Operation:
    async def ask(connection: Connection) -> None:
        await connection.ask(wanted, 200)

    return ask


async def _place(stage: Stage, served: list[int], clients: int, seconds: float) -> Run:
    carts = await asyncio.to_thread(stage.carts, int(seconds * FASTEST / 6))
    return await measure(Contender("", stage.api_port, served, ordering(iter(carts)), clients), seconds)


async def _record(stage: Stage) -> str:
    """Place one order in this process and write down what it asks the database."""
    said: list[Statement] = []
    engine = recording(stage.database, said)
    cart = UUID(int=stage.carts(1)[0])
    settings = Settings(folder=stage.folder)
    app = create_app(settings, make_sessions(engine), SystemClock(), None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as client:
        await client.get("/health/ready")  # the first use of a connection asks more than the later ones
        said.clear()
        answer = await client.post(
            "/v1/orders", json={"cart_id": str(cart), **WISH}, headers={"Idempotency-Key": uuid4().hex}
        )
        answer.raise_for_status()
    await engine.dispose()
    with stage.superuser() as connection:
        declarations = [UUID(str(row[0])) for row in connection.execute("SELECT id FROM declarations")]
    return script(said, cart, declarations)


async def _pgbench(stage: Stage) -> Run:
    """Play the statements by eight clients, prepared, and take the rate without the connecting."""
    clients, per_client = 8, int(SECONDS * FASTEST / 8)
    carts = await asyncio.to_thread(stage.carts, clients * per_client)
    url = make_url(stage.database)
    options = ["-n", "-M", "prepared", "-f", str(stage.folder / "order.sql"), "-T", str(max(1, round(SECONDS)))]
    options += ["-c", str(clients), "-j", "2", "-h", str(url.query["host"]), "-p", str(url.query["port"]), "-U", ROLE]
    options += ["-D", "k=-1", "-D", f"first={carts[0]}", "-D", f"carts={per_client}"]
    options += ["-l", "--log-prefix", str(stage.folder / "pgbench")]
    before = cpu_seconds([stage.server])
    process = await asyncio.create_subprocess_exec(
        program("pgbench"),
        *options,
        url.database or "",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, wrong = await process.communicate()
    if process.returncode != 0 or b"aborted" in wrong:
        raise RuntimeError(wrong.decode())
    cpu = cpu_seconds([stage.server]) - before
    logs = list(stage.folder.glob("pgbench.*"))
    latencies = chain.from_iterable(LATENCY.findall(log.read_text()) for log in logs)
    milliseconds = tuple(sorted(int(each) / 1000 for each in latencies))
    for log in logs:
        log.unlink()
    rate = float(re.findall(r"tps = ([0-9.]+)", said.decode())[-1])
    return Run(Load(len(milliseconds) / rate, milliseconds), 1000 * cpu / len(milliseconds))
