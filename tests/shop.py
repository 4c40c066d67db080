"""A whole shop for a test: the app on a database of its own, a clock that stands still, simulators on real sockets."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from procrastinate import App
from pydantic import SecretStr
from sqlalchemy import Engine, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.util import LRUCache
from starlette.datastructures import State

from app.auth import service as auth
from app.auth.models import Realm, StaffRole
from app.auth.scopes import Scope
from app.auth.sessions import open_session
from app.core import jobs, working
from app.core.db import Pool, Sessions, make_engine, make_sessions
from app.core.embedded import LESSER
from app.core.money import Money
from app.core.personal import Recipient
from app.core.privileges import LesserRole, settle
from app.integrations.icash.simulator import ICashSimulator
from app.integrations.speedy.simulator import Conduct, SpeedySimulator
from app.invoices import rendering
from app.invoices.papers import Paper, Rendered
from app.main import build_app, equip
from app.privacy import disclosing
from app.settings import Settings
from app.shipping.ports import Places
from app.wiring.courier import places
from app.wiring.keeping import let_go
from app.wiring.outside import adapters
from app.wiring.work import work as work_of
from tests.contract import keeps_to_the_contract
from tests.factories.accounts import make_account, make_staff
from tests.factories.catalog import make_variant
from tests.mail.flaws import flaws_of_mail, flaws_of_page
from tests.processes import PATIENCE
from tests.sketches import sketch

NOON = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
VERSION = "2026-11-22"
"""In force at NOON."""
TODAYS_VERSION = max(
    text.name.removesuffix(".bg.md") for text in (files("app.privacy") / "texts/order").iterdir() if ".bg." in text.name
)
"""In force where processes run by the clock on the wall."""
ANY_TOTAL = "999999.99"
"""Agreed to by buyers of whom a test says nothing about what they were shown."""
A_DAY = 86_400.0
DUE = """
SELECT FROM procrastinate_jobs AS job WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now() AND NOT EXISTS (
    SELECT FROM procrastinate_jobs AS before
    WHERE before.lock = job.lock AND (before.status = 'doing' OR (before.status = 'todo' AND before.id < job.id))
)
"""


@dataclass
class TestClock:
    """Stands still until it is told to go on."""

    __test__ = False

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Shop:
    app: FastAPI
    http: httpx.AsyncClient
    sessions: Sessions
    clock: TestClock
    settings: Settings
    speedy: SpeedySimulator
    icash: ICashSimulator
    places: Places | None
    """The API's own way to the courier."""
    engine: Any
    """The API's own; `sessions` are a test's, who may do what the shop must not."""
    database: str
    work: jobs.Work
    mails: Path
    closing: AsyncExitStack
    idle: tuple[jobs.Work, App] | None = None
    """A worker that was opened before and has nothing to do, with the work that it does."""

    async def run_jobs(self, *, concurrency: int = 1) -> None:
        """Do everything that is due now, as a worker does; what retries later stays, and nothing periodic runs.

        One after the other, so that every run is the same; side by side where that is what is tried.
        """
        idle, self.idle = self.idle, None
        engine = idle[1] if idle and idle[0] is self.work else await self._engine()
        while await self.rows(DUE):  # a round leaves behind what waited for the lock of a job still at work
            await engine.run_worker_async(
                queues=[jobs.QUEUE],
                concurrency=concurrency,
                wait=False,
                listen_notify=False,  # it stays for no news
                install_signal_handlers=False,
            )
        self.idle = self.work, engine  # one that was cut off is not used again

    async def _engine(self) -> App:
        # What is to be tried again stays until `make_due`, however long a slow machine is at work meanwhile.
        backoff = jobs.Backoff(first=A_DAY, most=A_DAY)
        engine = working.make_worker(as_lesser(self.database), replace(self.work, periodic=(), backoff=backoff))
        return await self.closing.enter_async_context(engine.open_async())

    async def track(self) -> None:
        """Ask the courier where the parcels are, as the periodic job does."""
        [tracking] = [periodic for periodic in self.work.periodic if periodic.name == "track_shipments"]
        await tracking.run()

    async def make_due(self) -> None:
        """Let the time pass that jobs wait before they are tried again."""
        async with self.sessions.begin() as session:
            await session.execute(
                text(
                    "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' AND scheduled_at > now()"
                )
            )

    async def jobs(self) -> dict[tuple[str, str], int]:
        """Count the jobs by name and state."""
        async with self.sessions() as session:
            found = await session.execute(
                text("SELECT task_name, status::text, count(*) FROM procrastinate_jobs GROUP BY 1, 2")
            )
            return {(name, status): count for name, status, count in found}

    async def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.sessions() as session:
            return [tuple(row) for row in await session.execute(text(statement), values)]

    async def count(self, table: str) -> int:
        return int((await self.rows(f"SELECT count(*) FROM {table}"))[0][0])  # noqa: S608 - a name of ours

    async def cart(self, lines: dict[str, int] | None = None) -> str:
        """Open a cart over HTTP with these lines."""
        wanted = (lines or {"ION-H-SOFT-2": 2}).items()
        wish = {"lines": [{"sku": sku, "quantity": quantity} for sku, quantity in wanted]}
        answer = await self.http.post("/v1/carts", json=wish)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return str(answer.json()["id"])

    async def place(self, wish: dict[str, Any], key: str | None = None, **headers: str) -> httpx.Response:
        return await self.http.post("/v1/orders", json=wish, headers={"Idempotency-Key": key or uuid4().hex, **headers})

    async def ordered(self, lines: dict[str, int] | None = None, **changes: Any) -> dict[str, Any]:
        """Place an order over HTTP; returns its answer."""
        answer = await self.place({**a_wish(await self.cart(lines)), **changes})
        assert answer.status_code == httpx.codes.CREATED, answer.text
        order: dict[str, Any] = answer.json()
        return order

    async def client(self, scope: Scope) -> dict[str, str]:
        """Create a machine client; returns the headers of its calls."""
        async with self.sessions.begin() as session:
            made = await auth.create_client(session, scope, [scope], actor="test", at=self.clock.now())
        answer = await self.http.post(
            "/v1/auth/token", data={"grant_type": "client_credentials"}, auth=(made.client_id, made.secret)
        )
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def account(self, email: str = "iva@example.bg") -> dict[str, str]:
        """Make an account and log it in, past the endpoints; returns the headers of its calls."""
        async with self.sessions.begin() as session:
            account = await make_account(session, email, at=self.clock.now())
            return await self._logged_in(session, Realm.ACCOUNT, account.id)

    async def staff(self, role: StaffRole, *, trained: bool = True, email: str | None = None) -> dict[str, str]:
        """Make a member of staff who is at work and log them in; returns the headers of their calls."""
        async with self.sessions.begin() as session:
            member = await make_staff(
                session, role, email or f"{role}@shop.example", trained=trained, at=self.clock.now()
            )
            return await self._logged_in(session, Realm.STAFF, member.id)

    async def _logged_in(self, session: AsyncSession, realm: Realm, person_id: UUID) -> dict[str, str]:
        at = self.clock.now()
        opened = await open_session(session, realm, person_id, device="Tests", idle=timedelta(days=30), at=at)
        token = self.app.state.tokens.issue(
            subject=str(person_id), client_id="shop", scopes=[realm], session_id=opened.session_id, at=at
        )
        return {"Authorization": f"Bearer {token}"}

    async def agree(self, *recipients: Recipient) -> None:
        async with self.sessions.begin() as session:
            await agree(session, *recipients, at=self.clock.now())

    async def stock(self, sku: str) -> int:
        return int((await self.rows("SELECT available FROM stock WHERE sku = :sku", sku=sku))[0][0])


