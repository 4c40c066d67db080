"""What somebody looks for by name: words, in whatever order they stand and however they are parted."""

import re
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func

WORD = re.compile(r"[^\W_]+")


def has_words(searched: str, *columns: Any) -> ColumnElement[bool]:
    """Say that each word stands somewhere in these columns, in capitals or not; what holds no word is found nowhere.

    The longest is asked for first: most rows lack it, and are asked no more.
    """
    within = func.lower(func.concat_ws(" ", *columns))
    words = _words(searched)
    return and_(*(func.strpos(within, func.lower(word)) > 0 for word in words)) if words else false()


def says(text: str, searched: str) -> bool:
    """Say the same of a text that stands in no column."""
    within, words = text.lower(), _words(searched)
    return bool(words) and all(word.lower() in within for word in words)


def _words(searched: str) -> list[str]:
    return sorted(set(WORD.findall(searched)), key=len, reverse=True)
