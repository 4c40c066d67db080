"""Requests and responses of one's own consents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field

from app.accounts.closing_schemas import CLOSED, ClosedView
from app.core.fields import SEVERAL_LINES, View, Wish, upto
from app.core.language import Language, Text
from app.core.personal import Category, Ground
from app.privacy.errors import address_of
from app.privacy.models import Channel, ConsentAct, ConsentPurpose, DeclarationPurpose
from app.privacy.personal_columns import categories_on
from app.privacy.queries import LastAct
from app.privacy.schemas import DeclarationWish, newest

NEWSLETTER: dict[str, Any] = {
    "purpose": "newsletter",
    "channel": "email",
    "act": "given",
    "at": "2026-11-22T10:30:00Z",
    "version": "2026-11-22",
    "address": "/v1/declarations/newsletter/versions/2026-11-22",
}
GROUNDS = {
    Ground.CONSENT: Text(
        "Профилът и бюлетинът: само докато сте съгласни. Оттеглите ли съгласието, обработването спира.",
        "The profile and the newsletter: only while you agree. Once you withdraw, the processing stops.",
    ),
    Ground.CONTRACT: Text(
        "Поръчките: договорът с Вас. Оттегленото съгласие не ги спира.",
        "Orders: the contract with you. A withdrawn consent does not stop them.",
    ),
    Ground.LEGAL_OBLIGATION: Text(
        "Фактурите и данните, върху които почиват, доказателствата за съгласия: законът. Пазят се до края на срока.",
        "Invoices and what they rest on, proof of consents: the law. They are kept to the end of the term.",
    ),
    Ground.LEGITIMATE_INTEREST: Text(
        "Влизанията и приетите декларации: сигурността и защитата при спор. Можете да възразите.",
        "Logins and accepted declarations: security, and defence in a dispute. You may object.",
    ),
}


class ConsentView(View):
    """The last act of one consent."""

    model_config = ConfigDict(json_schema_extra={"examples": [NEWSLETTER]})

    purpose: ConsentPurpose
    channel: Channel | None
    act: ConsentAct
    at: datetime = Field(description="Since when it stands so")
    version: str = Field(description="Of the wording")
    address: str = Field(description="Where this wording stays")

    @classmethod
    def of(cls, last: LastAct) -> Self:
        return cls(
            purpose=last.purpose,
            channel=last.channel,
            act=last.act,
            at=last.at,
            version=last.version,
            address=address_of(last.wording, last.version),
        )


class GroundView(View):
    """What rests on one ground of GDPR Art. 6(1)."""

    ground: Ground
    what: str
    categories: list[Category] = Field(description="Read off the shop's own tables")


class ConsentsView(View):
    """How one's consents stand, and what rests on consent and what does not."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "consents": [NEWSLETTER],
                    "grounds": [{"ground": "contract", "what": GROUNDS[Ground.CONTRACT].bg, "categories": ["order"]}],
                }
            ]
        }
    )

    consents: list[ConsentView]
    grounds: list[GroundView]

    @classmethod
    def of(cls, acts: Sequence[LastAct], language: Language) -> Self:
        return cls(
            consents=[ConsentView.of(last) for last in acts],
            grounds=[
                GroundView(ground=ground, what=what.in_(language), categories=categories_on(ground))
                for ground, what in GROUNDS.items()
            ],
        )


class GiveConsent(Wish):
    """A consent of its own (S12), under the wording that was shown and ticked."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "purpose": "newsletter",
                    "channel": "email",
                    "privacy_declaration": {"version": newest(DeclarationPurpose.NEWSLETTER), "accepted": True},
                }
            ]
        }
    )

    purpose: ConsentPurpose
    channel: Channel
    privacy_declaration: DeclarationWish


class WithdrawConsent(Wish):
    """What one no longer agrees to; no reason is asked for (S18)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"purpose": "newsletter", "channel": "email", "words": "Не желая повече писма."}]
        }
    )

    purpose: ConsentPurpose
    channel: Channel | None = Field(None, description="Without one: by every channel")
    words: Annotated[str, upto(2000), SEVERAL_LINES] | None = Field(None, description="Free text, kept as it is")


class WithdrawnView(View):
    """What was taken back with effect from now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"withdrawn": [{**NEWSLETTER, "act": "withdrawn"}], "closed": None},
                {"withdrawn": [], "closed": CLOSED},
            ]
        }
    )

    withdrawn: list[ConsentView] = Field(description="Empty when nothing was agreed to any more")
    closed: ClosedView | None = Field(description="The account, when it rested on what was taken back")