def as_lesser(database: str) -> str:
    """Give a database's address to the role that the shop is at work as: what it may not do fails in any test."""
    return make_url(database).set(username=LESSER).render_as_string(hide_password=False)


def let_the_shop_work_on(database: str) -> None:
    """Let that role do what it must, as `shop migrate` and `shop restore` do."""
    settle(database, LesserRole.of(as_lesser(database)), let_go(Settings()))


def a_wish(cart_id: str, **changes: Any) -> dict[str, Any]:
    """Order by Ива Петрова; constant values, so that assertions can be exact."""
    return {
        "cart_id": cart_id,
        "customer": {
            "first_name": "Ива",
            "last_name": "Петрова",
            "email": "iva@example.bg",
            "phone": "+359888123456",
        },
        "delivery": {
            "method": "address",
            "city": "София",
            "postcode": "1618",
            "street": "ул. Българска легия",
            "street_no": "2",
        },
        "payment_method": "cash_on_delivery",
        "expected_total": ANY_TOTAL,
        "privacy_declaration": {"version": VERSION, "accepted": True},
        **changes,
    }


def a_wish_today(cart_id: str, **changes: Any) -> dict[str, Any]:
    """Order where processes run by the clock on the wall."""
    return a_wish(cart_id, **{"privacy_declaration": {"version": TODAYS_VERSION, "accepted": True}, **changes})


