"""Endpoints of the rights desk: entering what came by post, e-mail or phone, the list by due date, the case file."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.recording import Action, audit_insert
from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.core.clock import At
from app.core.conditions import ConditionsDep
from app.core.db import SessionDep, write_last
from app.core.errors import Invalid, NotFound
from app.core.files import NOWHERE, PDF, etag_of, file_response, file_responses, pdf_response
from app.core.paging import Cursor, CursorUnknown, Limit, Page, read_cursor, write_cursor
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router, Sent, takes
from app.privacy.disclosing import sends_nothing
from app.privacy.models import Means
from app.privacy.rights import intake, queries
from app.privacy.rights.access import KindOfPaper, RequestId, SealerDep, TermsDep
from app.privacy.rights.asking import add_message
from app.privacy.rights.attachments import KINDS, Paper, attach
from app.privacy.rights.casefile import log
from app.privacy.rights.errors import AttachmentRefused, RequestDecided, TooManyAttachments, TooManyMessages
from app.privacy.rights.models import EventKind, RequestKind, RequestState, RightsRequest
from app.privacy.rights.schemas import AddToRequest, AttachmentView
from app.privacy.rights.staff_schemas import CaseView, EnterRequest, FoundCaseView, SearchRequests
from app.privacy.rights.states import RequestCannotMove
from app.privacy.rights.views import case_view
from app.privacy.service import Evidence

router = Router(prefix="/staff/privacy/requests", tags=["staff"])
Clerk = Annotated[Person, staff_with(Right.ENTER_REQUESTS)]
Reader = Annotated[Person, staff_with(Right.READ_REQUESTS)]
AttachmentId = Annotated[
    UUID, Path(description="As the case file names it", examples=["019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e12"])
]
LetterId = Annotated[
    UUID, Path(description="As the case file names it", examples=["019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e13"])
]
PAPERS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@router.post("", status_code=201, responses=problems(*STAFF_REFUSALS, RequestCannotMove, BodyUnreadable, Invalid))
async def enter_privacy_request(
    wish: EnterRequest, caller: Clerk, session: SessionDep, terms: TermsDep, at: At
) -> FoundCaseView:
    """Enter what a data subject asked by e-mail, by post or by phone (S75, C9).

    A withdrawal and an objection to marketing have effect from the answer on. What is missing is asked for, by mail or
    by a letter to be posted; whoever is not known by what came is asked who they are (S78).
    """
    evidence = Evidence(at, wish.language, Means.STAFF, None, None)
    entered = await intake.enter(session, wish, wish.language, evidence, terms, by=caller.actor)
    return FoundCaseView.model_validate(entered)


@router.get("", responses=problems(*STAFF_REFUSALS, CursorUnknown, Invalid))
async def list_privacy_requests(
    caller: Reader,
    session: SessionDep,
    at: At,
    state: Annotated[RequestState | None, Query(description="Default: all that are under way")] = None,
    kind: Annotated[RequestKind | None, Query(description="Of one kind alone")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[FoundCaseView]:
    """List requests, those due first at the top."""
    after = _read_cursor(cursor)
    rows = await queries.list_requests(session, state=state, kind=kind, after=after, limit=limit + 1)
    return _page(session, "list_privacy_requests", rows, limit, caller, at)


@router.post("/searches", responses=problems(*STAFF_REFUSALS, CursorUnknown, BodyUnreadable, Invalid))
async def search_privacy_requests(
    wish: SearchRequests, caller: Reader, session: SessionDep, at: At, limit: Limit = 20, cursor: Cursor = None
) -> Page[FoundCaseView]:
    """List the requests of an e-mail address, whoever asked, decided ones too (S56)."""
    after = _read_cursor(cursor)
    rows = await queries.list_requests(session, state=None, kind=None, email=wish.email, after=after, limit=limit + 1)
    return _page(session, "search_privacy_requests", rows, limit, caller, at)


def _read_cursor(cursor: str | None) -> tuple[date, UUID] | None:
    read = read_cursor(cursor, date.fromisoformat, UUID)
    return (read[0], read[1]) if read else None


def _page(
    session: AsyncSession,
    operation: str,
    rows: Sequence[RightsRequest],
    limit: int,
    caller: Person,
    at: datetime,
) -> Page[FoundCaseView]:
    """Show a page, and audit whose requests it showed."""
    shown = rows[:limit]
    if shown:
        detail = " ".join(f"request:{request.id}" for request in shown)
        entry = audit_insert(Action.PERSONAL_DATA_READ, actor=caller.actor, subject=operation, detail=detail, at=at)
        write_last(session, entry)
    return Page(
        items=[FoundCaseView.model_validate(request) for request in shown],
        next_cursor=write_cursor(shown[-1].last_day, shown[-1].id) if len(rows) > limit else None,
    )


@router.get("/{request_id}", responses=problems(*STAFF_REFUSALS, NotFound, Invalid))
async def read_privacy_case(request_id: RequestId, _: Reader, session: SessionDep) -> CaseView:
    """Show a whole case file: the request, its log, letters and attachments (S56)."""
    return await case_view(session, await queries.get_request(session, request_id))


@router.post(
    "/{request_id}/messages",
    responses=problems(
        *STAFF_REFUSALS, NotFound, RequestDecided, TooManyMessages, RequestCannotMove, BodyUnreadable, Invalid
    ),
)
async def enter_privacy_message(
    request_id: RequestId, wish: AddToRequest, caller: Clerk, session: SessionDep, terms: TermsDep, at: At
) -> FoundCaseView:
    """Enter what the person added by e-mail, by post or by phone."""
    request = await queries.lock_request(session, request_id)
    await add_message(session, request, wish, terms, at=at, by=caller.actor)
    return FoundCaseView.model_validate(request)


@router.post(
    "/{request_id}/attachments",
    status_code=201,
    responses=problems(
        *STAFF_REFUSALS,
        NotFound,
        RequestDecided,
        AttachmentRefused,
        TooManyAttachments,
        RequestCannotMove,
        Invalid,
    ),
    openapi_extra=takes(*KINDS),
)
async def enter_privacy_attachment(
    request_id: RequestId,
    kind: KindOfPaper,
    content: Sent,
    caller: Clerk,
    session: SessionDep,
    sealer: SealerDep,
    terms: TermsDep,
    at: At,
) -> AttachmentView:
    """Attach what came with a letter: PDF, JPEG or PNG of up to 2 MiB; sealed, and deleted with the decision (S77)."""
    request = await queries.lock_request(session, request_id)
    kept = await attach(session, request, Paper(kind, content), sealer, terms, at=at, by=caller.actor)
    return AttachmentView.model_validate(kept)


@router.get(
    "/{request_id}/attachments/{attachment_id}",
    response_class=Response,
    responses={
        **file_responses("The paper", *PAPERS),
        **problems(*STAFF_REFUSALS, NotFound, Invalid),
    },
)
async def read_privacy_attachment(
    request_id: RequestId,
    attachment_id: AttachmentId,
    caller: Reader,
    asked: ConditionsDep,
    session: SessionDep,
    sealer: SealerDep,
    at: At,
) -> Response:
    """Open an attachment, while there is one; who opened it is in the case file."""
    request = await queries.get_request(session, request_id)
    kept = await queries.get_attachment(session, request_id, attachment_id)
    if not (asked.has(etag_of(kept.sha256)) or sends_nothing(session)):
        read = {"attachment_id": str(kept.id)}
        log(session, request, EventKind.ATTACHMENT_READ, at=at, by=caller.actor, details=read)
    return file_response(
        sealer.open(kept.sealed),
        media_type=kept.media_type,
        sha256=kept.sha256,
        filename=f"{kept.kind}.{PAPERS[kept.media_type]}",
        asked=asked,
        cached=NOWHERE,
    )


@router.get(
    "/{request_id}/letters/{letter_id}.pdf",
    response_class=Response,
    responses={**file_responses("The letter as it was sent", PDF), **problems(*STAFF_REFUSALS, NotFound, Invalid)},
)
async def download_privacy_letter(
    request_id: RequestId, letter_id: LetterId, _: Reader, asked: ConditionsDep, session: SessionDep
) -> Response:
    """Download a letter as it was sent, or is to be posted."""
    letter = await queries.get_letter(session, request_id, letter_id)
    return pdf_response(letter.pdf, sha256=letter.sha256, filename=f"{letter.kind}.pdf", asked=asked)
