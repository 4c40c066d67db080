"""What staff send about statements of withdrawal, and what they are shown."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field
from pydantic.config import JsonDict

from app.core.fields import ANY_LINE, Email, View, Wish, upto
from app.core.language import Language
from app.returns.models import Identity, Outcome, Via
from app.returns.schemas import EXAMPLE, Statement, WithdrawnLineView

BY_HAND: JsonDict = {**EXAMPLE, "stated_at": "2026-11-23T09:00:00Z", "via": "phone"}
OrderNumber = Annotated[str, Field(pattern="^[1-9][0-9]{8}$", examples=["100000001"])]


class QueueState(StrEnum):
    OPEN = "open"
    UNMATCHED = "unmatched"
    """Open, and of no order yet."""
    SETTLED = "settled"


class ReceiptState(StrEnum):
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
    stated_at: AwareDatetime = Field(description="When it was received: by this it is in time or late")
    via: Literal[Via.POST, Via.PHONE, Via.EMAIL]
    language: Language = Language.BG


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
    model_config = ConfigDict(json_schema_extra={"examples": [{"outcome": "nothing_owed"}]})

    outcome: Outcome
    why: Annotated[str, upto(500), ANY_LINE] | None = None


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
    via: Via
    stated_at: datetime
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
    receipt: ReceiptState
    outcome: Outcome | None
    settled_at: datetime | None
    settled_by: str | None
    settled_why: str | None
