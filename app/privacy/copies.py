"""Copies of all that is held of somebody: the access copy (GDPR Art. 15) and the portable one (Art. 20).

Both are read off the annotations of the columns and what the holders say is whose, so that a new column is in them by
itself. What somebody logs in with is named and never given; the PDFs that were issued go along as files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.holders import Holder, Kept, Person
from app.core.language import Language, Text
from app.core.personal import Recipient
from app.privacy.models import Disclosure
from app.privacy.owned import annotation_of, is_shown, owned

PDF = b"%PDF"
KEPT_BY = {"orders": "id"}
"""Disclosures name orders: the table and the column that tell which are whose."""


@dataclass(frozen=True, slots=True, repr=False)
class TableCopy:
    """The person's rows of one table, every column that a copy shows."""

    table: Table
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, repr=False)
class HandedOver:
    """What went to whom, when, and why (GDPR Art. 15(1)(c))."""

    recipient: Recipient
    at: datetime
    what: str
    categories: Sequence[str]
    purpose: str
    ground: str


@dataclass(frozen=True, slots=True, repr=False)
class Copy:
    """All that is held of somebody at one moment; without rows, nothing is (C16)."""

    person: Person
    at: datetime
    tables: Sequence[TableCopy]
    disclosures: Sequence[HandedOver]
    files: Mapping[str, bytes]
    kept: Sequence[Kept]
    """To which day what is kept, where a day is known."""
    rows: Mapping[tuple[str, UUID], Sequence[tuple[Text, str]]]
    """Rows as a person reads them, by table and key."""

    @property
    def counts(self) -> dict[str, int]:
        return {copy.table.name: len(copy.rows) for copy in self.tables if copy.rows}


async def gather(
    session: AsyncSession, holders: Sequence[Holder], person: Person, language: Language = Language.BG, *, at: datetime
) -> Copy:
    """Read all that is held of somebody: one select for each table, and what the holders have to tell of it."""
    tables, files = [], dict[str, bytes]()
    spoken = [
        await speak(session, person, language, at=at) for each in holders if (speak := getattr(each, "speak", None))
    ]
    names = {key: name for each in spoken for key, name in each.names.items()}
    disclosures: list[HandedOver] = []
    for table, own in owned(holders, person).items():
        shown = [column for column in table.columns if is_shown(column)]
        found = await session.execute(select(*shown).where(own).order_by(*table.primary_key))
        tables.append(TableCopy(table, [dict(row) for row in found.mappings()]))
        for column in _papers_in(table):
            key = next(iter(table.primary_key))
            papers = await session.execute(select(key, column).where(own, column.is_not(None)).order_by(key))
            for position, (row, pdf) in enumerate(papers, 1):
                if bytes(pdf).startswith(PDF):
                    files[f"files/{names.get(row, f'{table.name}-{position}')}.pdf"] = bytes(pdf)
        if table.name in KEPT_BY:
            disclosures = await _disclosures(session, [row[KEPT_BY[table.name]] for row in tables[-1].rows])
    kept = [each for said in spoken for each in said.kept]
    return Copy(
        person, at, tables, disclosures, files, kept, {key: row for said in spoken for key, row in said.rows.items()}
    )


def _papers_in(table: Table) -> list[Column[object]]:
    return [column for column in table.columns if isinstance(column.type, LargeBinary) and annotation_of(column)]


async def _disclosures(session: AsyncSession, order_ids: Sequence[UUID]) -> list[HandedOver]:
    if not order_ids:
        return []
    wanted = select(Disclosure).where(Disclosure.order_id.in_(order_ids)).order_by(Disclosure.id)
    return [
        HandedOver(each.recipient, each.disclosed_at, each.what, each.categories, each.purpose, each.ground)
        for each in await session.scalars(wanted)
    ]
