"""Writes PRODAGBI.TXT, the ledger of sales of the VAT return (ППЗДДС, Annex 12; fact sheet §4).

One record of 424 characters for each document, windows-1251, CRLF: text to the left, numbers to the right.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.accounting.month.period import Month
from app.accounting.month.rows import Entry, ReportRow
from app.core.money import Money, total
from app.core.vat import VatSum
from app.invoices.view import DocumentKind, NoVatGround

ENCODING = "windows-1251"
END = "\r\n"
SOLD = "Продажба на стоки"
BRANCH = "0"
INVOICE_REPORT = "81"
TYPES = {DocumentKind.INVOICE: "01", DocumentKind.DEBIT_NOTE: "02", DocumentKind.CREDIT_NOTE: "03"}
# The amounts after the two totals, in their order: code of the field, which rate or ground fills it.
BASE_20, VAT_20 = "02-11", "02-21"
BASE_9, VAT_9 = "02-13", "02-24"
EXPORT, INTRA_EU = "02-14", "02-15"
AMOUNTS = (
    *(BASE_20, VAT_20, "02-12", "02-26", "02-22", "02-23", BASE_9, VAT_9, EXPORT, INTRA_EU),
    *("02-16", "02-17", "02-18", "02-19", "02-25"),
)
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
    sums: Sequence[VatSum]
    ground: str | None = None


def record_of(entry: Entry, *, nobody: str) -> Record:
    return Record(
        TYPES[entry.kind],
        entry.number,
        entry.issued_on,
        entry.partner.number or nobody,
        entry.partner.name,
        entry.sums,
        entry.ground,
    )


def record_of_report(rows: Sequence[ReportRow], month: Month, *, nobody: str) -> Record | None:
    """Make the one record of type 81 of all sales without invoice; without such there is none."""
    if not rows:
        return None
    by_rate = {rate: [row for row in rows if row.rate == rate] for rate in sorted({row.rate for row in rows})}
    sums = [VatSum(rate, total(r.base for r in each), total(r.vat for r in each)) for rate, each in by_rate.items()]
    number = f"{month.year}{month.number:02d}"
    return Record(INVOICE_REPORT, number, month.last, nobody, "Отчет за извършените продажби", sums)


def write(records: Iterable[Record], *, seller: str, month: Month) -> Iterator[bytes]:
    """Write the ledger record by record; an empty one is an empty file."""
    for row, record in enumerate(records, start=1):
        yield line(record, row, seller=seller, month=month).encode(ENCODING, "replace")


def line(record: Record, row: int, *, seller: str, month: Month) -> str:
    amounts = _amounts(record)
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
        _text(SOLD, 30),
        _amount(total(each.base for each in record.sums)),
        _amount(total(each.vat for each in record.sums)),
        *(_amount(amounts.get(code, Money.ZERO)) for code in AMOUNTS),
        "  ",
    )
    return "".join(fields) + END


def _amounts(record: Record) -> dict[str, Money]:
    amounts: dict[str, Money] = {}
    for each in record.sums:
        if each.rate == 20:  # noqa: PLR2004 - the rates of the law, each with its columns
            amounts[BASE_20], amounts[VAT_20] = each.base, each.vat
        elif each.rate == 9:  # noqa: PLR2004 - as above
            amounts[BASE_9], amounts[VAT_9] = each.base, each.vat
        else:
            amounts[GROUNDS[record.ground or ""]] = each.base
    return amounts


def _text(text: str, width: int) -> str:
    """Fit text into its field; a line break in a name would break the record."""
    return " ".join(text.split())[:width].ljust(width)


def _amount(amount: Money) -> str:
    return str(amount).rjust(15)
