"""Invoices: drawing one, downloading it, listing them for the accountant; and a token for who does that."""

import base64
import hashlib
import json
import time
from collections.abc import Callable
from datetime import date
from itertools import count
from statistics import median
from uuid import UUID

import httpx
from weasyprint import HTML

from app.core import drawing
from app.core.money import Money
from app.invoices import rendering
from app.invoices.view import Buyer, InvoiceView, Line, Payment, Seller
from benchmarks.driver import HOST, Connection, Operation, addresses, drive, repeat, request
from benchmarks.measuring import ROUNDS, SECONDS, WARM_UP, Contender, Runs, compete, measure, say
from benchmarks.ordering import an_order
from benchmarks.playing import play, recorded
from benchmarks.report import Figure, Report
from benchmarks.stage import Stage
from benchmarks.statements import script

FEW, MANY = 1_000, 100_000
MONTH = date(2026, 10, 1)
NEXT_MONTH = date(2026, 11, 1)
DRAWN = 5
"""Invoices of one round."""

ADDRESSES = addresses()
DOCUMENT = UUID(hex=f"e{1:031x}")
FASTEST = 20_000
"""Downloads by one client that no run is expected to exceed."""

# The triggers of tables of record and the foreign keys to carts and acceptances are off for this session alone.
COPIES = """
SET session_replication_role = replica;
INSERT INTO orders SELECT copy.* FROM orders AS one, generate_series({first}, {last}) AS n,
    jsonb_populate_record(one, jsonb_build_object(
        'id', 'b' || lpad(to_hex(n), 31, '0'), 'number', 500000000 + n, 'cart_id', 'c' || lpad(to_hex(n), 31, '0'),
        'acceptance_id', 'd' || lpad(to_hex(n), 31, '0'), 'idempotency_key', 'copy-' || n)) AS copy
    WHERE one.number = {number};
INSERT INTO document_series (key, last) VALUES ('copies', 0) ON CONFLICT DO NOTHING;
INSERT INTO documents (id, series, number, kind, order_id, issued_at, issued_on, base, vat, total, snapshot)
    SELECT ('e' || lpad(to_hex(n), 31, '0'))::uuid, 'copies', lpad(n::text, 10, '0'), 'invoice',
        ('b' || lpad(to_hex(n), 31, '0'))::uuid,
        now(), DATE '{month}' + n * 31 / {of}, 8333, 1667, 10000, '{snapshot}'
    FROM generate_series({first}, {last}) AS n;
INSERT INTO document_files (document_id, pdf, sha256, template_version, rendered_at)
    SELECT ('e' || lpad(to_hex(n), 31, '0'))::uuid, '\\x{pdf}', '{sha256}', 'invoice-1', now()
    FROM generate_series({first}, {last}) AS n;
ANALYZE orders; ANALYZE documents; ANALYZE document_files
"""


def an_invoice(lines: int = 5) -> InvoiceView:
    """Make an invoice to a company, as the shop sends them."""
    return InvoiceView.of(
        number="0000000042",
        issued_on=date(2026, 10, 22),
        tax_event_on=date(2026, 10, 20),
        place="гр. София",
        seller=Seller(
            name="„Комплийт Дентал Солюшънс“ ЕООД",
            address="гр. София 1618, р-н Витоша, ул. „Българска легия“ № 2",
            eik="204235072",
            vat_number="BG204235072",
            responsible_person="Манол Ивчев",
            iban="BG80BNBG96611020345678",
            bic="BNBGBGSD",
            bank="Примерна банка АД",
            phone="+359 2 123 4567",
            email="office@completedental.solutions",
        ),
        buyer=Buyer(
            name="„Дентална практика Усмивка“ ООД",
            address="гр. Варна 9000, бул. „Владислав Варненчик“ № 48",
            eik="175074752",
            vat_number="BG175074752",
            responsible_person="Мария Стоянова",
        ),
        order_number="100000042",
        ordered_on=date(2026, 10, 18),
        payment=Payment.BANK_TRANSFER,
        paid_on=date(2026, 10, 20),
        lines=[
            Line.of(
                sku=f"BENCH-{10 + n}", description="Сменяеми глави, меки", quantity=n, rate=20, gross=Money(n * 1290)
            )
            for n in range(1, lines + 1)
        ],
    )


async def drawing_figures(_: Stage, report: Report) -> None:
    """Compare by CPU time: one process draws, nothing is waited for."""
    view = an_invoice()
    html = rendering._html(view)  # noqa: SLF001 - the same page, without the shop's own steps

    style, fonts = drawing._stylesheet(rendering._stylesheet()), drawing._fonts()  # noqa: SLF001 - as above

    def weasyprint() -> None:
        HTML(string=html).write_pdf(stylesheets=[style], font_config=fonts, pdf_variant="pdf/a-3b")

    ours, its = [], []
    for _round in range(ROUNDS + 1):
        its.append(_cost(weasyprint))
        ours.append(_cost(lambda: rendering.render(view)))
    ratio = median(mine / theirs for mine, theirs in zip(ours[1:], its[1:], strict=True))
    print(f"  invoice of 5 lines: {median(ours[1:]):.0f} ms CPU, WeasyPrint alone {median(its[1:]):.0f} ms", flush=True)
    report.figures += [
        Figure.below("invoice PDF (A4, 5 lines, PDF/A-3b), of WeasyPrint alone", ratio, 1.15, "×"),
        Figure.told("the same, CPU", median(ours[1:]), "ms"),
    ]