def settings_of(folder: Path, **changes: Any) -> Settings:
    return (_settings(**changes) if changes else _plain_settings()).model_copy(update={"folder": folder})


IMPATIENT = {
    "speedy_quiet_seconds": 0,
    "speedy_pause_seconds": 0.01,
    "speedy_track_seconds": 0,
    "icash_poll_seconds": 0.01,
    "authentication_kept_seconds": 0,
}
"""What a shop waits or remembers for a while, so as not to ask others too often; a test has no time for it."""
GENEROUS: dict[str, Any] = {
    "cash_on_delivery_pieces": 10_000,
    "cash_on_delivery_total": "999999.99",
    "cash_on_delivery_kilograms": 1_000,
    "bank_transfer_pieces": 10_000,
    "bank_transfer_total": "999999.99",
    "bank_transfer_kilograms": 1_000,
    "unproved_pieces": 10_000,
    "unproved_total": "999999.99",
    "open_orders_by_email": 100_000,
    "open_orders_by_phone": 100_000,
    "open_orders_by_origin": 100_000,
    "unpaid_stock_percent": 100,
}
"""What keeps strangers from taking all there is; only tests/checkout/test_strangers is about it."""


def _settings(**changes: Any) -> Settings:
    return Settings(
        guest_token_secret=SecretStr("a secret of the tests"),
        seller_iban="BG80BNBG96611020345678",
        seller_bic="BNBGBGSD",
        catalog_kept_seconds=0,
        totp_secret=SecretStr("another secret of the tests"),
        sealing_secret=SecretStr("a third secret of the tests"),
        **{
            "orders_per_hour": 1_000_000,
            "carts_per_hour": 1_000_000,
            "mails_at_once": 1_000_000,
            **GENEROUS,
            **IMPATIENT,
            **changes,
        },
    )


@cache
def _plain_settings() -> Settings:
    """Read and check once what is alike in nearly every test."""
    return _settings()


async def stock_up(session: AsyncSession) -> None:
    await make_variant(session, sku="ION-H-SOFT-2", price=Money(1290), stock=100)
    await make_variant(session, sku="ION-SET-1", price=Money(8990), stock=100)


async def agree(session: AsyncSession, *recipients: Recipient, at: datetime) -> None:
    """Put agreements with recipients on record."""
    for recipient in recipients:
        await disclosing.record_agreement(
            session, recipient, reference="Д-1/2026", signed_on=date(2026, 1, 2), at=at, by="test"
        )


_DRAWN: dict[tuple[object, ...], Any] = {}
"""Drawing is pure, and many tests issue the same first invoice: each is made once in a process."""


async def draw_here(view: Paper) -> Rendered:
    """Make all of a document but its pages, which are sketched."""
    key = (view.kind, view.fingerprint())
    if key not in _DRAWN:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rendering, "draw", sketch)
            _DRAWN[key] = rendering.rendered(view)
    drawn: Rendered = _DRAWN[key]
    return drawn


