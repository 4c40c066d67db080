"""The breach desk for the staff: notifications to the authority, drafted here and sent by hand."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Response

from app.core.clock import At
from app.core.conditions import ConditionsDep
from app.core.db import SessionDep
from app.core.files import PDF, file_responses, pdf_response
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.privacy.breaches import notifying, queries
from app.privacy.breaches.api import whole
from app.privacy.breaches.desk import REFUSALS, BreachId, Desk, Manager, Reader
from app.privacy.breaches.errors import (
    AlreadySent,
    BreachCannotMove,
    BreachIncomplete,
    DraftOutdated,
    MomentImpossible,
    ReasonsOfDelayMissing,
)
from app.privacy.breaches.notifying import Sending
from app.privacy.breaches.schemas import GiveReference, MarkSent
from app.privacy.breaches.views import BreachView, NotificationView

router = Router(prefix="/staff/breaches/{breach_id}/notifications", tags=["staff"])
NotificationId = Annotated[
    UUID, Path(description="As the breach names it", examples=["019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e12"])
]


@router.post("", status_code=201, responses=problems(*REFUSALS, BreachCannotMove))
async def draft_notification(
    breach_id: BreachId, caller: Manager, desk: Desk, session: SessionDep, at: At
) -> NotificationView:
    """Draft a notification of what is known by now, in Bulgarian, with all that Art. 33(3) asks."""
    drafted = await notifying.draft(session, breach_id, desk.trader, desk.authority, at=at, by=caller.actor)
    return NotificationView.of(drafted)


@router.get(
    "/{notification_id}.pdf",
    response_class=Response,
    responses={**file_responses("The notification as it was drafted", PDF), **problems(*REFUSALS)},
)
async def download_notification(
    breach_id: BreachId, notification_id: NotificationId, _: Reader, asked: ConditionsDep, session: SessionDep
) -> Response:
    """Download a draft; its bytes never change."""
    found = await queries.get_notification(session, breach_id, notification_id)
    name = f"uvedomlenie-kzld-{found.phase}.pdf"
    return pdf_response(found.pdf, sha256=found.sha256, filename=name, asked=asked)


@router.post(
    "/{notification_id}/sending",
    responses=problems(
        *REFUSALS,
        BreachIncomplete,
        BreachCannotMove,
        AlreadySent,
        DraftOutdated,
        ReasonsOfDelayMissing,
        MomentImpossible,
        BodyUnreadable,
    ),
)
async def mark_notification_sent(
    breach_id: BreachId,
    notification_id: NotificationId,
    wish: MarkSent,
    caller: Manager,
    session: SessionDep,
    at: At,
) -> BreachView:
    """Record that a draft was sent to the authority: when, how, under which number (S57, S82)."""
    breach = await queries.get_breach(session, breach_id)
    sending = Sending(wish.means, wish.sent_at or breach.now(at), wish.reference, wish.reasons_of_delay)
    await notifying.record_sending(session, breach_id, notification_id, sending, at=at, by=caller.actor)
    return await whole(session, breach_id, at)


@router.post(
    "/{notification_id}/reference", responses=problems(*REFUSALS, AlreadySent, MomentImpossible, BodyUnreadable)
)
async def record_reference(
    breach_id: BreachId, notification_id: NotificationId, wish: GiveReference, _: Manager, session: SessionDep
) -> NotificationView:
    """Record the authority's incoming number, where it came after the sending."""
    found = await notifying.record_reference(session, breach_id, notification_id, wish.reference)
    return NotificationView.of(found)
