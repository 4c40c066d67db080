"""Requests and responses about cookies."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from app.core.fields import ANY_LINE, View, Wish, upto
from app.core.language import Language
from app.privacy.cookies.models import ChoiceMethod, Cookie, CookieCategory
from app.privacy.models import DeclarationPurpose
from app.privacy.schemas import Version, newest

Line = Annotated[str, upto(300), ANY_LINE]

COOKIE: dict[str, Any] = {
    "name": "_fbp",
    "provider": "Meta Platforms Ireland Ltd. (Facebook Pixel)",
    "purpose": "Разпознава посетителя, за да му показва реклами според поведението му на сайта",
    "category": "marketing",
    "lifetime": "3 месеца",
    "is_third_party": True,
}
REFUSED: dict[str, Any] = {"functional": False, "statistics": False, "marketing": False}


class CookieView(View):
    """A line of the register."""

    model_config = ConfigDict(json_schema_extra={"examples": [COOKIE]})

    name: str
    provider: str
    purpose: str
    category: CookieCategory = Field(description="All but `necessary` wait for a choice")
    lifetime: str
    is_third_party: bool

    @classmethod
    def of(cls, cookie: Cookie, language: Language) -> Self:
        english = language is Language.EN
        return cls(
            name=cookie.name,
            provider=cookie.provider,
            purpose=cookie.purpose_en if english else cookie.purpose_bg,
            category=cookie.category,
            lifetime=cookie.lifetime_en if english else cookie.lifetime_bg,
            is_third_party=cookie.is_third_party,
        )


class CookiesView(View):
    """The register of cookies (S58)."""

    items: list[CookieView]


class EnterCookie(Wish):
    """What is kept in a visitor's browser, by whom, what for, how long."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "provider": "Meta Platforms Ireland Ltd. (Facebook Pixel)",
                    "purpose_bg": "Разпознава посетителя",
                    "purpose_en": "Recognises the visitor",
                    "category": "marketing",
                    "lifetime_bg": "3 месеца",
                    "lifetime_en": "3 months",
                    "is_third_party": True,
                }
            ]
        }
    )

    provider: Line
    purpose_bg: Line
    purpose_en: Line
    category: CookieCategory
    lifetime_bg: Line
    lifetime_en: Line
    is_third_party: StrictBool


class Choices(Wish):
    """Yes or no to each category; what is necessary is not asked about."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)

    functional: StrictBool
    statistics: StrictBool
    marketing: StrictBool


ALL_OF_ONE = {ChoiceMethod.ACCEPT_ALL: True, ChoiceMethod.REJECT_ALL: False}


class ChooseCookies(Wish):
    """What a visitor chose in the banner, under the text that it showed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": newest(DeclarationPurpose.COOKIES),
                    "method": "reject_all",
                    "choices": REFUSED,
                    "consent_id": None,
                }
            ]
        }
    )

    version: Version
    method: ChoiceMethod
    choices: Choices
    consent_id: UUID | None = Field(None, description="Of an earlier choice, which this one changes")

    @model_validator(mode="after")
    def _is_what_the_button_says(self) -> Self:
        said = ALL_OF_ONE.get(self.method)
        if said is not None and {*self.choices.model_dump().values()} != {said}:
            raise PydanticCustomError("not_the_button", "The choices are not what the method says")
        return self


class ChosenView(View):
    """How a visitor's choice stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "consent_id": "5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10",
                    "choices": REFUSED,
                    "version": "2026-11-22",
                    "method": "reject_all",
                    "chosen_at": "2026-11-23T10:00:00Z",
                    "ask_again_at": "2027-11-23T10:00:00Z",
                    "ask_again": False,
                }
            ]
        }
    )

    consent_id: UUID = Field(description="Random: kept by the browser, it shows and changes this choice")
    choices: Choices
    version: str = Field(description="Of the cookie policy that was shown")
    method: ChoiceMethod
    chosen_at: datetime
    ask_again_at: datetime
    ask_again: bool = Field(description="The time is over, or the text is a new one: until answered, nothing is set")
