"""Rows for what is only shown, by plain psycopg: a session, and its entities, take up to eight times the CPU."""

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

import psycopg
from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm.instrumentation import manager_of_class
from sqlalchemy.types import TypeEngine
from sqlalchemy.util import greenlet_spawn

from app.core.db import Base, Sessions, alone, require_empty_handed

DIALECT = dialect()  # type: ignore[no-untyped-call] # SQLAlchemy's
Entity = TypeVar("Entity", bound=Base)
Change = Callable[[Any], Any] | None
"""How a value is written or read; None: as it is."""


class _Written(NamedTuple):
    sql: str
    constants: Mapping[str, Any]
    writers: Mapping[str, Change]
    readers: Sequence[tuple[int, Callable[[Any], Any]]]
    """Of the columns that are not taken as they are, by their place."""
    make: Callable[[Iterable[Any]], Any]


class Read:
    """A select that is written out once; asked, it is a transaction of its own, as a statement of `alone` is."""

    def __init__(self, statement: Select[*tuple[Any, ...]], make: Callable[[Iterable[Any]], Any] | None = None) -> None:
        self.statement = statement
        self._make = make

    @cached_property
    def _written(self) -> _Written:
        made, columns = self.statement.compile(dialect=DIALECT), self.statement.selected_columns
        kinds = {name: bound.type.dialect_impl(DIALECT) for bound, name in made.bind_names.items()}
        writers = {name: kind.bind_processor(DIALECT) for name, kind in kinds.items()}
        constants = {name: _through(writers[name], value) for name, value in made.params.items()}
        row: Any = namedtuple("Row", [column.key or "" for column in columns], rename=True)  # type: ignore[misc] # noqa: PYI024 - by its columns
        readers = [(place, read) for place, column in enumerate(columns) if (read := _reader(column.type))]
        return _Written(made.string, constants, writers, readers, self._make or row._make)

    @property
    def sql(self) -> str:
        return self._written.sql

    async def rows(self, sessions: Sessions, **given: Any) -> Sequence[Any]:
        """Read its rows, as named tuples if nothing else; not for a task that holds a connection, as with `alone`."""
        written = self._written
        values = {**written.constants, **{name: _through(written.writers[name], given[name]) for name in given}}
        found = await _fetched(sessions, written.sql, values)
        if found is None:  # as a session asks: it renews the pool, or says what is wrong
            async with alone(sessions) as session:
                return [written.make(row) for row in await session.execute(self.statement, given)]
        return [written.make(_read(written.readers, row)) for row in found]


async def _fetched(sessions: Sessions, sql: str, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]] | None:
    """Fetch rows on a connection of the pool; None: it was dead."""
    require_empty_handed()
    engine: AsyncEngine = sessions.kw["bind"]
    try:
        pooled = await engine.raw_connection()
    except psycopg.OperationalError as fault:  # the pool's own, which SQLAlchemy says as its own to a session alone
        raise OperationalError(sql, None, fault, hide_parameters=True) from fault
    connection: psycopg.AsyncConnection = pooled.driver_connection  # type: ignore[assignment] # of this driver
    try:
        await connection.set_autocommit(True)
        cursor = connection.cursor(binary=True)  # bytes as they are, not as twice as many letters
        engine.sync_engine.dispatch.before_cursor_execute(None, cursor, sql, values, None, False)
        rows = await (await cursor.execute(sql, values)).fetchall()
        await connection.set_autocommit(False)
    except BaseException as fault:
        was_dead = connection.closed
        await greenlet_spawn(pooled.invalidate)  # whatever it was, nobody else gets this one
        if not isinstance(fault, psycopg.OperationalError):
            raise
        if was_dead:
            return None
        raise OperationalError(sql, None, fault, hide_parameters=True) from fault
    await greenlet_spawn(pooled.close)
    return rows


class Shown(Generic[Entity]):
    """Makes entities of what was read of them, without a session: to be shown, never to be changed."""

    def __init__(self, kind: type[Entity]) -> None:
        self._manager = manager_of_class(kind)
        self._names = [column.key for column in kind.__table__.columns]
        self.columns = [getattr(kind, name) for name in self._names]
        self._readers = [_reader(column.type) for column in self.columns]

    def of(self, values: Iterable[Any]) -> Entity:
        """Make one of the next values, which are those of its columns."""
        made: Entity = self._manager.new_instance()
        made.__dict__.update(zip(self._names, values, strict=False))
        return made

    def find(self, values: Iterator[Any]) -> Entity | None:
        """Make one as `of` does, of what was joined if it was there: then it has its key, which comes first."""
        mine = [*islice(values, len(self.columns))]
        return None if mine[0] is None else self.of(mine)

    def of_json(self, values: Iterable[Any]) -> Entity:
        """Make one of values as JSON has them: of texts, numbers and amounts."""
        return self.of(map(_through, self._readers, values))


def _read(readers: Sequence[tuple[int, Callable[[Any], Any]]], row: Sequence[Any]) -> Sequence[Any]:
    values = [*row]
    for place, read in readers:
        values[place] = read(values[place])
    return values


def _reader(kind: TypeEngine[Any]) -> Change:
    return kind.dialect_impl(DIALECT).result_processor(DIALECT, None)


def _through(change: Change, value: Any) -> Any:
    return change(value) if change else value
