"""Requests and responses of taking consents back by anybody."""

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.accounts.closing_schemas import CLOSED, ClosedView
from app.accounts.consents_schemas import GROUNDS, GroundView
from app.auth.link_tokens import LENGTH
from app.auth.own_schemas import LinkToken
from app.core.fields import SEVERAL_LINES, Email, View, Wish, upto
from app.core.language import Language
from app.core.personal import Ground
from app.privacy.models import Channel, ConsentPurpose, ReceivedBy, SaidBy
from app.privacy.personal_columns import categories_on
from app.privacy.purposes import MARKETING

Words = Annotated[str, upto(2000), SEVERAL_LINES]


class Withdraw(Wish):
    """What somebody no longer agrees to, in their own words or none; no reason is asked for (S18).

    Whoever is logged in needs to name nothing. A guest names the address, or shows the token of a marketing mail.
    """

    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [
                {"email": "iva@example.bg", "words": "Моля, не ми пишете повече."},
                {"token": "A" * LENGTH},
            ]
        },
    )

    email: Email | None = None
    token: LinkToken | None = Field(None, description="Of a link in a marketing mail: it names address and list")
    purpose: ConsentPurpose | None = Field(
        None,
        description="Without one: every consent but that to the registration, whose end closes the account; with a"
        " channel alone, all offers by it",
    )
    channel: Channel | None = Field(None, description="Without one: by every channel")
    words: Words | None = Field(None, description="Free text, kept as it is")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if self.email is not None and self.token is not None:
            raise PydanticCustomError("address_or_token", "Either an e-mail address or a token, not both")
        return self

    @property
    def purposes(self) -> frozenset[ConsentPurpose]:
        return wanted(self.purpose, self.channel)


class WithdrawForSomebody(Wish):
    """What a member of staff was told, by whom and how (C9)."""

    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [
                {
                    "email": "iva@example.bg",
                    "purpose": "newsletter",
                    "words": "Обади се и помоли да не ѝ пишем повече.",
                    "received_by": "phone",
                    "said_by": "person",
                }
            ]
        },
    )

    email: Email
    purpose: ConsentPurpose | None = Field(None, description="Without one: every consent but that to the registration")
    channel: Channel | None = None
    words: Words | None = None
    received_by: ReceivedBy
    said_by: SaidBy = Field(
        SaidBy.PERSON,
        description="A parent or guardian speaks for somebody under 14, whose consent counts for nothing without them",
    )

    @property
    def purposes(self) -> frozenset[ConsentPurpose]:
        return wanted(self.purpose, self.channel)


class ProveWithdrawal(Wish):
    """What the mail's reader and nobody else has."""

    model_config = ConfigDict(hide_input_in_errors=True, json_schema_extra={"examples": [{"token": "A" * LENGTH}]})

    token: LinkToken


def wanted(purpose: ConsentPurpose | None, channel: Channel | None) -> frozenset[ConsentPurpose]:
    """Say what is taken back: a closed account must have been named; who names a channel alone means offers by it."""
    if purpose:
        return frozenset({purpose})
    return MARKETING if channel else frozenset(ConsentPurpose) - {ConsentPurpose.REGISTRATION}


GROUND: dict[str, Any] = {"ground": "contract", "what": GROUNDS[Ground.CONTRACT].bg, "categories": ["order"]}


class ConsentWithdrawalView(View):
    """What is not done any more from this answer on; a guest's says nothing of whether anything was known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"stopped": ["newsletter"], "to_be_proved": [], "closed": None, "grounds": [GROUND]},
                {"stopped": ["registration"], "to_be_proved": [], "closed": CLOSED, "grounds": [GROUND]},
            ]
        }
    )

    stopped: list[ConsentPurpose] = Field(description="Not done any more, whether or not it was agreed to")
    to_be_proved: list[ConsentPurpose] = Field(
        description="Destroys something: if there is anything under the address, a mail with a link is on its way there"
    )
    closed: ClosedView | None = Field(description="The account, when it rested on what was taken back")
    grounds: list[GroundView] = Field(description="What rests on consent, and what on another ground and goes on (C17)")

    @classmethod
    def of(
        cls,
        stopped: frozenset[ConsentPurpose],
        language: Language,
        *,
        to_be_proved: frozenset[ConsentPurpose] = frozenset(),
        closed: ClosedView | None = None,
    ) -> Self:
        return cls(
            stopped=[purpose for purpose in ConsentPurpose if purpose in stopped],
            to_be_proved=[purpose for purpose in ConsentPurpose if purpose in to_be_proved],
            closed=closed,
            grounds=[
                GroundView(ground=ground, what=what.in_(language), categories=categories_on(ground))
                for ground, what in GROUNDS.items()
            ],
        )
