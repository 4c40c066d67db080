"""Requests and responses of carts."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from app.cart.models import LARGEST_QUANTITY
from app.core.fields import View, Wish


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
