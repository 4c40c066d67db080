"""Who was affected by a breach: kept as proof that they were told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.holders import Erasure, Kept, Own, Person
from app.core.language import Text
from app.privacy.breaches.models import BreachPerson
from app.privacy.storage_terms import PROOF, StorageTerms

NOTICES = Text(
    "Регистърът на нарушенията: че сте засегнати и как сте уведомени",
    "The register of breaches: that you were affected and how you were told",
)


@dataclass(frozen=True, slots=True)
class BreachHolder:
    """Whom the register names stays in it for as long as the shop may have to prove that they were told (S80, S81)."""

    terms: StorageTerms
    tables: frozenset[str] = frozenset({"breach_people"})

    def own(self, person: Person) -> Sequence[Own]:
        return (Own(BreachPerson, or_(person.is_at(BreachPerson.key), person.owns(BreachPerson.account_id))),)

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:  # noqa: ARG002 - as every holder
        [own] = self.own(person)
        found = await session.execute(select(func.count(), func.max(BreachPerson.found_at)).where(own.of_person))
        count, last_at = found.one()
        until = self.terms.of_evidence(legal_date(last_at)) if count else None
        return Erasure(kept=[Kept(NOTICES, PROOF, until, count)] if count else [])
