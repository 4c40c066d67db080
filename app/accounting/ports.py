"""What the shop asks of its books, in the shop's own words."""

import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from app.core.jobs import Parked, PassingFault
from app.core.money import Money, total

LARGEST_REFERENCE = 2**31 - 1


class LineKind(StrEnum):
    PRODUCT = "product"
    SERVICE = "service"
    """Delivery, and whatever else has no stock."""


@dataclass(frozen=True, slots=True)
class SaleLine:
    sku: str
    name: str
    vat_rate: int
    unit_price: Money
    """With VAT, in whole cents: a total that does not divide evenly comes as two lines (`core.money.units`)."""
    quantity: int
    kind: LineKind = LineKind.PRODUCT

    def __post_init__(self) -> None:
        if self.quantity < 1 or self.unit_price < Money.ZERO:
            raise ValueError("a line sells something, at a price that is not negative")

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True, repr=False)
class Buyer:
    """A company that asked for an invoice; a private person is never entered in the books' register of customers."""

    name: str
    eik: str
    vat_number: str | None
    city: str
    address: str
    responsible_person: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Sale:
    reference: str
    """The order's number: digits only, for the books search it as an integer."""
    lines: tuple[SaleLine, ...]
    total: Money
    """What the customer owes; the lines add up to it."""
    pay_type: str
    buyer: Buyer | None = None
    comment: str = ""
    electronic_receipt: bool = True
    finalise: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch("[1-9][0-9]{0,9}", self.reference) or int(self.reference) > LARGEST_REFERENCE:
            raise ValueError("the reference is a number that fits in 31 bits")
        if not self.lines or total(line.total for line in self.lines) != self.total:
            raise ValueError("the lines do not add up to the total")


class PostingState(StrEnum):
    """How far a sale has come in the books."""

    NEW = "new"
    OPENING = "opening"
    """It is being entered; whether that was heard is not known yet."""
    OPENED = "opened"
    """It exists there, with as many rows as are known."""
    CHECKED = "checked"
    """All rows are in and the total agrees; the end, unless the sale is to be finalised."""
    PRINTING = "printing"
    """Finalising is being asked for; whether it was heard is not known yet."""
    PRINTED = "printed"
    """Finalising was accepted; the receipt is not out yet."""
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class PostingProgress:
    """What is known of a posting; kept after every step, so that any process can go on from it."""

    state: PostingState = PostingState.NEW
    operation_id: int | None = None
    sale_unique_number: str | None = None
    """УНП: the unique number of the sale (Наредба Н-18)."""
    rows: tuple[int | None, ...] = ()
    """The remote id of each line entered, in order; `None` for one whose answer was lost but which is there."""
    asked_at: datetime | None = None
    """When opening or finalising was last asked for; until a while later it may still be under way."""

    def finished(self, sale: Sale) -> bool:
        """Say whether nothing is left to do; if not, the same `post` is due again later."""
        if sale.finalise:
            return self.state is PostingState.COMPLETE
        return self.state in {PostingState.CHECKED, PostingState.COMPLETE}


class BookedState(StrEnum):
    """How far an operation has come in the books, whoever moved it: the shop or staff on the screen."""

    OPEN = "open"
    """It is being entered."""
    WAITING = "waiting"
    """It is finalised; the receipt is not out yet."""
    COMPLETE = "complete"
    DELETED = "deleted"
    OTHER = "other"
    """Edited by staff, or in a status that the settings do not explain."""


@dataclass(frozen=True, slots=True)
class BookedSale:
    """A sale or a return as it stands in the books."""

    operation_id: int
    reference: str | None
    """Ours, as `Sale.reference`; `None` where the books do not tell it."""
    state: BookedState
    total: Money
    """With VAT, after discounts; that of a return is without a sign."""
    is_return: bool
    on: date
    """The day in Bulgaria that the books count it to."""


class BookedKind(StrEnum):
    INVOICE = "invoice"
    """One for an advance included."""
    CREDIT_NOTE = "credit_note"
    DEBIT_NOTE = "debit_note"


@dataclass(frozen=True, slots=True)
class BookedDocument:
    """An invoice or a note that the books have issued."""

    document_id: int
    number: int
    """The one printed on it; `document_id` is the books' own key."""
    kind: BookedKind
    operation_id: int | None
    issued_on: date
    total: Money
    """With VAT; that of a credit note is without a sign."""
    is_deleted: bool
    corrects_id: int | None
    """The `document_id` of the invoice that a note corrects."""


class Family(StrEnum):
    """What kind of refusal it was."""

    MISSING_VALUE = "missing value"
    WRONG_VALUE = "wrong value"
    MANDATORY = "mandatory"
    NOT_CONFIGURED = "not configured"
    """Refused on our side: the settings of the account do not say how to enter it."""
    OTHER = "other"


class BooksRefused(Parked):
    """Understood, will not: retrying cannot help. Names the parameter, never its value."""

    def __init__(self, family: Family, endpoint: str, parameter: str | None = None) -> None:
        super().__init__(" ".join(filter(None, (endpoint, family, parameter))))
        self.family, self.endpoint, self.parameter = family, endpoint, parameter


class BooksUnavailable(PassingFault):
    """No usable answer; whether the step was taken is found out by the next `post`."""

    def __init__(self, endpoint: str, reason: str, *, was_asked: bool = False) -> None:
        """Name what there is no answer to; `was_asked`: the request went out, and may itself be the cause."""
        super().__init__(f"{endpoint} {reason}")
        self.endpoint, self.reason, self.was_asked = endpoint, reason, was_asked


class BooksUnsure(Parked):
    """What stands in the books is not what was sent, or cannot be told: a person has to look."""

    def __init__(self, reason: str, operation_id: int | None = None) -> None:
        super().__init__(" ".join((reason, *([str(operation_id)] if operation_id is not None else ()))))
        self.reason, self.operation_id = reason, operation_id


Keep = Callable[[PostingProgress], Awaitable[None]]
"""Stores the progress in a transaction of its own, committed when it returns."""


class SalesBook(Protocol):
    async def post(
        self, sale: Sale, progress: PostingProgress, keep: Keep, *, at: datetime, is_trial: bool = False
    ) -> PostingProgress:
        """Enter a sale once, going on from `progress`; each new step is given to `keep` before the next is sent.

        `at` is the moment of this attempt. The result may be unfinished: then the same call is due again later. A trial
        asks also where others got no answer of late.
        """

    async def check(self, *, is_trial: bool = False) -> None:
        """Refuse unless the account is what the settings say: login, cash register, store, pay types, units."""


class BooksReader(Protocol):
    """Each call reads one day and then lets go of the books, so that sales get in between."""

    async def list_sales(self, on: date) -> Sequence[BookedSale]:
        """Return what the shop has entered under that day: sales and returns, in whatever state."""

    async def list_documents(self, on: date) -> Sequence[BookedDocument]:
        """Return the invoices and notes of the shop's sales that bear that date, deleted ones included."""


class Stream(Protocol):
    async def next_nonce(self) -> int:
        """Return a number above every earlier one of this account; it is kept before it is returned."""


class RequestStream(Protocol):
    def open(self) -> AbstractAsyncContextManager[Stream]:
        """Hold the sole right to speak for this account, over all processes, for as long as it is open."""
