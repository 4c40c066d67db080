"""Takes parts off what was sold, line by line, so that all parts together are the whole, to the cent of each rate."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.money import Money, share, total
from app.core.vat import vat_within


@dataclass(frozen=True, slots=True)
class Left:
    """What of a line was not taken back yet."""

    rate: int
    quantity: int
    gross: Money
    vat: Money

    def worth(self, quantity: int) -> Money:
        """Say what pieces of it come to; the last one takes every cent that is left."""
        if quantity >= self.quantity:
            return self.gross
        return Money((2 * self.gross.cents * quantity + self.quantity) // (2 * self.quantity))

    def vat_of(self, gross: Money) -> Money:
        """Leave just the VAT that what is left then bears, be it some cents off what the part alone would bear.

        Parts that count no more may have left such cents with those after them: this part sets them right.
        """
        kept = vat_within(self.gross - gross, self.rate)
        return max(Money.ZERO, min(self.vat - kept, self.vat, gross))


@dataclass(frozen=True, slots=True)
class Part:
    """What is taken of a line."""

    quantity: int
    gross: Money
    vat: Money


def split(amount: Money, lines: Sequence[Left], pieces: Sequence[int] | None = None) -> list[Part]:
    """Divide an amount that goes back over what is left of the lines it is for; `pieces` of each, if they are named.

    All that is left takes every line to zero. Else each rate has its share, in proportion to what is named of it or
    left of it, and each line its share of that. The caller has seen that it is no more than that.
    """
    if amount == total(line.gross for line in lines):
        return [Part(line.quantity, line.gross, line.vat) for line in lines]
    taken = pieces or [0] * len(lines)
    # Of a line of which too much was taken nothing is left: who takes the last of all lines sets it right.
    worth = [max(Money.ZERO, line.worth(of) if pieces else line.gross) for line, of in zip(lines, taken, strict=True)]
    shares = _shares(amount, [line.rate for line in lines], worth)
    return [Part(of, gross, line.vat_of(gross)) for line, of, gross in zip(lines, taken, shares, strict=True)]


def _shares(amount: Money, rates: Sequence[int], worth: Sequence[Money]) -> list[Money]:
    distinct = sorted(set(rates), reverse=True)
    by_rate = [[i for i, rate in enumerate(rates) if rate == each] for each in distinct]
    shares = [Money.ZERO] * len(rates)
    for places, of_rate in zip(
        by_rate, share(amount, [total(worth[i] for i in places) for places in by_rate]), strict=True
    ):
        for i, part in zip(places, share(of_rate, [worth[i] for i in places]), strict=True):
            shares[i] = part
    return shares
