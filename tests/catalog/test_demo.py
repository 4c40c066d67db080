"""The demo catalogue is complete in both languages, and loading it again changes nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog import demo, queries, service
from app.catalog.demo_range import RANGE, Shown
from app.core.money import Money
from tests.factories.catalog import AT

TABLES = ("products", "variants", "prices", "stock", "stock_movements")
CYRILLIC = re.compile("[А-Яа-я]")
LATIN_ALLOWED = {"Ionickiss", "Classic", "Compact", "Kids", "Start"}


async def everything(session: AsyncSession) -> dict[str, list[Any]]:
    return {table: list(await session.execute(text(f"SELECT * FROM {table} ORDER BY 1"))) for table in TABLES}  # noqa: S608 - constants of this file


async def test_a_second_load_changes_nothing_and_resets_nothing(session: AsyncSession) -> None:
    await demo.load(session, AT)
    await service.set_price(session, "ION-CLASSIC-WHITE", Money(4990), 20, at=AT)
    await service.correct(session, "ION-CLASSIC-WHITE", -100, at=AT)
    before = await everything(session)
    assert [len(before[table]) for table in TABLES] == [11, 21, 22, 21, 22]
    await demo.load(session, AT + timedelta(days=1))
    assert await everything(session) == before


async def test_all_of_it_is_offered_in_its_order(session: AsyncSession) -> None:
    await demo.load(session, AT)
    cards = await queries.list_products(session, None, None, 100)
    assert [card.product.slug for card in cards] == [shown.slug for shown in RANGE]
    assert [str(card.price_from) for card in cards] == [
        *("59.90", "49.90", "44.90"),
        *("9.90", "9.90", "10.90"),
        *("79.90", "109.90", "129.90"),
        *("12.90", "6.90"),
    ]
    found = await queries.list_products(session, "СМЕНЯЕМИ меки", None, 100)
    assert [card.product.slug for card in found] == ["smenyaemi-glavi-meki", "smenyaemi-glavi-detski"]


@pytest.mark.parametrize("shown", RANGE, ids=lambda shown: shown.slug)
def test_each_language_is_itself(shown: Shown) -> None:
    texts = [shown.title, shown.summary, shown.description, *(sold.label for sold in shown.sold)]
    for words in texts:
        assert not CYRILLIC.search(words.en)
        assert set(re.findall("[A-Za-z]+", words.bg)) <= LATIN_ALLOWED
        assert CYRILLIC.search(words.bg)
        assert "  " not in words.bg + words.en
    assert 2 <= len(re.findall(r"[.](?: |$)", shown.description.bg)) <= 4
    assert shown.description.bg.count(".") == shown.description.en.count(".")


def test_no_set_costs_more_than_its_parts() -> None:
    price = {sold.sku: sold.price for shown in RANGE for sold in shown.sold}
    start = price["ION-CLASSIC-WHITE"] + price["ION-H-SOFT-4"] + price["ION-CASE-WHITE"]
    two = price["ION-CLASSIC-WHITE"] + price["ION-CLASSIC-BLACK"] + price["ION-H-SOFT-4"]
    family = price["ION-COMPACT-WHITE"] * 2 + price["ION-KIDS-PINK"] + price["ION-H-SOFT-4"] + price["ION-H-KIDS-2"]
    assert price["ION-SET-START-SOFT"] == price["ION-SET-START-MED"] < start
    assert price["ION-SET-TWO"] < two
    assert price["ION-SET-FAMILY-GREEN"] == price["ION-SET-FAMILY-PINK"] < family
