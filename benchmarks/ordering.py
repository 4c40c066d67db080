"""Placing orders, against pgbench that plays the same statements; the whole guest flow; reading an order."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from itertools import count
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import httpx

from benchmarks.driver import HOST, Connection, Operation, Refused, addresses, repeat, request
from benchmarks.measuring import ROUNDS, SECONDS, WARM_UP, Contender, Run, Runs, compete, measure, say
from benchmarks.playing import play, recorded
from benchmarks.report import Figure, Report
from benchmarks.stage import Stage
from benchmarks.statements import script

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
    await connection.ask(request("PUT", f"/v1/carts/{cart}/lines/BENCH-12", body=b'{"quantity":2}'), 200)
    await connection.ask(request("POST", f"/v1/carts/{cart}/quote", body=b"{}"), 200)
    await connection.ask(placing(cart), 201)


async def order_figures(stage: Stage, report: Report) -> None:
    (stage.folder / "order.sql").write_text(await _record(stage))
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
        Figure.part_of("POST /v1/orders, 8 clients, of pgbench", eight, limit, 30, aim=40),
        Figure.below("its p99 / p50", eight.percentile(99) / eight.percentile(50), 4, ""),
        Figure.at_least("32 clients, of the rate of 8", 100 * many.against(eight), 95, "%"),
    ]
    (flow,) = await compete(Contender("guest flow", stage.api_port, served, guest_flow))
    report.add(flow)
    report.figures += [
        Figure.below("guest flow: cart, line, quote, order: CPU, of pgbench's order", flow.cpu / limit.cpu, 5, "×"),
        Figure.below("guest flow, p99 at 8 clients", flow.percentile(99), 350, "ms"),
        Figure.told("guest flow", flow.rate, "per second"),
    ]


async def read_figures(stage: Stage, report: Report) -> None:
    """Read an order as its owner, against one indexed query."""
    order = await an_order(stage)
    wanted = request("GET", f"/v1/orders/{order['number']}", {"x-order-token": order["access_token"]})
    limit = request("GET", f"/order/{order['number']}")
    ours, its = await compete(
        Contender("GET /v1/orders/{number}", stage.api_port, [stage.api, stage.server], repeat(wanted)),
        Contender("one indexed query", stage.bare_port, [stage.bare, stage.server], repeat(limit)),
    )
    report.add(ours, its)
    report.figures.append(Figure.part_of("order detail, of one indexed query", ours, its, 50, aim=70))


async def an_order(stage: Stage, bearer: Mapping[str, str] = MappingProxyType({})) -> Any:
    """Place an order from an address that nobody had before: what one may have open is limited."""
    (cart,) = stage.carts(1)
    somewhere = {"idempotency-key": uuid4().hex, "x-forwarded-for": next(ADDRESSES)}
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{stage.api_port}", timeout=60) as client:
        wish = {"cart_id": str(UUID(int=cart)), **WISH}
        answer = await client.post("/v1/orders", json=wish, headers={**somewhere, **bearer})
    if answer.status_code != httpx.codes.CREATED:
        raise Refused(answer.text)
    return answer.json()


async def _place(stage: Stage, served: list[int], clients: int, seconds: float) -> Run:
    carts = await asyncio.to_thread(stage.carts, int(seconds * FASTEST / 6))
    return await measure(Contender("", stage.api_port, served, ordering(iter(carts)), clients), seconds)


async def _record(stage: Stage) -> str:
    """Place one order in this process and write down what it asks the database."""
    cart = UUID(int=stage.carts(1)[0])

    async def place(client: httpx.AsyncClient) -> None:
        answer = await client.post(
            "/v1/orders", json={"cart_id": str(cart), **WISH}, headers={"Idempotency-Key": uuid4().hex}
        )
        answer.raise_for_status()

    said = await recorded(stage, place)
    with stage.superuser() as connection:
        declarations = [UUID(str(row[0])) for row in connection.execute("SELECT id FROM declarations")]
    return script(said, cart, declarations)


async def _pgbench(stage: Stage) -> Run:
    per_client = int(SECONDS * FASTEST / 8)
    carts = await asyncio.to_thread(stage.carts, 8 * per_client)
    return await play(stage, "order", carts[0], per_client)
