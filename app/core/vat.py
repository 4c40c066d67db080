"""The one place where VAT is computed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.core.money import Money

STANDARD_RATE = 20
RATES = frozenset({0, 9, STANDARD_RATE})


@dataclass(frozen=True, slots=True)
class VatSum:
    """What one rate adds up to: base and tax of all lines with it."""

    rate: int
    base: Money
    vat: Money


def vat_within(gross: Money, rate: int) -> Money:
    """Return the VAT contained in a price with VAT (ЗДДС чл. 67 ал. 2), in whole cents, half up, away from zero.

    The rate is in whole percent. No statute fixes the rounding (fact sheet 1.25): it is taken per line, once, and every
    total is a sum of lines, so that cart, order, invoice and books cannot differ.
    """
    cents = (2 * abs(gross.cents) * rate + 100 + rate) // (2 * (100 + rate))
    return Money(cents if gross.cents >= 0 else -cents)


def vat_sums(lines: Iterable[tuple[int, Money]]) -> list[VatSum]:
    """Sum (rate, gross) lines by rate, highest rate first."""
    taken = [(rate, gross, vat_within(gross, rate)) for rate, gross in lines]
    return sums_of((rate, gross - vat, vat) for rate, gross, vat in taken)


def sums_of(lines: Iterable[tuple[int, Money, Money]]) -> list[VatSum]:
    """Sum (rate, base, VAT) lines by rate, highest rate first."""
    base: dict[int, Money] = defaultdict(lambda: Money.ZERO)
    vat: dict[int, Money] = defaultdict(lambda: Money.ZERO)
    for rate, net, tax in lines:
        base[rate] += net
        vat[rate] += tax
    return [VatSum(rate, base[rate], vat[rate]) for rate in sorted(base, reverse=True)]
