"""The record of an erasure holds an address, sealed, for as long as a backup could bring the person back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import false
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.holders import Erasure, Own, Person
from app.privacy.erasures.models import ErasureRecord


@dataclass(frozen=True, slots=True)
class ErasureHolder:
    """Found by its account alone; each certificate names its own record among what is held."""

    tables: frozenset[str] = frozenset({"erasures"})

    def own(self, person: Person) -> Sequence[Own]:
        return (Own(ErasureRecord, ErasureRecord.account_id == person.account_id if person.account_id else false()),)

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:  # noqa: ARG002 - as every holder
        return Erasure()
