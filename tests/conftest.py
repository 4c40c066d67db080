"""A real PostgreSQL for the whole run; each test that asks gets a database of its own, migrated to head."""

import gc
import itertools
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import passwords
from app.auth.passwords import HASHER, NOBODY
from app.core import pdf
from app.core.db import Sessions, make_engine, make_sessions
from app.core.drawing import draw
from app.core.embedded import EmbeddedServer
from app.core.personal import Recipient
from app.upkeep.restoring import create_database, drop_database
from tests.shop import (
    NOON,
    Shop,
    agree,
    draw_page_here,
    let_the_shop_work_on,
    open_shop,
    patient,
    sharing_statements,
    stock_up,
)

ROOT = Path(__file__).parent.parent
NUMBER = itertools.count(1)
IDLE: dict[tuple[str, str], list[str]] = {}
"""Databases as they were cloned, by server and template."""
# A vacuum under way is a superuser's process: it would keep an ordinary role from dropping a test's database.
# The kernel copies a template's files ten times as fast as the server does.
SETTINGS = {"max_connections": "300", "autovacuum": "off", "file_copy_method": "clone", "max_wal_size": "256MB"}
ROOM = 2**30
"""Bytes; a server of one worker was seen to take a tenth of that."""
END_ALL = """
    SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
    WHERE datname = %s AND usename IN (current_user, 'shop_app')
"""
CHEAP = {"memory_cost": 8, "default_rounds": 1, "min_desired_rounds": 1, "max_desired_rounds": 1}
FULL = {name: getattr(HASHER, name) for name in CHEAP}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}

# A process that has imported the shop holds a million objects; looking through all of them again and again for
# garbage was a tenth of the run.
gc.disable()
gc.set_threshold(50_000, 20, 100)


