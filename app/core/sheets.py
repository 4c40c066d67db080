"""Writes tables as CSV that a spreadsheet opens without taking anything in them for a formula."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO

from app.core.money import Money

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula at the beginning of a cell."""


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    written = StringIO()
    csv.writer(written).writerow(columns)
    return written.getvalue() + as_rows(rows)


def as_rows(rows: Iterable[Sequence[object]]) -> str:
    """Write a part of a table that is too long to be held whole."""
    written = StringIO()
    csv.writer(written).writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue()


def as_quoted_rows(rows: Iterable[Sequence[object]]) -> str:
    """Write rows between semicolons with every text in quotes: whatever splits them elsewhere, a cell stays one."""
    written = StringIO()
    rule = csv.writer(written, delimiter=";", quoting=csv.QUOTE_NONNUMERIC)
    rule.writerows([_quoted(value) for value in row] for row in rows)
    return written.getvalue()


def _quoted(value: object) -> str | int | Decimal:
    if isinstance(value, Money):
        return value.decimal
    return value if isinstance(value, int) and not isinstance(value, bool) else _cell(value)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):  # a moment too
        return value.isoformat()
    if isinstance(value, Money):  # a minus before a number is no formula
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
