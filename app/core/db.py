"""Engine, sessions, the declarative base: one request is one transaction, and only this module commits."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import CheckConstraint, DateTime, Enum, Executable, MetaData, Text, Uuid
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.dml import UpdateBase

from app.core.money import Money, MoneyType

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

    size: int = 10
    overflow: int = 10
    wait_seconds: float = 5
    statement_timeout_ms: int = 15_000
    lock_timeout_ms: int = 5_000
    idle_in_transaction_timeout_ms: int = 30_000


def make_engine(url: str, pool: Pool = Pool()) -> AsyncEngine:
    watch = (
        f"-c statement_timeout={pool.statement_timeout_ms} -c lock_timeout={pool.lock_timeout_ms}"
        f" -c idle_in_transaction_session_timeout={pool.idle_in_transaction_timeout_ms} -c timezone=UTC"
    )
    return create_async_engine(
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


def make_sessions(engine: AsyncEngine) -> Sessions:
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    sessions: Sessions = request.app.state.sessions
    async with sessions.begin() as session:
        yield session


# "function": the commit comes after the body is built and before it is sent, so no client reads of what was not kept.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Make the CHECK that keeps a column to the members of an enum."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(value.value) for value in values)})", name=column)


def together(*writes: UpdateBase) -> Executable:
    """Make one statement, one round trip, of several independent single writes.

    PostgreSQL runs them as parts of one WITH; none sees what another wrote, foreign keys are checked at the end.
    """
    *first, last = writes
    for number, write in enumerate(first):
        last = last.add_cte(write.cte(f"write_{number}"))
    return last


def closed_to_changes(table: str) -> Sequence[str]:
    """Give the SQL that makes a table of record refuse UPDATE, DELETE and TRUNCATE; run by its migration."""
    return (
        f"CREATE TRIGGER {table}_is_record BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change_of_record()",
        f"CREATE TRIGGER {table}_is_kept BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record()",
    )
