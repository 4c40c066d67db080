"""Every select of the catalogue; what is not published or no longer sold is not there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.errors import ProductNotFound
from app.catalog.models import Price, Product, Stock, Variant, named
from app.core.language import Language
from app.core.money import Money

LOOK_BACK = timedelta(days=30)


class Card(NamedTuple):
    """A product in a list: its cheapest price, and how many there are of the variant there is most of."""

    product: Product
    price_from: Money
    available: int


class Choice(NamedTuple):
    """A variant on a product's page."""

    variant: Variant
    available: int
    lowest_price_30_days: Money | None


@dataclass(frozen=True, slots=True)
class Page:
    """What a product's page shows."""

    product: Product
    choices: Sequence[Choice]


async def list_products(
    session: AsyncSession, q: str | None, after: tuple[int, UUID] | None, limit: int
) -> Sequence[Card]:
    """List in the shop's order what has every word of `q` in its titles, summaries, labels or SKUs."""
    offer = (
        select(func.min(Variant.price).label("price_from"), func.max(Stock.available).label("available"))
        .join(Stock, Stock.sku == Variant.sku)
        .where(Variant.product_id == Product.id, ~Variant.discontinued)
        .lateral("offer")
    )
    wanted = (
        select(Product, offer.c.price_from, offer.c.available)
        .join(offer, true())
        .where(Product.published_at.is_not(None), offer.c.price_from.is_not(None))
        .order_by(Product.position, Product.id)
        .limit(limit)
    )
    for word in (q or "").casefold().split():
        wanted = wanted.where(Product.search.contains(word, autoescape=True))
    if after is not None:
        wanted = wanted.where(tuple_(Product.position, Product.id) > tuple_(*after))
    return [Card(*row) for row in await session.execute(wanted)]


async def list_names(session: AsyncSession, skus: Sequence[str], language: Language) -> dict[str, str]:
    """Return what published articles are called, also those that are no longer sold; others are left out."""
    wanted = select(Product, Variant).join(Variant, Variant.product_id == Product.id)
    rows = await session.execute(wanted.where(Variant.sku.in_(skus), Product.published_at.is_not(None)))
    return {variant.sku: named(product.title.in_(language), variant.label.in_(language)) for product, variant in rows}


async def get_product(session: AsyncSession, slug: str, *, at: datetime) -> Page:
    rows = await session.execute(
        select(Product, Variant, Stock.available)
        .join(Variant, and_(Variant.product_id == Product.id, ~Variant.discontinued))
        .join(Stock, Stock.sku == Variant.sku)
        .where(Product.slug == slug, Product.published_at.is_not(None))
        .order_by(Variant.position, Variant.sku)
    )
    found = rows.all()
    if not found:
        raise ProductNotFound
    histories = await _list_prices(session, [variant.sku for _, variant, _ in found], at=at)
    choices = [
        Choice(variant, available, lowest_before_reduction(histories[variant.sku])) for _, variant, available in found
    ]
    return Page(found[0][0], choices)


async def _list_prices(
    session: AsyncSession, skus: Sequence[str], *, at: datetime
) -> dict[str, list[tuple[datetime, Money]]]:
    """List prices in the order in which they were set.

    One that a clock which ran ahead has noted began before the next, or now: by its own moment it would be the last,
    and be compared with days to come.
    """
    histories: dict[str, list[tuple[datetime, Money]]] = {sku: [] for sku in skus}
    found = select(Price.sku, Price.valid_from, Price.price).where(Price.sku.in_(skus))
    for sku, valid_from, price in await session.execute(found.order_by(Price.id.desc())):
        later = histories[sku]
        latest = later[0][0] if later else at
        later.insert(0, (valid_from if valid_from <= latest else latest - timedelta.resolution, price))
    return histories


def lowest_before_reduction(history: Sequence[tuple[datetime, Money]]) -> Money | None:
    """Return the lowest price of the 30 days before the last one began (ЗЗП чл. 64), when the last one is below it.

    Only what is below that lowest price may be called a reduction (C-330/23); anything else has nothing to announce.
    """
    began_at, price = history[-1]
    since = began_at - LOOK_BACK
    lowest = min((before for (start, before), (end, _) in pairwise(history) if max(start, since) < end), default=price)
    return lowest if lowest > price else None
