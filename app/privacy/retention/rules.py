"""What a rule of retention is: which rows, from when, how long, by which law, and what happens (C10)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Base, Due, forget
from app.core.holders import named_erasure
from app.core.language import Text
from app.core.personal import Retention
from app.privacy.storage_terms import Factor


class Does(StrEnum):
    """What happens when a term is over."""

    DELETE = "delete"
    ANONYMISE = "anonymise"
    AGGREGATE = "aggregate"
    """Deleted, and counted in the statistics before."""
    KEEP = "keep"
    """No date decides: an act of the person, or of the shop, ends it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a rule says to people."""

    what: Text
    since: Text
    term: Text
    law: Text
    factors: tuple[Factor, ...]


class Batch(NamedTuple):
    """How many rows one step let go of, and where the next one begins: the rows stay, and are not looked at again."""

    gone: int
    last: UUID | None


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows that go when their time is over; in a table of record through the named way."""

    key: str
    retention: Retention
    tables: frozenset[str]
    """What it answers for."""
    does: Does
    told: Told
    due: Callable[[datetime], Sequence[Due]] = lambda _at: ()
    is_hourly: bool = False
    """Looked at every hour, not only in the daily run."""

    async def count(self, session: AsyncSession, *, at: datetime) -> tuple[int, int]:
        """Count what is due, and what of it is held; here nothing is."""
        return sum([await _counted(session, each.table, each.which) for each in self.due(at)]), 0

    async def let_go(self, session: AsyncSession, *, at: datetime, limit: int, after: UUID | None) -> Batch:  # noqa: ARG002 - for rules whose rows stay
        """Let go of a batch; what somebody holds is left for the next run."""
        gone = 0
        async with named_erasure(session):
            for each in self.due(at):
                if gone < limit:
                    gone += await forget(session, each.table, each.which, limit=limit - gone)
        return Batch(gone, None)


Act = Callable[[AsyncSession, Sequence[UUID]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRule(Rule):
    """Rows that something is done with; the act makes them no longer due."""

    table: type[Base]
    which: Callable[[datetime], ColumnElement[bool]]
    held: Callable[[datetime], ColumnElement[bool]]
    act: Act

    async def count(self, session: AsyncSession, *, at: datetime) -> tuple[int, int]:
        which, held = self.which(at), self.held(at)
        due = await _counted(session, self.table, which & ~held)
        return due, await _counted(session, self.table, which & held)

    async def let_go(self, session: AsyncSession, *, at: datetime, limit: int, after: UUID | None) -> Batch:
        key: ColumnElement[Any] = next(iter(self.table.__table__.primary_key))
        beyond = true() if after is None else key > after
        free = select(key).where(beyond, self.which(at), ~self.held(at)).order_by(key).limit(limit)
        ids = (await session.scalars(free.with_for_update(skip_locked=True))).all()
        if ids:
            await self.act(session, ids)
        return Batch(len(ids), ids[-1] if ids else None)


async def _counted(session: AsyncSession, table: type[Base], which: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).select_from(table).where(which)) or 0
