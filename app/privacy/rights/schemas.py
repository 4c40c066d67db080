"""What a data subject sends and sees."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from app.auth.link_tokens import LENGTH
from app.core.fields import ADDRESS_LINES, ANY_LINE, PERSON_NAME, SEVERAL_LINES, Email, View, Wish, upto
from app.privacy.models import ConsentPurpose
from app.privacy.restricting import RestrictionGround
from app.privacy.rights.models import (
    Against,
    AttachmentKind,
    ErasureGround,
    LetterKind,
    Outcome,
    Part,
    PreferredForm,
    RequestKind,
    RequestState,
    RightsRequest,
    Via,
)

WORDS = 5000
Name = Annotated[str, upto(200), PERSON_NAME]
PostalAddress = Annotated[str, upto(500), ADDRESS_LINES]
Words = Annotated[str, upto(WORDS), SEVERAL_LINES]
RequestToken = Annotated[SecretStr, Field(min_length=LENGTH, max_length=LENGTH)]

ACCESS: dict[str, Any] = {
    "kind": "access",
    "text": "Моля за достъп до личните ми данни и копие от тях.",
    "name": "Ива Петрова",
    "address": "гр. София 1618, ул. „Българска легия“ № 2",
    "email": "iva@example.bg",
}
SEEN: dict[str, Any] = {
    "id": "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11",
    "kind": "access",
    "via": "account",
    "state": "open",
    "outcome": None,
    "received_at": "2026-11-23T10:00:00Z",
    "due_on": "2026-12-23",
    "extended_to": None,
    "decided_at": None,
    "missing": [],
    "text": "Моля за достъп до личните ми данни и копие от тях.",
    "letters": [],
    "copy_until": None,
}


class Correction(Wish):
    """What is wrong, and what is right instead (S62)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"wrong": "Ива Петрова", "right": "Ива Петкова"}]})

    wrong: Annotated[str, upto(500), ANY_LINE] = Field(description="As it stands with us")
    right: Annotated[str, upto(500), ANY_LINE] = Field(description="As it should stand")


class ProxyWish(Wish):
    """Somebody asks for another, whose name is `name`; the power of attorney is attached (S77)."""

    name: Name = Field(description="Of whoever asks", examples=["Петър Иванов"])
    person_email: Email | None = Field(None, description="Under which the data are of the person one asks for")


class Asked(Wish):
    """What any request says, however it comes."""

    kind: RequestKind
    text: Words | None = Field(None, description="In one's own words")
    name: Name | None = Field(None, description="Of whose data it is about; asked for when missing")
    address: PostalAddress | None = Field(None, description="Asked for when missing")
    correspondence_address: PostalAddress | None = Field(None, description="Where the answer goes; default: the e-mail")
    proxy: ProxyWish | None = None
    corrections: Annotated[list[Correction], Field(min_length=1, max_length=20)] | None = Field(
        None, description="Of a rectification"
    )
    restriction_ground: RestrictionGround | None = Field(None, description="Of a restriction, when it is known")
    erasure_ground: ErasureGround | None = Field(None, description="Of an erasure, when it is known")
    against: Against | None = Field(None, description="Of an objection; marketing ends at once, without reasons")
    consent: ConsentPurpose | None = Field(None, description="Of a withdrawal; without one: all but the profile's")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        belongs = {
            "corrections": RequestKind.RECTIFICATION,
            "restriction_ground": RequestKind.RESTRICTION,
            "erasure_ground": RequestKind.ERASURE,
            "against": RequestKind.OBJECTION,
            "consent": RequestKind.WITHDRAWAL,
        }
        if any(getattr(self, field) is not None and self.kind is not kind for field, kind in belongs.items()):
            raise PydanticCustomError("of_another_kind", "A field belongs to another kind of request")
        if self.kind is RequestKind.OBJECTION and self.against is None:
            raise PydanticCustomError("against_missing", "Say what you object to")
        if self.text is None and self.kind is not RequestKind.WITHDRAWAL and self.against is not Against.MARKETING:
            raise PydanticCustomError("text_missing", "Say what you ask for")
        return self


class AskAsPerson(Asked):
    """A request in free text; what is missing is asked for afterwards (S75, S76)."""

    model_config = ConfigDict(json_schema_extra={"examples": [ACCESS, {"kind": "objection", "against": "marketing"}]})

    preferred_form: PreferredForm = PreferredForm.ELECTRONIC
    email: Email | None = Field(None, description="A guest's, to be proved by a mailed link; of an account it is known")


class RequestMailed(View):
    """A mail is on its way to the address; the request is received once its link was opened."""

    email: str = Field(examples=["iva@example.bg"])
    expires_at: datetime


class LetterView(View):
    """A letter as it was sent."""

    id: UUID
    kind: LetterKind
    drawn_at: datetime
    sha256: str


class RequestView(View):
    """One's own request, and how it stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [SEEN]})

    id: UUID
    kind: RequestKind
    via: Via
    state: RequestState
    outcome: Outcome | None
    received_at: datetime
    due_on: date = Field(description="The earlier of one month and 30 days")
    extended_to: date | None
    decided_at: datetime | None
    missing: list[Part] = Field(description="What is asked for and has not come yet")
    text: str | None
    letters: list[LetterView]
    copy_until: date | None = Field(description="Until when `copy.zip` is to be had")


class FoundRequestView(View):
    """A request in a list."""

    id: UUID
    kind: RequestKind
    state: RequestState
    outcome: Outcome | None
    received_at: datetime
    due_on: date
    extended_to: date | None

    @classmethod
    def of(cls, request: RightsRequest) -> Self:
        return cls.model_validate(request)


class AddToRequest(Wish):
    """What one adds to a request: in words, and the parts that were asked for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Живея на ул. „Българска легия“ № 2, София."}]})

    text: Words | None = None
    name: Name | None = None
    address: PostalAddress | None = None
    correspondence_address: PostalAddress | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any((self.text, self.name, self.address, self.correspondence_address)):
            raise PydanticCustomError("nothing_said", "Say something")
        return self


class AttachmentView(View):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e12",
                    "kind": "power_of_attorney",
                    "media_type": "application/pdf",
                    "size": 48213,
                    "received_at": "2026-11-23T10:05:00Z",
                }
            ]
        }
    )

    id: UUID
    kind: AttachmentKind
    media_type: str
    size: int
    received_at: datetime
