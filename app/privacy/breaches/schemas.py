"""What the officer says of a breach."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, PlainValidator, StrictBool, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from app.core.explaining import shape
from app.core.fields import ANY_LINE, SEVERAL_LINES, Wish, upto
from app.core.language import Language, Text
from app.core.personal import Recipient
from app.privacy.breaches.models import BreachChannel, EntryKind, Exemption, Risk, SentBy
from app.privacy.breaches.ports import ExposedTable, Search, SearchKind
from app.privacy.breaches.telling import Words

MOMENT = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]{5,15}([Zz]|[+-][0-9]{2}:[0-9]{2})")
MOST_SEARCHES = 20
MOST_DRILL_HOURS = 240
SINCE = "2026-11-20T00:00:00Z"
UNTIL = "2026-11-23T09:00:00Z"
SOMEBODY = "staff:019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"

Line = Annotated[str, upto(500), ANY_LINE]
Paragraphs = Annotated[str, upto(10_000), SEVERAL_LINES]


def _moment(value: object) -> datetime:
    """Read a moment with its zone as RFC 3339 writes it; no number of seconds, which pydantic would take for one."""
    try:
        written = value if isinstance(value, str) and MOMENT.fullmatch(value) else ""
        return datetime.fromisoformat(written.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("moment", "Not a moment as 2026-11-23T09:30:00+02:00") from None


Moment = Annotated[datetime, PlainValidator(_moment, json_schema_input_type=datetime)]


class EnteredKind(StrEnum):
    """What the officer enters freely; the other entries come with what is done."""

    FACTS = EntryKind.FACTS
    CONSEQUENCES = EntryKind.CONSEQUENCES
    MEASURES = EntryKind.MEASURES
    PROPOSED_MEASURES = EntryKind.PROPOSED_MEASURES
    REASONS_OF_DELAY = EntryKind.REASONS_OF_DELAY
    NOTE = EntryKind.NOTE


def example(**members: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [members]})


class RecordBreach(Wish):
    """What is known in the first moment; no text of a breach names anybody."""

    model_config = example(
        summary="Чужд достъп до профил на служител", channel="staff", discovered_at="2026-11-23T09:30:00Z", drill=False
    )

    summary: Line
    channel: BreachChannel
    processor: Recipient | None = Field(None, description="Which processor reported it; with channel `processor` alone")
    discovered_at: Moment | None = Field(None, description="When the shop became aware of it; unset: now")
    drill: StrictBool = Field(False, description="An exercise: no mail leaves to customers")

    @model_validator(mode="after")
    def _processor_reports(self) -> Self:
        if self.processor and self.channel is not BreachChannel.PROCESSOR:
            raise PydanticCustomError("processor", "Only a breach that a processor reported names one")
        return self


class AddEntry(Wish):
    model_config = example(kind="facts", text="На 23.11.2026 г. паролата на служител е използвана от непознат адрес.")

    kind: EnteredKind
    text: Paragraphs
    corrects: UUID | None = Field(None, description="The entry of the same kind that this one corrects")


class AssessBreach(Wish):
    model_config = example(risk="high", reasons="Разкрити са имена, адреси и телефони; възможна е злоупотреба.")

    risk: Risk
    reasons: Paragraphs


class GiveReasons(Wish):
    model_config = example(reasons="Данните са криптирани, ключът не е засегнат.")

    reasons: Paragraphs


class ExemptFromLetters(Wish):
    model_config = example(ground="nobody_affected", reasons="Няма достъп до данни на клиенти през периода.")

    ground: Exemption
    reasons: Paragraphs


class TellPublicly(Wish):
    model_config = example(text="Съобщение на първа страница на магазина от 24.11.2026 г.")

    text: Paragraphs


class CloseBreach(Wish):
    model_config = example(conclusion="Причината е отстранена, всички лица са уведомени.")

    conclusion: Paragraphs


class AdvanceDrill(Wish):
    model_config = example(hours=24)

    hours: Annotated[StrictInt, Field(ge=1, le=MOST_DRILL_HOURS)]


class _Period(Wish):
    since: Moment | None = Field(None, description="Unset: from the beginning", examples=[SINCE])
    until: Moment = Field(examples=[UNTIL])


ACTOR = shape(
    r"^((staff|account):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|cl_[0-9a-f]{16}|operator|system)$",
    Text("Напишете извършителя така, както стои в записите", "Write the actor as audit entries have it"),
)
OPERATION = shape(
    r"^[a-z][a-z_]{1,63}$",
    Text("Напишете действието като read_order_as_staff", "Write an operation as read_order_as_staff"),
)


class ByActor(_Period):
    """What somebody, or a machine client, saw, changed or was given."""

    by: Literal["actor"]
    actor: str = Field(
        pattern=ACTOR,
        examples=[SOMEBODY],
    )

    def search(self) -> Search:
        return Search(SearchKind.ACTOR, self.actor, self.since, self.until)


class BySession(_Period):
    """The same of one login, while it lasted."""

    by: Literal["session"]
    session_id: UUID

    def search(self) -> Search:
        return Search(SearchKind.SESSION, str(self.session_id), self.since, self.until)


class ByRecipient(_Period):
    """What was handed to a recipient."""

    by: Literal["recipient"]
    recipient: Recipient

    def search(self) -> Search:
        return Search(SearchKind.RECIPIENT, self.recipient, self.since, self.until)


class ByRoute(_Period):
    """Whom a route of the staff or of a recipient showed or changed, by its operation id."""

    by: Literal["route"]
    operation: str = Field(pattern=OPERATION, examples=["read_order_as_staff"])

    def search(self) -> Search:
        return Search(SearchKind.ROUTE, self.operation, self.since, self.until)


class ByTable(Wish):
    """Everybody who had a row in a table that was exposed as a whole."""

    by: Literal["table"]
    table: ExposedTable
    until: Moment = Field(examples=[UNTIL])

    def search(self) -> Search:
        return Search(SearchKind.TABLE, self.table, None, self.until)


AnySearch = Annotated[ByActor | BySession | ByRecipient | ByRoute | ByTable, Field(discriminator="by")]


class FindAffected(Wish):
    """Where to look; the searches together give the list."""

    model_config = example(searches=[{"by": "actor", "actor": SOMEBODY, "since": SINCE, "until": UNTIL}])

    searches: Annotated[list[AnySearch], Field(min_length=1, max_length=MOST_SEARCHES)]

    def wanted(self) -> list[Search]:
        return [each.search() for each in self.searches]


class Wording(Wish):
    nature: Paragraphs = Field(examples=["Непознат е виждал данните на Вашата поръчка: име, адрес и телефон."])
    consequences: Paragraphs = Field(examples=["Възможно е да получите нежелани обаждания."])
    measures: Paragraphs = Field(examples=["Спряхме достъпа и сменихме паролите."])
    advice: Paragraphs | None = Field(None, examples=["Не отваряйте връзки в съмнителни съобщения."])

    def words(self) -> Words:
        return Words(self.nature, self.consequences, self.measures, self.advice)


class SendLetters(Wish):
    """What people are told, in plain language and in the language in which each bought (Art. 34(2))."""

    model_config = example(
        bg={
            "nature": "Непознат е виждал данните на Вашата поръчка: име, адрес и телефон.",
            "consequences": "Възможно е да получите нежелани обаждания.",
            "measures": "Спряхме достъпа и сменихме паролите.",
            "advice": "Не отваряйте връзки в съмнителни съобщения.",
        },
        en={
            "nature": "A stranger has seen the data of your order: name, address and phone.",
            "consequences": "You may receive unwanted calls.",
            "measures": "We ended the access and changed the passwords.",
            "advice": "Do not open links in suspicious messages.",
        },
    )

    bg: Wording
    en: Wording

    def words(self) -> dict[Language, Words]:
        return {Language.BG: self.bg.words(), Language.EN: self.en.words()}


class MarkSent(Wish):
    model_config = example(means="email", sent_at="2026-11-24T08:00:00Z", reference="ППН-01-123/24.11.2026")

    means: SentBy
    sent_at: Moment | None = Field(None, description="Unset: now")
    reference: Line | None = Field(None, description="The authority's incoming number, if it is known already")
    reasons_of_delay: Paragraphs | None = Field(None, description="Needed once the 72 hours are over (Art. 33(1))")


class GiveReference(Wish):
    model_config = example(reference="ППН-01-123/24.11.2026")

    reference: Line
