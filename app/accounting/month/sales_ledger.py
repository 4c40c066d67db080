"""Writes PRODAGBI.TXT, the ledger of sales of the VAT return (ППЗДДС, Annex 12; fact sheet §4).

One record of 424 characters for each document, windows-1251 (`letters`), CRLF: text to the left, numbers to the right.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.accounting.month.errors import ZeroRateGroundMissing
from app.accounting.month.letters import ENCODING, written
from app.accounting.month.period import Month
from app.accounting.month.rows import Entry, ReportRow
from app.accounting.month.terms import Terms
from app.core.money import Money, total
from app.core.vat import VatSum, sums_of
from app.invoices.view import DocumentKind, NoVatGround

END = "\r\n"
SOLD = "Продажба на стоки"
BRANCH = "0"
REPORT, REPORT_TITLE = "81", "Отчет за извършените продажби"
TYPES = {DocumentKind.INVOICE: "01", DocumentKind.DEBIT_NOTE: "02", DocumentKind.CREDIT_NOTE: "03"}
# The amounts after the two totals, in their order: code of the field, which rate or ground fills it.
BASE_20, VAT_20 = "02-11", "02-21"
BASE_9, VAT_9 = "02-13", "02-24"
EXPORT, INTRA_EU = "02-14", "02-15"
AMOUNTS = (
    *(BASE_20, VAT_20, "02-12", "02-26", "02-22", "02-23", BASE_9, VAT_9, EXPORT, INTRA_EU),
    *("02-16", "02-17", "02-18", "02-19", "02-25"),
)
COLUMNS = {20: (BASE_20, VAT_20), 9: (BASE_9, VAT_9)}
"""Of the rates of the law, each with its base and VAT."""
VATS = frozenset({VAT_20, VAT_9})
# Goods that go to a taxable buyer abroad stand in one column, whoever is liable there.
GROUNDS = {
    NoVatGround.EXPORT.value: EXPORT,
    NoVatGround.INTRA_EU.value: INTRA_EU,
    NoVatGround.REVERSE_CHARGE.value: INTRA_EU,
}


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the ledger, before it is written."""

    type: str
    number: str
    on: date
    partner_number: str
    partner_name: str
    amounts: Mapping[str, Money]
    """By the code of their column."""

    @property
    def vat(self) -> Money:
        return total(amount for code, amount in self.amounts.items() if code in VATS)

    @property
    def total(self) -> Money:
        return total(self.amounts.values())


def record_of(entry: Entry, terms: Terms) -> Record:
    return Record(
        TYPES[entry.kind],
        entry.number,
        entry.issued_on,
        entry.partner.number or terms.nobody,
        entry.partner.name,
        _amounts(entry.sums, entry.ground),
    )


def record_of_report(rows: Sequence[ReportRow], month: Month, terms: Terms) -> Record | None:
    """Make the one record of type 81 of all sales without invoice; without such there is none.

    Refuses with ZeroRateGroundMissing what was sold at 0 % while it is not set why.
    """
    if not rows:
        return None
    amounts = _amounts(sums_of((row.rate, row.base, row.vat) for row in rows), terms.zero_rate_ground)
    return Record(REPORT, number_of_report(month), month.last, terms.nobody, REPORT_TITLE, amounts)


def number_of_report(month: Month) -> str:
    return f"{month.year}{month.number:02d}"


def _amounts(sums: Iterable[VatSum], ground: str | None) -> dict[str, Money]:
    amounts: dict[str, Money] = {}
    for each in sums:
        if each.rate in COLUMNS:
            base, vat = COLUMNS[each.rate]
            amounts[base], amounts[vat] = each.base, each.vat
        elif ground in GROUNDS:
            amounts[GROUNDS[ground]] = each.base
        else:
            raise ZeroRateGroundMissing
    return amounts


def _text(text: str, width: int) -> str:
    """Fit text into its field; a line break in a name would break the record."""
    return " ".join(written(text).split())[:width].ljust(width)


def _amount(amount: Money) -> str:
    return str(amount).rjust(15)


# Most of each line is the same: written once.
GOODS, NOTHING = _text(SOLD, 30), _amount(Money.ZERO)


def line(record: Record, row: int, *, seller: str, month: Month) -> bytes:
    fields = (
        _text(seller, 15),
        f"{month.year}{month.number:02d}",
        BRANCH.rjust(4),
        str(row).rjust(15),
        record.type,
        _text(record.number, 20),
        f"{record.on:%d/%m/%Y}",
        _text(record.partner_number, 15),
        _text(record.partner_name, 50),
        GOODS,
        _amount(record.total - record.vat),
        _amount(record.vat),
        *(_amount(record.amounts[code]) if code in record.amounts else NOTHING for code in AMOUNTS),
        "  ",
    )
    return ("".join(fields) + END).encode(ENCODING)
