"""Bulgarian first, English second."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request

WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


class Language(StrEnum):
    BG = "bg"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in both languages."""

    bg: str
    en: str

    def in_(self, language: Language) -> str:
        return self.en if language is Language.EN else self.bg


def preferred(accept_language: str | None) -> Language:
    """Read `Accept-Language` (RFC 9110 §12.5.4): the highest weight of ours wins, Bulgarian when none is asked for."""
    best, language = 0.0, Language.BG
    for choice in (accept_language or "").split(","):
        tag, semicolon, parameter = choice.partition(";")
        code = tag.strip().lower().partition("-")[0]
        found = WEIGHT.fullmatch(parameter.strip())
        weight = float(found[1]) if found else 0.0 if semicolon else 1.0
        if code in {"bg", "en"} and weight > best:
            best, language = weight, Language(code)
    return language


async def get_language(request: Request) -> Language:
    return preferred(request.headers.get("accept-language"))


Speaks = Annotated[Language, Depends(get_language)]
