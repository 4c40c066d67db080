"""A restriction names whose data it covers; what was erased needs none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.holders import Erasure, Own, Person
from app.core.language import Text
from app.privacy.restrictions.models import Restriction

RESTRICTIONS = Text("Ограниченията на обработването", "The restrictions of processing")


@dataclass(frozen=True, slots=True)
class RestrictionHolder:
    """One in force stays: while a part of the data is held by law, it is stored and no more."""

    tables: frozenset[str] = frozenset({"restrictions"})

    def own(self, person: Person) -> Sequence[Own]:
        return (Own(Restriction, or_(person.is_at(Restriction.email), person.owns(Restriction.account_id))),)

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:  # noqa: ARG002 - as every holder
        [own] = self.own(person)
        over = own.of_person & Restriction.lifted_at.is_not(None)
        gone = await session.execute(delete(Restriction).where(over).returning(Restriction.id))
        return Erasure([RESTRICTIONS]) if gone.first() else Erasure()
