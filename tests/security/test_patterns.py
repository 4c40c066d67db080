"""No pattern that meets what a stranger sent takes long over it: each is tried with 64 KB of what is worst for it."""

import importlib
import pkgutil
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from re import _constants as sre  # as `re` itself reads patterns
from re import _parser
from typing import Any

import pytest

import app
from tests.conftest import ROOT

LENGTH = 65_536
CPU_SECONDS = 1.0
"""Of this process alone; a pattern that reads each letter once takes a hundredth of it, a quadratic one several."""
LETTERS = 'aA0_-. \t\n"\\/=,;:[{№аЯ\ud800'
APART = re.compile(r"app\.(cli|integrations\.(icash|speedy)\.simulator|catalog\.demo)")
"""What meets no stranger: commands, simulators."""
# What one click to unsubscribe was known by: 65 KB of its first line took 3.5 seconds; strings of which one never ends.
QUADRATIC = (
    (r'name=(?:"List-Unsubscribe"|List-Unsubscribe)\r?\n(?:[^\r\n]+\r?\n)*\r?\nOne-Click\r?\n--', "search"),
    (r'"(?:[^"\\]|\\.)*+"', "sub"),
)


class TookLong(Exception):
    """The budget of CPU is used up."""


@contextmanager
def budget(seconds: float) -> Iterator[None]:
    def over(*_: Any) -> None:
        raise TookLong

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def sample(tokens: Sequence[Any]) -> str:
    """Write something that these tokens of a pattern match, the shortest with each part once."""
    return "".join(_one(kind, value) for kind, value in tokens)


def _one(kind: Any, value: Any) -> str:
    written: str = WRITERS.get(kind, lambda _: "a")(value)
    return written


def _repeated(value: Any) -> str:
    least, _, inner = value
    return sample(inner) * max(1, int(least))


def _member(value: Any) -> str:
    return next((letter for letter in LETTERS + "qz!~" if _holds(value, letter)), "a")


WRITERS: dict[Any, Callable[[Any], str]] = {
    sre.LITERAL: chr,
    sre.MAX_REPEAT: _repeated,
    sre.MIN_REPEAT: _repeated,
    sre.POSSESSIVE_REPEAT: _repeated,
    sre.SUBPATTERN: lambda value: sample(value[-1]),
    sre.ATOMIC_GROUP: sample,
    sre.BRANCH: lambda value: sample(value[1][0]),
    sre.IN: _member,
    **dict.fromkeys((sre.AT, sre.ASSERT, sre.ASSERT_NOT), lambda _: ""),
}


def _holds(members: Sequence[Any], letter: str) -> bool:
    negated = members[0][0] is sre.NEGATE
    found = any(
        (kind is sre.LITERAL and chr(value) == letter)
        or (kind is sre.RANGE and value[0] <= ord(letter) <= value[1])
        or (kind is sre.CATEGORY and _of_category(value, letter))
        for kind, value in members
    )
    return found is not negated


def _of_category(category: Any, letter: str) -> bool:
    name = str(category).rpartition("_")[2]
    found = {"SPACE": letter.isspace(), "DIGIT": letter.isdigit(), "WORD": letter.isalnum() or letter == "_"}[name]
    return found is not ("NOT" in str(category))


def worst(pattern: re.Pattern[Any]) -> set[str]:
    """Give long texts: of single letters, and of whatever the pattern begins with, over and over."""
    tokens = list(_parser.parse(pattern.pattern, pattern.flags))
    beginnings = {sample(tokens[:end]) for end in range(1, len(tokens) + 1)} | set(LETTERS)
    beginnings |= {f'{part}\\"' for part in ("", '"', "a")}  # an escaped end, over and over
    return {begun + part * (LENGTH // len(part)) + "\0" for part in beginnings if part for begun in ("", '"')}


def used(name: str, sources: str) -> set[str]:
    """Tell how a pattern is asked; `search` tries every letter as a beginning, `fullmatch` only the first."""
    return set(re.findall(rf"\b{name}\.(fullmatch|match|search|findall|finditer|sub|split)\(", sources)) or {"search"}


def is_slow(pattern: re.Pattern[Any], method: str) -> bool:
    for text in worst(pattern):
        given = text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text
        try:
            with budget(CPU_SECONDS):
                if method == "sub":
                    pattern.sub("" if isinstance(given, str) else b"", given)
                elif method == "finditer":
                    list(pattern.finditer(given))
                else:
                    getattr(pattern, method)(given)
        except TookLong:
            return True
    return False


def patterns() -> dict[str, re.Pattern[Any]]:
    found = {}
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if APART.match(module.name):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                found[f"{module.name}.{name}"] = value
    return found


def test_no_pattern_takes_long_over_anything() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    found = patterns()
    assert len(found) > 30
    tried = {(pattern, method) for name, pattern in found.items() for method in used(name.rpartition(".")[2], sources)}
    slow = [(pattern.pattern, method) for pattern, method in tried if is_slow(pattern, method)]
    assert slow == []


@pytest.mark.parametrize(("pattern", "method"), QUADRATIC)
def test_one_that_does_is_found(pattern: str, method: str) -> None:
    assert is_slow(re.compile(pattern), method)


@pytest.mark.parametrize("spelling", ["python-re", "regex_engine"])
def test_fields_are_matched_by_an_engine_that_reads_each_letter_once(spelling: str) -> None:
    """Pydantic's own engine is linear by construction, whatever the pattern; Python's is not."""
    assert [str(path) for path in (ROOT / "app").rglob("*.py") if spelling in path.read_text()] == []