def _cost(draw: Callable[[], object]) -> float:
    before = time.process_time()
    for _ in range(DRAWN):
        draw()
    return 1000 * (time.process_time() - before) / DRAWN


async def document_figures(stage: Stage, report: Report) -> None:
    order = await an_order(stage)
    token = await an_accountants_token(stage)
    pdf = rendering.render(an_invoice())
    _copy(stage, order["number"], 1, FEW, pdf)
    bearer = {"authorization": f"Bearer {token}"}
    listing = repeat(request("GET", f"/v1/accounting/documents?month={MONTH:%Y-%m}", bearer))
    query = repeat(request("GET", f"/documents/{MONTH}/{NEXT_MONTH}"))
    api, bare = [stage.api, stage.server], [stage.bare, stage.server]
    (few,) = await compete(Contender(f"documents of a month, {FEW:,} there", stage.api_port, api, listing))
    _copy(stage, order["number"], FEW + 1, MANY, b"%PDF")
    many, its = await compete(
        Contender(f"documents of a month, {MANY:,} there", stage.api_port, api, listing),
        Contender("one indexed query, 100 rows", stage.bare_port, bare, query),
    )
    report.add(few, many, its)
    report.figures += [
        Figure.part_of("accountant's list (100), of one indexed query", many, its, 50),
        Figure.below("the same, CPU with 100 times the documents", many.cpu / few.cpu, 1.3, "×"),
    ]
    await _downloads(stage, report, bearer)


async def _downloads(stage: Stage, report: Report, bearer: dict[str, str]) -> None:
    """Download a stored PDF, against the reading of its bytes and the writing of the record."""
    path = f"/v1/accounting/documents/{DOCUMENT}.pdf"
    (stage.folder / "pdf.sql").write_text(await _record(stage, path, bearer))
    wanted = Contender(
        "accountant's PDF, disclosure recorded",
        stage.api_port,
        [stage.api, stage.server],
        repeat(request("GET", path, bearer)),
    )
    await drive(wanted.port, wanted.clients, WARM_UP * SECONDS, wanted.operation)
    ours, limit = Runs(wanted.name), Runs("pgbench, the same SQL")
    firsts = count(1, 8 * FASTEST)

    async def play_it() -> None:
        limit.runs.append(await play(stage, "pdf", next(firsts), FASTEST))

    async def download() -> None:
        ours.runs.append(await measure(wanted))

    for _ in range(ROUNDS):
        await play_it()
        await download()
    for runs in (ours, limit):
        say(runs)
        report.add(runs)
    report.figures.append(Figure.part_of("stored PDF with its disclosure, of pgbench", ours, limit, 50))


async def _record(stage: Stage, path: str, bearer: dict[str, str]) -> str:
    async def download(client: httpx.AsyncClient) -> None:
        (await client.get(path, headers=bearer)).raise_for_status()

    return script(await recorded(stage, download), DOCUMENT, [])


async def token_figures(stage: Stage, report: Report) -> None:
    (runs,) = await compete(Contender("POST /v1/auth/token", stage.api_port, [stage.api, stage.server], _asking(stage)))
    report.add(runs)


def _asking(stage: Stage) -> Operation:
    pair = f"{stage.accountant.client_id}:{stage.accountant.secret}".encode()
    form = b"grant_type=client_credentials"
    head = {
        "authorization": f"Basic {base64.b64encode(pair).decode()}",
        "content-type": "application/x-www-form-urlencoded",
    }

    async def ask(connection: Connection) -> None:
        await connection.ask(request("POST", "/v1/auth/token", {**head, "x-forwarded-for": next(ADDRESSES)}, form), 200)

    return ask


async def an_accountants_token(stage: Stage) -> str:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{stage.api_port}") as client:
        answer = await client.post(
            "/v1/auth/token",
            data={"grant_type": "client_credentials"},
            auth=(stage.accountant.client_id, stage.accountant.secret),
        )
    token: str = answer.raise_for_status().json()["access_token"]
    return token


def _copy(stage: Stage, number: str, first: int, last: int, pdf: bytes) -> None:
    """Fill a month with documents of copies of one order."""
    snapshot = json.dumps(an_invoice().snapshot(), ensure_ascii=False)
    statement = COPIES.format(
        first=first,
        last=last,
        of=last + 1,
        number=int(number),
        month=MONTH,
        snapshot=snapshot,
        pdf=pdf.hex(),
        sha256=hashlib.sha256(pdf).hexdigest(),
    )
    with stage.superuser() as connection:
        connection.execute(statement)
