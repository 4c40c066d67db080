"""Letting go: a run of the retention rules over 300,000 rows, beside people who buy; the erasure of one person."""

import asyncio
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from statistics import median
from uuid import uuid4

from app.core.clock import SystemClock
from app.core.holders import Person
from app.core.language import Language
from app.privacy.erasing import erase_person
from app.privacy.models import Means
from app.privacy.service import Evidence
from app.settings import Settings
from app.wiring import values as wiring
from benchmarks.driver import drive
from benchmarks.measuring import ROUNDS, SECONDS, Contender, Run, Runs, measure, say
from benchmarks.ordering import an_order, guest_flow
from benchmarks.processes import cpu_seconds, start
from benchmarks.report import Figure, Report
from benchmarks.stage import Stage

ROWS = 15
"""Of each order, in eleven tables."""
FEW, MANY, BESIDE = 2_000, 20_000, 15_000
"""Orders: of 30,000 rows, and of ten times as many; and of a run that takes as long as people are watched beside it."""
ERASED = 40

# Copies of one delivered order with all that hangs on it: half of them long enough ago for the books, half for claims.
# The triggers of tables of record and the foreign keys are off for this session alone.
COPIES = """
SET session_replication_role = replica;
CREATE TEMP TABLE made AS SELECT n, gen_random_uuid() AS cart_id, uuidv7() AS acceptance_id,
    uuidv7() AS order_id, uuidv7() AS document_id,
    now() - CASE WHEN n % 2 = 0 THEN interval '13 years' ELSE interval '6 years' END AS over
    FROM generate_series({first}, {last}) AS n;
INSERT INTO carts (id, created_at, ordered_at) SELECT cart_id, over, over FROM made;
INSERT INTO acceptances SELECT copy.* FROM made, acceptances AS one, jsonb_populate_record(one, jsonb_build_object(
    'id', made.acceptance_id, 'accepted_at', over)) AS copy
    WHERE one.id = (SELECT acceptance_id FROM orders WHERE number = {number});
INSERT INTO orders SELECT copy.* FROM made, orders AS one, jsonb_populate_record(one, jsonb_build_object(
    'id', made.order_id, 'number', 300000000 + n, 'cart_id', made.cart_id, 'acceptance_id', made.acceptance_id,
    'idempotency_key', 'retention-' || n, 'email', 'buyer-' || n || '@example.bg', 'status', 'delivered',
    'placed_at', over, 'finished_at', over, 'comment', 'Звънете два пъти')) AS copy WHERE one.number = {number};
INSERT INTO order_lines SELECT copy.* FROM made, orders AS one JOIN order_lines AS line ON line.order_id = one.id,
    jsonb_populate_record(line, jsonb_build_object('order_id', made.order_id)) AS copy WHERE one.number = {number};
INSERT INTO payments SELECT copy.* FROM made, orders AS one JOIN payments AS payment ON payment.order_id = one.id,
    jsonb_populate_record(payment, jsonb_build_object('id', uuidv7(), 'order_id', made.order_id,
    'status', 'received', 'received_at', over)) AS copy WHERE one.number = {number};
INSERT INTO shipments SELECT copy.* FROM made, orders AS one JOIN shipments AS shipment ON shipment.order_id = one.id,
    jsonb_populate_record(shipment, jsonb_build_object('id', uuidv7(), 'order_id', made.order_id)) AS copy
    WHERE one.number = {number};
INSERT INTO order_events (order_id, at, status, "by") SELECT order_id, over, status, 'system'
    FROM made, unnest(ARRAY['confirmed', 'shipped', 'delivered']) AS status;
INSERT INTO mails (id, kind, address, language, order_id, state, created_at, sent_at)
    SELECT uuidv7(), 'order_confirmation', 'buyer-' || n || '@example.bg', 'bg', order_id, 'sent', over, over
    FROM made;
INSERT INTO disclosures (id, disclosed_at, recipient, order_id, categories, purpose, ground, means, what, actor)
    SELECT uuidv7(), over, recipient, order_id, ARRAY['name'], 'sale', 'contract', 'push', 'sale', 'system'
    FROM made, unnest(ARRAY['speedy', 'icash']) AS recipient;
INSERT INTO document_series (key, last) VALUES ('retention', 0) ON CONFLICT DO NOTHING;
INSERT INTO documents (id, series, number, kind, order_id, issued_at, issued_on, base, vat, total, snapshot)
    SELECT document_id, 'retention', lpad(n::text, 10, '0'), 'invoice', order_id, over, over::date, 8333, 1667, 10000,
    '{{}}' FROM made;
INSERT INTO document_files (document_id, pdf, sha256, template_version, rendered_at)
    SELECT document_id, 'pdf', repeat('0', 64), 'invoice-1', over FROM made;
DROP TABLE made;
ANALYZE
"""
TAKEN = "SELECT extract(epoch FROM finished_at - started_at) FROM retention_runs ORDER BY started_at DESC LIMIT 1"
GONE = re.compile(r"^(\S+) .*gone +(\d+)$", re.MULTILINE)


