"""Requests and responses of carts."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import ConfigDict, Field

from app.cart.models import LARGEST_QUANTITY
from app.core.fields import View, Wish

CartId = Annotated[
    UUID,
    Path(description="As it was given when the cart was opened", examples=["5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"]),
]


class CartView(View):
    id: UUID = Field(description="Keep it secret: whoever knows it may change the cart")
    lines: list["CartLineView"]


class CartLineView(View):
    sku: str = Field(examples=["ION-H-SOFT-2"])
    quantity: int


class PutLine(Wish):
    """How many of the article the cart is to hold."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"quantity": 2}]})

    quantity: Annotated[int, Field(ge=1, le=LARGEST_QUANTITY, strict=True)]
