"""The shop as the processes it is made of in production, and what a test sees of it from outside."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
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
from tests.processes import PATIENCE, Process, all_ended, free_port, until
from tests.shop import GENEROUS

STOCK = 100_000
PRICES = {"ION-H-SOFT-2": Money(1290), "ION-SET-1": Money(8990)}


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
        made = Process(name, command, {**self.environment, **environment}, self.folder / f"{name}.log")
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

            async def started() -> bool:
                return process.log.read_bytes().count(b'"worker_started"') >= starts

            await until(started)

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
        left = await self._waiting()

        async def goes_on() -> bool:
            nonlocal left
            before, left = left, await self._waiting()
            return left != before

        while left:
            try:
                await until(goes_on, every=0.2)
            except AssertionError as fault:
                raise AssertionError(f"nothing gets done: {await self.unfinished()}") from fault

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


def environment_of(database: str, folder: Path, speedy: int, icash: int) -> dict[str, str]:
    """Set the shop up to come back soon from what a test does to it, and to give up nothing that is only slow."""
    patience = str(round(1000 * PATIENCE))
    return {
        "SHOP_DATABASE_URL": database,
        "SHOP_LOCK_TIMEOUT_MS": patience,
        "SHOP_STATEMENT_TIMEOUT_MS": patience,
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
        "SHOP_MAILS_AT_ONCE": "100000",
        "SHOP_CARTS_PER_HOUR": "100000",
        "SHOP_CONTRACT_SHOWN": "false",  # making it takes more than a second of a processor
        **{f"SHOP_{name.upper()}": str(most) for name, most in GENEROUS.items()},
        "SHOP_TRACKING_CRON": "* * * * * */2",
        "SHOP_UPKEEP_CRON": "0 0 1 1 *",  # what is due would be done in the midst of the faults
    }


@asynccontextmanager
async def build(database: str, folder: Path, **settings: str) -> AsyncIterator[House]:
    """Prepare the processes without starting them; goods are in stock, agreements on record."""
    ports = {"speedy": free_port(), "icash": free_port(), "api": free_port()}
    engine = create_async_engine(database, poolclass=NullPool)  # no connection is there to be cut with the others
    sessions = make_sessions(engine)
    await _stock_up(sessions)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports['api']}", timeout=PATIENCE) as http:
        environment = environment_of(database, folder, ports["speedy"], ports["icash"]) | settings
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
