"""VAT is contained in the price, per line, half up, and every total is a sum of lines."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import Money, total
from app.core.vat import RATES, vat_sums, vat_within

GROSS = st.integers(-(10**12), 10**12).map(Money)
RATE = st.sampled_from(sorted(RATES))


@pytest.mark.parametrize(
    ("gross", "rate", "vat"),
    [
        ("0.00", 20, "0.00"),
        ("0.01", 20, "0.00"),
        ("0.02", 20, "0.00"),
        ("0.03", 20, "0.01"),  # exactly half a cent
        ("0.04", 20, "0.01"),
        ("0.09", 20, "0.02"),  # 1.5 cents
        ("1.20", 20, "0.20"),
        ("12.90", 20, "2.15"),
        ("89.90", 20, "14.98"),
        ("129.90", 20, "21.65"),
        ("1.09", 9, "0.09"),
        ("100.00", 9, "8.26"),
        ("100.00", 0, "0.00"),
        ("-0.03", 20, "-0.01"),
        ("-12.90", 20, "-2.15"),
    ],
)
def test_the_vat_within_a_price(gross: str, rate: int, vat: str) -> None:
    assert vat_within(Money.of(gross), rate) == Money.of(vat)


@given(GROSS, RATE)
def test_it_is_the_exact_share_rounded_half_away_from_zero(gross: Money, rate: int) -> None:
    exact = Decimal(gross.cents) * rate / (100 + rate)
    assert vat_within(gross, rate).cents == exact.quantize(Decimal(1), ROUND_HALF_UP)
    assert vat_within(-gross, rate) == -vat_within(gross, rate)


@given(st.lists(st.tuples(RATE, GROSS)))
def test_bases_and_vat_sum_to_what_is_paid(lines: list[tuple[int, Money]]) -> None:
    sums = vat_sums(lines)
    assert total(part.base + part.vat for part in sums) == total(gross for _, gross in lines)
    assert total(part.vat for part in sums) == total(vat_within(gross, rate) for rate, gross in lines)
    assert [part.rate for part in sums] == sorted({rate for rate, _ in lines}, reverse=True)
