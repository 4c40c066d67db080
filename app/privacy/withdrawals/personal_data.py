"""Suppressed addresses stay, as hashes; what waits for proof goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.holders import Erasure, Kept, Own, Person
from app.core.language import Text
from app.privacy.policies.models import Announcement
from app.privacy.storage_terms import PROOF, StorageTerms
from app.privacy.withdrawals.models import PendingWithdrawal, Suppression
from app.privacy.withdrawals.suppressing import key_of

PENDING = Text("Оттеглянията на съгласие, които чакат потвърждение", "Withdrawals of consent that wait for proof")
SUPPRESSED = Text(
    "Защитеният с ключ отпечатък на адреса, за да не Ви пишем отново",
    "The fingerprint of the address, protected by a key, so that we do not write to you again",
)
ANNOUNCED = Text(
    "Отпечатъкът на адреса, че сте известени за промяна на политиката",
    "The fingerprint of the address, that you were told of a change of the policy",
)
OBJECTION = Text(
    "чл. 21, пар. 3 от Регламент (ЕС) 2016/679: спазване на възражението срещу маркетинга, без срок",
    "Regulation (EU) 2016/679, Art. 21(3): to observe the objection to marketing, without limit",
)


@dataclass(frozen=True, slots=True)
class WithdrawalHolder:
    """A hash tells nothing to whoever has no address to compare; that somebody was told of a change stays so, too."""

    terms: StorageTerms
    tables: frozenset[str] = frozenset({"suppressions", "pending_withdrawals", "announcements"})

    def own(self, person: Person) -> Sequence[Own]:
        return (
            Own(Suppression, Suppression.key == key_of(person.email) if person.email else false()),
            Own(Announcement, Announcement.key == key_of(person.email) if person.email else false()),
            Own(PendingWithdrawal, person.is_at(PendingWithdrawal.email)),
        )

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:  # noqa: ARG002 - as every holder
        gone = await session.execute(
            delete(PendingWithdrawal).where(person.is_at(PendingWithdrawal.email)).returning(PendingWithdrawal.id)
        )
        return Erasure(
            erased=[PENDING] if gone.all() else [],
            kept=[*await self._suppressed(session, person), *await self._announced(session, person)],
        )

    async def _suppressed(self, session: AsyncSession, person: Person) -> Sequence[Kept]:
        counted = select(func.count()).where(Suppression.key == key_of(person.email))
        count = (await session.scalar(counted) or 0) if person.email else 0
        return [Kept(SUPPRESSED, OBJECTION, None, count, has_end=False)] if count else []

    async def _announced(self, session: AsyncSession, person: Person) -> Sequence[Kept]:
        if not person.email:
            return []
        theirs = Announcement.key == key_of(person.email)
        found = await session.execute(select(func.count(), func.max(Announcement.announced_at)).where(theirs))
        count, last_at = found.one()
        return [Kept(ANNOUNCED, PROOF, self.terms.of_evidence(legal_date(last_at)), count)] if count else []
