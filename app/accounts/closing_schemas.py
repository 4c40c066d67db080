"""What the owner of a closed account is told: what went, and what a law holds until when."""

from datetime import date, datetime
from typing import Any, Self

from pydantic import ConfigDict, Field

from app.auth.own_schemas import OldPassword
from app.core.fields import View, Wish
from app.core.holders import Erasure
from app.core.language import Language

CLOSED: dict[str, Any] = {
    "closed_at": "2026-11-22T10:30:00Z",
    "erased": ["Количката", "Профилът: име и телефон", "Адресната книга"],
    "kept": [
        {
            "what": "Фактури и известия",
            "law": "чл. 12 от Закона за счетоводството, чл. 121 от ЗДДС и чл. 38 от ДОПК",
            "until": "2037-12-31",
            "count": 1,
        }
    ],
}


class CloseAccount(Wish):
    """Not needed a moment after a login."""

    model_config = ConfigDict(
        hide_input_in_errors=True, json_schema_extra={"examples": [{"password": "зелен чадър под дъжда"}]}
    )

    password: OldPassword | None = None


class KeptView(View):
    """What stays, and why."""

    what: str
    law: str
    until: date | None = Field(
        description="The last day, inclusive; null while a contract is under way, or where the law sets none"
    )
    count: int = Field(description="Of orders, documents or acts")


class ClosedView(View):
    """What went at once, and what is kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [CLOSED]})

    closed_at: datetime
    erased: list[str]
    kept: list[KeptView]

    @classmethod
    def of(cls, erasure: Erasure, language: Language, *, at: datetime) -> Self:
        return cls(
            closed_at=at,
            erased=[what.in_(language) for what in erasure.erased],
            kept=[
                KeptView(what=kept.what.in_(language), law=kept.law.in_(language), until=kept.until, count=kept.count)
                for kept in erasure.kept
            ],
        )
