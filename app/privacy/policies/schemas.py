"""Requests of publishing a text."""

from typing import Annotated

from pydantic import ConfigDict, Field, StrictBool

from app.auth.staff_schemas import Day
from app.core.explaining import VERSION
from app.core.fields import ANY_LINE, SEVERAL_LINES, Wish, upto
from app.privacy.models import DeclarationPurpose

LONGEST_TEXT = 80_000
"""Characters; the policy of 2023 has 27,000."""


class WrittenText(Wish):
    """A text in one language: its title, and paragraphs parted by an empty line."""

    title: Annotated[str, upto(200), ANY_LINE]
    text: Annotated[str, upto(LONGEST_TEXT), SEVERAL_LINES]

    def whole(self) -> str:
        """Put the title over the text, as every version has it."""
        return f"{self.title}\n\n{self.text}\n"


class PublishText(Wish):
    """A new version of a declaration or a policy; those before it stay as they are (S85)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "purpose": "cookies",
                    "version": "2027-01-15",
                    "effective_on": "2027-01-15",
                    "material": True,
                    "bg": {"title": "Политика за бисквитките", "text": "Бисквитките са …"},
                    "en": {"title": "Cookie policy", "text": "Cookies are …"},
                }
            ]
        }
    )

    purpose: DeclarationPurpose
    version: Annotated[str, Field(pattern=VERSION, description="Its name for ever", examples=["2027-01-15"])]
    effective_on: Day = Field(description="From this day in Bulgaria on")
    material: StrictBool = Field(description="Of a policy: everybody with whom there is a ground is told (C21)")
    bg: WrittenText
    en: WrittenText
