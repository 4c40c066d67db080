"""Writes the import file of Microinvest Delta, as far as the fact sheet knows it (§4).

Sixteen fields between bars, windows-1251, CRLF; one line for each document and rate. Known from one public module: try
it with the accountant's own version first.
"""

from collections.abc import Iterable, Iterator

from app.accounting.month.rows import Entry
from app.invoices.view import DocumentKind

ENCODING = "windows-1251"
KINDS = {DocumentKind.INVOICE: "Ф-ра", DocumentKind.CREDIT_NOTE: "КИ", DocumentKind.DEBIT_NOTE: "ДИ"}
TAX_CODES = {20: "16", 9: "20", 0: "21"}
SOLD = "Продажба на стоки"


def write(entries: Iterable[Entry], *, operation: str) -> Iterator[bytes]:
    for entry in entries:
        city, _, street = entry.partner.address.partition(", ")
        for each in entry.sums:
            fields = (
                operation,
                f"{entry.issued_on:%d.%m.%Y}",
                entry.number,
                KINDS[entry.kind],
                str(each.base),
                TAX_CODES[each.rate],
                entry.partner.name,
                entry.partner.responsible_person or "",
                city,
                street,
                entry.partner.vat_number or "",
                entry.partner.eik or "",
                "",
                SOLD,
                f"Поръчка {entry.order_number}" + (", анулиран" if entry.is_annulled or entry.is_reversal else ""),
                str(each.vat),
            )
            yield ("|".join(map(_plain, fields)) + "\r\n").encode(ENCODING, "replace")


def _plain(text: str) -> str:
    return " ".join(text.replace("|", " ").split())
