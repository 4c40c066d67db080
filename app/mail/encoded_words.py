"""Writes header text beyond plain ASCII as RFC 2047 has it.

The library's words are 77 and 78 letters long where 76 fit, and where a line ends it loses or adds blanks.
"""

from base64 import b64encode
from collections.abc import Iterator

START, END = "=?utf-8?b?", "?="
OCTETS = 36
"""Of text in one word: 48 letters of base64, so that it fits behind the name of any header of ours."""


def is_plain(text: str) -> bool:
    """Say whether text is its own header line: short, of ASCII, no blank that folding could lose, no encoded word."""
    return (
        text.isascii()
        and text.isprintable()
        and "=?" not in text
        and text == " ".join(text.split())
        and len(text) <= OCTETS
    )


def encoded(text: str, linesep: str) -> str:
    """Write the text in encoded words of whole letters, each on a line of its own."""
    words = (START + b64encode(part.encode()).decode() + END for part in _parts(text))
    return f"{linesep} ".join(words)


def _parts(text: str) -> Iterator[str]:
    part, size = "", 0
    for letter in text:
        octets = len(letter.encode())
        if size + octets > OCTETS:
            yield part
            part, size = "", 0
        part, size = part + letter, size + octets
    yield part
