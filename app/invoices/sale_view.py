"""What a document for the registration of a sale states (Наредба Н-18, чл. 52о ал. 1), and its QR code (Annex 18а)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.core.clock import SOFIA
from app.core.money import Money, total
from app.invoices.snapshots import Snapshot, require
from app.invoices.view import NUMBER, DocumentKind, Payment, Seller

PLAIN = re.compile(r"[!-)+-~]{1,60}")
"""What the QR code can hold: printable ASCII without spaces and without its own separator, `*`."""
SHOP_NUMBER = re.compile(r"[A-Z0-9]{1,10}")


class TaxGroup(StrEnum):
    """The letters of чл. 27."""

    A = "А"
    """Zero, exempt, or a seller who is not registered."""
    B = "Б"
    G = "Г"


TAX_GROUPS: Mapping[int, TaxGroup] = {0: TaxGroup.A, 20: TaxGroup.B, 9: TaxGroup.G}


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleItem:
    """One item with VAT; a total that does not divide evenly comes as two."""

    name: str
    tax_group: TaxGroup
    quantity: int
    unit_price: Money
    value: Money

    def __post_init__(self) -> None:
        require(self.name.strip() != "", "an item says what is sold")
        require(self.quantity > 0 and self.unit_price >= Money.ZERO, "amounts are not negative")
        require(self.unit_price * self.quantity == self.value, "unit price and quantity make up the value")


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleView(Snapshot):
    """Everything on the page; refuses with ValueError what does not add up or would break the QR code."""

    number: str
    issued_on: date
    """The day it is registered under: never before that of the number before it."""
    sold_at: datetime
    seller: Seller
    shop_number: str
    """Of the shop in the register of the NRA."""
    order_number: str
    transaction: str
    """The reference of the payment: of the transfer, of the card transaction, or the waybill that collected it."""
    payment: Payment
    items: tuple[SaleItem, ...]
    base: Money
    vat: Money
    total: Money
    invoice_number: str | None = None

    @property
    def kind(self) -> DocumentKind:
        return DocumentKind.SALE

    def __post_init__(self) -> None:
        require(NUMBER.fullmatch(self.number) is not None, "a number has ten digits")
        require(SHOP_NUMBER.fullmatch(self.shop_number) is not None, "a shop's number has up to ten letters and digits")
        for part in (self.order_number, self.transaction):
            require(PLAIN.fullmatch(part) is not None, "the QR code holds plain characters alone, and no *")
        require(len(self.items) > 0, "a sale has an item")
        require(total(item.value for item in self.items) == self.total, "the total is the sum of the items")
        require(self.base + self.vat == self.total, "base and VAT make up the total")
        require(self.sold_at.tzinfo is not None, "the moment of the sale is aware")

    @property
    def local(self) -> datetime:
        return self.sold_at.astimezone(SOFIA)

    @property
    def qr_payload(self) -> str:
        """Return `shop*order*transaction*YYYY-MM-DD*HH:MM:SS*0.00`, the time as it was in Bulgaria (fact sheet 3.3)."""
        moment = self.local
        return "*".join(
            (
                self.shop_number,
                self.order_number,
                self.transaction,
                f"{moment:%Y-%m-%d}",
                f"{moment:%H:%M:%S}",
                str(self.total),
            )
        )
