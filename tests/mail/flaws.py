"""What no letter and no paper may show, whoever wrote it: looked for in all that any test has written (D9)."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from functools import cache
from html.parser import HTMLParser

FLAWS = {
    "two full stops": re.compile(r"\w\.\.(?!\.)"),
    "a blank before a comma or a full stop": re.compile(r"\w [,;.](?![\w.])"),
    "two commas": re.compile(r",\s*,"),
    "two blanks": re.compile(r"\S  +\S"),
    "an unfilled place": re.compile(r"\{\{?\s*\w*\s*\}?\}|\{%|\bNone\b|\bundefined\b"),
    "no article after „до“": re.compile(r"\bдо Комисия за"),
    "the former name of Meta": re.compile(r"Facebook Ireland"),
    "interests named otherwise than the Regulation names them": re.compile(r"\b[Зз]аконн?\w* (?:\w+ )?интерес"),
}


@cache
def flaws_of(text: str) -> tuple[str, ...]:
    """Name each flaw of a text with the words around it; nearly every block stands in many letters."""
    return tuple(
        f"{name}: …{text[max(found.start() - 40, 0) : found.end() + 20]}…"
        for name, flaw in FLAWS.items()
        for found in flaw.finditer(text)
    )


class _Shown(HTMLParser):
    """The words of a page as they are shown: blanks run together, each block by itself."""

    INLINE = frozenset({"a", "b", "strong", "em", "span", "i", "small"})

    def __init__(self) -> None:
        super().__init__()
        self.blocks = [""]
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag(tag, 1)

    def handle_endtag(self, tag: str) -> None:
        self._tag(tag, -1)

    def _tag(self, tag: str, step: int) -> None:
        if tag in {"style", "script"}:
            self.hidden += step
        if tag not in self.INLINE:
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.blocks[-1] += data


def shown(html: str) -> Iterator[str]:
    page = _Shown()
    page.feed(html)
    page.close()
    return (" ".join(re.split(r"[ \t\r\n]+", block)).strip() for block in page.blocks)


def flaws_of_page(html: str) -> list[str]:
    return [flaw for block in shown(html) for flaw in flaws_of(block)]


def flaws_of_mail(raw: bytes) -> list[str]:
    """Look at the subject and at both forms."""
    message = message_from_bytes(raw, policy=default)
    found = [*flaws_of(message["Subject"])]
    for kind, look in (("plain", flaws_of), ("html", flaws_of_page)):
        part = message.get_body((kind,))
        assert part is not None
        found += [f"{kind}, {message['Subject']}: {flaw}" for flaw in look(part.get_content())]
    return found
