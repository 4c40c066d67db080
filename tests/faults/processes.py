"""The shop as the processes it is made of in production, for tests that kill them."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
from sqlalchemy import NullPool, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.core.db import Sessions, make_sessions
from app.core.money import Money
from app.core.personal import Recipient
from app.privacy import disclosing
from tests.factories.catalog import make_variant

PATIENCE = 60.0
"""Seconds that anything may take on a machine with much else to do; nothing waits so long where all is well."""

STOCK = 100_000
PRICES = {"ION-H-SOFT-2": Money(1290), "ION-SET-1": Money(8990)}


@dataclass
class Process:
    """One process of the shop: started, killed, frozen and started again; it leads a session of its own."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    running: "subprocess.Popen[bytes] | None" = None
    leaders: list[int] = field(default_factory=list)

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.running = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        self.leaders.append(self.running.pid)

    @property
    def is_alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def send(self, number: signal.Signals) -> None:
        assert self.running is not None
        self.running.send_signal(number)

    def kill(self) -> None:
        """End it as a power cut does: it learns nothing of it."""
        self.send(signal.SIGKILL)
        self.ended()

    def freeze(self) -> None:
        self.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.send(signal.SIGCONT)

    def terminate(self, within: float = PATIENCE) -> int:
        """Ask it to stop; returns its exit code."""
        self.send(signal.SIGTERM)
        return self.ended(within)

    def ended(self, within: float = PATIENCE) -> int:
        assert self.running is not None
        return self.running.wait(within)

    def left_behind(self) -> list[int]:
        """List the processes that outlived their leader."""
        return [pid for pid in processes() if session_of(pid) in self.leaders and not self.is_alive]

    def end(self) -> None:
        """Make sure nothing is left, whatever became of it."""
        for leader in self.leaders:
            with suppress(ProcessLookupError):
                os.killpg(leader, signal.SIGKILL)
        if self.running is not None:
            self.running.wait(PATIENCE)


def processes() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def session_of(pid: int) -> int | None:
    """Return the session of a process that lives; one that is dead and only not yet buried has none."""
    try:
        state, _parent, _group, session = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:4]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else int(session)


@dataclass
class House:
    """The shop in processes, and what is needed to look at it from outside."""

    folder: Path
    database: str
    sessions: Sessions
    http: httpx.AsyncClient
    environment: Mapping[str, str]
    ports: Mapping[str, int]
    processes: dict[str, Process] = field(default_factory=dict)

    @property
    def api(self) -> Process:
        return self.processes["api"]

    @property
    def worker(self) -> Process:
        return self.processes["worker"]

    @property
    def speedy(self) -> Process:
        return self.processes["speedy"]

    @property
    def icash(self) -> Process:
        return self.processes["icash"]

    def process(self, name: str, *command: str, **environment: str) -> Process:
        made = Process(
            name, [sys.executable, "-m", *command], {**self.environment, **environment}, self.folder / f"{name}.log"
        )
        self.processes[name] = made
        return made

    def add_worker(self, name: str, **environment: str) -> Process:
        return self.process(name, "app.cli", "worker", **environment)

    async def open(self, *names: str) -> None:
        """Start processes and wait until they serve."""
        for name in names:
            self.processes[name].start()
        for name in names:
            await self.ready(name)

    async def ready(self, name: str) -> None:
        if name == "api":
            await until(lambda: self._answers("/health/ready"))
        elif name in self.ports:
            await until(lambda: self._answers(f"http://127.0.0.1:{self.ports[name]}/sim/state"))
        else:
            process = self.processes[name]
            starts = len(process.leaders)
            await until(lambda: _true(process.log.read_bytes().count(b'"worker_started"') >= starts))

    async def _answers(self, url: str) -> bool:
        try:
            return (await self.http.get(url)).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    async def speedy_state(self) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = (await self._sim("GET", "speedy", "state"))["shipments"]
        return shown

    async def calls(self) -> dict[str, int]:
        """Count what Speedy was asked, by path."""
        counted: dict[str, int] = (await self._sim("GET", "speedy", "state"))["calls"]
        return counted

    async def icash_state(self) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = (await self._sim("GET", "icash", "state"))["operations"]
        return shown

    async def order_fault(self, system: str, **fault: Any) -> None:
        """Have a simulator fail its next calls; one that is down just now is not asked."""
        with suppress(httpx.TransportError):
            await self._sim("POST", system, "faults", fault)

    async def advance(self, number: str, to: str) -> None:
        """Let Speedy scan a parcel, even if the simulator dies meanwhile."""
        await self._sim("POST", "speedy", "advance", {"reference": number, "to": to})

    async def hand_over(self, number: str) -> None:
        """Let the courier fetch a parcel once it is booked, and wait until the shop knows."""

        async def booked() -> bool:
            return number in {shipment["reference"] for shipment in await self.speedy_state()}

        async def known() -> bool:
            found = await self.rows(
                "SELECT count(*) FROM documents JOIN orders ON orders.id = order_id WHERE orders.number = :number",
                number=int(number),
            )
            return found == [(1,)]

        await until(booked)
        await self.advance(number, "accepted")
        await until(known)

    async def _sim(self, method: str, system: str, order: str, body: Any = None) -> Any:
        url = f"http://127.0.0.1:{self.ports[system]}/sim/{order}"
        answer = await self.http.request(method, url, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.sessions() as session:
            return [tuple(row) for row in await session.execute(text(statement), values)]

    async def unfinished(self) -> dict[tuple[str, str], int]:
        """Count the promised jobs that are not done, by name and state; periodic ticks are nobody's promise."""
        found = await self.rows(
            "SELECT task_name, status::text, count(*) FROM procrastinate_jobs"
            " WHERE status <> 'succeeded' AND queueing_lock IS NULL GROUP BY 1, 2"
        )
        return {(name, status): count for name, status, count in found}

    async def quiet(self) -> None:
        """Wait until everything that was promised is done, for as long as something still gets done."""
        left, deadline = 0, 0.0
        while waiting := await self._waiting():
            if waiting != left:
                left, deadline = waiting, time.monotonic() + PATIENCE
            assert time.monotonic() < deadline, f"nothing gets done: {await self.unfinished()}"
            await asyncio.sleep(0.2)

    async def _waiting(self) -> int:
        return sum(count for (_, status), count in (await self.unfinished()).items() if status in {"todo", "doing"})

    def cut_database(self) -> int:
        """Break every connection to the database, except the one this is done over; returns how many."""
        plain = make_url(self.database).set(drivername="postgresql").render_as_string(hide_password=False)
        cut = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
        )
        with psycopg.connect(plain, autocommit=True) as connection:
            found = connection.execute(cut).fetchone()
        assert found is not None
        return int(found[0])


