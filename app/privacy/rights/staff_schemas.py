"""What staff of the rights desk send and see."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.core.fields import ANY_LINE, Email, View, Wish, upto
from app.core.language import Language
from app.privacy.models import ConsentPurpose
from app.privacy.restricting import RestrictionGround
from app.privacy.rights.models import (
    Against,
    ErasureGround,
    EventKind,
    Outcome,
    Part,
    PreferredForm,
    RequestKind,
    RequestState,
    Via,
)
from app.privacy.rights.reasons import Reason
from app.privacy.rights.schemas import Asked, AttachmentView, Correction, LetterView, Words

ENTERED: dict[str, Any] = {
    "kind": "erasure",
    "via": "post",
    "text": "Моля да изтриете личните ми данни.",
    "name": "Ива Петрова",
    "address": "гр. София 1618, ул. „Българска легия“ № 2",
    "email": "iva@example.bg",
    "preferred_form": "paper",
    "is_signed": True,
    "dated_on": "2026-11-20",
    "received_at": "2026-11-23T08:00:00Z",
    "identified_by": "Подписът и адресът са като в поръчка 100000001",
    "erasure_ground": "not_needed",
}
FILE: dict[str, Any] = {
    "id": "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11",
    "kind": "access",
    "via": "account",
    "state": "open",
    "outcome": None,
    "language": "bg",
    "account_id": "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e01",
    "email": "iva@example.bg",
    "person_email": "iva@example.bg",
    "name": "Ива Петрова",
    "address": None,
    "correspondence_address": None,
    "preferred_form": "electronic",
    "text": "Моля за достъп до личните ми данни и копие от тях.",
    "is_signed": False,
    "dated_on": "2026-11-23",
    "proxy_name": None,
    "has_power_of_attorney": False,
    "missing": ["address"],
    "corrections": None,
    "restriction_ground": None,
    "erasure_ground": None,
    "against": None,
    "consent": None,
    "received_at": "2026-11-23T10:00:00Z",
    "entered_at": "2026-11-23T10:00:00Z",
    "entered_by": "person",
    "identified_at": "2026-11-23T10:00:00Z",
    "complete_at": "2026-11-23T10:00:00Z",
    "waiting_since": None,
    "due_on": "2026-12-23",
    "extended_to": None,
    "decided_at": None,
    "closed_at": None,
    "is_for_the_post": False,
    "destination": "iva@example.bg",
    "is_destination_settled": True,
    "events": [],
    "letters": [],
    "attachments": [],
}


class EnteredVia(StrEnum):
    """How a request came that staff enter."""

    EMAIL = "email"
    POST = "post"
    PHONE = "phone"


class EnterRequest(Asked):
    """What came by e-mail, by post or by phone; what is not in it is asked for (S75, S76)."""

    model_config = ConfigDict(json_schema_extra={"examples": [ENTERED]})

    via: EnteredVia
    email: Email | None = Field(None, description="Where it is answered")
    preferred_form: PreferredForm | None = None
    is_signed: bool = False
    dated_on: date | None = Field(None, description="As the letter says")
    received_at: AwareDatetime | None = Field(None, description="When it came; default: now. The clock runs from here")
    language: Language = Language.BG
    identified_by: Words | None = Field(None, description="How it is known who asks; without it they are asked (S78)")


class FoundCaseView(View):
    """A request in the staff's list."""

    id: UUID
    kind: RequestKind
    via: Via
    state: RequestState
    outcome: Outcome | None
    name: str | None
    received_at: datetime
    due_on: date
    extended_to: date | None
    last_day: date
    missing: list[Part]


class SearchRequests(Wish):
    """Whose requests; in the body, because nothing personal stands in an address."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "iva@example.bg"}]})

    email: Email


class CaseEventView(View):
    """A line of the case file's log."""

    id: UUID
    at: datetime
    actor: str
    kind: EventKind
    words: str | None
    details: dict[str, Any] = Field(
        description="Codes, dates, counts", json_schema_extra={"additionalProperties": True}
    )


