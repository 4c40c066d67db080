"""Requests and responses of ad-hoc disclosures, and of one's own disclosure log."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.backoffice.register import Entry, shown
from app.core.explaining import ORDER_NUMBER, shape
from app.core.fields import ANY_LINE, SEVERAL_LINES, Email, View, Wish, upto
from app.core.language import Language, Text
from app.core.personal import Category, Ground
from app.privacy.ad_hoc.models import AdHocKind

FIELD_NAME = shape(
    r"^[a-z_]+\.[a-z0-9_]+$",
    Text("Напишете полето като orders.first_name", "Write a field as orders.first_name"),
)
FieldName = Annotated[str, upto(100), Field(pattern=FIELD_NAME, examples=["orders.first_name"])]
EXAMPLE: dict[str, Any] = {
    "kind": "authority",
    "recipient": "ОДМВР – Пловдив",
    "ground": "legal_obligation",
    "reference": "Искане № 1234/20.11.2026",
    "reason": "Проверка по преписка на районната прокуратура",
    "fields": ["orders.first_name", "orders.last_name", "orders.phone"],
    "email": "iva@example.bg",
}


class RecordAdHocDisclosure(Wish):
    """Data that went to an authority, a lawyer, an auditor or a consultant: of one order, or of one person."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    kind: AdHocKind
    recipient: Annotated[str, upto(200), ANY_LINE] = Field(description="The body or the firm")
    ground: Ground = Field(description="Of an authority always `legal_obligation` (S32)")
    reference: Annotated[str, upto(200), ANY_LINE] = Field(description="The request or the contract: number and date")
    reason: Annotated[str, upto(1000), SEVERAL_LINES]
    fields: Annotated[list[FieldName], Field(min_length=1, max_length=100)] = Field(
        description="Exactly which, as the data map names them; only the volume necessary (C12)"
    )
    order_number: Annotated[str, Field(pattern=ORDER_NUMBER, examples=["100000001"])] | None = None
    email: Email | None = None

    @model_validator(mode="after")
    def _is_lawful_and_of_one(self) -> Self:
        if self.kind is AdHocKind.AUTHORITY and self.ground is not Ground.LEGAL_OBLIGATION:
            raise PydanticCustomError("authority_ground", "An authority is given data by legal obligation alone")
        if (self.order_number is None) == (self.email is None):
            raise PydanticCustomError("order_or_email", "Give either the order's number or an e-mail address")
        return self


class AdHocDisclosureView(View):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    disclosed_at: datetime
    kind: AdHocKind
    recipient: str
    ground: Ground
    reference: str
    fields: list[str]
    categories: list[Category]


OWN: dict[str, Any] = {
    "at": "2026-11-23T10:00:00Z",
    "recipient": "Куриерска фирма Спиди",
    "categories": ["име и фамилия", "телефон", "адрес за доставка"],
    "fields": [],
    "purpose": "продажба и доставка на артикули от сайта",
    "ground": "договор, чл. 6(1)(б)",
    "order_number": "100000001",
}


class OwnDisclosureView(View):
    """Data of one's own that went to somebody."""

    model_config = ConfigDict(json_schema_extra={"examples": [OWN]})

    at: datetime
    recipient: str
    categories: list[str]
    fields: list[str] = Field(description="Of what was handed over once: exactly which")
    purpose: str
    ground: str
    order_number: str | None

    @staticmethod
    def of(entry: Entry, language: Language) -> "OwnDisclosureView":
        said = {name: shown(cell, language) for name, cell in entry.cells.items()}
        kind, _, number = (entry.subject or "").partition(":")
        members = {name: said[name] for name in OwnDisclosureView.model_fields if name in said}
        return OwnDisclosureView(**members, order_number=number if kind == "order" else None)
