"""What the accountant decides about the month's files: settings, each with its default."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from app.invoices.view import NoVatGround, Seller
from app.orders.models import PaymentMethod


class AuditEvent(StrEnum):
    """What puts an order into the audit file of a month (fact sheet 3.4.3)."""

    DELIVERED = "delivered"
    PAID = "paid"


class AuditPayment(BaseModel):
    """How the audit file names a payment method: the annex's code, and for cards the POS or the provider."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    paym: int = Field(ge=1, le=6)
    pos_n: str | None = Field(None, max_length=200)
    proc_id: str | None = Field(None, max_length=200)


class AuditDiscount(StrEnum):
    """Where the audit file shows a discount (fact sheet 3.4, uncertain)."""

    ORDER = "order"
    """Unit prices as they were, the discount beside their sum, both without VAT."""
    LINES = "lines"
    """Unit prices after discount; there is none beside them."""


@dataclass(frozen=True)
class Terms:
    """What the month's files need to know of the seller and of the accountant's choices."""

    seller: Seller
    domain: str
    shop_number: str | None
    """Of the NRA's register; without it there is no audit file."""
    shop_type: int
    audit_event: AuditEvent
    audit_discount: AuditDiscount
    payments: Mapping[PaymentMethod, AuditPayment]
    every_order: bool
    """Whether every sale is to be invoiced: then one without an invoice is a difference."""
    zero_rate_ground: NoVatGround | None = None
    """Why sales without invoice at 0 % bear no VAT; those with one state it."""
    nobody: str = ""
    """What the ledger has for a buyer without a number."""
    delta_operation: str = ""
    """The first field of Delta's import lines: its meaning is not in the fact sheet."""
