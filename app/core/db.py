"""Engine, sessions, the declarative base: one request is one transaction, and only this module commits."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID
from weakref import WeakKeyDictionary

from fastapi import Depends, Request
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    CompoundSelect,
    DateTime,
    Enum,
    Executable,
    MetaData,
    Select,
    Text,
    Uuid,
    delete,
    event,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from app.core.money import Money, MoneyType
from app.core.writing import as_json, writing

Sessions = async_sessionmaker[AsyncSession]


MEMBER = Enum(
    StrEnum, native_enum=False, length=32, create_constraint=False, values_callable=lambda kind: [m.value for m in kind]
)


class Base(DeclarativeBase):
    """Every table of the shop; columns of text say in `info` whether they hold personal data."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    # A StrEnum is kept as the text of its value; `one_of` is the CHECK beside it.
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own form
        Money: MoneyType(),
        datetime: DateTime(timezone=True),
        str: Text(),
        UUID: Uuid(),
        StrEnum: MEMBER,
    }


@dataclass(frozen=True, slots=True)
class Pool:
    """How one process uses the database; milliseconds for what the server watches, seconds for what we wait for."""

    size: int = 20
    overflow: int = 0  # what is above the size is opened for one use: 35 connections in six seconds at 32 clients
    wait_seconds: float = 5
    statement_timeout_ms: int = 15_000
    lock_timeout_ms: int = 5_000
    idle_in_transaction_timeout_ms: int = 30_000


def make_engine(url: str, pool: Pool = Pool()) -> AsyncEngine:
    watch = (
        f"-c statement_timeout={pool.statement_timeout_ms} -c lock_timeout={pool.lock_timeout_ms}"
        f" -c idle_in_transaction_session_timeout={pool.idle_in_transaction_timeout_ms} -c timezone=UTC"
    )
    engine = create_async_engine(
        url,
        pool_size=pool.size,
        max_overflow=pool.overflow,
        pool_timeout=pool.wait_seconds,
        pool_pre_ping=False,  # a ping is a round trip; a dead connection renews the pool at its first use
        pool_recycle=1800,
        pool_use_lifo=True,
        hide_parameters=True,  # an exception's text must not carry what a person entered
        connect_args={"options": watch, "prepare_threshold": 3},
    )
    event.listen(engine.sync_engine, "checkout", _taken)
    event.listen(engine.sync_engine, "checkin", _given_back)
    return engine


_HOLDERS: WeakKeyDictionary[Any, "asyncio.Task[Any]"] = WeakKeyDictionary()
"""By the pool's record of a connection: which task has it."""


def _taken(_: object, record: object, __: object) -> None:
    if task := asyncio.current_task():
        _HOLDERS[record] = task


def _given_back(_: object, record: object) -> None:
    _HOLDERS.pop(record, None)


class ConnectionHeld(Exception):
    """A mistake of ours: `let_go` of the session before what takes long, so that others need not wait for it."""


def require_empty_handed() -> None:
    """Refuse to begin what takes long, or waits for its turn, in a task that holds a pooled connection meanwhile."""
    if asyncio.current_task() in set(_HOLDERS.values()):
        raise ConnectionHeld


def make_sessions(engine: AsyncEngine) -> Sessions:
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)


def url_of(sessions: Sessions) -> str:
    """Return the address, password and all, of the database that these sessions lead to."""
    engine: AsyncEngine = sessions.kw["bind"]
    return engine.url.render_as_string(hide_password=False)


async def streamed(
    session: AsyncSession, statement: Select[Any] | CompoundSelect[Any], *, at_once: int
) -> AsyncGenerator[Any]:
    """Give the rows of a select as they come; whoever stops early closes this, and with it the cursor."""
    found = await session.stream(statement.execution_options(yield_per=at_once))
    try:
        async for rows in found.partitions():  # one switch for many
            for row in rows:
                yield row
    finally:
        await found.close()


LAST = "last"


def write_last(session: AsyncSession, write: "Write | Executable") -> None:
    """Write this at the end of the request, if it does not fail: what others queue for is then held no longer."""
    session.info.setdefault(LAST, []).append(together(write) if isinstance(write, Write) else write)


