"""The shop's endpoints of the catalogue."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query

from app.catalog import queries
from app.catalog.errors import ProductNotFound
from app.catalog.schemas import ListProducts, NoQuery, ProductCard, ProductView, Slug
from app.catalog.shelf import KeptRoute
from app.core.clock import At
from app.core.conditions import DESCRIBED, conditional_responses
from app.core.errors import Invalid
from app.core.language import Speaks
from app.core.paging import CursorUnknown, Page, read_cursor, write_cursor
from app.core.problems import problems
from app.core.reading import ReadingDep
from app.core.routing import Router

router = Router(prefix="/products", tags=["catalog"], route_class=KeptRoute)

CACHED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "In the language preferred by `Accept-Language`",
        "headers": {
            **DESCRIBED,
            "Cache-Control": {"schema": {"type": "string"}},
            "Content-Language": {"schema": {"type": "string", "enum": ["bg", "en"]}},
            "Vary": {"schema": {"type": "string"}},
        },
    },
    **conditional_responses(),
}


def _position(value: Any) -> int:
    if type(value) is not int or not -(2**31) <= value < 2**31:
        raise ValueError("no position")
    return value


@router.get("", responses=CACHED | problems(Invalid, CursorUnknown))
async def list_products(
    wish: Annotated[ListProducts, Query()], session: ReadingDep, language: Speaks
) -> Page[ProductCard]:
    """List the shop's products in its own order, or those that a search finds."""
    after = read_cursor(wish.cursor, _position, UUID)
    found = await queries.list_products(session, wish.q, after, wish.limit + 1)
    shown = found[: wish.limit]
    last = shown[-1].product if len(found) > wish.limit else None
    return Page(
        items=[ProductCard.of(card, language) for card in shown],
        next_cursor=write_cursor(last.position, last.id) if last else None,
    )


@router.get("/{slug}", responses=CACHED | problems(ProductNotFound, Invalid))
async def get_product(
    slug: Annotated[Slug, Path(description="As the list names it")],
    _: Annotated[NoQuery, Query()],
    session: ReadingDep,
    language: Speaks,
    at: At,
) -> ProductView:
    """Show a product with everything that can be bought of it."""
    return ProductView.of(await queries.get_product(session, slug, at=at), language)
