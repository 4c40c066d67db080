"""What the month's files are written from, one row at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple, Self
from uuid import UUID

from app.core.money import Money, total
from app.core.vat import VatSum
from app.invoices.view import DocumentKind, NoVatGround
from app.orders.models import PaymentMethod
from app.payments.models import RefundMeans

NAMELESS = "Физическо лице"
"""Who restricted the processing of their data is not named (S64)."""


@dataclass(frozen=True, slots=True)
class Partner:
    """Who bought, as the document names them."""

    name: str
    address: str
    eik: str | None = None
    vat_number: str | None = None
    responsible_person: str | None = None

    @property
    def number(self) -> str | None:
        return self.vat_number or self.eik


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger of sales: a document, or what undoes one of an earlier month.

    Amounts are signed as the ledger counts them; those of a document that was annulled in its own month are zero.
    """

    document_id: UUID
    kind: DocumentKind
    number: str
    issued_on: date
    partner: Partner
    sums: Sequence[VatSum]
    ground: str | None
    order_number: str
    payment: PaymentMethod
    is_annulled: bool
    is_reversal: bool
    kept_base: Money
    kept_vat: Money
    """As the list of documents has them, beside what they state."""

    @property
    def is_in_ledger(self) -> bool:
        """A document of a seller that was not registered for VAT is in no ledger of sales."""
        return self.ground != NoVatGround.NOT_REGISTERED

    @property
    def base(self) -> Money:
        return total(each.base for each in self.sums)

    @property
    def vat(self) -> Money:
        return total(each.vat for each in self.sums)

    @property
    def total(self) -> Money:
        return self.base + self.vat


@dataclass(frozen=True, slots=True)
class ReportRow:
    """Sales without invoice of one day, rate and payment method, or as less what went back of such (ЗДДС чл. 119)."""

    on: date
    rate: int
    payment: PaymentMethod
    sales: int
    base: Money
    vat: Money

    @property
    def total(self) -> Money:
        return self.base + self.vat

    def __neg__(self) -> Self:
        return replace(self, sales=-self.sales, base=-self.base, vat=-self.vat)


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line of an order; `total` with VAT and after discount."""

    name: str
    quantity: int
    rate: int
    total: Money
    discount: Money
    vat: Money


@dataclass(frozen=True, slots=True)
class AuditOrder:
    """An order as the audit file of Наредба Н-18 tells of it."""

    order_id: UUID
    number: str
    ordered_on: date
    document_number: str | None
    document_on: date | None
    payment: PaymentMethod
    transaction: str | None
    total: Money
    vat: Money
    documented: Money | None
    """What the order's documents come to, in whatever month; None: it has none."""
    is_reported: bool
    """Whether the report of sales without invoice tells of it, in whatever month."""
    lines: Sequence[SoldLine]


class ComparedOrder(NamedTuple):
    """An order that the audit file tells of, beside what its lines and its documents come to."""

    number: str
    total: Money
    vat: Money
    told: Money
    told_vat: Money
    has_document: bool
    documented: Money | None
    is_reported: bool


@dataclass(frozen=True, slots=True)
class AuditReturn:
    """Money that went back in the month."""

    order_number: str
    amount: Money
    refunded_on: date
    means: RefundMeans
