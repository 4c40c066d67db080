"""Builders of the catalogue."""

import re
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog import service
from app.catalog.models import Product, Variant
from app.core.money import Money

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PRICE = Money(5990)


def new_product(slug: str, *, position: int = 1, is_published: bool = True) -> Product:
    return Product(
        slug=slug,
        title_bg="Йонна четка",
        title_en="Ionic toothbrush",
        summary_bg="Дръжка с една глава.",
        summary_en="A handle with one head.",
        description_bg="Дръжка от две части.\nБез батерии за смяна.",
        description_en="A handle of two parts.\nNo batteries to change.",
        position=position,
        published_at=AT if is_published else None,
        variants=[],
    )


def new_variant(sku: str, *, price: Money = PRICE, vat_rate: int = 20, position: int = 1) -> Variant:
    return Variant(
        sku=sku,
        label_bg="бяла",
        label_en="white",
        price=price,
        vat_rate=vat_rate,
        weight_grams=180,
        hygiene_sealed=False,
        position=position,
        discontinued=False,
    )


async def make_product(session: AsyncSession, product: Product, *variants: Variant, stock: int = 10) -> Product:
    """Put a product with these variants on offer, each with so many in stock."""
    product.variants.extend(variants)
    await service.add_product(session, product, at=AT)
    for variant in variants if stock else ():
        await service.receive(session, variant.sku, stock, at=AT)
    return product


async def make_variant(
    session: AsyncSession,
    sku: str = "HANDLE-WHITE",
    *,
    price: Money = PRICE,
    vat_rate: int = 20,
    stock: int = 10,
    position: int = 1,
) -> Variant:
    """Make a variant on offer, in a product of its own whose slug is made of the SKU."""
    variant = new_variant(sku, price=price, vat_rate=vat_rate)
    product = new_product(re.sub("[^a-z0-9]+", "-", sku.lower()), position=position)
    await make_product(session, product, variant, stock=stock)
    return variant
