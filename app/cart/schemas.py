"""Requests and responses of carts."""

from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import Path
from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.cart.models import LARGEST_QUANTITY, MOST_LINES
from app.cart.queries import Contents
from app.catalog.models import named
from app.catalog.schemas import Availability, Sku, Slug, availability
from app.core.fields import View, Wish
from app.core.language import Language, Text
from app.core.money import CURRENCY, Money, total

CartId = Annotated[
    UUID,
    Path(description="As it was given when the cart was opened", examples=["5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"]),
]


class CartLineView(View):
    sku: Sku
    slug: Slug | None = Field(description="Of its page; null: it is no longer sold, and to be taken out")
    name: str
    quantity: int
    unit_price: Money = Field(description="Today's, with VAT")
    total: Money
    availability: Availability = Field(description="`low`: few are left, or fewer than the cart holds")


class CartView(View):
    """What a cart holds, at today's prices."""

    id: UUID = Field(description="Keep it secret: whoever knows it may change the cart")
    lines: list[CartLineView]
    pieces: int
    goods: Money = Field(description="What the lines come to, with VAT; discount and delivery are in the quote")
    currency: Literal["EUR"] = CURRENCY

    @classmethod
    def of(cls, contents: Contents, language: Language) -> Self:
        lines = [
            CartLineView(
                sku=row.sku,
                slug=row.slug if row.is_sold else None,
                name=Text(named(row.title_bg, row.label_bg), named(row.title_en, row.label_en)).in_(language),
                quantity=row.quantity,
                unit_price=row.price,
                total=row.price * row.quantity,
                availability=availability(row.available if row.is_sold else 0, wanted=row.quantity),
            )
            for row in contents
            if row.sku is not None
        ]
        return cls(
            id=contents[0].id,
            lines=lines,
            pieces=sum(line.quantity for line in lines),
            goods=total(line.total for line in lines),
        )


class PutLine(Wish):
    """How many of the article the cart is to hold."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"quantity": 2}]})

    quantity: Annotated[int, Field(ge=1, le=LARGEST_QUANTITY, strict=True)]


class WantedLine(PutLine):
    """An article, and how many of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sku": "ION-H-SOFT-2", "quantity": 2}]})

    sku: Sku


class OpenCart(Wish):
    """What the cart holds from the beginning."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"lines": [{"sku": "ION-H-SOFT-2", "quantity": 2}]}]})

    lines: Annotated[list[WantedLine], Field(max_length=MOST_LINES)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _name_each_article_once(self) -> Self:
        if len({line.sku for line in self.lines}) != len(self.lines):
            raise PydanticCustomError("twice", "Name each article once")
        return self


EMPTY = OpenCart()


class AdoptCart(Wish):
    """The cart that was filled before the login."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"cart_id": "5b0c7a52-6c1f-4b06-9d8a-2f6f5d1f7a10"}]})

    cart_id: UUID
