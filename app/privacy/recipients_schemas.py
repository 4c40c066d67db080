"""Requests and responses about who receives data, and what was signed with them."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.auth.staff_schemas import Day
from app.core.fields import ANY_LINE, View, Wish, upto
from app.core.personal import Recipient
from app.privacy.models import AgreementKind


class NameRecipient(Wish):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"legal_name": "„Баланс“ ООД", "contact": "office@balans.example"}]}
    )

    legal_name: Annotated[str, upto(200), ANY_LINE] = Field(description="As registered")
    contact: Annotated[str, upto(200), ANY_LINE] | None = None


class RecordAgreement(Wish):
    """What was signed: under GDPR Art. 28 with a processor, a contract with a controller."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reference": "Д-1/2026", "signed_on": "2026-01-02"}]})

    reference: Annotated[str, upto(200), ANY_LINE] = Field(description="Number and date of the paper")
    signed_on: Day
    ends_on: Day | None = Field(None, description="Its last day; recorded again with one, an agreement is ended")

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.ends_on and self.ends_on < self.signed_on:
            raise PydanticCustomError("ends_before_it_began", "Cannot end before it began")
        return self


class AgreementView(View):
    id: UUID
    recipient: Recipient
    kind: AgreementKind
    reference: str = Field(examples=["Д-1/2026"])
    signed_on: date
    ends_on: date | None
    recorded_at: datetime
    recorded_by: str = Field(examples=["staff:019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"])
