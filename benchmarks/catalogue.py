"""The product list and a product's page, against the barest endpoint that answers as many bytes."""

import random
from itertools import cycle

from app.catalog.demo_range import RANGE
from benchmarks.driver import Connection, Operation, connect, drive, repeat, request
from benchmarks.measuring import Contender, compete
from benchmarks.report import Figure, Report
from benchmarks.stage import SHOWN, Stage

CLIENTS = 16
TIMES, PATIENCE = 8, 120
"""So often is each page asked for before, that every process has made it."""


async def catalogue_figures(stage: Stage, report: Report) -> None:
    shown = [request("GET", f"/v1/products/shown-{number}") for number in range(SHOWN)]
    one = [request("GET", f"/v1/products/{RANGE[0].slug}-0")]
    pages = {"product list (20)": [request("GET", "/v1/products")], "product page": one}
    for name, wanted in {**pages, f"product page, {SHOWN} products at random": shown}.items():
        size = await _size(stage, wanted[0])
        await drive(stage.api_port, CLIENTS, PATIENCE, _in_turn(wanted), most=TIMES * len(wanted))
        ours, bare = await compete(
            Contender(name, stage.api_port, [stage.api, stage.server], _at_random(wanted), CLIENTS),
            Contender(f"bare endpoint, {size:,} bytes", stage.bare_port, [stage.bare], _constant(size), CLIENTS),
        )
        report.add(ours, bare)
        report.figures.append(Figure.part_of(f"{name}, of the bare endpoint", ours, bare, 60, aim=80))


async def _size(stage: Stage, wanted: bytes) -> int:
    connection = await connect(stage.api_port)
    size = len(await connection.ask(wanted, 200))
    connection.close()
    return size


def _at_random(wanted: list[bytes]) -> Operation:
    async def operation(connection: Connection) -> None:
        await connection.ask(random.choice(wanted), 200)

    return operation


def _in_turn(wanted: list[bytes]) -> Operation:
    pages = cycle(wanted)

    async def operation(connection: Connection) -> None:
        await connection.ask(next(pages), 200)

    return operation


def _constant(size: int) -> Operation:
    return repeat(request("GET", f"/constant/{size}"))
