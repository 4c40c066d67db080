"""Writes the import file of Microinvest Delta, as far as the fact sheet knows it (§4).

Sixteen fields between bars, windows-1251 (`letters`), CRLF; one line for each document and rate, and one for each rate
of the sales without invoice. Known from one public module, which has no debit notes: these are left out, and the cover
says so. Try it with the accountant's own version first.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from app.accounting.month.letters import ENCODING, written
from app.accounting.month.period import Month
from app.accounting.month.rows import Entry, Partner, ReportRow
from app.accounting.month.sales_ledger import REPORT_TITLE, number_of_report
from app.core.vat import VatSum, sums_of
from app.invoices.view import TAXED, DocumentKind

KINDS = {DocumentKind.INVOICE: "Ф-ра", DocumentKind.CREDIT_NOTE: "КИ"}
UNKNOWN = TAXED - KINDS.keys()
REPORT = "ОП"
TAX_CODES = {20: "16", 9: "20", 0: "21"}
SOLD = "Продажба на стоки"


def lines_of(entry: Entry, *, operation: str) -> Iterator[bytes]:
    if entry.kind in UNKNOWN:
        return
    note = f"Поръчка {entry.order_number}" + (", анулиран" if entry.is_annulled or entry.is_reversal else "")
    for each in entry.sums:
        yield _line(operation, entry.issued_on, entry.number, KINDS[entry.kind], each, entry.partner, note)


def lines_of_report(rows: Sequence[ReportRow], month: Month, *, operation: str) -> Iterator[bytes]:
    """Write the sales without invoice as the ledger has them, as one document of the month's last day."""
    number, nobody = number_of_report(month).zfill(10), Partner(REPORT_TITLE, "")
    for each in sums_of((row.rate, row.base, row.vat) for row in rows):
        yield _line(operation, month.last, number, REPORT, each, nobody, "")


def _line(operation: str, on: date, number: str, kind: str, amounts: VatSum, partner: Partner, note: str) -> bytes:
    city, _, street = partner.address.partition(", ")
    fields = (
        operation,
        f"{on:%d.%m.%Y}",
        number,
        kind,
        str(amounts.base),
        TAX_CODES[amounts.rate],
        partner.name,
        partner.responsible_person or "",
        city,
        street,
        partner.vat_number or "",
        partner.eik or "",
        "",
        SOLD,
        note,
        str(amounts.vat),
    )
    return ("|".join(map(_plain, fields)) + "\r\n").encode(ENCODING)


def _plain(text: str) -> str:
    return " ".join(written(text).replace("|", " ").split())
