"""Writes every CSV of the shop: semicolons, UTF-8 with its mark, CRLF, each text in quotes.

What others typed is opened in spreadsheets that split where they please: a sign that begins a formula is neutralised
wherever a cell may begin. A person's own portable copy has each value as it was given.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import chain

from app.core.money import Money
from app.core.seen import is_blank

MARK = "\ufeff"
"""Tells spreadsheets that what follows is UTF-8."""
SEPARATORS = frozenset(";,\t|\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")
"""Where one cell ends and another begins for some reader, whatever we meant."""
SIGN = re.compile("[-=+@\u2212＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋]")
"""What begins a formula, of whatever width and height."""
QUOTES = frozenset('"“”„«»')
"""A reader may drop them, and look at what is within."""

Rows = Iterable[Sequence[object]]


def as_csv(columns: Sequence[str], rows: Rows) -> bytes:
    """Write a table, or the beginning of one that is too long to be held whole."""
    return (MARK + _written(chain([columns], rows), without_formulas)).encode()


def as_rows(rows: Rows) -> bytes:
    """Write more of a table."""
    return _written(rows, without_formulas).encode()


def as_given(columns: Sequence[str], rows: Rows) -> bytes:
    """Write a table in which each text stays letter for letter (GDPR Art. 20)."""
    return (MARK + _written(chain([columns], rows), str)).encode()


def without_formulas(text: str) -> str:
    """Put an apostrophe before each sign that would begin a cell, and a formula in it."""
    return SIGN.sub(_told, text)


def _told(sign: re.Match[str]) -> str:
    text, before = sign.string, sign.start() - 1
    while before >= 0 and text[before] not in SEPARATORS and _is_unseen(text[before]):
        before -= 1
    return f"'{sign[0]}" if before < 0 or text[before] in SEPARATORS else sign[0]


@cache  # of single letters: there are only so many
def _is_unseen(letter: str) -> bool:
    return letter in QUOTES or unicodedata.category(letter)[0] in "CMZ" or is_blank(letter)


def _written(rows: Rows, told: Callable[[str], str]) -> str:
    return "".join(";".join(_cell(value, told) for value in row) + "\r\n" for row in rows)


def _cell(value: object, told: Callable[[str], str]) -> str:
    """Numbers and days are our own: a minus before a number is no formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, int | Decimal | Money):
        return str(value)
    if isinstance(value, date):  # a moment too
        return value.isoformat()
    doubled = told(str(value)).replace('"', '""')
    return f'"{doubled}"'
