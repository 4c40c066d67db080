"""Writes copies as files: the access copy to be read by people and machines, the portable one for another's machine."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Column, Date, DateTime

from app.core import sheets
from app.core.holders import Kept
from app.core.language import Language, Text
from app.core.money import Money, MoneyType
from app.core.personal import Category
from app.core.spooling import Spool
from app.core.zips import named
from app.mail.writing import day, euro, moment
from app.privacy import papers, words
from app.privacy.activities import activity_of
from app.privacy.copies import Copy, TableCopy
from app.privacy.erasing import WHILE_UNDER_WAY
from app.privacy.field_words import FIELDS, TABLES
from app.privacy.notice import Stated
from app.privacy.owned import annotation_of, is_given, is_portable, is_shown
from app.privacy.portable import FORMAT, portable_schema
from app.privacy.storage_terms import stated

ACCESS_TITLE = Text("Копие от личните Ви данни", "Copy of your personal data")


async def write_access_zip(copy: Copy, facts: Stated, language: Language, into: Spool) -> None:
    """Write the access copy: what is held and why as a page to be read, the same as JSON, and the documents."""
    page = await papers.draw_paper(
        "access.html",
        title=ACCESS_TITLE.in_(language),
        trader=facts.trader,
        language=language,
        copy=_read_aloud(copy, facts, language),
    )
    inside = {"access.pdf": page, "access.json": _json(_access(copy, facts, language)), **copy.files}
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


def _access(copy: Copy, facts: Stated, language: Language) -> dict[str, Any]:
    trader = facts.trader
    return {
        "controller": {"name": trader.name, "eik": trader.eik, "address": trader.address, "email": trader.email},
        "made_at": copy.at,
        "held": bool(copy.counts),
        "processing": [{**part, "fields": [*part["fields"]]} for part in _processing(copy, facts, language)],
        "kept": [
            {
                "what": each.what.in_(language),
                "law": each.law.in_(language),
                "until": each.until,
                "count": each.count,
            }
            for each in copy.kept
        ],
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


def _processing(copy: Copy, facts: Stated, language: Language) -> list[dict[str, Any]]:
    """Say of each activity with somebody's data: purpose, ground, categories, how long, source (Art. 15(1))."""
    terms = stated(facts.terms)
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
            _add(part["retention"], terms[said.retention].how_long.in_(language))
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


def _read_aloud(copy: Copy, facts: Stated, language: Language) -> dict[str, Any]:
    """Put a copy into words for the page: the personal columns and the moments, without keys."""
    sections = []
    for each in copy.tables:
        columns = [
            column
            for column in each.table.columns
            if is_shown(column) and (annotation_of(column) is not None or column.name in SHOWN_TOO or _is_read(column))
        ]
        key = next(iter(each.table.primary_key)).name
        rows = [
            [(name.in_(language), value) for name, value in copy.rows[each.table.name, row[key]]]
            if (each.table.name, row.get(key)) in copy.rows
            else [
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
        "processing": _processing(copy, facts, language),
        "kept": [(each.what.in_(language), each.law.in_(language), _until(each, language)) for each in copy.kept],
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
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_said(part, language)}" for name, part in value.items() if part is not None)
    if isinstance(value, list):
        return "; ".join(_said(part, language) for part in value)
    return str(_plain(value))


def _until(kept: Kept, language: Language) -> str:
    return day(kept.until, language) if kept.until else WHILE_UNDER_WAY.in_(language)


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
