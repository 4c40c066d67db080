"""The limit of what is mostly the database: the very statements of an operation, recorded and played by pgbench."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from itertools import chain

import httpx
from sqlalchemy import make_url

from app.core.clock import SystemClock
from app.core.db import make_sessions
from app.core.embedded import ROLE, program
from app.main import create_app
from benchmarks.driver import Load
from benchmarks.measuring import SECONDS, Run
from benchmarks.processes import Books, cpu_seconds
from benchmarks.stage import Stage
from benchmarks.statements import Statement, recording

CLIENTS = 8
LATENCY = re.compile(r"^\d+ \d+ (\d+)", re.MULTILINE)
Asking = Callable[[httpx.AsyncClient], Awaitable[None]]


async def recorded(stage: Stage, ask: Asking) -> list[Statement]:
    """Ask the shop in this process and write down what it asks the database meanwhile."""
    said: list[Statement] = []
    engine = recording(stage.database, said)
    app = create_app(stage.settings(), make_sessions(engine), SystemClock(), None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as client:
        await client.get("/health/ready")  # the first use of a connection asks more than the later ones
        said.clear()
        await ask(client)
    await engine.dispose()
    return said


async def play(stage: Stage, script: str, first: int, per_client: int) -> Run:
    """Play a script of the stage's folder by eight clients, prepared; take the rate without the connecting."""
    url = make_url(stage.database)
    options = ["-n", "-M", "prepared", "-f", str(stage.folder / f"{script}.sql"), "-T", str(max(1, round(SECONDS)))]
    options += ["-c", str(CLIENTS), "-j", "2", "-h", str(url.query["host"]), "-p", str(url.query["port"]), "-U", ROLE]
    options += ["-D", "k=-1", "-D", f"first={first}", "-D", f"carts={per_client}"]
    options += ["-l", "--log-prefix", str(stage.folder / "pgbench")]
    books, before = Books.now(), cpu_seconds([stage.server])
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
    cpu, others = cpu_seconds([stage.server]) - before, books.since()
    logs = list(stage.folder.glob("pgbench.*"))
    latencies = chain.from_iterable(LATENCY.findall(log.read_text()) for log in logs)
    milliseconds = tuple(sorted(int(each) / 1000 for each in latencies))
    for log in logs:
        log.unlink()
    rate = float(re.findall(r"tps = ([0-9.]+)", said.decode())[-1])
    return Run(Load(len(milliseconds) / rate, milliseconds), 1000 * cpu / len(milliseconds), others)
