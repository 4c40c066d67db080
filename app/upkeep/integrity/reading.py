"""Reads for the checks: each in a transaction that cannot write and waits for no lock for long."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import psycopg
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.core.db import Sessions, make_sessions
from app.upkeep.watching import Watch

# PostgreSQL 18 puts the path between quotes, the versions before it do not.
BAD_PAGE = re.compile(r'invalid page in block (\d+) of relation "?(base/\d+/\d+)')
DAMAGED = ("XX", "58")
"""Classes of SQLSTATE: internal errors, data corrupted among them, and errors of the system's files."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What every check reads through: transactions of one snapshot each, which cannot write."""

    sessions: Sessions
    watch: Watch

    @classmethod
    def over(cls, engine: AsyncEngine, watch: Watch) -> Self:
        """Make one whose transactions begin as such, without a word more to the server."""
        frozen = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return cls(make_sessions(frozen), watch)

    @asynccontextmanager
    async def reading(self, **settings: str) -> AsyncIterator[AsyncSession]:
        """Open one snapshot to read in, with settings for its time alone."""
        self.watch.breathe()
        async with self.sessions.begin() as session:
            if settings:
                await adjust(session, settings)
            yield session

    async def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.reading() as session:
            return [tuple(row) for row in await session.execute(text(statement), values)]


async def adjust(session: AsyncSession, settings: Mapping[str, str]) -> None:
    """Set what holds for this transaction alone."""
    one_by_one = select(*(func.set_config(name, value, True) for name, value in settings.items()))
    await session.execute(one_by_one)


@dataclass(frozen=True, slots=True)
class Damage:
    """What PostgreSQL said of something that it cannot read: the file and block when it names them, else its code."""

    code: str
    path: str | None = None
    block: int | None = None

    def __str__(self) -> str:
        return "the page is not what was written" if self.path else f"cannot be read (SQLSTATE {self.code})"


def damage_of(problem: DBAPIError) -> Damage | None:
    """Tell damage from any other refusal, such as a lock that was not to be had."""
    refusal = problem.orig
    if not isinstance(refusal, psycopg.Error) or not (refusal.sqlstate or "").startswith(DAMAGED):
        return None
    found = BAD_PAGE.search(str(refusal))
    return Damage(refusal.sqlstate or "", found[2] if found else None, int(found[1]) if found else None)
