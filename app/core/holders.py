"""What a domain does, and says, when a person's data are to go: what went, and what a law still holds."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core.language import Text


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Whose data: the owner of an account, or a guest who proved the address.

    No `repr`, so that no log line can hold the address.
    """

    email: str
    account_id: UUID | None = None

    def owns(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """Say that a row is of this account; a guest owns none, least of all those that have no account."""
        return column == self.account_id if self.account_id else false()

    def is_at(self, column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
        """Say that an address is this person's, as its index has it."""
        return func.lower(column) == func.lower(self.email)


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays, under which law, to which day inclusive; without a day for as long as a contract is under way."""

    what: Text
    law: Text
    until: date | None
    count: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """What went, and what is kept."""

    erased: Sequence[Text] = ()
    kept: Sequence[Kept] = ()


class Holder(Protocol):
    """Answers for the personal data in some tables; each table with such data has one holder."""

    @property
    def tables(self) -> frozenset[str]: ...

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:
        """Let go at once what nothing holds, and name the rest; once more, it finds nothing left to let go."""


@asynccontextmanager
async def named_erasure(session: AsyncSession) -> AsyncIterator[None]:
    """Open the tables of record for what stands inside, and for nothing after it in the same transaction."""
    await session.execute(text("SET LOCAL shop.erasure = 'named'"))
    yield
    await session.execute(text("SET LOCAL shop.erasure = ''"))
