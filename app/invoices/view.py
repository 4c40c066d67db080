"""What an invoice states: a frozen copy, from which the PDF is drawn and which is kept beside it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from app.core.money import Money, total
from app.core.vat import RATES, VatSum, sums_of, vat_within
from app.invoices.errors import GroundMismatch
from app.invoices.snapshots import Snapshot, require
from app.invoices.words import in_words

NUMBER = re.compile(r"(?!0{10})[0-9]{10}")


class DocumentKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    DEBIT_NOTE = "debit_note"
    PROFORMA = "proforma"
    """An offer to pay; no tax document."""
    SALE = "sale_document"
    """Документ за регистриране на продажбата (Наредба Н-18, чл. 52о)."""
    GOODS_NOTE = "goods_note"
    PROTOCOL = "annulment_protocol"
    """Why a document was annulled, and what stands in its place (ЗДДС чл. 116)."""


NOTES = frozenset({DocumentKind.CREDIT_NOTE, DocumentKind.DEBIT_NOTE})
TAXED = NOTES | {DocumentKind.INVOICE}
"""What the ledger of sales lists, and what can be exchanged as an e-invoice."""
OFFERS = frozenset({DocumentKind.PROFORMA, DocumentKind.GOODS_NOTE})
"""What does not say that a sale took place."""


class Payment(StrEnum):
    CASH_ON_DELIVERY = "cash_on_delivery"
    BANK_TRANSFER = "bank_transfer"
    CARD = "card"


class NoVatGround(StrEnum):
    """Why a supply bears no VAT, in the words that the document must show (ЗДДС чл. 114, ал. 1, т. 12 and ал. 4)."""

    EXPORT = "чл. 28 ЗДДС"
    INTRA_EU = "чл. 53, ал. 1 ЗДДС"
    REVERSE_CHARGE = "обратно начисляване"
    NOT_REGISTERED = "чл. 113, ал. 9 ЗДДС"

    @property
    def hides_vat(self) -> bool:
        """Neither a rate nor an amount of VAT may then stand on the document."""
        return self in {NoVatGround.REVERSE_CHARGE, NoVatGround.NOT_REGISTERED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    name: str
    address: str
    eik: str
    vat_number: str | None
    responsible_person: str
    iban: str
    bic: str
    bank: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """A company, or a person of whom name and address are enough (fact sheet 1.5)."""

    name: str
    address: str
    eik: str | None = None
    vat_number: str | None = None
    responsible_person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """The invoice that a note corrects, and why (ЗДДС чл. 115 ал. 4)."""

    number: str
    issued_on: date
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Goods or a service; `discount` and `base` are without VAT, and unit price × quantity − discount = base."""

    sku: str | None
    description: str
    quantity: int
    unit: str
    unit_price: Decimal
    discount: Money
    rate: int
    base: Money
    vat: Money
    gross: Money

    @classmethod
    def of(
        cls,
        *,
        description: str,
        quantity: int,
        rate: int,
        gross: Money,
        discount: Money = Money.ZERO,
        sku: str | None = None,
        unit: str = "бр.",
    ) -> Self:
        """Take what is paid for the line and what was taken off it, both with VAT; take the VAT out of both."""
        base = gross - vat_within(gross, rate)
        undiscounted = gross + discount
        full_base = undiscounted - vat_within(undiscounted, rate)
        return cls(
            sku=sku,
            description=description,
            quantity=quantity,
            unit=unit,
            unit_price=unit_price(full_base, quantity),
            discount=full_base - base,
            rate=rate,
            base=base,
            vat=gross - base,
            gross=gross,
        )

    def __post_init__(self) -> None:
        require(self.description.strip() != "", "a line says what is sold")
        require(self.quantity > 0, "a quantity is positive")
        require(self.rate in RATES, "a rate is one of the law's")
        require(min(self.gross, self.base, self.vat, self.discount) >= Money.ZERO, "amounts are not negative")
        require(self.base + self.vat == self.gross, "base and VAT make up the line")
        require(
            self.unit_price == unit_price(self.base + self.discount, self.quantity),
            "unit price, quantity and discount make up the base",
        )

    @classmethod
    def rest(cls, *, description: str, quantity: int, rate: int, gross: Money, vat: Money, sku: str | None) -> Self:
        """Take back a part of an invoice's line with the VAT that this part makes of the whole.

        It may be cents off what the part alone would bear: only so do all parts give the line's own VAT at last.
        """
        base = gross - vat
        return cls(
            sku=sku,
            description=description,
            quantity=quantity,
            unit="бр.",
            unit_price=unit_price(base, quantity),
            discount=Money.ZERO,
            rate=rate,
            base=base,
            vat=vat,
            gross=gross,
        )

    @property
    def is_exact(self) -> bool:
        return self.vat == vat_within(self.gross, self.rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceView(Snapshot):
    """Everything on the page, in euro; refuses with ValueError what does not add up.

    `tax_event_on` is the day of the delivery, or of the payment when that came first (ЗДДС чл. 25).
    """

    kind: DocumentKind = DocumentKind.INVOICE
    number: str
    issued_on: date
    tax_event_on: date
    place: str
    seller: Seller
    buyer: Buyer
    order_number: str
    ordered_on: date
    payment: Payment
    paid_on: date | None
    lines: tuple[Line, ...]
    vat_sums: tuple[VatSum, ...]
    base: Money
    vat: Money
    total: Money
    no_vat_ground: NoVatGround | None
    corrects: Corrected | None = None
    is_advance: bool = False
    """The money came before the goods went: the payment is the tax event (ЗДДС чл. 25 ал. 7)."""

    @classmethod
    def of(
        cls,
        *,
        kind: DocumentKind = DocumentKind.INVOICE,
        number: str,
        issued_on: date,
        tax_event_on: date,
        place: str,
        seller: Seller,
        buyer: Buyer,
        order_number: str,
        ordered_on: date,
        payment: Payment,
        lines: Iterable[Line],
        paid_on: date | None = None,
        no_vat_ground: NoVatGround | None = None,
        corrects: Corrected | None = None,
        is_advance: bool = False,
    ) -> Self:
        """State an invoice, a note to it or a proforma; the lines, of which delivery is one, give the sums.

        A note's amounts are positive: a credit note states by how much less is owed.
        """
        lines = tuple(lines)
        return cls(
            kind=kind,
            number=number,
            issued_on=issued_on,
            tax_event_on=tax_event_on,
            place=place,
            seller=seller,
            buyer=buyer,
            order_number=order_number,
            ordered_on=ordered_on,
            payment=payment,
            paid_on=paid_on,
            lines=lines,
            vat_sums=_vat_sums(lines),
            base=total(line.base for line in lines),
            vat=total(line.vat for line in lines),
            total=total(line.gross for line in lines),
            no_vat_ground=no_vat_ground,
            corrects=corrects,
            is_advance=is_advance,
        )

    def __post_init__(self) -> None:
        require(NUMBER.fullmatch(self.number) is not None, "a number has ten digits")
        require(len(self.lines) > 0, "an invoice has a line")
        require(self.vat_sums == _vat_sums(self.lines), "VAT by rate is the sum of the lines")
        require(self.base == total(line.base for line in self.lines), "the base is the sum of the lines")
        require(self.vat == total(line.vat for line in self.lines), "the VAT is the sum of the lines")
        require(self.total == self.base + self.vat, "base and VAT make up the total")
        require(self.kind in TAXED | {DocumentKind.PROFORMA}, "other documents have views of their own")
        require(
            self.kind is DocumentKind.CREDIT_NOTE or all(line.is_exact for line in self.lines),
            "a line's VAT is what core/vat.py computes",
        )
        require((self.corrects is not None) is (self.kind in NOTES), "a note, and no other, corrects an invoice")
        require(not self.is_advance or self.paid_on == self.tax_event_on, "an advance is invoiced as of its payment")
        self._check_ground()

    def _check_ground(self) -> None:
        untaxed = [line.rate == 0 for line in self.lines]
        is_registered = self.seller.vat_number is not None
        of_buyer = self.no_vat_ground in {NoVatGround.REVERSE_CHARGE, NoVatGround.INTRA_EU}
        for holds, rule in (
            ((self.no_vat_ground is not None) is any(untaxed), "a ground stands exactly where no VAT is charged"),
            (self.shows_vat or all(untaxed), "this ground leaves no room for VAT"),
            (is_registered is (self.no_vat_ground is not NoVatGround.NOT_REGISTERED), "only the registered charge VAT"),
            (not of_buyer or self.buyer.vat_number is not None, "this ground rests on the buyer's VAT number"),
        ):
            if not holds:
                raise GroundMismatch(rule)

    @property
    def shows_vat(self) -> bool:
        return self.no_vat_ground is None or not self.no_vat_ground.hides_vat

    @property
    def total_in_words(self) -> str:
        return in_words(self.total)


def unit_price(amount: Money, quantity: int) -> Decimal:
    """Return the price of one: in whole cents where that is exact, else to four places, half up."""
    require(quantity > 0, "a quantity is positive")
    if amount.cents % quantity == 0:
        return Decimal(amount.cents // quantity).scaleb(-2)
    return Decimal((200 * amount.cents + quantity) // (2 * quantity)).scaleb(-4)


def _vat_sums(lines: Iterable[Line]) -> tuple[VatSum, ...]:
    return tuple(sums_of((line.rate, line.base, line.vat) for line in lines))
