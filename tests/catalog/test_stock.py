"""Stock is never sold twice, never below nothing, and always the sum of its ledger."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog import service
from app.catalog.errors import HeldUnpaid, Left, OutOfStock, VariantNotFound
from app.catalog.models import Movement, Product, Reason, Stock, Variant
from app.catalog.schemas import Availability, availability
from app.core.db import Sessions
from tests.dice import dice
from tests.examples import examples
from tests.factories.catalog import AT, make_variant

ORDER = UUID("0193570a-0000-7000-8000-000000000001")
OTHER = UUID("0193570a-0000-7000-8000-000000000002")


async def available(session: AsyncSession) -> dict[str, int]:
    return dict((await session.execute(select(Stock.sku, Stock.available))).all())


async def ledger(session: AsyncSession) -> list[tuple[str, int, str, UUID | None]]:
    rows = await session.execute(
        select(Movement.sku, Movement.change, Movement.reason, Movement.order_id).order_by(Movement.id)
    )
    return [(sku, change, reason.value, order_id) for sku, change, reason, order_id in rows]


async def sums(session: AsyncSession) -> dict[str, int]:
    found = await session.execute(select(Movement.sku, func.sum(Movement.change)).group_by(Movement.sku))
    return dict(found.all())


async def test_an_order_takes_all_it_wants_and_the_ledger_says_so(session: AsyncSession) -> None:
    await make_variant(session, "A", stock=5)
    await make_variant(session, "B", stock=2)
    await service.reserve(session, [("B", 2), ("A", 1), ("A", 2)], ORDER, at=AT)
    assert await available(session) == {"A": 2, "B": 0}
    assert await ledger(session) == [
        ("A", 5, "receipt", None),
        ("B", 2, "receipt", None),
        ("A", -3, "sale", ORDER),
        ("B", -2, "sale", ORDER),
    ]


async def test_g2_the_share_of_unpaid_orders_is_reckoned_of_as_much_stock_as_can_be_kept(session: AsyncSession) -> None:
    most = 2**31 - 1
    await make_variant(session, "A", stock=most)
    await service.reserve(session, [("A", 3)], ORDER, unpaid_percent=50, at=AT)
    assert await available(session) == {"A": most - 3}


async def test_an_order_that_is_short_takes_nothing_and_is_told_what_is_left(session: AsyncSession) -> None:
    await make_variant(session, "A", stock=5)
    await make_variant(session, "B", stock=2)
    await make_variant(session, "GONE", stock=9)
    await make_variant(session, "HIDDEN", stock=9)
    gone, hidden = await session.get_one(Variant, "GONE"), await session.get_one(Variant, "HIDDEN")
    gone.discontinued = True
    (await session.get_one(Product, hidden.product_id)).published_at = None
    await session.flush()
    before = await ledger(session)
    with pytest.raises(OutOfStock) as refused:
        await service.reserve(session, [("UNKNOWN", 1), ("HIDDEN", 1), ("B", 3), ("A", 5), ("GONE", 1)], ORDER, at=AT)
    assert refused.value.members == {
        "items": [
            {"sku": "B", "available": 2},
            {"sku": "GONE", "available": 0},
            {"sku": "HIDDEN", "available": 0},
            {"sku": "UNKNOWN", "available": 0},
        ],
        "sku": "B",
        "available": 2,
    }
    assert await available(session) == {"A": 5, "B": 2, "GONE": 9, "HIDDEN": 9}
    assert await ledger(session) == before


@pytest.mark.parametrize(("left", "told"), [(0, 0), (9, 9), (10, 10), (11, 10), (5_000, 10)])
def test_e5_no_refusal_tells_of_more_than_ten(left: int, told: int) -> None:
    for refusal in (OutOfStock([Left(sku="A", available=left)]), HeldUnpaid([Left(sku="A", available=left)])):
        assert refusal.members["items"] == [{"sku": "A", "available": told}]
        assert refusal.members.get("available", told) == told


@pytest.mark.parametrize(
    ("left", "wanted", "word"),
    [
        *((0, 1, Availability.SOLD_OUT), (-1, 1, Availability.SOLD_OUT), (1, 1, Availability.LOW)),
        *((5, 1, Availability.LOW), (6, 1, Availability.IN_STOCK), (6, 6, Availability.IN_STOCK)),
        *((6, 7, Availability.LOW), (98, 99, Availability.LOW), (99, 99, Availability.IN_STOCK)),
    ],
)
def test_e5_stock_is_told_in_three_words(left: int, wanted: int, word: Availability) -> None:
    assert availability(left, wanted=wanted) is word


@pytest.mark.parametrize("wanted", [[], [("A", 0)], [("A", -1)], [("A", 100)], [("A", 60), ("A", 60)]])
async def test_quantities_are_1_to_99(session: AsyncSession, wanted: list[tuple[str, int]]) -> None:
    await make_variant(session, "A", stock=500)
    with pytest.raises(ValueError, match="1 to 99"):
        await service.reserve(session, wanted, ORDER, at=AT)
    assert await available(session) == {"A": 500}


async def test_an_order_gives_back_once_exactly_what_it_holds(session: AsyncSession) -> None:
    await make_variant(session, "A", stock=5)
    await make_variant(session, "B", stock=2)
    await service.reserve(session, [("A", 3), ("B", 2)], ORDER, at=AT)
    await service.reserve(session, [("A", 1)], OTHER, at=AT)
    assert await service.restock(session, ORDER, Reason.CANCELLATION, at=AT + timedelta(hours=1)) == {"A": 3, "B": 2}
    assert await service.restock(session, ORDER, Reason.CANCELLATION, at=AT + timedelta(hours=2)) == {}
    assert await service.restock(session, ORDER, Reason.RETURN, at=AT + timedelta(hours=3)) == {}
    assert await available(session) == {"A": 4, "B": 2}
    assert (await ledger(session))[-2:] == [("A", 3, "cancellation", ORDER), ("B", 2, "cancellation", ORDER)]


async def test_stock_is_received_and_corrected(session: AsyncSession) -> None:
    await make_variant(session, "A", stock=0)
    await service.receive(session, "A", 7, at=AT)
    await service.correct(session, "A", -2, at=AT)
    with pytest.raises(OutOfStock) as refused:
        await service.correct(session, "A", -6, at=AT)
    assert refused.value.members == {"items": [{"sku": "A", "available": 5}], "sku": "A", "available": 5}
    with pytest.raises(VariantNotFound):
        await service.receive(session, "NONE", 1, at=AT)
    with pytest.raises(ValueError, match="adds"):
        await service.receive(session, "A", 0, at=AT)
    assert await available(session) == {"A": 5}
    assert await ledger(session) == [("A", 7, "receipt", None), ("A", -2, "correction", None)]


@pytest.mark.parametrize("change", ["UPDATE {} SET sku = sku", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", ["stock_movements", "prices"])
async def test_tables_of_record_refuse_changes(sessions: Sessions, table: str, change: str) -> None:
    async with sessions.begin() as session:
        await make_variant(session, "A")
    async with sessions() as session:
        with pytest.raises(IntegrityError, match="table of record"):
            await session.execute(text(change.format(table)))


async def test_the_last_piece_is_sold_once(sessions: Sessions) -> None:
    """Complaint 5: 100 at once, stock 1, one sale."""
    async with sessions.begin() as session:
        await make_variant(session, "A", stock=1)

    async def order() -> str:
        try:
            async with sessions.begin() as session:
                await service.reserve(session, [("A", 1)], uuid4(), at=AT)
        except OutOfStock as refused:
            return f"{refused.members['available']} left"
        return "sold"

    outcomes = await asyncio.gather(*(order() for _ in range(100)))
    assert sorted(outcomes) == ["0 left"] * 99 + ["sold"]
    async with sessions() as session:
        assert await available(session) == await sums(session) == {"A": 0}
        assert [row[1:3] for row in await ledger(session)] == [(1, "receipt"), (-1, "sale")]


async def test_orders_with_opposite_skus_do_not_wait_for_each_other(sessions: Sessions) -> None:
    skus = [f"S{number}" for number in range(8)]
    async with sessions.begin() as session:
        for sku in skus:
            await make_variant(session, sku, stock=60)
    luck = dice()

    async def order(number: int) -> None:
        mixed = luck.sample(skus, len(skus)) if number % 3 else (skus, skus[::-1])[number % 2]
        order_id = uuid4()
        async with sessions.begin() as session:
            await service.reserve(session, [(sku, 1) for sku in mixed], order_id, at=AT)
        if number % 2:
            async with sessions.begin() as session:
                await service.restock(session, order_id, Reason.CANCELLATION, at=AT)

    await asyncio.gather(*(order(number) for number in range(60)))
    async with sessions() as session:
        assert await available(session) == await sums(session) == dict.fromkeys(skus, 30)


async def test_an_order_cancelled_by_many_at_once_gives_back_once(sessions: Sessions) -> None:
    """Complaint 6."""
    async with sessions.begin() as session:
        await make_variant(session, "A", stock=5)
        await make_variant(session, "B", stock=5)
        await service.reserve(session, [("A", 3), ("B", 1)], ORDER, at=AT)

    async def cancel() -> dict[str, int]:
        async with sessions.begin() as session:
            return await service.restock(session, ORDER, Reason.CANCELLATION, at=AT)

    given_back = await asyncio.gather(*(cancel() for _ in range(20)))
    assert [given for given in given_back if given] == [{"A": 3, "B": 1}]
    async with sessions() as session:
        assert await available(session) == await sums(session) == {"A": 5, "B": 5}


SKUS = ("A", "B", "C")
ORDERS = [UUID(int=number) for number in range(1, 5)]
LINES = st.lists(st.tuples(st.sampled_from((*SKUS, "NONE")), st.integers(1, 6)), min_size=1, max_size=4)
STEPS = st.one_of(
    st.tuples(st.just("receive"), st.sampled_from(SKUS), st.integers(1, 9)),
    st.tuples(st.just("correct"), st.sampled_from(SKUS), st.integers(-9, 9).filter(bool)),
    st.tuples(st.just("reserve"), st.sampled_from(ORDERS), LINES),
    st.tuples(st.just("cancel"), st.sampled_from(ORDERS), st.none()),
    st.tuples(st.just("return"), st.sampled_from(ORDERS), st.none()),
)


class Warehouse:
    """What the warehouse must hold, told in plain Python."""

    def __init__(self) -> None:
        self.available = dict.fromkeys(SKUS, 0)
        self.held = {order: dict[str, int]() for order in ORDERS}

    def move(self, sku: str, change: int) -> None:
        if self.available[sku] + change >= 0:
            self.available[sku] += change

    def reserve(self, order: UUID, lines: list[tuple[str, int]]) -> None:
        wanted = {sku: sum(quantity for line, quantity in lines if line == sku) for sku, _ in lines}
        if all(self.available.get(sku, 0) >= quantity for sku, quantity in wanted.items()):
            for sku, quantity in wanted.items():
                self.available[sku] -= quantity
                self.held[order][sku] = self.held[order].get(sku, 0) + quantity

    def give_back(self, order: UUID) -> dict[str, int]:
        held, self.held[order] = self.held[order], {}
        for sku, quantity in held.items():
            self.available[sku] += quantity
        return held


async def walk(session: AsyncSession, path: list[tuple[str, Any, Any]]) -> None:
    expected = Warehouse()
    for verb, subject, much in path:
        with suppress(OutOfStock):
            match verb:
                case "receive":
                    expected.move(subject, much)
                    await service.receive(session, subject, much, at=AT)
                case "correct":
                    expected.move(subject, much)
                    await service.correct(session, subject, much, at=AT)
                case "reserve":
                    expected.reserve(subject, much)
                    await service.reserve(session, much, subject, at=AT)
                case reason:
                    kind: Any = Reason({"cancel": "cancellation"}.get(reason, reason))
                    assert await service.restock(session, subject, kind, at=AT) == expected.give_back(subject)
        assert await available(session) == expected.available
        assert dict.fromkeys(SKUS, 0) | await sums(session) == expected.available


@given(path=st.lists(STEPS, max_size=25))
@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_over_any_path_the_ledger_sums_to_the_stock(sessions: Sessions, path: list[tuple[str, Any, Any]]) -> None:
    """Complaint 6."""
    async with sessions() as session:
        for sku in SKUS:
            await make_variant(session, sku, stock=0)
        await walk(session, path)
