"""Finds in a text what a mail program makes a link of: an address that a stranger wrote where a name belongs."""

import unicodedata
from functools import cache
from importlib.resources import files
from itertools import pairwise

MARKS = ("://", "www.", "@")


def plain(text: str) -> str:
    """Write a text as it is read: wide letters and dots as common ones, and without what nobody sees."""
    seen = (letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    return "".join(seen).replace("。", ".").casefold()


def has_address(text: str) -> bool:
    """Say whether a text bears the marks of a web or e-mail address."""
    read = plain(text)
    return any(mark in read for mark in MARKS)


def parted(text: str) -> str:
    """Write a text with a space after every dot, colon or @ of an address, so that no mail program makes a link of it.

    A space is seen: what nobody sees, some programs leave out before they look for links.
    """
    return "".join(letter + " " * _joins(letter, after) for letter, after in pairwise([*text, " "]))


def _joins(letter: str, after: str) -> bool:
    read = plain(letter)
    if after.isspace():
        return False
    return (
        "@" in read or (("." in read or "。" in read) and not after.isdigit()) or (":" in read and plain(after) == "/")
    )


def has_host(text: str) -> bool:
    """Say whether a text names a host: labels joined by dots, of which a later one is a top-level domain there is."""
    return any(_is_host(word) for word in _words(plain(text)) if "." in word)


def _words(text: str) -> list[str]:
    return "".join(each if each.isalnum() or each in ".-" else " " for each in text).split()


def _is_host(word: str) -> bool:
    first, *later = (label.strip("-") for label in word.strip(".").split("."))
    return first != "" and not top_level_domains().isdisjoint(later)


@cache
def top_level_domains() -> frozenset[str]:
    """Read IANA's list, which states its date first; names of other letters also as people write them."""
    lines = (files("app.core") / "top_level_domains.txt").read_text("ascii").lower().splitlines()
    listed = {line for line in lines if not line.startswith("#")}
    return frozenset(listed | {name[4:].encode().decode("punycode") for name in listed if name.startswith("xn--")})
