"""What a domain does, and says, when a person's data are to go: what went, and what a law still holds."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.language import Text


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Whose data: the owner of an account, or a guest who proved the address.

    No `repr`, so that no log line can hold the address.
    """

    email: str
    account_id: UUID | None = None


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
