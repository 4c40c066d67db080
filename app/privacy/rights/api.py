"""Endpoints of one's own requests: asking, proving the address, seeing, adding, taking back, the copy."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from app.auth.errors import LinkInvalid, Unauthenticated
from app.auth.guards import ACCOUNT_REFUSALS, MAYBE_ACCOUNT, AccountCaller, MaybeAccount
from app.auth.link_tokens import link_token, read_link
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid, NotFound
from app.core.language import Language, Text
from app.core.paging import Cursor, CursorUnknown, Limit, Page, read_cursor, write_cursor
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router, Sent, door, takes
from app.core.secrets import Secret
from app.core.spooling import FileAnswer, SpoolDep
from app.core.throttle import HOUR, ThrottleDep, TooManyRequests, limited, origin
from app.privacy.evidence import EvidenceDep
from app.privacy.notice_api import StatedDep
from app.privacy.rights import intake, queries
from app.privacy.rights.access import (
    ExecutorsDep,
    KindOfPaper,
    LockedOwnRequest,
    OwnRequest,
    RequestId,
    SealerDep,
    TermsDep,
    require_own_request,
)
from app.privacy.rights.asking import add_message
from app.privacy.rights.attachments import KINDS, Paper, attach
from app.privacy.rights.casefile import PERSON
from app.privacy.rights.copying import ZIP, give_copy, slow_down
from app.privacy.rights.deciding import withdraw_request
from app.privacy.rights.errors import (
    AttachmentRefused,
    ConfirmationDiffers,
    CopyNotGranted,
    RequestDecided,
    TooManyAttachments,
    TooManyMessages,
)
from app.privacy.rights.intake import Asker
from app.privacy.rights.proof_schemas import ProvedView, ProveRequest, RequestToConfirm
from app.privacy.rights.schemas import (
    AddToRequest,
    AskAsPerson,
    AttachmentView,
    FoundRequestView,
    RequestMailed,
    RequestView,
)
from app.privacy.rights.states import RequestCannotMove
from app.privacy.rights.views import own_view

router = Router(tags=["privacy"])
CHANGES = limited("rights-change", 60, HOUR)
REQUESTS = limited("rights", 20, HOUR)
"""Slows down who asks again and again."""
OWN = (Unauthenticated, NotFound, Invalid)
EMAIL_NEEDED = Text("Задължително поле за гост", "Required of a guest")
EMAIL_KNOWN = Text("Имейлът е този на профила", "It is the account's")


@router.post(
    "/privacy/requests",
    status_code=201,
    dependencies=[REQUESTS],
    openapi_extra=MAYBE_ACCOUNT,
    response_model=RequestView | RequestMailed,
    responses={
        201: {"model": RequestView, "description": "Received: somebody is logged in"},
        202: {"model": RequestMailed, "description": "A guest is mailed a link that proves the address"},
        **problems(Unauthenticated, TooManyRequests, BodyUnreadable, Invalid),
    },
)
async def make_privacy_request(
    wish: AskAsPerson,
    request: Request,
    response: Response,
    throttle: ThrottleDep,
    account: MaybeAccount,
    session: SessionDep,
    evidence: EvidenceDep,
    executors: ExecutorsDep,
) -> RequestView | RequestMailed:
    """Exercise a right in free text (S75).

    Who is logged in is identified by it: the request is received and acknowledged at once. A guest is answered the same
    whether or not anything is known of the address, and proves it by `POST /privacy/request-proofs`. An objection to
    marketing and a withdrawal have effect from the answer on; what is missing is asked for and never a refusal.
    """
    if account is None:
        if wish.email is None:
            raise _invalid_email(EMAIL_NEEDED, evidence.language)
        response.status_code = 202
        here = f"rights:{origin(request)} {wish.email.lower()}"
        await throttle.take(here, limit=5, per_seconds=HOUR, at=evidence.at)
        asker = Asker(wish.email, None, evidence.language)
        expires_at = await intake.ask_as_guest(session, wish, asker, evidence.at, executors.terms)
        return RequestMailed(email=wish.email, expires_at=expires_at)
    if wish.email is not None:
        raise _invalid_email(EMAIL_KNOWN, evidence.language)
    email, _ = await queries.get_own_address(session, account.id)
    asker = Asker(email, account.id, evidence.language)
    return await own_view(session, await intake.ask_as_account(session, wish, asker, evidence, executors))


def _invalid_email(told: Text, language: Language) -> Invalid:
    return Invalid(errors=[{"pointer": "/email", "detail": told.in_(language)}])


@router.post(
    "/privacy/request-proofs",
    dependencies=[CHANGES],
    response_model=ProvedView | RequestToConfirm,
    responses={
        200: {"model": ProvedView, "description": "Confirmed: the request is received"},
        202: {"model": RequestToConfirm, "description": "What is asked for, to be confirmed; nothing has happened yet"},
        **problems(TooManyRequests, LinkInvalid, ConfirmationDiffers, BodyUnreadable, Invalid),
    },
)
async def prove_privacy_request(
    wish: ProveRequest,
    request: Request,
    response: Response,
    session: SessionDep,
    evidence: EvidenceDep,
    terms: TermsDep,
) -> ProvedView | RequestToConfirm:
    """Prove the address by the mailed link, in two steps: it stands for the signature (S76).

    With the token alone it shows what is asked for, in which form, where the answer goes and for whom, and changes
    nothing, however often: mail scanners open every link. With that in `confirmed` the request is received, and the
    answer's token opens it from now on, in the header X-Request-Token.
    """
    secret: Secret = request.app.state.secret
    request_id = read_link(secret, intake.PROOF, wish.token.get_secret_value())
    if request_id is None:
        raise LinkInvalid
    if wish.confirmed is None:
        response.status_code = 202
        unproved = await intake.get_unproved(session, request_id, at=evidence.at)
        return RequestToConfirm(
            asked=intake.asked_for(unproved),
            name=unproved.name,
            text=unproved.text,
            expires_at=unproved.entered_at + intake.PROVED_WITHIN,
        )
    proved = await intake.prove(session, request_id, wish.confirmed, evidence, terms)
    return ProvedView(
        access_token=link_token(secret, intake.ACCESS, proved.id), request=await own_view(session, proved)
    )


@router.get("/privacy/requests/{request_id}", openapi_extra=MAYBE_ACCOUNT, responses=problems(*OWN))
async def read_privacy_request(found: OwnRequest, session: SessionDep) -> RequestView:
    """Show one's request: how it stands, by when it is answered, what is missing, which letters were sent."""
    return await own_view(session, found)


