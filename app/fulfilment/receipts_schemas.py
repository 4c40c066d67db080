"""What staff send about money that came, and what they see of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Row

from app.core.fields import ANY_LINE, View, Wish, upto
from app.core.money import CURRENCY, Money
from app.payments.models import PaymentStatus, ReceiptOutcome, RefundMeans
from app.returns.staff_schemas import OrderNumber

LARGEST = Money(100_000_000)


def _positive(amount: Money) -> Money:
    if not Money.ZERO < amount <= LARGEST:
        raise PydanticCustomError("amount", "An amount is positive, and at most 1000000.00")
    return amount


Sum = Annotated[Money, AfterValidator(_positive), Field(examples=["129.00"])]


class ReceiptState(StrEnum):
    """What a receipt waits for."""

    UNMATCHED = "unmatched"
    """It is of no order that is known."""
    PARTIAL = "partial"
    """More is to come for its order."""
    SURPLUS = "surplus"
    """Its order is paid without it, or without some of it."""
    OWED = "owed"
    """Its order is called off."""
    SETTLED = "settled"


_OPEN = {
    None: ReceiptState.UNMATCHED,
    PaymentStatus.AWAITED: ReceiptState.PARTIAL,
    PaymentStatus.RECEIVED: ReceiptState.SURPLUS,
    PaymentStatus.VOID: ReceiptState.OWED,
}


class RecordReceipt(Wish):
    """A line of the bank's statement."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"amount": "129.00", "received_on": "2026-11-23", "order_number": "100000001"}]}
    )

    amount: Sum
    received_on: date | None = Field(
        None, description="The day on which it came: not in the future, not before its order; today when left out"
    )
    order_number: OrderNumber | None = Field(None, description="Left out where it names no order that is known")
    reference: Annotated[str, upto(200), ANY_LINE] | None = Field(None, description="As the statement names it")


class MatchReceipt(Wish):
    model_config = ConfigDict(json_schema_extra={"examples": [{"order_number": "100000001"}]})

    order_number: OrderNumber
    instead_of: OrderNumber | None = Field(None, description="The order that it is of now; null: of none")


class SettleReceipt(Wish):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"outcome": "returned", "amount": "5.00", "means": "account", "settled_on": "2026-11-24"}]
        }
    )

    outcome: ReceiptOutcome = Field(description="`mistaken`: it never came, it was recorded twice, say")
    amount: Sum
    means: RefundMeans | None = Field(None, description="How it went back; left out of what never came")
    settled_on: date | None = Field(None, description="Not in the future; today when left out")

    @model_validator(mode="after")
    def _names_the_means_of_a_return(self) -> Self:
        if (self.outcome is ReceiptOutcome.RETURNED) != (self.means is not None):
            raise PydanticCustomError("means", "Give the means of what went back, and of nothing else")
        return self


class StaffReceiptView(View):
    """Money that came, and what of it is to be settled."""

    id: UUID
    amount: Money
    currency: Literal["EUR"] = CURRENCY
    received_on: date
    reference: str | None
    order_number: str | None = Field(examples=["100000001"])
    left: Money = Field(description="What of it neither pays its order nor was settled in another way")
    state: ReceiptState
    recorded_at: datetime
    recorded_by: str
    alike: list[UUID] = Field(
        description="Others of the same day and amount, up to three: is it one line of the statement, recorded twice?"
    )

    @classmethod
    def of(cls, row: Row[*tuple[Any, ...]]) -> Self:
        return cls(
            id=row.id,
            amount=row.amount,
            received_on=row.received_on,
            reference=row.bank_reference,
            order_number=str(row.number) if row.number else None,
            left=row.left,
            state=_OPEN[row.payment_status] if row.left else ReceiptState.SETTLED,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by,
            alike=row.alike or [],
        )


class ReceiptSettlementView(View):
    id: UUID
    outcome: ReceiptOutcome
    amount: Money
    currency: Literal["EUR"] = CURRENCY
    means: RefundMeans | None
    settled_on: date
    recorded_at: datetime
