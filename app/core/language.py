"""Bulgarian first, English second."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request


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
        tag, _, parameter = choice.partition(";")
        code = tag.strip().lower().partition("-")[0]
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter.strip() else 1.0
        except ValueError:
            continue
        if code in {"bg", "en"} and weight > best:
            best, language = weight, Language(code)
    return language


def get_language(request: Request) -> Language:
    return preferred(request.headers.get("accept-language"))


Speaks = Annotated[Language, Depends(get_language)]
