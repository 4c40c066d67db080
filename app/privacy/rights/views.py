"""Shows requests as their owners and as staff see them."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from app.privacy.rights import queries
from app.privacy.rights.destinations import destination_of, is_for_the_post, is_settled
from app.privacy.rights.models import EventKind, RightsLetter, RightsRequest
from app.privacy.rights.schemas import AttachmentView, LetterView, RequestView
from app.privacy.rights.staff_schemas import CaseEventView, CaseView

COLUMNS = [column.key for column in RightsRequest.__table__.columns]


async def copy_until(session: AsyncSession, request: RightsRequest) -> date | None:
    """Say until when a copy may be downloaded: as the decision says."""
    decided = await queries.find_last_event(session, request.id, EventKind.DECIDED)
    until = decided.details.get("copy_until") if decided else None
    return date.fromisoformat(until) if until else None


async def own_view(session: AsyncSession, request: RightsRequest) -> RequestView:
    columns = {name: getattr(request, name) for name in COLUMNS if name in RequestView.model_fields}
    letters = _letters(await queries.list_letters(session, request.id))
    return RequestView(**columns, letters=letters, copy_until=await copy_until(session, request))


async def case_view(session: AsyncSession, request: RightsRequest) -> CaseView:
    await session.flush()  # what the same request of staff has just logged is shown, too
    events = await queries.list_events(session, request.id)
    letters = await queries.list_letters(session, request.id)
    attachments = await queries.list_attachments(session, request.id)
    return CaseView(
        **{name: getattr(request, name) for name in COLUMNS if name in CaseView.model_fields},
        is_for_the_post=is_for_the_post(request),
        destination=destination_of(request),
        is_destination_settled=is_settled(request),
        events=[CaseEventView.model_validate(event) for event in events],
        letters=_letters(letters),
        attachments=[AttachmentView.model_validate(attachment) for attachment in attachments],
    )


def _letters(letters: Sequence[RightsLetter]) -> list[LetterView]:
    return [
        LetterView(id=letter.event_id, kind=letter.kind, drawn_at=letter.drawn_at, sha256=letter.sha256)
        for letter in letters
    ]
