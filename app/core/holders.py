"""What a domain does, and says, when a person's data are to go: what went, and what a law still holds."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core.db import Base
from app.core.language import Language, Text


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Whose data: the owner of an account, or a guest who proved the address.

    No `repr`, so that no log line can hold the address.
    """

    email: str
    account_id: UUID | None = None
    orders: frozenset[UUID] = frozenset()
    """Orders proved to be theirs in another way, as those of an account that was closed."""

    def owns(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """Say that a row is of this account; a guest owns none, least of all those that have no account."""
        return column == self.account_id if self.account_id else false()

    def is_at(self, column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
        """Say that an address is this person's, as its index has it."""
        return func.lower(column) == func.lower(self.email) if self.email else false()


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays, under which law, to which day inclusive; without a day for as long as a contract is under way."""

    what: Text
    law: Text
    until: date | None
    count: int
    has_end: bool = True
    """No: it is kept for good, and nothing is left to be looked at again."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What went, and what is kept."""

    erased: Sequence[Text] = ()
    kept: Sequence[Kept] = ()
    orders: Sequence[UUID] = ()
    """Those it was about: by them what is kept is found again when its day has come."""


@dataclass(frozen=True, slots=True)
class Own:
    """Which rows of a table are somebody's."""

    table: type[Base]
    of_person: ColumnElement[bool]

    def ids(self, column: InstrumentedAttribute[Any]) -> Select[Any]:
        """Select a column of these rows, for what hangs on them."""
        return select(column).where(self.of_person)


class Holder(Protocol):
    """Answers for the personal data in some tables; each table with such data has one holder."""

    @property
    def tables(self) -> frozenset[str]: ...

    def own(self, person: Person) -> Sequence[Own]:
        """Find what is the person's in these tables, and what hangs on it in others."""

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:
        """Let go at once what nothing holds, and name the rest; once more, it finds nothing left to let go."""


@dataclass(frozen=True, slots=True)
class Rectifiable:
    """Rows of a person in which these fields may be put right; what was issued never changes."""

    own: Own
    fields: frozenset[str]
    voids: Mapping[str, str] = field(default_factory=dict)
    """What a field leaves wrong when it is put right: the number of the place that a name was."""


@dataclass(frozen=True, slots=True, repr=False)
class Spoken:
    """What a holder tells of a person's rows that does not stand in their columns; rows by table and key."""

    kept: Sequence[Kept] = ()
    """To which day what is kept as things stand (GDPR Art. 15(1)(d)); nothing goes."""
    names: Mapping[UUID, str] = field(default_factory=dict)
    """Of files, as people know them."""
    rows: Mapping[tuple[str, UUID], Sequence[tuple[Text, str]]] = field(default_factory=dict)
    """As a person reads them, in the language that was asked for: what each part is called, and what it says."""


class Speak(Protocol):
    async def __call__(self, session: AsyncSession, person: Person, language: Language, *, at: datetime) -> Spoken: ...


class Speaker(Protocol):
    """A holder that has more to tell in an access copy."""

    @property
    def speak(self) -> Speak: ...


class Rectifier(Protocol):
    """A holder of what a person may have put right (S62)."""

    def rectifiable(self, person: Person) -> Sequence[Rectifiable]: ...


@asynccontextmanager
async def named_erasure(session: AsyncSession) -> AsyncIterator[None]:
    """Open the tables of record for what stands inside, and for nothing after it in the same transaction."""
    await session.execute(text("SET LOCAL shop.erasure = 'named'"))
    yield
    await session.execute(text("SET LOCAL shop.erasure = ''"))
