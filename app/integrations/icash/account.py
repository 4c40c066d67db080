"""What the adapter is told: one account, and how the vendor's silence is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the vendor's pages leave open, each to be asked of support@icash.bg before go-live (fact sheet §12)."""

    all_statuses: tuple[str, ...] = ("TEMP", "NORMAL", "EDITED", "DELETED", "FOR_DOWNLOAD", "DOWNLOADED", "POS_OPEN")
    building: frozenset[str] = frozenset({"TEMP"})
    waiting: frozenset[str] = frozenset({"FOR_DOWNLOAD", "DOWNLOADED", "POS_OPEN"})
    complete: frozenset[str] = frozenset({"NORMAL"})
    deleted: frozenset[str] = frozenset({"DELETED"})
    set_separator: str = ","
    currency: str = "EUR"
    tax_number_prefix: str = ""
    """One trace sends the company's number with "BG" before it."""
    country: str = "BG"
    call_seconds: float = 20
    """The longest that one call may take, from connecting to the last byte."""
    polls: int = 3
    poll_seconds: float = 0.5
    pages_of_a_day: int = 200
    """The most pages of a hundred that one day's list may have; a longer one was not filtered."""
    doubt: timedelta = timedelta(minutes=2)
    """How long a request whose answer was lost may still be under way in I-Cash; only when that has passed, and a
    look shows that nothing came of it, is an operation opened or printed again."""


@dataclass(frozen=True, slots=True)
class ICashAccount:
    """One account: every id is its own and is read on I-Cash's screens; none comes from the documentation."""

    api_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    warehouse_id: int
    user_id: int
    store_id: int
    cash_register_id: int
    measure_unit_id: int
    pay_types: Mapping[str, int]
    """The shop's payment methods, each with its PayTypeID."""
    tax_groups: Mapping[int, int]
    """VAT rates in percent, each with its SaleItemTaxGroupID."""
    import_source: str = "IONICKISS"
    assumptions: Assumptions = field(default_factory=Assumptions)
