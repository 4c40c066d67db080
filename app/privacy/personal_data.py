"""Proof of what was accepted and agreed to: it outlives what it proves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.holders import Erasure, Kept, Own, Person
from app.core.language import Text
from app.privacy.models import Consent
from app.privacy.storage_terms import PROOF, StorageTerms

CONSENTS = Text(
    "Доказателството за дадени и оттеглени съгласия, и под предишен Ваш адрес: имейл, момент, IP адрес, Вашите думи",
    "The proof of consents given and withdrawn, under an earlier address too: e-mail, moment, IP address, your words",
)


@dataclass(frozen=True, slots=True)
class ConsentHolder:
    """Acceptances are named by whoever has what was accepted with them: a profile, an order."""

    terms: StorageTerms
    tables: frozenset[str] = frozenset({"acceptances", "consents"})

    def own(self, person: Person) -> Sequence[Own]:
        return (Own(Consent, person.is_at(Consent.email)),)

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:  # noqa: ARG002 - as every holder
        found = await session.execute(
            select(func.count(), func.max(Consent.recorded_at)).where(person.is_at(Consent.email))
        )
        acts, last_at = found.one()
        until = self.terms.of_evidence(legal_date(last_at)) if acts else None
        return Erasure(kept=[Kept(CONSENTS, PROOF, until, acts)] if acts else [])