async def get_sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions


# For what a connection is not to be held through: it is read in a session of its own, before the request's is used.
SessionsDep = Annotated[Sessions, Depends(get_sessions)]


@asynccontextmanager
async def alone(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """Open a session whose every statement is a transaction of its own: one round trip, and nothing held after it.

    Not for a task that holds a connection: such tasks would wait for each other's second one.
    """
    require_empty_handed()
    async with sessions() as session:
        await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        yield session


async def get_lookups(request: Request) -> Sessions:
    lookups: Sessions = request.app.state.lookups
    return lookups


# For what doors look up, with `alone`: no connection is to be held while a body is read.
LookupsDep = Annotated[Sessions, Depends(get_lookups)]


BODILESS = "bodiless"
"""Of a request, and its session: it is answered with headers alone (HEAD)."""


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    session = (await get_sessions(request))()
    session.info[BODILESS] = request.scope.get(BODILESS, False)
    try:
        yield session
        await let_go(session)
    finally:
        if session.in_transaction():  # else there is nothing to close, which takes a task and two switches
            async with session:
                pass


async def let_go(session: AsyncSession) -> None:
    """Keep what was written, and give connection and locks back; what comes after is another transaction.

    Called before what takes long: computing a password's hash, drawing, waiting for one's turn. What was read may have
    changed when it is done.
    """
    if last := session.info.pop(LAST, None):
        await session.flush()
        for each in last:
            await session.execute(each)
    if session.in_transaction():  # else nothing was asked of it, and nothing is to be kept
        await session.commit()


# "function": the commit comes after the body is built and before it is sent, so no client reads of what was not kept.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Make the CHECK that keeps a column to the members of an enum."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(value.value) for value in values)})", name=column)


@dataclass(frozen=True, slots=True)
class Write:
    """Rows to insert into a table, all of the same columns; with `key`, rows to change, found by that column."""

    table: type[Base]
    rows: Sequence[Mapping[str, Any]] = field(repr=False)
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A row as it was seen, by those of its columns that matter."""

    table: type[Base]
    columns: Mapping[str, Any] = field(repr=False)


def together(*writes: Write, returning: str | None = None, unless_changed: Seen | None = None) -> Executable:
    """Make one statement, one round trip, of several independent writes; gives a column of the last one.

    `unless_changed` is locked before anything is written, and when it is no longer as it was seen, nothing is.

    PostgreSQL runs them as parts of one WITH; none sees what another wrote, foreign keys are checked at the end. The
    values go as one JSON document, which the tables' own types read: a statement with a parameter for each of a
    hundred columns took four times the work to make.
    """
    rows = json.dumps([[*write.rows] for write in writes], default=as_json)
    shape = tuple((write.table.__tablename__, tuple(write.rows[0]), write.key) for write in writes)
    if unless_changed is None:
        return writing(shape, returning).bindparams(rows=rows)
    seen = (unless_changed.table.__tablename__, tuple(unless_changed.columns))
    return writing(shape, returning, seen).bindparams(rows=rows, **unless_changed.columns)


@dataclass(frozen=True, slots=True)
class Due:
    """Rows of a table whose time is over."""

    table: type[Base]
    which: ColumnElement[bool]


async def forget(
    session: AsyncSession, table: type[Base], which: ColumnElement[bool], *, limit: int | None = None
) -> int:
    """Delete rows whose time is over; one that somebody holds is left for the next time: this waits for nobody.

    Returns how many went.
    """
    key = [*table.__table__.primary_key]
    free = select(*key).where(which).limit(limit).with_for_update(skip_locked=True)
    gone = delete(table).where(tuple_(*key).in_(free)).returning(*key)
    return len((await session.execute(gone, execution_options={"synchronize_session": False})).all())


def closed_to_changes(table: str) -> Sequence[str]:
    """Give the SQL that makes a table of record refuse UPDATE, DELETE and TRUNCATE; run by its migration."""
    return (
        f"CREATE TRIGGER {table}_is_record BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_record()",
        f"CREATE TRIGGER {table}_is_kept BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record()",
    )
