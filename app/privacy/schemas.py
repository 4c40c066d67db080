"""Requests and responses of declarations and recipients."""

from datetime import date, datetime
from importlib.resources import files
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, StrictBool

from app.core.fields import ONE_LINE, View, Wish, upto
from app.core.language import Language
from app.core.personal import Category, Recipient
from app.privacy.models import DeclarationPurpose, RecipientKind


def newest(purpose: DeclarationPurpose) -> str:
    """Name the newest text that the shop comes with: the one that an example of today accepts."""
    texts = (files("app.privacy") / "texts" / purpose).iterdir()
    return max(text.name.removesuffix(".bg.md") for text in texts if text.name.endswith(".bg.md"))


Version = Annotated[
    str,
    upto(32),
    ONE_LINE,
    Field(description="As `GET /declarations/{purpose}` gave it", examples=[newest(DeclarationPurpose.ORDER)]),
]

EXAMPLE: dict[str, Any] = {
    "id": "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11",
    "purpose": "order",
    "version": "2026-11-22",
    "effective_on": "2026-11-22",
    "published_at": "2026-11-22T08:00:00Z",
    "material": True,
    "address": "/v1/declarations/order/versions/2026-11-22",
    "language": "bg",
    "title": "Декларация за поверителност при поръчка",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}

RECIPIENT: dict[str, Any] = {
    "key": "icash",
    "kind": "processor",
    "title": "Доставчик на софтуера I-Cash",
    "legal_name": "„Онлайн Сървисиз“ ЕООД",
    "contact": "https://icash.bg/",
    "purpose": "Управление на поръчките и издаване на касова бележка или фактура",
    "guarantees": "Писмено споразумение по чл. 28 от Регламент (ЕС) 2016/679",
    "categories": ["invoice", "order"],
}


class DeclarationWish(Wish):
    """The box under the declaration: which version was shown, and whether it was ticked (S9, S10)."""

    version: Version
    accepted: StrictBool = Field(examples=[True])


class VersionView(View):
    """A version of a declaration or of the policy, without its text."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: UUID
    purpose: DeclarationPurpose
    version: str
    effective_on: date
    published_at: datetime
    material: bool = Field(description="A change that customers are told of personally")
    address: str = Field(description="Where this version, and no other, stays")
    language: Language
    title: str
    sha256: str = Field(description="SHA-256 of the text in UTF-8; kept with every acceptance")


class DeclarationView(VersionView):
    """A version with its text: plain text, paragraphs parted by an empty line.

    The last paragraph is the sentence beside the box; of `registration` the last two, each beside a box of its own:
    the declaration's, then the consent's.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**EXAMPLE, "text": "Администратор на личните Ви данни е …"}]}
    )

    text: str


class VersionsView(View):
    """Every version ever published, newest first."""

    items: list[VersionView]


class RecipientView(View):
    """Who receives personal data, as what, for what."""

    model_config = ConfigDict(json_schema_extra={"examples": [RECIPIENT]})

    key: Recipient
    kind: RecipientKind
    title: str
    legal_name: str | None
    contact: str | None
    purpose: str
    guarantees: str
    categories: list[Category] = Field(description="Read off the shop's own tables")


class RecipientsView(View):
    """The register of recipients (GDPR Art. 13(1)(e))."""

    items: list[RecipientView]
