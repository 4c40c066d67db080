"""The demo catalogue, for `make run`, demonstrations and benchmarks."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog import service
from app.catalog.demo_range import RANGE, Shown
from app.catalog.models import Product, Variant
from app.core.vat import STANDARD_RATE


async def load(session: AsyncSession, at: datetime) -> None:
    """Put the range on offer; a product that is there already keeps its texts, prices and stock."""
    present = set(await session.scalars(select(Product.slug)))
    for position, shown in enumerate(RANGE, start=1):
        if shown.slug not in present:
            await service.add_product(session, _product(shown, position * 10, at), at=at)
            for sold in shown.sold:
                await service.receive(session, sold.sku, sold.stock, at=at)


def _product(shown: Shown, position: int, at: datetime) -> Product:
    return Product(
        slug=shown.slug,
        title_bg=shown.title.bg,
        title_en=shown.title.en,
        summary_bg=shown.summary.bg,
        summary_en=shown.summary.en,
        description_bg=shown.description.bg,
        description_en=shown.description.en,
        position=position,
        published_at=at,
        variants=[
            Variant(
                sku=sold.sku,
                label_bg=sold.label.bg,
                label_en=sold.label.en,
                price=sold.price,
                vat_rate=STANDARD_RATE,
                weight_grams=sold.weight_grams,
                hygiene_sealed=shown.hygiene_sealed,
                position=number,
            )
            for number, sold in enumerate(shown.sold, start=1)
        ],
    )
