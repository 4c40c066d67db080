"""What a case file tells of a data subject: kept as the proof that they were answered (GDPR Art. 5(2))."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.holders import Erasure, Kept, Own, Person
from app.core.language import Text
from app.privacy.rights.models import (
    RequestState,
    RightsAttachment,
    RightsEvent,
    RightsLetter,
    RightsRequest,
)
from app.privacy.storage_terms import PROOF, StorageTerms

FILES = Text(
    "Исканията за правата Ви с кореспонденцията и отговорите по тях",
    "Your requests about your rights, with their correspondence and answers",
)
UNPROVED = Text("Непотвърдени искания с този адрес", "Requests with this address that were not confirmed")


@dataclass(frozen=True, slots=True)
class RightsHolder:
    """A case file outlives what it is about; attachments go with the decision, not with an erasure."""

    terms: StorageTerms
    tables: frozenset[str] = frozenset({"rights_requests", "rights_events", "rights_letters", "rights_attachments"})

    def own(self, person: Person) -> Sequence[Own]:
        requests = select(RightsRequest.id).where(_of(person))
        return (
            Own(RightsRequest, _of(person)),
            Own(RightsEvent, RightsEvent.request_id.in_(requests)),
            Own(RightsLetter, RightsLetter.request_id.in_(requests)),
            Own(RightsAttachment, RightsAttachment.request_id.in_(requests)),
        )

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:
        unproved = delete(RightsRequest).where(_of(person), RightsRequest.state == RequestState.RECEIVED)
        gone = await session.execute(unproved.returning(RightsRequest.id))
        files, last_at = (
            await session.execute(
                select(func.count(), func.max(func.coalesce(RightsRequest.decided_at, at))).where(_of(person))
            )
        ).one()
        until = self.terms.of_evidence(legal_date(last_at)) if files else None
        return Erasure(
            [UNPROVED] if gone.first() else [],
            [Kept(FILES, PROOF, until, files)] if files else [],
        )


def _of(person: Person) -> ColumnElement[bool]:
    """Say that a request is of this person: asked by them, or by a proxy about their data."""
    return or_(
        person.owns(RightsRequest.account_id),
        person.is_at(RightsRequest.email),
        person.is_at(RightsRequest.person_email),
    )
