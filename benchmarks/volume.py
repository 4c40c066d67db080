"""What lists grow into, and what a month costs beside its own selects: each row costs what it did among few."""

import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import cast

from app.backoffice.clients import CLIENTS
from app.backoffice.exporting import csv_parts
from app.backoffice.register import Reading
from app.core.clock import SystemClock
from app.core.language import Language
from app.fulfilment.tracking import Tracking
from app.invoices import rendering
from app.invoices.pdf_reading import shows
from app.invoices.verifying import check_files, check_series
from app.shipping.ports import Courier, TrackingEvent
from app.wiring import values as wiring
from benchmarks.documents import an_invoice
from benchmarks.history import ALL, among_many
from benchmarks.ordering import an_order
from benchmarks.processes import cpu_seconds
from benchmarks.report import Figure, Report
from benchmarks.stage import Stage

MOST_TIMES_SQL = 5
MOST_GROWTH = 1.3
TIMES = 3
# As many people as letters can tell apart; triggers are off for this session alone.
NAMES = """
SET session_replication_role = replica;
UPDATE orders SET first_name = 'Желязко' || number % 97, last_name = 'Петков' || number % 499
    WHERE email NOT LIKE 'history-%';
ANALYZE orders
"""
# Credit notes, of which one order may have many; sealed one after the other by the table's own trigger.
SERIES = """
INSERT INTO document_series (key, last) VALUES ('{key}', {many});
INSERT INTO documents (id, series, number, kind, order_id, issued_at, issued_on, base, vat, total, snapshot)
    SELECT uuidv7(), '{key}', lpad(n::text, 10, '0'), 'credit_note', one.id, now(), current_date, 8333, 1667, 10000,
        '{snapshot}' FROM generate_series(1, {many}) AS n, orders AS one WHERE one.number = {number} ORDER BY n;
INSERT INTO document_files (document_id, pdf, sha256, template_version, rendered_at)
    SELECT id, '\\x{pdf}', '{sha256}', 'invoice-3', now() FROM documents WHERE series = '{key}';
ANALYZE documents; ANALYZE document_files
"""
BOOKED = """
UPDATE shipments SET status = 'booked', waybill = 'B' || id, booked_at = now()
WHERE id IN (SELECT id FROM shipments WHERE status = 'waiting' ORDER BY id DESC LIMIT {0})
"""


async def against_sql(name: str, api: int, stage: Stage, ask: Callable[[], Awaitable[object]]) -> Figure:
    """Compare the CPU of the API's process and of PostgreSQL together with that of PostgreSQL: its selects' own."""
    await ask()
    server, both = cpu_seconds([stage.server]), cpu_seconds([stage.server, api])
    for _ in range(TIMES):
        await ask()
    ratio = (cpu_seconds([stage.server, api]) - both) / max(cpu_seconds([stage.server]) - server, 0.01)
    return Figure.below(f"{name}, CPU of its selects' own", ratio, MOST_TIMES_SQL, "×")


def name_differently(stage: Stage) -> None:
    with stage.superuser() as connection:
        connection.execute(NAMES)


async def volume_figures(stage: Stage, report: Report) -> None:
    order = await an_order(stage)
    among_many(stage, order["number"])
    await _clients(stage, report)
    await _tracking(stage, report)
    await _verifying(stage, report, order["number"])


def _cost(stage: Stage) -> float:
    """Give the milliseconds of CPU that this process and PostgreSQL have had."""
    return 1000 * (time.process_time() + cpu_seconds([stage.server]))


def for_each(name: str, few: tuple[int, float], many: tuple[int, float]) -> list[Figure]:
    """Say what each of many costs, and that it is as much for each of few."""
    of_few, of_many = few[1] / few[0], many[1] / many[0]
    print(f"  {name}: {of_many:.3f} ms CPU for each of {many[0]:,}, {of_few:.3f} of {few[0]:,}", flush=True)
    return [
        Figure.told(f"{name}, CPU for each of {many[0]:,}", of_many, "ms"),
        Figure.below(f"the same, of that for each of {few[0]:,}", of_many / of_few, MOST_GROWTH, "×"),
    ]


async def _clients(stage: Stage, report: Report) -> None:
    """Write the clients register page by page: the last page costs what the first ones do."""
    async with stage.sessions() as session:
        reading = Reading(session, wiring.stated(stage.settings()), datetime.now(UTC))
        before, rows, first = _cost(stage), 0, (0, 0.0)
        async for part in csv_parts(CLIENTS, reading, Language.BG):
            rows += part.rows
            if not first[0] and rows >= ALL / 10:
                first = rows, _cost(stage) - before
        report.figures += for_each("clients register as CSV", first, (rows, _cost(stage) - before))


class _Silent:
    """A courier that knows the parcels and has scanned none."""

    async def track(self, numbers: Sequence[str]) -> dict[str, list[TrackingEvent]]:
        return {number: [] for number in numbers}


async def _tracking(stage: Stage, report: Report) -> None:
    """Ask about every parcel on its way: they are found among all there ever were."""
    tracking, taken, booked = Tracking(stage.sessions, cast(Courier, _Silent()), SystemClock()), [], 0
    for more in (100, 200):
        booked += more
        with stage.superuser() as connection:
            connection.execute(BOOKED.format(more))
            connection.execute("VACUUM ANALYZE shipments")
        await tracking.run()
        before, times = _cost(stage), 900 // booked
        for _ in range(times):
            await tracking.run()
        taken.append((booked, (_cost(stage) - before) / times))
    report.figures += for_each(f"tracking among {ALL:,} orders", *taken)


async def _verifying(stage: Stage, report: Report, number: str) -> None:
    """Prove a series from its first seal to its last PDF."""
    view, taken = an_invoice(), []
    pdf = rendering.render(view)
    for many in (200, 2_000):
        key, snapshot, sha256 = f"proved-{many}", json.dumps(view.snapshot()), hashlib.sha256(pdf).hexdigest()
        with stage.superuser() as connection:
            connection.execute(
                SERIES.format(key=key, many=many, number=int(number), snapshot=snapshot, pdf=pdf.hex(), sha256=sha256)
            )
        async with stage.sessions() as session:
            before = _cost(stage)
            proof = await check_series(session, key, at=datetime.now(UTC))
            assert proof
            await check_files(session, proof, shows)
            taken.append((many, _cost(stage) - before))
        assert (proof.files, proof.faults) == (many, []), proof.faults
    report.figures += for_each("verification of documents, PDFs included", *taken)
