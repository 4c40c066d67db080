"""What a client asks of the catalogue and is shown of it."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field

from app.catalog.models import SKU_PATTERN, SLUG_PATTERN
from app.catalog.queries import Card, Choice, Page
from app.core.fields import ANY_LINE, View, Wish, upto
from app.core.language import Language, Text
from app.core.money import Money
from app.core.paging import Cursor, Limit

LOW = 5

Slug = Annotated[str, Field(pattern=SLUG_PATTERN, max_length=80, examples=["smenyaemi-glavi-meki"])]
Sku = Annotated[str, Field(pattern=SKU_PATTERN, examples=["ION-H-SOFT-2"])]


class Availability(StrEnum):
    """Not the count: it is nobody's business, and old by the time it is read."""

    IN_STOCK = "in_stock"
    LOW = "low"
    SOLD_OUT = "sold_out"


AVAILABILITIES = {
    Availability.IN_STOCK: Text("В наличност", "In stock"),
    Availability.LOW: Text("Последни бройки", "Only a few left"),
    Availability.SOLD_OUT: Text("Изчерпано", "Sold out"),
}


def availability(pieces: int, *, wanted: int = 1) -> Availability:
    """Say whether there are as many as are wanted; of few, and of fewer than are wanted, that it is low."""
    if pieces <= 0:
        return Availability.SOLD_OUT
    return Availability.IN_STOCK if pieces > LOW and pieces >= wanted else Availability.LOW


class ListProducts(Wish):
    """Which part of the list."""

    q: Annotated[str, upto(100), ANY_LINE] | None = Field(
        None, description="Words that must all occur in title, summary, label or SKU, in either language"
    )
    limit: Limit = 20
    cursor: Cursor = None


class NoQuery(Wish):
    """No query parameter is known here."""


class ProductCard(View):
    """A product in the list."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "slug": "smenyaemi-glavi-meki",
                    "title": "Сменяеми глави Ionickiss, меки",
                    "summary": "Меки влакна за всеки ден.",
                    "price_from": "9.90",
                    "currency": "EUR",
                    "availability": "in_stock",
                }
            ]
        }
    )

    slug: Slug
    title: str
    summary: str
    price_from: Money = Field(description="The cheapest variant, with VAT")
    currency: Literal["EUR"] = "EUR"
    availability: Availability

    @classmethod
    def of(cls, card: Card, language: Language) -> Self:
        return cls(
            slug=card.product.slug,
            title=card.product.title.in_(language),
            summary=card.product.summary.in_(language),
            price_from=card.price_from,
            availability=availability(card.available),
        )


class VariantView(View):
    """What can be put in a cart."""

    sku: Sku
    label: str
    price: Money = Field(description="With VAT")
    currency: Literal["EUR"] = "EUR"
    vat_rate: int = Field(description="Percent", examples=[20])
    lowest_price_30_days: Money | None = Field(
        description="Only when the price is reduced: the lowest of the 30 days before; show it beside the price"
    )
    weight_grams: int
    hygiene_sealed: bool = Field(description="Once unsealed by the buyer it need not be taken back")
    availability: Availability

    @classmethod
    def of(cls, choice: Choice, language: Language) -> Self:
        variant = choice.variant
        return cls(
            sku=variant.sku,
            label=variant.label.in_(language),
            price=variant.price,
            vat_rate=variant.vat_rate,
            lowest_price_30_days=choice.lowest_price_30_days,
            weight_grams=variant.weight_grams,
            hygiene_sealed=variant.hygiene_sealed,
            availability=availability(choice.available),
        )


class ProductView(View):
    """A product's page."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "slug": "smenyaemi-glavi-meki",
                    "title": "Сменяеми глави Ionickiss, меки",
                    "summary": "Меки влакна за всеки ден.",
                    "description": "Глави с меки влакна за четките Classic и Compact.",
                    "variants": [
                        {
                            "sku": "ION-H-SOFT-2",
                            "label": "2 броя",
                            "price": "9.90",
                            "currency": "EUR",
                            "vat_rate": 20,
                            "lowest_price_30_days": None,
                            "weight_grams": 18,
                            "hygiene_sealed": True,
                            "availability": "in_stock",
                        }
                    ],
                }
            ]
        }
    )

    slug: Slug
    title: str
    summary: str
    description: str
    variants: list[VariantView]

    @classmethod
    def of(cls, page: Page, language: Language) -> Self:
        return cls(
            slug=page.product.slug,
            title=page.product.title.in_(language),
            summary=page.product.summary.in_(language),
            description=page.product.description.in_(language),
            variants=[VariantView.of(choice, language) for choice in page.choices],
        )