@router.post(
    "/privacy/requests/{request_id}/messages",
    dependencies=[CHANGES],
    openapi_extra=MAYBE_ACCOUNT,
    responses=problems(*OWN, TooManyRequests, RequestDecided, TooManyMessages, RequestCannotMove, BodyUnreadable),
)
async def add_to_privacy_request(
    wish: AddToRequest, found: LockedOwnRequest, session: SessionDep, terms: TermsDep, at: At
) -> RequestView:
    """Add to one's request, in words or with the parts that were asked for; the clock goes on if it waited for them."""
    await add_message(session, found, wish, terms, at=at)
    return await own_view(session, found)


@router.post(
    "/privacy/requests/{request_id}/attachments",
    status_code=201,
    dependencies=[CHANGES],
    openapi_extra={**MAYBE_ACCOUNT, **takes(*KINDS)},
    responses=problems(*OWN, TooManyRequests, RequestDecided, AttachmentRefused, TooManyAttachments),
)
async def attach_to_privacy_request(
    kind: KindOfPaper,
    content: Sent,
    found: LockedOwnRequest,
    session: SessionDep,
    sealer: SealerDep,
    terms: TermsDep,
    at: At,
) -> AttachmentView:
    """Attach a power of attorney (S77), or a paper that was asked for; it is sealed, and deleted with the decision.

    The body is the file: PDF, JPEG or PNG of up to 2 MiB.
    """
    paper = Paper(kind, content)
    return AttachmentView.model_validate(await attach(session, found, paper, sealer, terms, at=at, by=PERSON))


@router.post(
    "/privacy/requests/{request_id}/withdrawal",
    dependencies=[CHANGES],
    openapi_extra=MAYBE_ACCOUNT,
    responses=problems(*OWN, TooManyRequests, RequestDecided),
)
async def withdraw_privacy_request(found: LockedOwnRequest, session: SessionDep, at: At) -> RequestView:
    """Take one's request back: nothing is decided; one may ask again at any time."""
    await withdraw_request(session, found, at=at)
    return await own_view(session, found)


@door
async def limit_copies(
    request_id: RequestId, _: Annotated[None, Depends(require_own_request)], throttle: ThrottleDep, at: At
) -> None:
    await slow_down(throttle, request_id, at=at)


@router.get(
    "/privacy/requests/{request_id}/copy.zip",
    dependencies=[CHANGES, Depends(limit_copies)],
    openapi_extra=MAYBE_ACCOUNT,
    response_class=Response,
    responses={**ZIP, **problems(*OWN, TooManyRequests, CopyNotGranted)},
)
async def download_own_copy(
    found: LockedOwnRequest,
    session: SessionDep,
    spool: SpoolDep,
    executors: ExecutorsDep,
    facts: StatedDep,
    at: At,
) -> FileAnswer:
    """Download the copy of one's data (S60, S66), made at this moment; what was given is kept in the case file."""
    return await give_copy(session, found, executors, facts, spool, at=at, by=PERSON)


@router.get("/me/privacy-requests", responses=problems(*ACCOUNT_REFUSALS, CursorUnknown, Invalid))
async def list_own_privacy_requests(
    caller: AccountCaller, session: SessionDep, limit: Limit = 20, cursor: Cursor = None
) -> Page[FoundRequestView]:
    """List the requests made with one's account, newest first."""
    before = read_cursor(cursor, UUID)
    rows = await queries.list_of_account(session, caller.id, before=before[0] if before else None, limit=limit + 1)
    shown = rows[:limit]
    return Page(
        items=[FoundRequestView.of(request) for request in shown],
        next_cursor=write_cursor(shown[-1].id) if len(rows) > limit else None,
    )