async def draw_page_here(html: str, css: str) -> bytes:
    """Look for flaws in what `core.pdf.draw_now` would draw in a process of its own (tests/core), and sketch it."""
    assert not flaws_of_page(html)
    return sketch(html, css, variant="pdf/a-3b")


def patient(size: int, overflow: int) -> Pool:
    """Return a pool that cuts nobody off because the machine is slow."""
    most = round(1000 * PATIENCE)
    return Pool(
        size=size,
        overflow=overflow,
        wait_seconds=PATIENCE,
        statement_timeout_ms=most,
        lock_timeout_ms=most,
        idle_in_transaction_timeout_ms=2 * most,
    )


_COMPILED: list[Engine] = []


async def sharing_statements(engine: AsyncEngine) -> AsyncEngine:
    """Let the engines of a process share what they compile: each statement once, not once in each test."""
    if not _COMPILED:
        async with engine.connect():  # only then does the dialect know its server
            pass
        engine.sync_engine._compiled_cache = LRUCache(10_000)
        _COMPILED.append(engine.sync_engine)
    first = _COMPILED[0]
    # The dialect is part of a compiled statement's key; all databases of a run are on one server.
    engine.sync_engine.dialect, engine.sync_engine._compiled_cache = first.dialect, first._compiled_cache
    return engine


_IDLE: dict[object, list[FastAPI]] = {}


@contextmanager
def _an_app(settings: Settings) -> Iterator[FastAPI]:
    """Lend an app that an earlier test left as it was built: building eighty routes takes a quarter of a second."""
    looks = (settings.body_limit, settings.storefront_origins, settings.environment, settings.contract_shown)
    idle = _IDLE.setdefault(looks, [])
    app = idle.pop() if idle else build_app(settings)
    routes, telemetry = len(app.router.routes), dict(app._native_telemetry.config)
    yield app
    if (len(app.router.routes), app._native_telemetry.config) == (routes, telemetry):
        app.state = State()
        idle.append(app)


class Transport(httpx.ASGITransport):
    """Handles each request in a task of its own, as a server does: what the test holds itself, its tasks do not."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await asyncio.create_task(super().handle_async_request(request))


@asynccontextmanager
async def open_shop(database: str, folder: Path, **changes: Any) -> AsyncIterator[Shop]:
    """Open a shop with simulators on a database that is stocked."""
    clock = TestClock()
    engine = await sharing_statements(make_engine(as_lesser(database), patient(size=10, overflow=30)))
    own_engine = await sharing_statements(make_engine(database, patient(size=10, overflow=30)))
    of_the_shop, sessions = make_sessions(engine), make_sessions(own_engine)
    try:
        async with (
            SpeedySimulator.serve(clock=clock, conduct=Conduct(tracks_per_second=1_000)) as speedy,
            ICashSimulator.serve(clock=clock) as icash,
            AsyncExitStack() as open_,
        ):
            outside_urls = {"speedy_url": speedy.url, "icash_url": icash.url}
            settings = settings_of(folder, **changes).model_copy(update=outside_urls)
            app = open_.enter_context(_an_app(settings))
            transport = Transport(app, client=("127.0.0.1", 50000))
            async with (
                httpx.AsyncClient(
                    transport=transport,
                    base_url="http://shop.test",
                    event_hooks={"response": [keeps_to_the_contract]},
                ) as http,
                adapters(settings, as_lesser(database), clock, draw_here, sessions=of_the_shop) as outside,
                places(settings) as courier,
            ):
                equip(app, settings, of_the_shop, clock, courier)
                work = work_of(settings, of_the_shop, outside, clock)
                mails = folder / "mail"
                async with AsyncExitStack() as closing:
                    yield Shop(
                        app,
                        http,
                        sessions,
                        clock,
                        settings,
                        speedy,
                        icash,
                        courier,
                        engine,
                        database,
                        work,
                        mails,
                        closing,
                    )
                assert not [flaw for file in mails.glob("*.eml") for flaw in flaws_of_mail(file.read_bytes())]
    finally:
        await engine.dispose()
        await own_engine.dispose()
