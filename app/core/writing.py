"""The SQL of several writes in one statement, whose rows come as one JSON document (`db.together`)."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from uuid import UUID

from sqlalchemy import TextClause, text

from app.core.money import Money


def as_json(value: object) -> object:
    if isinstance(value, Money):
        return value.cents
    if isinstance(value, date):  # a moment too
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(type(value).__name__)


@cache
def writing(
    shape: Sequence[tuple[str, Sequence[str], str | None]],
    returning: str | None,
    seen: tuple[str, Sequence[str]] | None = None,
) -> TextClause:
    """Make the parts of one WITH; nothing is written unless the row that was seen is found, and locked."""
    first, source = ["given AS MATERIALIZED (SELECT CAST(:rows AS jsonb) AS writes)"], "given"
    if seen:
        table, columns = seen
        which = " AND ".join(f'"{column}" = :{column}' for column in columns)
        # As nothing changes a key, whoever only refers to the row does not wait.
        locked = f"SELECT FROM {table} WHERE {which} FOR NO KEY UPDATE"
        first, source = [*first, f"seen AS MATERIALIZED ({locked})"], "seen, given"
    *parts, last = [_part(source, number, *write) for number, write in enumerate(shape)]
    before = ", ".join([*first, *(f"write_{number} AS ({part})" for number, part in enumerate(parts))])
    return text(f"WITH {before} {last}" + (f" RETURNING {returning}" if returning else ""))


def _part(source: str, number: int, table: str, columns: Sequence[str], key: str | None) -> str:
    names = [f'"{column}"' for column in columns]
    rows = f"{source}, jsonb_populate_recordset(CAST(NULL AS {table}), given.writes -> {number}) AS r"
    if key is None:
        values = ", ".join(f"r.{name}" for name in names)
        return f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {rows}"  # noqa: S608 - names of ours
    changes = ", ".join(f"{name} = r.{name}" for column, name in zip(columns, names, strict=True) if column != key)
    return f"UPDATE {table} SET {changes} FROM {rows} WHERE {table}.{key} = r.{key}"  # noqa: S608 - names of ours
