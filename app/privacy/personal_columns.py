"""What the tables' own annotations say of a recipient: which columns, and which kinds of data, it may receive."""

from collections.abc import Collection, Iterator
from functools import cache

from sqlalchemy import Column, MetaData

from app.core.db import Base
from app.core.personal import Category, Ground, Personal, Recipient, Retention


def fields_for(recipient: Recipient, tables: MetaData = Base.metadata) -> dict[str, list[str]]:
    """Name the columns that may go to the recipient, by table (S33, S36)."""
    named: dict[str, list[str]] = {}
    for column, _ in _received_by(recipient, tables):
        named.setdefault(column.table.name, []).append(column.name)
    return named


def categories_for(recipient: Recipient, tables: MetaData = Base.metadata) -> list[Category]:
    return sorted({annotation.category for _, annotation in _received_by(recipient, tables)})


def categories_in(names: Collection[str], tables: MetaData = Base.metadata) -> list[Category]:
    """Name the kinds of data that these tables hold: what is exposed with them (GDPR Art. 33(3)(a))."""
    return sorted({annotation.category for column, annotation in annotated(tables) if column.table.name in names})


def categories_on(ground: Ground, tables: MetaData = Base.metadata) -> list[Category]:
    """Name the kinds of customers' data that rest on a ground: consent taken back ends only what rests on it (C17)."""
    found = (annotation for _, annotation in annotated(tables) if annotation.retention is not Retention.STAFF)
    return sorted({annotation.category for annotation in found if annotation.ground is ground})


def _received_by(recipient: Recipient, tables: MetaData) -> Iterator[tuple[Column[object], Personal]]:
    return (found for found in annotated(tables) if recipient in found[1].recipients)


def annotated(tables: MetaData = Base.metadata) -> Iterator[tuple[Column[object], Personal]]:
    """Give every column that holds personal data, with what it says of them."""
    yield from _annotated(tables, len(tables.tables))


@cache
def _annotated(tables: MetaData, _number: int) -> list[tuple[Column[object], Personal]]:
    """Look through them once: to sort the tables at each handing over took a tenth of recording it."""
    columns = (column for table in tables.sorted_tables for column in table.columns)
    return [(column, annotation) for column in columns if (annotation := column.info.get("personal"))]
