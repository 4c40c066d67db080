"""What is inside a backup: a head, each table as PostgreSQL's COPY writes it, and a manifest of what must be there.

The text form of COPY: every version reads what another wrote, each row is one line, and what is read back and written
again is the same bytes, so that a table's SHA-256 can be compared with that of the database it was restored into.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import Enum
from hashlib import sha256
from typing import Any, Self

from app.upkeep.sealed_files import FileUnsound, SealedWriter

FORMAT = 1
LEVEL = 6


class Kind(bytes, Enum):
    """What a part of the stream is; it stands before its length."""

    HEAD = b"H"
    TABLE = b"T"
    ROWS = b"R"
    MANIFEST = b"M"


@dataclass(frozen=True, slots=True)
class Head:
    """Written first: what a reader must know before the first table."""

    format: int
    revision: str
    taken_at: str
    server: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, how many rows, and the SHA-256 of all of them in the order of their key."""

    name: str
    columns: list[str]
    rows: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Sequence:
    name: str
    last: int
    called: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds; written last, so that a backup without one is not whole."""

    head: Head
    tables: list[Table]
    sequences: list[Sequence]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def taken_at(self) -> datetime:
        return datetime.fromisoformat(self.head.taken_at)

    @classmethod
    def read(cls, written: dict[str, Any]) -> Self:
        return cls(
            Head(**written["head"]),
            [Table(**table) for table in written["tables"]],
            [Sequence(**sequence) for sequence in written["sequences"]],
        )


@dataclass
class Tally:
    """Counts and hashes the rows of a table as they pass: each is a line."""

    rows: int = 0
    digest: Any = field(default_factory=sha256)

    def add(self, content: bytes) -> None:
        self.digest.update(content)
        self.rows += content.count(b"\n")

    def of(self, name: str, columns: list[str]) -> Table:
        return Table(name, columns, self.rows, self.digest.hexdigest())


class ArchiveWriter:
    """Writes the parts, compressed, into a sealed file."""

    def __init__(self, file: SealedWriter) -> None:
        self._file, self._zip = file, zlib.compressobj(LEVEL)

    def part(self, kind: Kind, content: bytes) -> None:
        self._file.write(self._zip.compress(kind + len(content).to_bytes(4, "big") + content))

    def say(self, kind: Kind, thing: Head | Table | Manifest) -> None:
        self.part(kind, json.dumps(asdict(thing)).encode())

    def close(self) -> None:
        self._file.write(self._zip.flush())
        self._file.close()


def parts(chunks: Iterable[bytes]) -> Iterator[tuple[Kind, bytes]]:
    """Give the parts of an archive, of the chunks of its file."""
    waiting = bytearray()
    for content in _unpacked(chunks):
        waiting += content
        start = 0
        while (begins := start + 5) <= len(waiting):
            ends = begins + int.from_bytes(waiting[start + 1 : begins], "big")
            if ends > len(waiting):
                break
            yield Kind(bytes(waiting[start : start + 1])), bytes(waiting[begins:ends])
            start = ends
        del waiting[:start]
    if waiting:
        raise FileUnsound("it ends in the midst of a part")


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unzip = zlib.decompressobj()
    try:
        for chunk in chunks:
            yield unzip.decompress(chunk)
        yield unzip.flush()
    except zlib.error:
        raise FileUnsound("what it holds cannot be unpacked") from None
    if not unzip.eof:
        raise FileUnsound("what it holds ends too early")


@dataclass(frozen=True, slots=True)
class Rows:
    """A piece of a table: whole rows or parts of them, as COPY wrote them."""

    table: Table
    content: bytes


def contents(chunks: Iterable[bytes]) -> Iterator[Head | Table | Rows | Manifest]:
    """Give what an archive holds; refuses one whose tables are not what its manifest says, at its end."""
    stream = parts(chunks)
    first, written = next(stream, (Kind.MANIFEST, b""))
    if first is not Kind.HEAD:
        raise FileUnsound("its head is missing")
    head = _known(Head(**json.loads(written)))
    yield head
    tallies: list[tuple[Table, Tally]] = []
    for kind, content in stream:
        if kind is Kind.TABLE:
            tallies.append((Table(**json.loads(content)), Tally()))
            yield tallies[-1][0]
        elif kind is Kind.ROWS and tallies:
            table, tally = tallies[-1]
            tally.add(content)
            yield Rows(table, content)
        elif kind is Kind.MANIFEST and next(stream, None) is None:
            manifest = Manifest.read(json.loads(content))
            _agree(manifest, head, [tally.of(table.name, table.columns) for table, tally in tallies])
            yield manifest
            return
        else:
            raise FileUnsound("its parts stand in a wrong order")
    raise FileUnsound("it has no manifest: it is not whole")


def _agree(manifest: Manifest, head: Head, seen: list[Table]) -> None:
    if manifest.head != head or [table.name for table in seen] != [table.name for table in manifest.tables]:
        raise FileUnsound("its tables are not those of its manifest")
    for found, expected in zip(seen, manifest.tables, strict=True):
        if found != expected:
            raise FileUnsound(f"table {expected.name} is not what the manifest says")


def _known(head: Head) -> Head:
    if head.format != FORMAT:
        raise FileUnsound(f"it has format {head.format}, this release reads {FORMAT}")
    return head
