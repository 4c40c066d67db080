"""Copies of all that is held of somebody: the access copy (GDPR Art. 15) and the portable one (Art. 20).

Both are read off the annotations of the columns and what the holders say is whose, so that a new column is in them by
itself. What somebody logs in with is named and never given; the PDFs that were issued go along as files.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Column, Date, DateTime, LargeBinary, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import sheets
from app.core.holders import Holder, Person
from app.core.language import Language, Text
from app.core.money import Money, MoneyType
from app.core.personal import Category, Recipient
from app.core.spooling import Spool
from app.core.zips import named
from app.mail.writing import Trader, day, euro, moment
from app.privacy import papers, words
from app.privacy.activities import activity_of
from app.privacy.field_words import FIELDS, TABLES
from app.privacy.models import Disclosure
from app.privacy.owned import annotation_of, is_given, is_portable, is_shown, owned
from app.privacy.portable import FORMAT, portable_schema

PDF = b"%PDF"
KEPT_BY = {"orders": "id"}
"""Disclosures name orders: the table and the column that tell which are whose."""

ACCESS_TITLE = Text("Копие от личните Ви данни", "Copy of your personal data")


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

    @property
    def counts(self) -> dict[str, int]:
        return {copy.table.name: len(copy.rows) for copy in self.tables if copy.rows}


async def gather(session: AsyncSession, holders: Sequence[Holder], person: Person, *, at: datetime) -> Copy:
    """Read all that is held of somebody: one select for each table."""
    tables, files = [], dict[str, bytes]()
    disclosures: list[HandedOver] = []
    for table, own in owned(holders, person).items():
        shown = [column for column in table.columns if is_shown(column)]
        found = await session.execute(select(*shown).where(own).order_by(*table.primary_key))
        tables.append(TableCopy(table, [dict(row) for row in found.mappings()]))
        for column in _papers_in(table):
            key = next(iter(table.primary_key))
            for number, pdf in await session.execute(select(key, column).where(own, column.is_not(None)).order_by(key)):
                if bytes(pdf).startswith(PDF):
                    files[f"files/{table.name}/{number}.pdf"] = bytes(pdf)
        if table.name in KEPT_BY:
            disclosures = await _disclosures(session, [row[KEPT_BY[table.name]] for row in tables[-1].rows])
    return Copy(person, at, tables, disclosures, files)


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


async def write_access_zip(copy: Copy, trader: Trader, language: Language, into: Spool) -> None:
    """Write the access copy: what is held and why as a page to be read, the same as JSON, and the documents."""
    page = await papers.draw_paper(
        "access.html",
        title=ACCESS_TITLE.in_(language),
        trader=trader,
        language=language,
        copy=_read_aloud(copy, language),
    )
    inside = {"access.pdf": page, "access.json": _json(_access(copy, trader, language)), **copy.files}
    _zip(copy, inside, into)


def write_portable_zip(copy: Copy, into: Spool) -> None:
    """Write the portable copy: what the person gave (S67), as JSON and CSV, with the schema that both follow (S66)."""
    given = {each.table.name: _given_rows(each) for each in copy.tables if is_given(each.table) and each.rows}
    document = {"format": FORMAT, "made_at": copy.at, "tables": given}
    inside = {"portable.json": _json(document), "schema.json": _json(portable_schema())}
    for name, rows in given.items():
        inside[f"{name}.csv"] = sheets.as_given([*rows[0]], [[_cell(value) for value in row.values()] for row in rows])
    _zip(copy, inside, into)


def _given_rows(copy: TableCopy) -> list[dict[str, Any]]:
    names = [column.name for column in copy.table.columns if is_portable(column)]
    return [{name: row[name] for name in names} for row in copy.rows]


def _access(copy: Copy, trader: Trader, language: Language) -> dict[str, Any]:
    return {
        "controller": {"name": trader.name, "eik": trader.eik, "address": trader.address, "email": trader.email},
        "made_at": copy.at,
        "held": bool(copy.counts),
        "processing": [{**part, "fields": [*part["fields"]]} for part in _processing(copy, language)],
        "recipients": [
            {
                "recipient": each.recipient,
                "at": each.at,
                "what": each.what,
                "categories": each.categories,
                "purpose": each.purpose,
                "ground": each.ground,
            }
            for each in copy.disclosures
        ],
        "withheld": [each.in_(language) for each in WITHHELD],
        "automated_decisions": False,
        "tables": {each.table.name: each.rows for each in copy.tables if each.rows},
    }


WITHHELD = (
    Text(
        "Данни за вход (пароли и ключове) се пазят само като отпечатък и не се предоставят.",
        "Login credentials (passwords and keys) are kept as digests only and are not given.",
    ),
)


def _processing(copy: Copy, language: Language) -> list[dict[str, Any]]:
    """Say of each activity that somebody's data take part in: purpose, ground, categories, source (Art. 15(1))."""
    parts: dict[str, dict[str, Any]] = {}
    for each in copy.tables:
        if not each.rows:
            continue
        for column in each.table.columns:
            if (said := annotation_of(column)) is None:
                continue
            activity = activity_of(said)
            part = parts.setdefault(
                activity.key,
                {
                    "activity": activity.title.in_(language),
                    "purpose": words.PURPOSES[said.purpose].in_(language),
                    "ground": words.GROUNDS[said.ground].in_(language),
                    "categories": [],
                    "recipients": [],
                    "retention": [],
                    "source": [],
                    "fields": [],
                },
            )
            _add(part["categories"], words.CATEGORIES[said.category].in_(language))
            _add(part["retention"], words.RETENTIONS[said.retention].in_(language))
            _add(part["source"], (GIVEN if said.given else DERIVED).in_(language))
            _add(part["fields"], f"{each.table.name}.{column.name}")
            for recipient in sorted(said.recipients):
                _add(part["recipients"], words.RECIPIENTS[recipient].in_(language))
    return [*parts.values()]


