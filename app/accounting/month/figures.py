"""What the summary of a month is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.accounting.month.rows import Entry
from app.core.money import Money
from app.core.vat import VatSum
from app.payments.models import RefundMeans


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that does not agree: which check, whose, what it ought to be and what it is (None: it is not there)."""

    check: str
    reference: str
    expected: str | None
    found: str | None


@dataclass(frozen=True, slots=True)
class Check:
    """Two sums that must be the same."""

    name: str
    expected: Money
    found: Money
    agrees: bool


@dataclass(slots=True)
class Sum:
    """How many, and what they come to."""

    documents: int = 0
    base: Money = Money.ZERO
    vat: Money = Money.ZERO

    @property
    def total(self) -> Money:
        return self.base + self.vat

    def add(self, entry: Entry) -> None:
        self.documents += 1
        self.add_amounts(entry.base, entry.vat)

    def add_amounts(self, base: Money, vat: Money) -> None:
        """Add what is no document: a sale without invoice."""
        self.base += base
        self.vat += vat


@dataclass(frozen=True, slots=True)
class Reported:
    """What the report of sales without invoice comes to, as the orders and refunds have it themselves."""

    sales: int
    total: Money
    rates: Sequence[VatSum]


@dataclass(frozen=True)
class Refunds:
    means: RefundMeans
    count: int
    amount: Money


@dataclass(frozen=True)
class Outstanding:
    """Cash on delivery that was handed over and is not paid out yet, as it stands now."""

    orders: int
    amount: Money


@dataclass(frozen=True)
class Numbers:
    """Which numbers of a series were used in the month."""

    series: str
    first: str
    last: str
    used: int
    annulled: int
