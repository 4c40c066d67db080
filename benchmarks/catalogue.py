"""The product list and a product's page, against the barest endpoint that answers as many bytes."""

from app.catalog.demo_range import RANGE
from benchmarks.driver import Operation, connect, repeat, request
from benchmarks.measuring import Contender, compete
from benchmarks.report import Figure, Report
from benchmarks.stage import Stage

CLIENTS = 16


async def catalogue_figures(stage: Stage, report: Report) -> None:
    pages = {"product list (20)": "/v1/products", "product page": f"/v1/products/{RANGE[0].slug}-0"}
    for name, path in pages.items():
        wanted = request("GET", path)
        connection = await connect(stage.api_port)
        size = len(await connection.ask(wanted, 200))
        connection.close()
        ours, bare = await compete(
            Contender(name, stage.api_port, [stage.api, stage.server], repeat(wanted), CLIENTS),
            Contender(f"bare endpoint, {size:,} bytes", stage.bare_port, [stage.bare], _constant(size), CLIENTS),
        )
        report.add(ours, bare)
        report.figures.append(Figure.at_least(f"{name}, of the bare endpoint", 100 * ours.against(bare), 50, "%"))


def _constant(size: int) -> Operation:
    return repeat(request("GET", f"/constant/{size}"))