class CaseView(View):
    """A whole case file (S56)."""

    model_config = ConfigDict(json_schema_extra={"examples": [FILE]})

    id: UUID
    kind: RequestKind
    via: Via
    state: RequestState
    outcome: Outcome | None
    language: Language
    account_id: UUID | None
    email: str | None
    person_email: str | None
    name: str | None
    address: str | None
    correspondence_address: str | None
    preferred_form: PreferredForm | None
    text: str | None
    is_signed: bool
    dated_on: date | None
    proxy_name: str | None
    has_power_of_attorney: bool
    missing: list[Part]
    corrections: list[Correction] | None
    restriction_ground: RestrictionGround | None
    erasure_ground: ErasureGround | None
    against: Against | None
    consent: ConsentPurpose | None
    received_at: datetime
    entered_at: datetime
    entered_by: str
    identified_at: datetime | None
    complete_at: datetime
    waiting_since: datetime | None
    due_on: date
    extended_to: date | None
    decided_at: datetime | None
    closed_at: datetime | None
    is_for_the_post: bool = Field(description="Letters are printed and sent by registered post")
    destination: str | None = Field(description="Where the answer is to go")
    is_destination_settled: bool = Field(
        description="Not: it is not known to be the person's; `/destination` decides on it before anything is granted"
    )
    events: list[CaseEventView]
    letters: list[LetterView]
    attachments: list[AttachmentView]


class AskForParts(Wish):
    """What is missing, or unclear; the clock waits for the answer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"parts": ["address"], "words": "За кои поръчки се отнася искането?"}]}
    )

    parts: list[Part] = Field([], max_length=len(Part), description="Those of the policy (S76)")
    words: Words | None = Field(None, description="What is unclear, in the person's language")

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.parts and not self.words:
            raise PydanticCustomError("nothing_said", "Say something")
        return self


class AskForIdentity(Wish):
    """Ask for more about who it is: only on reasonable doubt, and no more than removes it (S78, Art. 12(6))."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"words": "Посочете номер на Ваша поръчка."}]})

    words: Words | None = None


class RecordIdentity(Wish):
    """How it was established who asks; and, where that is known only now, whose data it is about."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"how": "Назова номер и дата на своя поръчка.", "person_email": "iva@example.bg"}]
        }
    )

    how: Words
    person_email: Email | None = Field(None, description="Under which the data are")


class TakeNote(Wish):
    """A line for the case file; `authority` when КЗЛД was told, or told us, of it (S57)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"words": "Обади се; ще пише.", "authority": False}]})

    words: Words
    authority: bool = False


class Explain(Wish):
    """Reasons that the person is told, in their language."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reasons": "Данните са в архив на техен носител."}]})

    reasons: Words


class RecordPosting(Wish):
    """That the answer went by registered post."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reference": "R PS 1618 000123 4"}]})

    reference: Annotated[str, upto(100), ANY_LINE] = Field(description="Of the registered letter")


class FieldCorrection(Wish):
    """A field of the shop's, what stands in it, and what is right (S62)."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"field": "last_name", "wrong": "Петрова", "right": "Петкова"}]}
    )

    field: Annotated[str, upto(50), ANY_LINE] = Field(description="As the access copy names it")
    wrong: Annotated[str, upto(500), ANY_LINE] | None = Field(None, description="Without it: whatever stands there")
    right: Annotated[str, upto(500), ANY_LINE]


class Decide(Wish):
    """The decision: granted, in part, or refused with a reason the law knows and the reasoning in words."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"outcome": "granted"},
                {"outcome": "refused", "reason": "unclear_data", "reasoning": "Не посочихте за кои данни питате."},
            ]
        }
    )

    outcome: Literal[Outcome.GRANTED, Outcome.PARTLY_GRANTED, Outcome.REFUSED]
    reason: Reason | None = Field(None, description="Needed unless all is granted")
    reasoning: Words | None = Field(None, description="Told to the person; needed unless all is granted")
    corrections: Annotated[list[FieldCorrection], Field(min_length=1, max_length=20)] | None = Field(
        None, description="Of a rectification that is granted: which fields"
    )
    restriction_ground: RestrictionGround | None = Field(None, description="When the request names none")
    erasure_ground: ErasureGround | None = Field(None, description="When the request names none")
    balance: Words | None = Field(
        None, description="Of an objection: the grounds of the shop against those of the person, weighed (S73)"
    )
