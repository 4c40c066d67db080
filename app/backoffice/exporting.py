"""Dated exports of registers: a CSV of any length, and a list on A4 of as much as can be drawn at once."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from app.backoffice.errors import TooLongForPaper
from app.backoffice.register import Entry, Reading, Register, plain, tabled, written
from app.core.clock import legal_date
from app.core.language import Language, Text
from app.core.sheets import as_csv, as_rows
from app.core.spooling import Spool
from app.privacy.papers import Table, draw_tables

PAGE = 500
MOST_ON_PAPER = 1_000
ROWS, MADE = Text("Записи", "Rows"), Text("Извлечение към", "Extract as of")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the audit says of a CSV that was written."""

    rows: int
    sha256: str


def dated(register: Register, reading: Reading, suffix: str) -> str:
    """Name an export's file with its day."""
    return f"{register.name.value.replace('_', '-')}-{legal_date(reading.at):%Y-%m-%d}.{suffix}"


async def pages(register: Register, reading: Reading) -> AsyncIterator[Sequence[Entry]]:
    """Read a register from its first row to its last, page by page."""
    after: tuple[object, ...] | None = None
    while page := await register.list_entries(reading, words=None, after=after, limit=PAGE):
        yield page
        after = page[-1].key


class Part(NamedTuple):
    """A part of a file, and how many rows of a table are in it."""

    content: bytes
    rows: int = 0


async def csv_parts(register: Register, reading: Reading, language: Language) -> AsyncIterator[Part]:
    """Write all of a register, page by page."""
    yield Part(as_csv([column.title.in_(language) for column in register.columns], ()))
    async for page in pages(register, reading):
        rows = ([tabled(entry.cells.get(column.key), language) for column in register.columns] for entry in page)
        yield Part(as_rows(rows), len(page))


async def write_csv(register: Register, reading: Reading, language: Language, into: Spool) -> Sheet:
    """Write a register before it is sent: the audit says how many rows it has, and an answer is whole or none."""
    digest, rows = sha256(), 0
    async for part in csv_parts(register, reading, language):
        digest.update(part.content)
        into.write(part.content)
        rows += part.rows
    return Sheet(rows, digest.hexdigest())


async def read_for_paper(register: Register, reading: Reading) -> list[Entry]:
    """Read what goes on paper; refuses a register that is too long for it."""
    entries: list[Entry] = []
    async for page in pages(register, reading):
        entries += page
        if len(entries) > MOST_ON_PAPER:
            raise TooLongForPaper(rows=MOST_ON_PAPER)
    return entries


async def draw_pdf(register: Register, reading: Reading, entries: Sequence[Entry], language: Language) -> bytes:
    """Draw the rows on A4, with the controller and the moment above them."""
    columns = [column for column in register.columns if column.key not in register.told_above]
    made = f"{MADE.in_(language)} {plain(reading.at, language)}. {ROWS.in_(language)}: {len(entries)}."
    return await draw_tables(
        Table(
            [column.title.in_(language) for column in columns],
            [[written(entry.cells.get(column.key), language) for column in columns] for entry in entries],
            widths=[column.width for column in columns],
        ),
        title=register.title.in_(language),
        trader=reading.stated.trader,
        language=language,
        paragraphs=[*(each.in_(language) for each in register.told(reading)), made],
    )
