"""Amounts are exact, in any sum, share and spelling."""

import operator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.core.money import Money, share, total, units

CENTS = st.integers(-(10**14), 10**14)
AMOUNTS = CENTS.map(Money)
JSON = TypeAdapter(Money)


@given(AMOUNTS)
def test_an_amount_comes_back_from_json_as_it_was(amount: Money) -> None:
    assert JSON.validate_json(JSON.dump_json(amount)) == amount
    assert Money.of(str(amount)) == amount
    assert Money.of(amount.decimal) == amount


@pytest.mark.parametrize(
    ("cents", "written"),
    [(0, "0.00"), (1, "0.01"), (-1, "-0.01"), (12990, "129.90"), (-100, "-1.00"), (10**14, "1" + "0" * 12 + ".00")],
)
def test_an_amount_is_written_with_two_decimals(cents: int, written: str) -> None:
    assert str(Money(cents)) == written
    assert JSON.dump_python(Money(cents), mode="json") == written


@pytest.mark.parametrize(
    "wrong",
    [
        1,
        1.0,
        129.9,
        True,
        None,
        "",
        "1",
        "1.5",
        "1.005",
        "1,50",
        "+1.50",
        "1e2",
        "NaN",
        " 1.50",
        "1.50 ",
        "٣.٥٠",
        "1" * 14 + ".00",
    ],
)
def test_nothing_else_is_an_amount_in_json(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        JSON.validate_python(wrong)


@pytest.mark.parametrize("wrong", [1.0, Decimal(1), True, "1", None])
def test_cents_are_whole_numbers(wrong: Any) -> None:
    with pytest.raises(TypeError):
        Money(wrong)


def test_a_fraction_of_a_cent_is_refused() -> None:
    with pytest.raises(ValueError, match="whole number of cents"):
        Money.of("0.005")


def test_amounts_are_not_mixed_with_numbers() -> None:
    amount: Any = Money(1)
    for mix in (operator.add, operator.sub, operator.lt):
        with pytest.raises((TypeError, AttributeError)):
            mix(amount, 1)
    with pytest.raises(TypeError):
        operator.mul(amount, 0.5)


@given(st.lists(AMOUNTS))
def test_a_total_is_the_sum_of_cents(amounts: list[Money]) -> None:
    assert total(amounts).cents == sum(amount.cents for amount in amounts)


@given(AMOUNTS, st.lists(st.integers(0, 10**9).map(Money), min_size=1).filter(any))
def test_parts_sum_to_what_is_shared_and_none_is_a_cent_off(amount: Money, weights: list[Money]) -> None:
    parts = share(amount, weights)
    assert total(parts) == amount
    whole = total(weights).cents
    for part, weight in zip(parts, weights, strict=True):
        exact = Decimal(amount.cents) * weight.cents / whole
        assert abs(part.cents - exact) < 1
        assert weight or not part, "what weighs nothing gets nothing"


def test_the_cents_left_over_go_to_the_largest_remainders_first_of_equals_first() -> None:
    assert share(Money(100), [Money(1)] * 3) == [Money(34), Money(33), Money(33)]
    assert share(Money(-100), [Money(1)] * 3) == [Money(-33), Money(-33), Money(-34)]
    assert share(Money(10), [Money(1), Money(2), Money(1)]) == [Money(3), Money(5), Money(2)]
    assert share(Money(0), [Money(0), Money(0)]) == [Money(0), Money(0)]
    with pytest.raises(ValueError, match="nothing to share"):
        share(Money(1), [Money(0)])


@given(st.integers(0, 10**9).map(Money), st.integers(1, 10**4))
def test_unit_prices_multiply_back_to_the_total(amount: Money, quantity: int) -> None:
    pairs = units(amount, quantity)
    assert total(price * times for price, times in pairs) == amount
    assert sum(times for _, times in pairs) == quantity
    assert len(pairs) <= 2
    assert max(price.cents for price, _ in pairs) - min(price.cents for price, _ in pairs) <= 1
