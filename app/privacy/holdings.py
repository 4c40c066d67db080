"""What is really held of one person: which fields of which tables say something (S59)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, String, Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.holders import Holder, Person
from app.core.personal import Category, Personal
from app.privacy.owned import annotation_of, owned


@dataclass(frozen=True, slots=True)
class Held:
    """The person's rows of one table, counted, and the annotated columns that are not empty in all of them."""

    table: Table
    count: int
    columns: Mapping[Column[object], Personal]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(str(column) for column in self.columns)

    @property
    def categories(self) -> list[Category]:
        return sorted({said.category for said in self.columns.values()})


async def held_of(session: AsyncSession, holders: Sequence[Holder], person: Person) -> list[Held]:
    """Count, never read: one select for each table that may hold anything of the person."""
    found = []
    for table, own in owned(holders, person).items():
        annotated = {column: said for column in table.columns if (said := annotation_of(column)) is not None}
        if not annotated:
            continue
        counts = select(func.count(), *(func.count(_filled(column)) for column in annotated))
        count, *filled = (await session.execute(counts.select_from(table).where(own))).one()
        told = {column: said for (column, said), rows in zip(annotated.items(), filled, strict=True) if rows}
        if told:
            found.append(Held(table, count, told))
    return found


def _filled(column: Column[object]) -> ColumnElement[object]:
    """Take an empty text for nothing: so is left what was erased from a row that stays."""
    return func.nullif(column, "") if isinstance(column.type, String) else column
