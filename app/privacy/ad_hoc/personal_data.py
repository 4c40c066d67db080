"""Records of ad-hoc disclosures name whose data went; they stay as long as they may have to be proved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.holders import Erasure, Kept, Own, Person
from app.core.language import Text
from app.privacy.ad_hoc.models import AdHocDisclosure
from app.privacy.storage_terms import PROOF, StorageTerms

HANDED_OVER = Text(
    "Записите на кого, кога и защо данни са предоставени по искане на орган, на адвокат, одитор или консултант",
    "The records of to whom, when and why data were given at an authority's request, to a lawyer, auditor, consultant",
)


@dataclass(frozen=True, slots=True)
class AdHocHolder:
    """Those about an order go by its id, and tell nothing once the order is gone."""

    terms: StorageTerms
    tables: frozenset[str] = frozenset({"ad_hoc_disclosures"})

    def own(self, person: Person) -> Sequence[Own]:
        return (Own(AdHocDisclosure, person.is_at(AdHocDisclosure.email)),)

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:  # noqa: ARG002 - as every holder
        own = person.is_at(AdHocDisclosure.email)
        counted = select(func.count(), func.max(AdHocDisclosure.disclosed_at)).where(own)
        count, last_at = (await session.execute(counted)).one()
        if not count:
            return Erasure()
        return Erasure(kept=[Kept(HANDED_OVER, PROOF, self.terms.of_evidence(legal_date(last_at)), count)])
