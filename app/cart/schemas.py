"""Requests and responses of carts."""

from collections.abc import Sequence
from typing import Annotated, Self
from uuid import UUID

from fastapi import Path
from pydantic import ConfigDict, Field

from app.cart.models import LARGEST_QUANTITY, CartLine
from app.core.fields import View, Wish

CartId = Annotated[
    UUID,
    Path(description="As it was given when the cart was opened", examples=["5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"]),
]


class CartView(View):
    id: UUID = Field(description="Keep it secret: whoever knows it may change the cart")
    lines: list["CartLineView"]

    @classmethod
    def of(cls, cart_id: UUID, lines: Sequence[CartLine]) -> Self:
        return cls(id=cart_id, lines=[CartLineView.model_validate(line) for line in lines])


class CartLineView(View):
    sku: str = Field(examples=["ION-H-SOFT-2"])
    quantity: int


class PutLine(Wish):
    """How many of the article the cart is to hold."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"quantity": 2}]})

    quantity: Annotated[int, Field(ge=1, le=LARGEST_QUANTITY, strict=True)]


class AdoptCart(Wish):
    """The cart that was filled before the login."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cart_id": "5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"}]})

    cart_id: UUID
