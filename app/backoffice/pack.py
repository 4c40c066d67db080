"""The inspection pack: one dated ZIP for the КЗЛД, each file with its SHA-256 on the cover page.

It is written as it is read, file by file; what is to be drawn is drawn when all is read.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from zipfile import ZIP_DEFLATED, ZipFile

from app.backoffice.documents import controller
from app.backoffice.exporting import Part
from app.backoffice.register import Reading, plain
from app.core.clock import legal_date
from app.core.language import Language, Text
from app.core.spooling import Spool
from app.core.zips import named
from app.privacy.papers import Table, draw_tables

COVER, SUMS = "00-contents.pdf", "SHA256SUMS"
TITLE = Text("Пакет за проверка от Комисията за защита на личните данни", "Pack for an inspection by the КЗЛД")
CHECKED = Text(
    "Всеки файл се проверява по списъка: sha256sum --check SHA256SUMS.",
    "Each file can be checked by the list: sha256sum --check SHA256SUMS.",
)
COLUMNS = (Text("Файл", "File"), Text("Съдържание", "Contents"), Text("Записи", "Rows"), Text("SHA-256", "SHA-256"))


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of the pack: its name, what it is, and its bytes part by part."""

    name: str
    title: Text
    parts: AsyncIterator[Part]
    is_table: bool = False
    is_drawn: bool = False
    """Its rows are read; its parts need no session, and take long."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A file that is in the pack."""

    name: str
    title: Text
    rows: int | None
    sha256: str


@dataclass
class Pack:
    """Puts pieces into a ZIP and remembers what it put there."""

    into: Spool
    reading: Reading
    language: Language = Language.BG
    contents: list[Packed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._zip = ZipFile(self.into, "w", ZIP_DEFLATED)

    async def put(self, piece: Piece) -> None:
        digest, rows = sha256(), 0
        with self._zip.open(named(piece.name, self.reading.at), "w", force_zip64=True) as entry:
            async for part in piece.parts:
                digest.update(part.content)
                entry.write(part.content)
                rows += part.rows
        self.contents.append(Packed(piece.name, piece.title, rows if piece.is_table else None, digest.hexdigest()))

    async def close(self) -> str:
        """Add the cover page and the list of sums; returns the hash of that list, which stands for all of it."""
        cover = await self._cover()
        self._zip.writestr(named(COVER, self.reading.at), cover)
        sums = [(each.sha256, each.name) for each in self.contents] + [(sha256(cover).hexdigest(), COVER)]
        listed = "".join(f"{digest}  {name}\n" for digest, name in sums).encode()
        self._zip.writestr(named(SUMS, self.reading.at), listed)
        self._zip.close()
        return sha256(listed).hexdigest()

    async def _cover(self) -> bytes:
        language = self.language
        rows: Sequence[Sequence[object]] = [
            (each.name, each.title.in_(language), each.rows, each.sha256) for each in self.contents
        ]
        made = Text(f"Съставен на {plain(self.reading.at, language)}", f"Made on {plain(self.reading.at, language)}")
        return await draw_tables(
            Table([column.in_(language) for column in COLUMNS], rows, widths=(8, 8, 2, 10)),
            title=TITLE.in_(language),
            trader=self.reading.stated.trader,
            language=language,
            paragraphs=[each.in_(language) for each in (*controller(self.reading), made, CHECKED)],
        )


def pack_name(at: datetime) -> str:
    return f"inspection-pack-{legal_date(at):%Y-%m-%d}.zip"
