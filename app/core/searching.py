"""What somebody looks for by name: words, in whatever order they stand, however they are parted and in either alphabet.

Both sides of a comparison are written as `letters` has them: by the official transliteration (Закон за
транслитерацията), and what is heard or typed alike is one: Жеков, Zhekov, Jekov. PostgreSQL's `search_letters` does
the same. An index holds words, and finds by their beginnings (`app.orders.searching`); without one any part is found.
"""

import re
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func

WORD = re.compile(r"[^\W_]+")
MARKS = re.compile("[\u0300-\u036f]")
SINGLE = str.maketrans("абвгдежзиклмнопрстуфхъыьэєіґwjyułøđðı", "abvgdeiziklmnoprstafhaiieeigviialoddi")
PAIRS = (
    *(("zh", "i"), ("tch", "ch"), ("chr", "hr"), ("ck", "k"), ("ct", "kt"), ("ph", "f"), ("kh", "h"), ("tz", "ts")),
    *(("ff", "v"), ("x", "ks"), ("q", "ia"), ("ц", "ts"), ("ч", "ch"), ("ш", "sh"), ("щ", "sht"), ("ю", "ia")),
    *(("я", "ia"), ("ß", "ss"), ("æ", "ae"), ("œ", "oe")),
)
BY_SIGHT = (
    (re.compile(r"(?<=[a-z])4|4(?=[a-z])"), "ch"),
    (re.compile(r"(?<=[a-z])6|6(?=[a-z])"), "sh"),
    (re.compile(r"c(?!h)"), "ts"),
    (re.compile(r"([a-z])\1+"), r"\1"),
)


def letters(written: str) -> str:
    """Write a text in the letters that searching compares."""
    text = MARKS.sub("", unicodedata.normalize("NFKD", written)).lower().translate(SINGLE)
    for typed, meant in PAIRS:
        text = text.replace(typed, meant)
    for sign, meant in BY_SIGHT:
        text = sign.sub(meant, text)
    return text


def has_words(searched: str, *columns: Any) -> ColumnElement[bool]:
    """Say that each word stands somewhere in these columns; what holds no word is found nowhere.

    The longest is asked for first: most rows lack it, and are asked no more.
    """
    within = func.search_letters(func.concat_ws(" ", *columns))
    words = _words(searched)
    return and_(*(func.strpos(within, func.search_letters(word)) > 0 for word in words)) if words else false()


def says(text: str, searched: str) -> bool:
    """Say the same of a text that stands in no column."""
    within, words = letters(text), _words(searched)
    return bool(words) and all(letters(word) in within for word in words)


def _words(searched: str) -> list[str]:
    return sorted(set(WORD.findall(unicodedata.normalize("NFC", searched))), key=len, reverse=True)