def pytest_collection_finish() -> None:
    """Look for garbage from here on, and only among what the tests make."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    """Write log lines plainly: structlog's default draws whole tracebacks with every local variable, for seconds."""
    structlog.configure(processors=[structlog.processors.add_log_level, structlog.processors.KeyValueRenderer()])


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> Iterator[None]:
    """Turn the network beyond loopback off."""
    connect = socket.socket.connect

    def guarded(self: Any, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in LOOPBACK:
            raise AssertionError(f"a test reached for {address[0]}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign] # a fence around the tests, not a fake
    yield
    socket.socket.connect = connect  # type: ignore[method-assign] # as above


@pytest.fixture(scope="session", autouse=True)
def _passwords_are_cheap() -> Iterator[None]:
    """Compute hashes of passwords in no time; what is about their cost asks for `full_cost`."""
    with pytest.MonkeyPatch.context() as patch:
        for name, cost in CHEAP.items():
            patch.setattr(HASHER, name, cost)
        patch.setattr(passwords, "NOBODY", HASHER.hash("nobody's"))
        yield


@pytest.fixture
def full_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords at the cost of a shop that is open."""
    for name, cost in FULL.items():
        monkeypatch.setattr(HASHER, name, cost)
    monkeypatch.setattr(passwords, "NOBODY", NOBODY)


@pytest.fixture(scope="session", autouse=True)
def _pages_are_drawn_here() -> Iterator[None]:
    """Make what privacy's papers show in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "draw_now", draw_page_here)
        yield


@pytest.fixture
def papers_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw papers at once, where the shop itself reads what it has drawn."""
    monkeypatch.setattr("tests.shop.sketch", draw)
    monkeypatch.setattr("tests.shop._DRAWN", {})


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Start PostgreSQL without durability, holding a migrated template; gives the address of another database."""
    with ExitStack() as closing:
        url = closing.enter_context(_given(given) if (given := os.environ.get("SHOP_TEST_SERVER_URL")) else _embedded())
        yield url
        _desk(url).close()


@contextmanager
def _embedded() -> Iterator[str]:
    # Not under pytest's own folder: each run of root closes that one to other users, the server's among them.
    with (
        tempfile.TemporaryDirectory(prefix="shop-tests-", dir=_memory()) as place,
        EmbeddedServer.start(Path(place) / "pg", durable=False, settings=SETTINGS) as running,
    ):
        _furnish(running.url("template_shop"))
        yield running.url("desk")


def _memory() -> Path | None:
    """Return a folder that is kept in memory, where there is one with room: copying the template takes long on a disk.

    `SHOP_TEST_FOLDER` names another.
    """
    if given := os.environ.get("SHOP_TEST_FOLDER"):
        return Path(given)
    folder = Path("/dev/shm")  # noqa: S108 - the folder within it is made under a name of its own
    with suppress(OSError):
        if shutil.disk_usage(folder).free > ROOM:
            return folder
    return None


@contextmanager
def _given(given: str) -> Iterator[str]:
    """Use a server that is there: another version of PostgreSQL, say."""
    plain = make_url(given).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS template_shop WITH (FORCE)")
        connection.execute("CREATE DATABASE template_shop")
    _furnish(make_url(given).set(database="template_shop").render_as_string(hide_password=False))
    yield given


def _furnish(url: str) -> None:
    """Bring a database to the newest schema, and the role that the shop is at work as to what it may do."""
    migrate(url)
    let_the_shop_work_on(url)


def migrate(url: str, to: str = "head") -> None:
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    if to == "base":
        command.downgrade(config, to)
    else:
        command.upgrade(config, to)


@contextmanager
def cloned(server: str, template: str) -> Iterator[str]:
    """Give a database of its own, its address as SQLAlchemy takes it; one to which nobody wrote is given again."""
    desk, idle = _desk(server), IDLE.setdefault((server, template), [])
    if idle:
        name = idle.pop()
    else:
        name = f"test_{next(NUMBER)}"
        desk.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    before = _written(desk)
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    desk.execute(END_ALL, [name])
    if _written(desk) == before:
        idle.append(name)
    else:
        desk.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _written(desk: "psycopg.Connection[tuple[Any, ...]]") -> object:
    """Return the number of the server's next transaction: whatever is written anywhere takes one."""
    return desk.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())").fetchone()


@cache
def _desk(server: str) -> "psycopg.Connection[tuple[Any, ...]]":
    """Connect once to the server for all that databases are made and dropped over."""
    plain = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


@pytest.fixture
def database(server: str) -> Iterator[str]:
    """Give the test a database of its own, migrated to head and empty."""
    with cloned(server, "template_shop") as url:
        yield url


@pytest.fixture
def empty(server: str) -> Iterator[str]:
    """Give a database with no tables."""
    name = f"empty_{next(NUMBER)}"
    yield create_database(server, name)
    drop_database(server, name)


@pytest.fixture(scope="session")
async def stocked_template(server: str) -> AsyncIterator[str]:
    """Fill a database once with what every shop of a test has: two articles in stock, agreements on record."""
    with cloned(server, "template_shop") as url:
        engine = make_engine(url)
        async with make_sessions(engine).begin() as session:
            await stock_up(session)
            await agree(session, *Recipient, at=NOON)
        await engine.dispose()
        yield str(make_url(url).database)


@pytest.fixture
def stocked(server: str, stocked_template: str) -> Iterator[str]:
    """Give the test the database of a shop that can sell and hand over."""
    with cloned(server, stocked_template) as url:
        yield url


@pytest.fixture
async def sessions(database: str) -> AsyncIterator[Sessions]:
    engine = await sharing_statements(make_engine(database, patient(size=5, overflow=100)))
    yield make_sessions(engine)
    await engine.dispose()


@pytest.fixture
async def session(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """Give a transaction for tests of what is below HTTP; it is committed at the end, so constraints are met."""
    async with sessions.begin() as session:
        yield session


@pytest.fixture
async def shop(stocked: str, tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(stocked, tmp_path) as shop:
        yield shop