async def _true(value: bool) -> bool:  # noqa: FBT001 - the value itself
    return value


async def until(holds: Callable[[], Awaitable[bool]], within: float = PATIENCE, *, every: float = 0.05) -> None:
    """Look until something holds; fails when it never does."""
    deadline = time.monotonic() + within
    while not await holds():
        assert time.monotonic() < deadline, f"not within {within:.0f} s"
        await asyncio.sleep(every)


def free_port() -> int:
    """Choose a port that is free now, and that no outgoing connection will be given while its server starts."""
    while True:
        port = random.randrange(15_000, 32_000)  # below what the system gives out by itself
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def environment_of(database: str, folder: Path, speedy: int, icash: int) -> dict[str, str]:
    """Set the shop up to give up soon and come back soon."""
    return {
        "PYTHONUNBUFFERED": "1",
        "SHOP_DATABASE_URL": database,
        "SHOP_FOLDER": str(folder),
        "SHOP_GUEST_TOKEN_SECRET": "a secret of the tests",
        "SHOP_SELLER_IBAN": "BG80BNBG96611020345678",
        "SHOP_SELLER_BIC": "BNBGBGSD",
        "SHOP_SPEEDY_URL": f"http://127.0.0.1:{speedy}/v1",
        "SHOP_ICASH_URL": f"http://127.0.0.1:{icash}",
        "SHOP_RETRY_FIRST_SECONDS": "0.2",
        "SHOP_RETRY_MOST_SECONDS": "1",
        "SHOP_WORKER_SILENT_SECONDS": "3",
        "SHOP_SPEEDY_QUIET_SECONDS": "1",
        "SHOP_ICASH_DOUBT_SECONDS": "1",
        "SHOP_CIRCUIT_SECONDS": "1",
        "SHOP_ORDERS_PER_HOUR": "100000",
        "SHOP_TRACKING_CRON": "* * * * * */2",
    }


@contextmanager
def all_ended(processes: Mapping[str, Process]) -> Iterator[None]:
    """Leave no process behind, whatever happens."""
    try:
        yield
    finally:
        for process in processes.values():
            process.end()


@asynccontextmanager
async def build(database: str, folder: Path) -> AsyncIterator[House]:
    """Prepare the processes without starting them; goods are in stock, agreements on record."""
    ports = {"speedy": free_port(), "icash": free_port(), "api": free_port()}
    engine = create_async_engine(database, poolclass=NullPool)  # no connection is there to be cut with the others
    sessions = make_sessions(engine)
    await _stock_up(sessions)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports['api']}", timeout=PATIENCE) as http:
        environment = environment_of(database, folder, ports["speedy"], ports["icash"])
        simulators = {name: ports[name] for name in ("speedy", "icash")}
        house = House(folder, database, sessions, http, environment, simulators)
        with all_ended(house.processes):
            house.process("api", "app.cli", "api", "--port", str(ports["api"]))
            house.add_worker("worker")
            for name, port in simulators.items():
                state = str(folder / f"{name}.jsonl")
                house.process(name, f"app.integrations.{name}.simulator", "--port", str(port), "--state", state)
            yield house
    await engine.dispose()


async def _stock_up(sessions: Sessions) -> None:
    at = datetime.now(UTC)
    async with sessions.begin() as session:
        for sku, price in PRICES.items():
            await make_variant(session, sku=sku, price=price, stock=STOCK)
        for recipient in Recipient:
            await disclosing.record_agreement(
                session, recipient, reference="Д-1/2026", signed_on=at.date(), at=at, by="test"
            )
