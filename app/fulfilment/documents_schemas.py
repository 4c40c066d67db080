"""What staff send to correct what was issued, and what they see of it."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.accounts.forms import InvoiceWish
from app.catalog.models import SKU_PATTERN
from app.core.explaining import shape
from app.core.fields import ANY_LINE, View, Wish, upto
from app.core.language import Text
from app.core.money import CURRENCY, Money
from app.invoices.view import DocumentKind
from app.payments.models import RefundMeans

LARGEST = Money(100_000_000)
Amount = Annotated[Money, Field(description="With VAT, in euro", examples=["12.90"])]
Ground = Annotated[
    str,
    upto(300),
    ANY_LINE,
    Field(description="Printed on the document", examples=["Върната стока: отказ по чл. 50 ЗЗП"]),
]
EventOn = Annotated[
    date | None, Field(description="When it happened: returned, agreed; today when left out", examples=["2026-11-23"])
]


STATED_IN = shape(
    "^[1-9][0-9]{0,17}$", Text("Напишете номера на заявлението като 10001", "Write a statement's number as 10001")
)
StatedIn = Annotated[
    str | None,
    Field(
        pattern=STATED_IN,
        exclude_if=lambda named: named is None,
        description="The statement of withdrawal that it is for: of this order, and known to be its buyer's",
        examples=["10001"],
    ),
]


def _positive(amount: Money) -> None:
    if not Money.ZERO < amount <= LARGEST:
        raise PydanticCustomError("amount", "An amount is positive, and at most 1000000.00")


class CreditLineWish(Wish):
    """What is taken back of a line of the invoice: pieces, or a part of the price."""

    position: int = Field(ge=1, le=1000, description="Of the line on the invoice, from 1")
    quantity: int | None = Field(None, ge=1, le=100_000)
    amount: Amount | None = None

    @model_validator(mode="after")
    def _is_one_of_the_two(self) -> Self:
        if (self.quantity is None) == (self.amount is None):
            raise PydanticCustomError("one_of", "Give either quantity or amount")
        if self.amount is not None:
            _positive(self.amount)
        return self


class RefundOfNoteWish(Wish):
    means: RefundMeans
    refunded_on: date = Field(description="Not in the future")
    amount: Amount | None = Field(None, description="The whole of the note when left out")
    withdrawal: StatedIn = None

    @model_validator(mode="after")
    def _is_positive(self) -> Self:
        if self.amount is not None:
            _positive(self.amount)
        return self


class IssueCreditNote(Wish):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ground": "Върната стока: отказ по чл. 50 ЗЗП",
                    "lines": [{"position": 1, "quantity": 1}],
                    "refund": {"means": "account", "refunded_on": "2026-11-23"},
                }
            ]
        }
    )

    ground: Ground
    event_on: EventOn = None
    lines: Annotated[list[CreditLineWish], Field(min_length=1, max_length=200)] | None = Field(
        None, description="Left out: all that is left of the invoice"
    )
    refund: RefundOfNoteWish | None = None

    @model_validator(mode="after")
    def _name_each_line_once(self) -> Self:
        positions = [line.position for line in self.lines or ()]
        if len(set(positions)) != len(positions):
            raise PydanticCustomError("twice", "Name each line once")
        return self


class DebitLineWish(Wish):
    description: Annotated[str, upto(200), ANY_LINE]
    quantity: int = Field(1, ge=1, le=100_000)
    amount: Amount
    vat_rate: Literal[0, 9, 20] = 20

    @model_validator(mode="after")
    def _is_positive(self) -> Self:
        _positive(self.amount)
        return self


class IssueDebitNote(Wish):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"ground": "Допълнителна доставка", "lines": [{"description": "Повторна доставка", "amount": "4.99"}]}
            ]
        }
    )

    ground: Ground
    event_on: EventOn = None
    lines: Annotated[list[DebitLineWish], Field(min_length=1, max_length=200)]


class ReplaceInvoice(Wish):
    """The invoice in the place of the annulled one; with other data of the buyer when they were wrong."""

    company: InvoiceWish | None = Field(None, description="Left out: the buyer of the order")


class AnnulDocument(Wish):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ground": "Грешен ЕИК на получателя", "replacement": {"company": None}}]}
    )

    ground: Ground
    replacement: ReplaceInvoice | None = Field(None, description="Left out: nothing is issued instead")


class RefundedLineWish(Wish):
    """Pieces that came back."""

    sku: Annotated[str, Field(pattern=SKU_PATTERN, examples=["ION-H-SOFT-2"])]
    """As the order names it, its delivery too."""
    quantity: int = Field(ge=1, le=100_000)


class RecordRefund(Wish):
    """Money that went back where no note goes with it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"amount": "12.90", "means": "account", "refunded_on": "2026-11-23"}]}
    )

    amount: Amount
    means: RefundMeans
    refunded_on: date = Field(description="Not in the future")
    withdrawal: StatedIn = None
    lines: Annotated[list[RefundedLineWish], Field(min_length=1, max_length=200)] | None = Field(
        None,
        exclude_if=lambda named: named is None,
        description="What it is for, at whose rates of VAT the sales report takes it off; left out: all in proportion",
    )

    @model_validator(mode="after")
    def _is_positive(self) -> Self:
        _positive(self.amount)
        return self

    @model_validator(mode="after")
    def _name_each_article_once(self) -> Self:
        named = [line.sku for line in self.lines or ()]
        if len(set(named)) != len(named):
            raise PydanticCustomError("twice", "Name each article once")
        return self


class IssuedView(View):
    """A document that was issued; its PDF follows within seconds."""

    id: UUID
    number: str = Field(examples=["0000000042"])
    kind: DocumentKind
    issued_on: date
    base: Money
    vat: Money
    total: Money
    currency: Literal["EUR"] = CURRENCY


class AnnulledView(View):
    protocol: IssuedView
    replacement: IssuedView | None


class RefundView(View):
    id: UUID
    amount: Money
    means: RefundMeans
    refunded_on: date
    month: str = Field(description="The month whose books it is in", examples=["2026-11"])
    recorded_at: datetime


class CreditableLineView(View):
    """A line of the invoice, and what no note took back yet."""

    position: int
    description: str
    quantity: int
    gross: Money
    left_quantity: int
    left: Money


class CreditableView(View):
    invoice: IssuedView
    lines: list[CreditableLineView]