async def retention_figures(stage: Stage, report: Report) -> None:
    number = int((await an_order(stage))["number"])
    _copy(stage, number, 1, FEW)
    one_of_few = await _erase_some(stage, 1)
    few = await _run(stage)
    _copy(stage, number, FEW + 1, FEW + MANY)
    one_of_many = await _erase_some(stage, FEW + 1)
    many = await _run(stage)
    _copy(stage, number, FEW + MANY + 1, FEW + MANY + BESIDE)
    shopping = Contender("", stage.api_port, [stage.api, stage.server], guest_flow)
    quiet, busy = Runs("guest flow, nothing beside it"), Runs("guest flow, beside a run of retention")
    await drive(stage.api_port, shopping.clients, SECONDS, guest_flow)
    quiet.runs += [await measure(shopping) for _ in range(ROUNDS)]
    busy.runs = (await _run(stage, shopping)).beside
    for runs in (quiet, busy):
        say(runs)
        report.add(runs)
    report.figures += [
        Figure.told(f"retention, {MANY * ROWS:,} rows", MANY * ROWS / many.seconds, "rows per second"),
        Figure.told(f"the same, PostgreSQL's CPU for each of {MANY:,} orders", 1000 * many.cpu / MANY, "ms"),
        Figure.below(f"the same, of that for each of {FEW:,}", many.cpu / MANY / (few.cpu / FEW), 1.3, "×"),
        Figure.below("guest flow, p99 beside a run of retention", busy.percentile(99) / quiet.percentile(99), 2, "×"),
        Figure.told("erasure of one person", one_of_many, "ms"),
        Figure.below("the same, with 10 times the rows", one_of_many / one_of_few, 1.3, "×"),
    ]


def _copy(stage: Stage, number: int, first: int, last: int) -> None:
    print(f"  making {last - first + 1:,} orders of long ago", flush=True)
    with stage.superuser() as connection:
        connection.execute(COPIES.format(number=number, first=first, last=last))


async def _erase_some(stage: Stage, first: int) -> float:
    """Erase single buyers; returns the median of their milliseconds."""
    settings = Settings(folder=stage.folder)
    holders, sealer = wiring.holders(settings), wiring.sealer(settings)
    took = []
    for n in range(first, first + ERASED):
        evidence = Evidence(SystemClock().now(), Language.BG, Means.API, None, None)
        started = time.perf_counter()
        async with stage.sessions.begin() as session:
            await erase_person(session, holders, Person(f"buyer-{n}@example.bg"), evidence, sealer=sealer)
        took.append(1000 * (time.perf_counter() - started))
    return median(took)


@dataclass(frozen=True)
class _Run:
    """What a run of the rules took of the clock and of PostgreSQL, and how people fared beside it."""

    seconds: float
    cpu: float
    beside: list[Run]


async def _run(stage: Stage, shopping: Contender | None = None) -> _Run:
    """Let the shop's own command run the rules, and people buy meanwhile."""
    log = stage.folder / f"retention-{uuid4().hex}.log"
    before = cpu_seconds([stage.server])
    process = await start("app.cli", "retention", "run", environment=stage.environment, log=log)
    beside = []
    try:
        ending = asyncio.create_task(process.wait())
        while shopping and not ending.done():
            beside.append(await measure(shopping))
        if await ending:
            raise RuntimeError(log.read_text())
    finally:
        with suppress(ProcessLookupError):  # cut off, it must not run beside the next part
            process.kill()
    cpu = cpu_seconds([stage.server]) - before
    with stage.superuser() as connection:
        taken = connection.execute(TAKEN).fetchone()
    assert taken
    seconds = float(str(taken[0]))
    gone = {rule: int(count) for rule, count in GONE.findall(log.read_text()) if int(count)}
    print(f"  {gone} in {seconds:.1f} s, {cpu:.1f} s of PostgreSQL's CPU", flush=True)
    return _Run(seconds, cpu, beside)
