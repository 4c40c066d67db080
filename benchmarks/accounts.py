"""Logging in, against bare argon2 on every core; and what it costs to check a token with each request."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from itertools import count
from urllib.parse import urlencode

import httpx

from app.auth.passwords import HASHER
from benchmarks.driver import HOST, Connection, Load, Operation, drive, repeat, request
from benchmarks.measuring import ROUNDS, SECONDS, Contender, Run, Runs, compete, measure, say
from benchmarks.processes import Books, answering, free_port, running
from benchmarks.report import Figure, Report
from benchmarks.stage import Stage
from benchmarks.verifying import PASSWORD

CORES = 2
RETURNING, NEW = 200, 2_000
"""Accounts that were logged in from their address before, and that are for the first time."""
INSERT = """
INSERT INTO accounts (id, email, password_hash, language, created_at)
SELECT gen_random_uuid(), 'bench-' || n || '@example.bg', %s, 'bg', now() FROM generate_series(0, %s - 1) n
"""
FORM = {"content-type": "application/x-www-form-urlencoded"}


def _form(number: int) -> bytes:
    wanted = {"grant_type": "password", "username": f"bench-{number}@example.bg", "password": PASSWORD}
    return urlencode(wanted).encode()


def _logging_in(first: int, number: int) -> Operation:
    """Log in these accounts in turn, each from an address of its own."""
    numbers = count()

    async def log_in(connection: Connection) -> None:
        account = first + next(numbers) % number
        head = {**FORM, "x-forwarded-for": f"10.0.{account >> 8}.{account & 255}"}
        await connection.ask(request("POST", "/v1/auth/token", head, _form(account)), 200)

    return log_in


async def _verify(hashed: str) -> Run:
    """Verify on every core at once, in processes of their own."""
    verifiers = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.verifying",
            str(SECONDS),
            env={"BENCH_HASH": hashed},
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(CORES)
    ]
    books = Books.now()
    told = [(await verifier.communicate())[0].split() for verifier in verifiers]
    done, seconds = sum(int(each[0]) for each in told), max(float(each[1]) for each in told)
    cpu = 1000 * sum(float(each[2]) for each in told) / done  # of the processes themselves: they may have to wait
    return Run(Load(seconds, (1000 * seconds * CORES / done,) * done), cpu, books.since())


async def login_figures(stage: Stage, report: Report) -> None:
    hashed = HASHER.hash(PASSWORD)
    with stage.superuser() as connection:
        connection.execute(INSERT, [hashed, RETURNING + NEW])
    served = [stage.api, stage.server]
    again = Contender("again", stage.api_port, served, _logging_in(0, RETURNING))
    anew = Contender("anew", stage.api_port, served, _logging_in(RETURNING, NEW))
    await drive(again.port, again.clients, 60, again.operation, most=RETURNING)
    logins, first = Runs("POST /v1/auth/token, password"), Runs("the same, from a new place")
    limit = Runs(f"argon2id alone, {CORES} cores")
    for _ in range(ROUNDS):
        limit.runs.append(await _verify(hashed))
        logins.runs.append(await measure(again))
        first.runs.append(await measure(anew))
    for runs in (limit, logins, first):
        say(runs)
    report.add(limit, logins, first)
    report.figures += [
        Figure.below("login, CPU beside the verification, of it", 100 * (logins.cpu / limit.cpu - 1), 10, "%"),
        Figure.told("the same", logins.cpu - limit.cpu, "ms"),
        Figure.told("login, rate, of argon2id alone", 100 * logins.against(limit), "%"),
    ]


async def guard_figures(stage: Stage, report: Report) -> None:
    """Ask for the product list as it is, and once more behind a guard, of the same processes."""
    with stage.superuser() as connection:
        connection.execute(INSERT.replace("bench-", "guard-"), [HASHER.hash(PASSWORD), 1])
    cost = await _cost_of_guard(stage, report, "the same, token checked", {})
    report.figures.append(Figure.below("authentication, CPU added to a product-list call", cost, 15, "%"))
    forgetful = {"SHOP_AUTHENTICATION_KEPT_SECONDS": "0"}
    cost = await _cost_of_guard(stage, report, "the same, each token looked up", forgetful)
    report.figures.append(Figure.told("the same, nothing kept of a token for a second", cost, "%"))


async def _cost_of_guard(stage: Stage, report: Report, name: str, settings: Mapping[str, str]) -> float:
    """Return what the guard adds to the CPU time of a call, in percent."""
    async with AsyncExitStack() as open_:
        port = free_port()
        process = await open_.enter_async_context(
            running(
                "benchmarks.guarded",
                str(port),
                environment={**stage.environment, **settings},
                log=stage.folder / "guarded.log",
            )
        )
        await answering(port)
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as client:
            form = {"grant_type": "password", "username": "guard-0@example.bg", "password": PASSWORD}
            given = (await client.post("/v1/auth/token", data=form)).raise_for_status().json()
        head = {"authorization": f"Bearer {given['access_token']}"}
        served = [process, stage.server]
        guarded, plain = await compete(
            Contender(name, port, served, repeat(request("GET", "/guarded/products", head)), 16),
            Contender("product list, made anew", port, served, repeat(request("GET", "/plain/products")), 16),
        )
    report.add(guarded, plain)
    return 100 * (guarded.cpu / plain.cpu - 1)
