"""What a register is: its columns, its rows in an order that pages follow, and how a cell is written in each medium."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import SOFIA
from app.core.language import Language, Text
from app.core.searching import says
from app.privacy.notice import Stated

Plain: TypeAlias = str | int | bool | date | Text | None
Cell: TypeAlias = Plain | Sequence[Plain]


class RegisterName(StrEnum):
    """The registers, each under the name that its address has."""

    CLIENTS = "clients"
    EMPLOYEES = "employees"
    TRAININGS = "trainings"
    RECIPIENTS = "recipients"
    AGREEMENTS = "agreements"
    DISCLOSURES = "disclosures"
    REQUESTS = "requests"
    BREACHES = "breaches"
    RESTRICTIONS = "restrictions"
    RETENTION_RUNS = "retention_runs"
    HOLDS = "holds"
    CONSENTS = "consents"
    COOKIES = "cookies"
    COOKIE_CONSENTS = "cookie_consents"
    DECLARATIONS = "declarations"
    PROCESSING = "processing"
    DATA_MAP = "data_map"
    BACKUPS = "backups"
    INTEGRITY = "integrity"
    DEPENDENCIES = "dependencies"


class Column(NamedTuple):
    key: str
    title: Text
    width: int = 4
    """On paper, in relation to the others."""


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """One row; `key` is what the next page starts after. No `repr`: it holds somebody's data."""

    key: tuple[object, ...]
    cells: Mapping[str, Cell]
    subject: str | None = None
    """Whose row it is, as the audit names them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What registers are read with."""

    session: AsyncSession
    stated: Stated
    at: datetime


class Register(Protocol):
    """One line of the catalogue."""

    @property
    def name(self) -> RegisterName: ...
    @property
    def title(self) -> Text: ...
    @property
    def columns(self) -> Sequence[Column]: ...
    @property
    def key(self) -> Sequence[Callable[[str], Any]]:
        """How each part of a cursor is read."""

    @property
    def told_above(self) -> frozenset[str]: ...

    def told(self, reading: Reading) -> Sequence[Text]:
        """Say what stands above the rows on paper."""

    async def list_entries(
        self, reading: Reading, *, words: str | None, after: tuple[Any, ...] | None, limit: int
    ) -> Sequence[Entry]:
        """List the rows that the words fit, those after a key."""


def _nothing_told(_: Reading) -> Sequence[Text]:
    return ()


@dataclass(frozen=True)
class Paged:
    """A register that grows: every page is a select of its own."""

    name: RegisterName
    title: Text
    columns: Sequence[Column]
    key: Sequence[Callable[[str], Any]]
    fetch: Callable[[Reading, str | None, tuple[Any, ...] | None, int], Awaitable[Sequence[Entry]]]
    told: Callable[[Reading], Sequence[Text]] = _nothing_told
    told_above: frozenset[str] = frozenset()

    async def list_entries(
        self, reading: Reading, *, words: str | None, after: tuple[Any, ...] | None, limit: int
    ) -> Sequence[Entry]:
        return await self.fetch(reading, words, after, limit)


@dataclass(frozen=True)
class Whole:
    """A register of few rows: read whole, searched in what its cells say."""

    name: RegisterName
    title: Text
    columns: Sequence[Column]
    read: Callable[[Reading], Awaitable[Sequence[Mapping[str, Cell]]]]
    told: Callable[[Reading], Sequence[Text]] = _nothing_told
    key: Sequence[Callable[[str], Any]] = (int,)
    told_above: frozenset[str] = frozenset()
    """Columns that paper states above the rows."""

    async def list_entries(
        self, reading: Reading, *, words: str | None, after: tuple[Any, ...] | None, limit: int
    ) -> Sequence[Entry]:
        rows = await self.read(reading)
        fit = [(place, row) for place, row in enumerate(rows, start=1) if not words or says(_text(row), words)]
        start = after[0] if after else 0
        return [Entry((place,), row) for place, row in fit if place > start][:limit]


def _text(row: Mapping[str, Cell]) -> str:
    return " ".join(written(cell, language) for cell in row.values() for language in Language)


def plain(cell: Plain, language: Language) -> str:
    """Write one value as people read it on paper, moments as they were in Bulgaria."""
    match cell:
        case None:
            return ""
        case bool():
            return (YES if cell else NO).in_(language)
        case Text():
            return cell.in_(language)
        case datetime():
            return f"{cell.astimezone(SOFIA):%d.%m.%Y %H:%M}"
        case date():
            return f"{cell:%d.%m.%Y}"
        case _:
            return str(cell)


YES, NO = Text("да", "yes"), Text("не", "no")


def written(cell: Cell, language: Language) -> str:
    """Write a cell on paper: what is several, one below the other."""
    if isinstance(cell, Sequence) and not isinstance(cell, str):
        return "\n".join(plain(each, language) for each in cell)
    return plain(cell, language)


def tabled(cell: Cell, language: Language) -> object:
    """Give a cell for a spreadsheet: moments sortable, with their offset; what is several, parted by semicolons."""
    match cell:
        case str() | int() | None:
            return (YES if cell else NO).in_(language) if isinstance(cell, bool) else cell
        case datetime():
            return cell.astimezone(SOFIA)
        case date():
            return cell
        case Text():
            return cell.in_(language)
        case _:
            return "; ".join(plain(each, language) for each in cell)


def shown(cell: Cell, language: Language) -> Any:
    """Give a cell for JSON, texts in the caller's language."""
    if isinstance(cell, Text):
        return cell.in_(language)
    if isinstance(cell, Sequence) and not isinstance(cell, str):
        return [shown(each, language) for each in cell]
    return cell
