"""Writes the texts of the ledger of sales and of Delta's lines in windows-1251: what it lacks is transliterated.

A letter loses its marks, or has its place in the table; what has neither becomes an asterisk. The month's checks name
each document in which anything was changed.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache

from app.accounting.month.figures import Check, Difference
from app.accounting.month.rows import Entry
from app.core.money import Money
from app.core.seen import has_noncharacter

ENCODING = "windows-1251"
UNWRITABLE = "*"
"""Stands for what has no letter here: Greek, Chinese, a picture."""
# Letters that are none of ours with a mark, dashes, quotes, signs; each with what stands for it.
PAIRS = (
    "ß:ss ẞ:SS Æ:Ae æ:ae Œ:Oe œ:oe Þ:Th þ:th Ð:D ð:d ı:i Ŋ:N ŋ:n Ə:E ə:e ĸ:k £:GBP ¥:JPY"
    " Ѣ:Е ѣ:е Ѫ:Ъ ѫ:ъ Ѩ:Ъ ѩ:ъ Ѧ:Я ѧ:я Ѳ:Ф ѳ:ф Ѵ:И ѵ:и Ә:А ә:а Ө:О ө:о Ү:У ү:у Һ:Х һ:х Ӏ:І ӏ:і Ӡ:З ӡ:з Ӕ:Ае ӕ:ае"
    " Ҡ:К ҡ:к Ԛ:К ԛ:к Ԝ:В ԝ:в Ҥ:Нг ҥ:нг Ҵ:Тц ҵ:тц Ҩ:О ҩ:о Ҽ:Ч ҽ:ч Ҿ:Ч ҿ:ч Ӌ:Ч ӌ:ч Ɔ:O ɔ:o Ɛ:E ɛ:e Ɖ:D Ʒ:Z ʒ:z"
    " \u2010:- \u2011:- \u2012:- \u2015:- \u2212:- \u2032:' \u2033:\" \u201b:' \u201f:\" \u02b9:' \u02bb:' \u02bc:'"
    " \u2044:/ \u00d7:x \u00f7:: \u00a1:! \u00b4:'"
)
TABLE = dict(pair.split(":", 1) for pair in PAIRS.split())
OWN = "".join(bytes([code]).decode(ENCODING, "ignore") for code in range(1, 256))
FOREIGN = "[^" + re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", OWN) + "]"
"""Finds, in PostgreSQL as in Python, a letter that is changed when it is written: all of OWN is composed as it is."""
_FOREIGN = re.compile(FOREIGN)


def written(text: str) -> str:
    """Write a text with the letters of windows-1251 alone; it may be longer, or shorter."""
    if not _FOREIGN.search(text):
        return text
    return "".join(map(_written, unicodedata.normalize("NFC", text)))


@cache
def _written(letter: str) -> str:
    try:
        return letter.encode(ENCODING).decode(ENCODING)
    except UnicodeEncodeError:
        pass
    if letter in TABLE:
        return TABLE[letter]
    if unicodedata.category(letter) in {"Mn", "Me", "Cf"} or has_noncharacter(
        letter
    ):  # a mark of the letter before, or nothing to be seen
        return ""
    parts = unicodedata.normalize("NFKD", letter)
    parts = parts if parts != letter else _without_mark(letter)
    said = "".join(map(_written, parts)) if parts != letter else UNWRITABLE
    return UNWRITABLE if UNWRITABLE in said else said


def _without_mark(letter: str) -> str:
    """Find the letter that this one is with a stroke, a hook, a descender: those Unicode does not take apart."""
    name, is_marked, _ = unicodedata.name(letter, "").partition(" WITH ")
    try:
        return unicodedata.lookup(name) if is_marked else letter
    except KeyError:
        return letter


@dataclass(slots=True)
class Spelling:
    """What a month's documents come to, what those come to whose letters can all be written, and whose were changed."""

    all: Money = Money.ZERO
    writable: Money = Money.ZERO
    differences: list[Difference] = field(default_factory=list)

    def count(self, amount: Money) -> None:
        self.all += amount
        self.writable += amount

    def add(self, entry: Entry) -> None:
        """Take off what cannot be written of a document that is counted already.

        Of its text a summary has the transliterated letters alone, and in no order of a name: it outlives whom it
        names, and a name in letters that have no place here would stand in it whole.
        """
        partner = entry.partner
        texts = f"{partner.name} {partner.address} {partner.responsible_person or ''}"
        spelt = {letter: _written(letter) for letter in unicodedata.normalize("NFC", texts)}
        changed = {letter: ours for letter, ours in spelt.items() if ours != letter}
        transliterated = sorted(letter for letter, ours in changed.items() if ours != UNWRITABLE)
        stands = [changed[letter] for letter in transliterated]
        if UNWRITABLE in changed.values():
            stands.append(UNWRITABLE)
            self.writable -= entry.total
        if changed:
            told = (" ".join(transliterated) or None, " ".join(stands))
            self.differences.append(Difference("letters", entry.number, *told))

    @property
    def check(self) -> Check:
        """Transliterated is written; only what nobody can read back does not agree."""
        unwritten = any(UNWRITABLE in each.found for each in self.differences if each.found)
        return Check("letters", self.all, self.writable, not unwritten)
