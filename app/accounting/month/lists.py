"""The month's documents as a list for spreadsheets: CSV, and XLSX with amounts as numbers."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter

from app.accounting.month.rows import Entry
from app.core.money import Money
from app.core.sheets import as_csv, as_rows
from app.invoices.papers import TITLES

COLUMNS = (
    *("Вид", "Номер", "Дата", "Поръчка", "Плащане", "Получател", "ЕИК", "ДДС №"),
    *("Основа", "ДДС", "Общо", "Бележка"),
)
PAYMENTS = {"cash_on_delivery": "Наложен платеж", "bank_transfer": "Банков превод"}
FIRST_AMOUNT, LAST_AMOUNT = 8, 10


def row_of(entry: Entry) -> list[object]:
    undone = "анулиране на документ от предходен месец" if entry.is_reversal else ""
    return [
        TITLES[entry.kind].bg,
        entry.number,
        entry.issued_on,
        entry.order_number,
        PAYMENTS[entry.payment],
        entry.partner.name,
        entry.partner.eik or "",
        entry.partner.vat_number or "",
        entry.base,
        entry.vat,
        entry.total,
        "анулиран" if entry.is_annulled else undone,
    ]


async def write_csv(entries: AsyncIterator[Entry]) -> AsyncIterator[bytes]:
    """Write amounts with a dot, a row for each document."""
    yield as_csv(COLUMNS, ())
    async for entry in entries:
        yield as_rows([row_of(entry)])


class Workbook:
    """An XLSX that is written row by row into a file of its own: it never stands in memory."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "documents.xlsx"
        self._book = xlsxwriter.Workbook(str(self.path), {"constant_memory": True, "tmpdir": str(folder)})
        self._sheet = self._book.add_worksheet("Документи")
        bold = self._book.add_format({"bold": True})
        self._amount = self._book.add_format({"num_format": "#,##0.00"})
        self._day = self._book.add_format({"num_format": "dd.mm.yyyy"})
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, 1, 16)
        self._sheet.set_column(5, 5, 40)
        self._sheet.write_row(0, 0, COLUMNS, bold)
        self._rows = 0

    def add(self, row: Sequence[object]) -> None:
        self._rows += 1
        for column, value in enumerate(row):
            if isinstance(value, Money):
                self._sheet.write_number(self._rows, column, value.decimal, self._amount)
            elif column == COLUMNS.index("Дата"):
                self._sheet.write_datetime(self._rows, column, value, self._day)
            else:
                # Never as a formula, whatever it begins with.
                self._sheet.write_string(self._rows, column, str(value))

    def close(self) -> None:
        self._book.close()


async def write_xlsx(entries: AsyncIterator[Entry]) -> AsyncIterator[bytes]:
    with TemporaryDirectory() as folder:
        book = Workbook(Path(folder))
        async for entry in entries:
            book.add(row_of(entry))
        book.close()
        with book.path.open("rb") as file:
            while chunk := file.read(64 * 1024):
                yield chunk
