"""What staff send about statements of withdrawal, and what they are shown."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, ValidationInfo, field_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError, PydanticKnownError

from app.core.clock import legal_date
from app.core.explaining import ORDER_NUMBER
from app.core.fields import ANY_LINE, Email, View, Wish, upto
from app.core.language import Language
from app.returns.models import Identity, WithdrawalOutcome, WithdrawalVia
from app.returns.schemas import EXAMPLE, Statement, WithdrawnLineView

BY_HAND: JsonDict = {**EXAMPLE, "stated_at": "2026-11-23T09:00:00Z", "via": "phone"}
OrderNumber = Annotated[str, Field(pattern=ORDER_NUMBER, examples=["100000001"])]


Why = Annotated[str, upto(200), ANY_LINE]


class QueueState(StrEnum):
    OPEN = "open"
    UNMATCHED = "unmatched"
    """Open, and of no order yet."""
    SETTLED = "settled"


class ReceiptMailState(StrEnum):
    SENT = "sent"
    WAITING = "waiting"
    REFUSED = "refused"
    """The mail server would not take it, or it came back."""
    NONE = "none"
    """No address is known."""


class RecordWithdrawal(Statement):
    """A statement that came by post, phone or e-mail."""

    model_config = ConfigDict(json_schema_extra={"examples": [BY_HAND]})

    email: Email | None = Field(None, description="Where the receipt is sent, where an address is known")
    stated_at: AwareDatetime = Field(description="When it was received: from then the refund is due")
    via: Literal[WithdrawalVia.POST, WithdrawalVia.PHONE, WithdrawalVia.EMAIL]
    sent_on: date | None = Field(
        None, description="Of what came by post, the day it was sent: by this it is in time or late (чл. 52 ЗЗП)"
    )
    language: Language = Language.BG

    @field_validator("sent_on")
    @classmethod
    def _is_before(cls, sent_on: date | None, read: ValidationInfo) -> date | None:
        if sent_on is not None and read.data.get("via") is not WithdrawalVia.POST:
            raise PydanticCustomError("not_by_post", "Only of what came by post")
        received_at = read.data.get("stated_at")
        if sent_on is not None and received_at is not None and sent_on > legal_date(received_at):
            raise PydanticCustomError("after_receipt", "Not after the day on which it was received")
        return sent_on


class MatchOrder(Wish):
    model_config = ConfigDict(json_schema_extra={"examples": [{"order_number": "100000001"}]})

    order_number: OrderNumber
    instead_of: OrderNumber | None = Field(None, description="The order that it is of now; null: of none")


class CheckWithdrawer(Wish):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"order_number": "100000001", "how": "Обаждане на телефона от поръчката"}]}
    )

    order_number: OrderNumber = Field(description="The order whose buyer was made sure of")
    how: Annotated[str, upto(200), ANY_LINE]


class SettleWithdrawal(Wish):
    model_config = ConfigDict(json_schema_extra={"examples": [{"outcome": "nothing_owed", "why": "Платена е в брой"}]})

    outcome: WithdrawalOutcome
    why: Why | None = Field(
        None, validate_default=True, description="Left out only of `refunded`, where all that was paid is back"
    )

    @field_validator("why")
    @classmethod
    def _is_said(cls, why: str | None, read: ValidationInfo) -> str | None:
        if why is None and read.data.get("outcome") in {
            WithdrawalOutcome.NOTHING_OWED,
            WithdrawalOutcome.NOT_A_WITHDRAWAL,
        }:
            raise PydanticKnownError("missing")
        return why


class ReopenWithdrawal(Wish):
    model_config = ConfigDict(json_schema_extra={"examples": [{"why": "Отбелязано е на друго заявление"}]})

    why: Why


class NoteBounce(Wish):
    model_config = ConfigDict(json_schema_extra={"examples": [{"message_id": "<019aa5f0@shop.example>"}]})

    message_id: Annotated[str, upto(998), ANY_LINE] = Field(description="The Message-ID that the bounce names")


class ResendReceipt(Wish):
    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "iva@example.bg"}]})

    email: Email


class StaffWithdrawalView(View):
    """A statement, and what is done about it."""

    id: UUID
    reference: str = Field(examples=["10001"])
    via: WithdrawalVia
    stated_at: datetime
    sent_on: date | None = Field(description="The day it was posted, where it came by post and the day is known")
    recorded_by: str | None = Field(description="Who entered it; null: it was stated online")
    name: str
    email: str | None
    stated_order: str = Field(description="The order, as it was typed")
    lines: list[WithdrawnLineView] | None
    goods: str | None
    order_number: str | None = Field(description="The order it was found to be of", examples=["100000001"])
    identity: Identity
    identity_how: str | None
    in_time: bool | None = Field(description="Null while the order or its delivery is not known")
    refund_due_on: date = Field(description="Fourteen days after the statement (чл. 54 ЗЗП)")
    is_overdue: bool
    receipt: ReceiptMailState
    outcome: WithdrawalOutcome | None
    settled_at: datetime | None
    settled_by: str | None
    settled_why: str | None = Field(description="Why so; while it is open: why it was opened again")
