"""What the accountant sees in a list; nothing personal before a document is opened."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from app.core.fields import View
from app.core.money import CURRENCY, Money
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