GIVEN = Text("предоставени от Вас", "given by you")
DERIVED = Text("създадени при обработването", "made in the processing")


def _add(into: list[str], what: str) -> None:
    if what not in into:
        into.append(what)


def _read_aloud(copy: Copy, language: Language) -> dict[str, Any]:
    """Put a copy into words for the page: the personal columns and the moments, without keys."""
    sections = []
    for each in copy.tables:
        columns = [
            column
            for column in each.table.columns
            if is_shown(column) and (annotation_of(column) is not None or column.name in SHOWN_TOO or _is_read(column))
        ]
        rows = [
            [
                (FIELDS[column.name].in_(language), _said(row[column.name], language))
                for column in columns
                if row[column.name] not in (None, {}, [])
            ]
            for row in each.rows
        ]
        if any(rows):
            sections.append({"table": TABLES[each.table.name].in_(language), "rows": rows})
    return {
        "at": moment(copy.at, language),
        "held": bool(copy.counts),
        "processing": _processing(copy, language),
        "recipients": [
            {
                "who": words.RECIPIENTS[each.recipient].in_(language),
                "at": moment(each.at, language),
                "what": ", ".join(words.CATEGORIES[Category(category)].in_(language) for category in each.categories),
            }
            for each in copy.disclosures
        ],
        "withheld": [each.in_(language) for each in WITHHELD],
        "sections": sections,
        "files": sorted(copy.files),
    }


SHOWN_TOO = frozenset({"quantity"})


def _is_read(column: Column[object]) -> bool:
    """Say whether a column tells a person something that is no data of theirs by itself: a moment, a day, an amount."""
    return isinstance(column.type, DateTime | Date | MoneyType)


def _said(value: object, language: Language) -> str:
    if isinstance(value, datetime):
        return moment(value, language)
    if isinstance(value, date):
        return day(value, language)
    if isinstance(value, Money):
        return euro(value, language)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return str(_plain(value))


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False, default=_plain) if isinstance(value, dict | list) else _plain(value)


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1, default=_plain).encode()


def _plain(value: object) -> object:
    if isinstance(value, Money):
        return str(value.decimal)
    if isinstance(value, date):  # a moment too
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str | int | bool) or value is None:
        return value
    raise TypeError(type(value).__name__)


def _zip(copy: Copy, inside: Mapping[str, bytes], into: Spool) -> None:
    with ZipFile(into, "w", ZIP_DEFLATED) as archive:
        for name, content in inside.items():
            archive.writestr(named(name, copy.at), content)
