"""The price history, and the lowest price of the 30 days before a reduction (fact sheet 6.18)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog import queries, service
from app.catalog.errors import VariantNotFound
from app.catalog.models import Price, Variant
from app.catalog.queries import lowest_before_reduction
from app.core.db import Sessions
from app.core.money import Money
from tests.factories.catalog import AT, make_product, make_variant, new_product, new_variant


async def history(session: AsyncSession) -> list[tuple[str, str, int, int]]:
    rows = await session.scalars(select(Price).order_by(Price.id))
    return [(row.sku, str(row.price), row.vat_rate, (row.valid_from - AT).days) for row in rows]


async def test_every_price_is_noted_once(session: AsyncSession) -> None:
    await make_variant(session, "A", price=Money(5990))
    await service.set_price(session, "A", Money(5990), 20, at=AT + timedelta(days=1))
    await service.set_price(session, "A", Money(4990), 20, at=AT + timedelta(days=2))
    await service.set_price(session, "A", Money(4990), 9, at=AT + timedelta(days=3))
    assert await history(session) == [("A", "59.90", 20, 0), ("A", "49.90", 20, 2), ("A", "49.90", 9, 3)]
    now = (await session.execute(select(Variant.price, Variant.vat_rate))).one()
    assert tuple(now) == (Money(4990), 9)


async def test_a_price_of_nothing_known_is_refused(session: AsyncSession) -> None:
    with pytest.raises(VariantNotFound) as refused:
        await service.set_price(session, "NONE", Money(1), 20, at=AT)
    assert refused.value.members == {"sku": "NONE"}


async def test_f4_a_price_of_a_clock_that_ran_ahead_holds_since_it_was_set_at_the_latest(session: AsyncSession) -> None:
    await make_product(session, new_product("head"), new_variant("A", price=Money(5990)))

    async def sold_at(cents: int, day: int, *, ahead: int = 0) -> Money | None:
        await service.set_price(session, "A", Money(cents), 20, at=AT + timedelta(days=day + ahead))
        page = await queries.get_product(session, "head", at=AT + timedelta(days=day))
        return page.choices[0].lowest_price_30_days

    assert await sold_at(7990, 38) is None
    assert await sold_at(4990, 40, ahead=90) == Money(5990)
    assert await sold_at(5490, 41) is None, "49.90 held the day before"
    assert await sold_at(4790, 43) == Money(4990)


@pytest.mark.parametrize(("price", "vat_rate", "rule"), [(0, 20, "price"), (-1, 20, "price"), (100, 21, "vat_rate")])
async def test_impossible_prices_are_refused(sessions: Sessions, price: int, vat_rate: int, rule: str) -> None:
    async with sessions.begin() as session:
        await make_variant(session, "A")
    async with sessions() as session:
        with pytest.raises(IntegrityError, match=f"ck_variants_{rule}|ck_prices_{rule}"):
            await service.set_price(session, "A", Money(price), vat_rate, at=AT)
    async with sessions() as session:
        assert await history(session) == [("A", "59.90", 20, 0)]


@pytest.mark.parametrize("sku", ["", "A" * 21, "ГЛАВА", "A B", "A/B", "A\n"])
async def test_an_sku_is_what_icash_takes(sessions: Sessions, sku: str) -> None:
    async with sessions() as session:
        with pytest.raises(IntegrityError, match="ck_variants_sku"):
            await make_product(session, new_product("x"), new_variant(sku))


@pytest.mark.parametrize(
    ("prices", "lowest"),
    [
        ([(0, 5990)], None),
        ([(0, 5990), (40, 4990)], 5990),
        ([(0, 4990), (40, 5990)], None),
        # A price put up shortly before is not what the reduction is measured by.
        ([(0, 5990), (30, 7990), (40, 4990)], 5990),
        ([(0, 4990), (30, 7990), (40, 5990)], None),
        ([(0, 4990), (10, 7990), (40, 5990)], 7990),  # 49.90 ended exactly 30 days before
        ([(0, 4990), (11, 7990), (40, 5990)], None),
        ([(0, 5990), (20, 4990), (25, 3990)], 4990),
        ([(0, 5990), (0, 100), (0, 4990)], None),  # corrected in the same moment: never held
        ([(0, 5990), (0, 4990), (9, 3990)], 4990),
    ],
)
def test_the_lowest_price_before_a_reduction(prices: list[tuple[int, int]], lowest: int | None) -> None:
    found = lowest_before_reduction([(AT + timedelta(days=day), Money(cents)) for day, cents in prices])
    assert found == (None if lowest is None else Money(lowest))


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(1, 9)), min_size=1, max_size=12))
def test_it_is_the_lowest_of_each_single_day(steps: list[tuple[int, int]]) -> None:
    """By the definition: walk the 30 days before and look what the price was."""
    day, days, prices = 0, list[int](), list[int]()
    for wait, cents in steps:
        day += wait
        days.append(day)
        prices.append(cents)
    held = [
        next(cents for start, cents in zip(reversed(days), reversed(prices), strict=True) if start <= past)
        for past in range(max(days[0], days[-1] - 30), days[-1])
    ]
    lowest = min(held, default=0)
    found = lowest_before_reduction([(AT + timedelta(days=d), Money(c)) for d, c in zip(days, prices, strict=True)])
    assert found == (Money(lowest) if lowest > prices[-1] else None)
