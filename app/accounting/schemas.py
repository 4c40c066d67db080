"""What the accountant sees in a list; nothing personal before a document is opened."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.core.explaining import ORDER_NUMBER, shape
from app.core.fields import ANY_LINE, Eik, View, Wish
from app.core.language import Text
from app.core.money import CURRENCY, Money
from app.invoices.queries import DocumentRow, Wanted
from app.invoices.view import DocumentKind


class DocumentView(View):
    id: UUID
    number: str = Field(examples=["0000000042"])
    kind: DocumentKind
    issued_on: date
    order_number: str = Field(examples=["100000001"])
    base: Money
    vat: Money
    total: Money
    currency: Literal["EUR"] = CURRENCY
    sha256: str | None = Field(description="Of the PDF; null while it is being rendered")
    pdf: str = Field(examples=["/v1/accounting/documents/….pdf"])
    xml: str | None = Field(description="The same as an e-invoice (UBL 2.1), of a kind that has one")

    @classmethod
    def of(cls, row: DocumentRow) -> "DocumentView":
        here = f"/v1/accounting/documents/{row.id}"
        return cls.model_construct(  # a hundred at a time, of columns: to validate them again takes most of an answer
            id=row.id,
            number=row.number,
            kind=row.kind,
            issued_on=row.issued_on,
            order_number=row.order_number,
            base=row.base,
            vat=row.vat,
            total=row.total,
            sha256=row.sha256,
            pdf=f"{here}.pdf",
            xml=f"{here}.xml" if row.has_xml else None,
        )


NUMBER = shape("^[0-9]{1,10}$", Text("Номерът е от една до десет цифри", "A number is one to ten digits"))
Number = Annotated[str, Field(pattern=NUMBER, description="Leading zeros may be left out", examples=["42"])]


class SearchDocuments(Wish):
    """All of what is given must fit."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"issued_from": "2026-11-01", "eik": "175074752"}]})

    issued_from: date | None = None
    issued_to: date | None = None
    kind: DocumentKind | None = None
    number_from: Number | None = None
    number_to: Number | None = None
    company: Annotated[str, StringConstraints(min_length=3, max_length=100), ANY_LINE] | None = Field(
        None, description="A part of a company's name, three letters at least"
    )
    eik: Eik | None = None
    order_number: Annotated[str, StringConstraints(pattern=ORDER_NUMBER)] | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if not self.model_fields_set:
            raise PydanticCustomError("empty", "Say what to look for")
        return self

    def wanted(self) -> Wanted:
        return Wanted(
            first=self.issued_from,
            last=self.issued_to,
            kind=self.kind,
            number_from=self.number_from and self.number_from.zfill(10),
            number_to=self.number_to and self.number_to.zfill(10),
            company=self.company,
            eik=self.eik,
            order_number=int(self.order_number) if self.order_number else None,
        )


class SelectDocuments(Wish):
    model_config = ConfigDict(json_schema_extra={"examples": [{"documents": ["5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"]}]})

    documents: Annotated[list[UUID], Field(min_length=1, max_length=200)]
