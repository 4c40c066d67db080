"""Whose rows are whose: what every holder says of a person, put together by table."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Column, ColumnElement, LargeBinary, Table, or_

from app.core.holders import Holder, Person
from app.core.personal import Category, Personal


def owned(holders: Sequence[Holder], person: Person) -> Mapping[Table, ColumnElement[bool]]:
    """Give, for each table that holds anything of customers, which rows are the person's."""
    found: dict[Table, list[ColumnElement[bool]]] = {}
    for holder in holders:
        for own in holder.own(person):
            found.setdefault(_table(own.table.__table__), []).append(own.of_person)
    ordered = sorted(found, key=lambda table: table.name)
    return {table: or_(*found[table]) for table in ordered}


def _table(found: object) -> Table:
    assert isinstance(found, Table)
    return found


def annotation_of(column: Column[object]) -> Personal | None:
    found: Personal | None = column.info.get("personal")
    return found


def is_shown(column: Column[object]) -> bool:
    """Say whether a copy shows the column: not what somebody logs in with, and no bytes, which go as files."""
    annotation = annotation_of(column)
    is_secret = annotation is not None and annotation.category is Category.CREDENTIAL
    return not is_secret and not isinstance(column.type, LargeBinary)


def is_portable(column: Column[object]) -> bool:
    """Say whether the portable copy has the column: what the person gave (S67), with keys, dates and amounts to it."""
    annotation = annotation_of(column)
    if annotation is not None:
        return annotation.given and is_shown(column)
    if "personal" in column.info:
        return False  # text of ours
    return is_shown(column)


def is_given(table: Table) -> bool:
    """Say whether anything in the table was given by the person."""
    return any((said := annotation_of(column)) is not None and said.given for column in table.columns)
