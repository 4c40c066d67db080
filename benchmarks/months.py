"""The accountant's month: an archive of ten thousand documents in flat memory, files linear in what they list."""

import asyncio
import hashlib
import json
import time
from contextlib import suppress
from datetime import date
from functools import partial

import httpx

from app.invoices import rendering
from app.invoices.numbering import SeriesKey
from benchmarks.documents import an_accountants_token, an_invoice
from benchmarks.driver import HOST
from benchmarks.ordering import an_order
from benchmarks.processes import answering, family, free_port, resident, running
from benchmarks.report import Figure, Report
from benchmarks.stage import Stage
from benchmarks.volume import against_sql

FEW, MANY = 1_000, 10_000
SMALL, LARGE = date(2026, 8, 1), date(2026, 9, 1)
FILES = ("sales-ledger.txt", "audit-file.xml", "summary")
LEAST_SECONDS = 0.05

# Copies of one order with all that the month's files read of it; triggers and foreign keys are off for this alone.
COPIES = """
SET session_replication_role = replica;
CREATE TEMP TABLE made AS SELECT n, gen_random_uuid() AS order_id, gen_random_uuid() AS document_id,
    DATE '{month}' + (n * 30 / {many}) AS day FROM generate_series(1, {many}) AS n;
INSERT INTO orders SELECT copy.* FROM made, orders AS one, jsonb_populate_record(one, jsonb_build_object(
    'id', made.order_id, 'number', {from} + n, 'cart_id', gen_random_uuid(), 'acceptance_id', gen_random_uuid(),
    'idempotency_key', 'month-' || {from} + n, 'status', 'delivered', 'placed_at', made.day + time '10:00')) AS copy
    WHERE one.number = {number};
INSERT INTO order_lines SELECT copy.* FROM made, orders AS one JOIN order_lines AS line ON line.order_id = one.id,
    jsonb_populate_record(line, jsonb_build_object('order_id', made.order_id)) AS copy WHERE one.number = {number};
INSERT INTO payments SELECT copy.* FROM made, orders AS one JOIN payments AS payment ON payment.order_id = one.id,
    jsonb_populate_record(payment, jsonb_build_object('id', gen_random_uuid(), 'order_id', made.order_id,
    'status', 'received', 'received_at', made.day + time '11:00')) AS copy WHERE one.number = {number};
INSERT INTO order_events (order_id, at, status, "by")
    SELECT order_id, made.day + time '12:00', 'delivered', 'courier' FROM made;
INSERT INTO document_series (key, last) VALUES ('{series}', 0) ON CONFLICT DO NOTHING;
INSERT INTO documents (id, series, number, kind, order_id, issued_at, issued_on, base, vat, total, snapshot)
    SELECT document_id, '{series}', lpad(({from} + n)::text, 10, '0'), 'invoice', made.order_id, now(), made.day,
        one.total - one.vat, one.vat, one.total, '{snapshot}' FROM made, orders AS one WHERE one.number = {number};
INSERT INTO document_files (document_id, pdf, sha256, xml, xml_sha256, template_version, rendered_at)
    SELECT document_id, '\\x{pdf}', '{sha256}', '\\x{xml}', '{xml_sha256}', 'invoice-3', now() FROM made;
ANALYZE orders; ANALYZE order_lines; ANALYZE payments; ANALYZE order_events; ANALYZE documents; ANALYZE document_files
"""


async def month_figures(stage: Stage, report: Report) -> None:
    order = await an_order(stage)
    for month, many, first in ((SMALL, FEW, 600_000_000), (LARGE, MANY, 610_000_000)):
        _copy(stage, order["number"], month, many, first)
    bearer = {"authorization": f"Bearer {await an_accountants_token(stage)}"}
    port = free_port()
    environment = {**stage.environment, "SHOP_NRA_SHOP_NUMBER": "RF0000123", "SHOP_API_PROCESSES": "1"}
    log = stage.folder / "months.log"
    async with running("app.cli", "api", "--port", str(port), environment=environment, log=log) as process:
        await answering(port)
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", headers=bearer, timeout=600) as client:
            for file in (*FILES, "archive.zip"):
                await _fetch(client, SMALL, file)
            before = _resident(process)
            watched = asyncio.create_task(_watch(process))
            seconds, size = await _fetch(client, LARGE, "archive.zip")
            watched.cancel()
            growth = await watched - before
            print(
                f"  archive of {MANY:,}: {size / 2**20:,.0f} MiB in {seconds:.1f} s, memory +{growth:.0f} MiB",
                flush=True,
            )
            report.figures += [
                Figure.below(f"month archive with {MANY:,} PDFs, growth of the API process", growth, 64, "MiB"),
                Figure.told("the same, documents sent", MANY / seconds, "a second"),
            ]
            for file in FILES:
                of_few, of_many = [await _quickest(client, month, file) for month in (SMALL, LARGE)]
                ratio = (of_many / MANY) / (max(of_few, LEAST_SECONDS) / FEW)
                print(f"  {file}: {of_few:.2f} s of {FEW:,}, {of_many:.2f} s of {MANY:,}", flush=True)
                report.figures.append(
                    Figure.below(f"{file}, time for each of {MANY:,} documents, of {FEW:,}", ratio, 1.3, "×")
                )
                asked = partial(_fetch, client, LARGE, file)
                report.figures.append(await against_sql(f"the same, {MANY:,} documents", process, stage, asked))


async def _fetch(client: httpx.AsyncClient, month: date, file: str) -> tuple[float, int]:
    """Download a file without keeping it; returns the seconds and the bytes."""
    began, size = time.perf_counter(), 0
    async with client.stream("GET", f"/v1/accounting/months/{month:%Y-%m}/{file}") as answer:
        answer.raise_for_status()
        async for chunk in answer.aiter_raw():
            size += len(chunk)
    return time.perf_counter() - began, size


async def _quickest(client: httpx.AsyncClient, month: date, file: str) -> float:
    return min([(await _fetch(client, month, file))[0] for _ in range(3)])


async def _watch(process: int) -> float:
    """Note the most memory until cancelled."""
    most = 0.0
    with suppress(asyncio.CancelledError):
        while True:
            most = max(most, _resident(process))
            await asyncio.sleep(0.05)
    return most


def _resident(process: int) -> float:
    return max(resident(each) for each in family(process))


def _copy(stage: Stage, number: str, month: date, many: int, first: int) -> None:
    view = an_invoice()
    made = rendering.rendered(view)
    assert made.xml is not None
    statement = COPIES.format_map(
        {
            "month": month,
            "series": SeriesKey.INVOICES,
            "many": many,
            "from": first,
            "number": int(number),
            "snapshot": json.dumps(view.snapshot(), ensure_ascii=False),
            "pdf": made.pdf.hex(),
            "sha256": hashlib.sha256(made.pdf).hexdigest(),
            "xml": made.xml.hex(),
            "xml_sha256": hashlib.sha256(made.xml).hexdigest(),
        }
    )
    with stage.superuser() as connection:
        connection.execute(statement)
