"""What a statement of withdrawal says, and how it is answered."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from app.catalog.models import SKU_PATTERN
from app.core.fields import ANY_LINE, Email, View, Wish, upto

MOST_LINES = 50
MOST_PIECES = 9_999
EXAMPLE: JsonDict = {
    "name": "Ива Петрова",
    "order_number": "100000001",
    "email": "iva@example.bg",
    "key": "0f6a3c1e-5c1b-4a37-9a52-0d6d5a2f7c11",
}

# Taken whatever they hold, since no statement is refused for its words; the receipt parts what would be a link.
PersonName = Annotated[str, upto(120), ANY_LINE]
OrderWords = Annotated[
    str,
    upto(100),
    ANY_LINE,
    Field(description="The order's number, or what else says which contract it is", examples=["100000001"]),
]
Goods = Annotated[
    str, upto(500), ANY_LINE, Field(description="Which part, in words; unset, with no lines: all that was ordered")
]


class WithdrawnLine(Wish):
    sku: Annotated[str, Field(pattern=SKU_PATTERN, examples=["ION-H-SOFT-2"])]
    quantity: int = Field(ge=1, le=MOST_PIECES)


Lines = Annotated[
    list[WithdrawnLine],
    Field(min_length=1, max_length=MOST_LINES, description="Which part, by articles and pieces"),
]


class Statement(Wish):
    """What the law asks of a statement, and nothing else: no reason, no consent (Dir. 2011/83 Art. 11a(2))."""

    name: PersonName
    order_number: OrderWords
    lines: Lines | None = None
    goods: Goods | None = None
    key: UUID = Field(
        description="Made by the client, new for each statement: sent again under it, a statement is the same"
    )


class StateWithdrawal(Statement):
    """A consumer's statement that they withdraw."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    email: Email = Field(description="Where the receipt is sent")


class WithdrawnLineView(View):
    sku: str
    quantity: int


class WithdrawalView(View):
    """What was stated and when: nothing of whether there is such an order."""

    reference: str = Field(description="Of the statement; its receipt names it", examples=["10001"])
    stated_at: datetime
    name: str
    order_number: str
    email: str | None
    lines: list[WithdrawnLineView] | None
    goods: str | None
