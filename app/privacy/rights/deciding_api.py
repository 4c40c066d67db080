"""Endpoints of the responsible person: asking, recording identity, extending, telling of delays, deciding."""

from typing import Annotated, Any

from fastapi import Depends, Response

from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid, NotFound
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router, door
from app.core.spooling import FileAnswer, SpoolDep
from app.core.throttle import ThrottleDep, TooManyRequests
from app.privacy.models import Means
from app.privacy.notice_api import StatedDep
from app.privacy.rectifying import CorrectionUnfit
from app.privacy.rights import asking, deciding, queries
from app.privacy.rights.access import ExecutorsDep, RequestId, TermsDep
from app.privacy.rights.alarms import close
from app.privacy.rights.casefile import log
from app.privacy.rights.copying import ZIP, give_copy, slow_down
from app.privacy.rights.destination_schemas import CheckDestination
from app.privacy.rights.errors import (
    AlreadyExtended,
    CopyNotGranted,
    DecisionUnfit,
    DestinationDiffers,
    DestinationNotSettled,
    ExtensionTooLate,
    NotIdentified,
    OfficerOnly,
    RequestDecided,
)
from app.privacy.rights.models import EventKind
from app.privacy.rights.staff_schemas import (
    AskForIdentity,
    AskForParts,
    CaseView,
    Decide,
    Explain,
    RecordIdentity,
    RecordPosting,
    TakeNote,
)
from app.privacy.rights.states import RequestCannotMove
from app.privacy.rights.views import case_view
from app.privacy.service import Evidence

router = Router(prefix="/staff/privacy/requests/{request_id}", tags=["staff"])
Officer = Annotated[Person, staff_with(Right.DECIDE_REQUESTS)]
REFUSALS: tuple[Any, ...] = (*STAFF_REFUSALS, NotFound, RequestDecided, RequestCannotMove, Invalid)


@router.post("/questions", responses=problems(*REFUSALS, BodyUnreadable))
async def ask_for_missing_parts(
    request_id: RequestId, wish: AskForParts, caller: Officer, session: SessionDep, terms: TermsDep, at: At
) -> CaseView:
    """Ask the person for parts that are missing, or what the request means (S76); the clock waits."""
    request = await queries.lock_request(session, request_id)
    await asking.ask_for_parts(session, request, wish.parts, terms, at=at, by=caller.actor, words=wish.words)
    return await case_view(session, request)


@router.post("/identity-questions", responses=problems(*REFUSALS, BodyUnreadable))
async def ask_for_identity(
    request_id: RequestId, wish: AskForIdentity, caller: Officer, session: SessionDep, terms: TermsDep, at: At
) -> CaseView:
    """Ask the person who they are, on reasonable doubt (S78); the clock waits."""
    request = await queries.lock_request(session, request_id)
    await asking.ask_for_identity(session, request, terms, at=at, by=caller.actor, words=wish.words)
    return await case_view(session, request)


@router.post("/identity", responses=problems(*REFUSALS, BodyUnreadable))
async def record_identity(
    request_id: RequestId, wish: RecordIdentity, caller: Officer, session: SessionDep, terms: TermsDep, at: At
) -> CaseView:
    """Record how it was established who asks, or that the power of attorney is good, and whose data it is about."""
    request = await queries.lock_request(session, request_id)
    await asking.record_identity(
        session, request, terms, how=wish.how, person_email=wish.person_email, at=at, by=caller.actor
    )
    return await case_view(session, request)


@router.post("/destination", responses=problems(*REFUSALS, DestinationNotSettled, DestinationDiffers, BodyUnreadable))
async def settle_destination(
    request_id: RequestId, wish: CheckDestination, caller: Officer, session: SessionDep, at: At
) -> CaseView:
    """Decide on the address that the answer is to go to, where it is not known to be the person's.

    Until then nothing is granted. `destination` names the one that was looked at: the person may change it meanwhile.
    An address that may not be used gives way to the e-mail.
    """
    request = await queries.lock_request(session, request_id)
    await asking.settle_destination(session, request, wish, at=at, by=caller.actor)
    return await case_view(session, request)


@router.post("/resumption", responses=problems(*REFUSALS))
async def resume_privacy_request(
    request_id: RequestId, caller: Officer, session: SessionDep, terms: TermsDep, at: At
) -> CaseView:
    """Take the request up again: what was asked for came, or is not needed any more."""
    request = await queries.lock_request(session, request_id)
    await asking.go_on(session, request, terms, at=at, by=caller.actor)
    return await case_view(session, request)


@router.post("/notes", responses=problems(*STAFF_REFUSALS, NotFound, BodyUnreadable, Invalid))
async def note_in_privacy_case(
    request_id: RequestId, wish: TakeNote, caller: Officer, session: SessionDep, at: At
) -> CaseView:
    """Add a line to the case file; say so where КЗЛД was told, or told us, of it (S57)."""
    request = await queries.lock_request(session, request_id)
    kind = EventKind.AUTHORITY_NOTIFIED if wish.authority else EventKind.NOTE
    log(session, request, kind, at=at, by=caller.actor, words=wish.words)
    return await case_view(session, request)


@router.post("/extension", responses=problems(*REFUSALS, ExtensionTooLate, AlreadyExtended, BodyUnreadable))
async def extend_privacy_request(
    request_id: RequestId, wish: Explain, caller: Officer, session: SessionDep, at: At
) -> CaseView:
    """Extend the time for an answer to three months in all; the person is told why (S79)."""
    request = await queries.lock_request(session, request_id)
    await deciding.extend(session, request, wish.reasons, at=at, by=caller.actor)
    return await case_view(session, request)


@router.post("/delay", responses=problems(*REFUSALS, BodyUnreadable))
async def tell_of_delay(request_id: RequestId, wish: Explain, caller: Officer, session: SessionDep, at: At) -> CaseView:
    """Tell the person that the answer is late, or will be, and why (C20)."""
    request = await queries.lock_request(session, request_id)
    await deciding.tell_delay(session, request, wish.reasons, at=at, by=caller.actor)
    return await case_view(session, request)


@router.post(
    "/decision",
    responses=problems(
        *REFUSALS,
        OfficerOnly,
        NotIdentified,
        DestinationNotSettled,
        DecisionUnfit,
        CorrectionUnfit,
        BodyUnreadable,
    ),
)
async def decide_privacy_request(
    request_id: RequestId, wish: Decide, caller: Officer, session: SessionDep, executors: ExecutorsDep, at: At
) -> CaseView:
    """Decide, and carry out what is granted in the same transaction; the answer goes as a letter with the reasons."""
    await queries.lock_person_of(session, request_id)
    request = await queries.lock_request(session, request_id)
    evidence = Evidence(at, request.language, Means.STAFF, None, None)
    await deciding.decide(session, request, wish, caller, executors, evidence)
    return await case_view(session, request)


@router.post("/posting", responses=problems(*STAFF_REFUSALS, NotFound, RequestCannotMove, BodyUnreadable, Invalid))
async def record_posting(
    request_id: RequestId, wish: RecordPosting, caller: Officer, session: SessionDep, at: At
) -> CaseView:
    """Record that the answer went by registered post; the case is closed."""
    request = await queries.lock_request(session, request_id)
    close(session, request, {"registered_letter": wish.reference}, at=at, by=caller.actor)
    return await case_view(session, request)


@door
async def limit_copies(
    request_id: RequestId,
    caller: Officer,  # noqa: ARG001 - the guard is the argument
    throttle: ThrottleDep,
    at: At,
) -> None:
    await slow_down(throttle, request_id, at=at)


@router.get(
    "/copy.zip",
    dependencies=[Depends(limit_copies)],
    response_class=Response,
    responses={**ZIP, **problems(*STAFF_REFUSALS, NotFound, TooManyRequests, CopyNotGranted, Invalid)},
)
async def download_copy_to_print(
    request_id: RequestId,
    caller: Officer,
    session: SessionDep,
    spool: SpoolDep,
    executors: ExecutorsDep,
    facts: StatedDep,
    at: At,
) -> FileAnswer:
    """Download a granted copy for whoever wants it on paper."""
    request = await queries.lock_request(session, request_id)
    return await give_copy(session, request, executors, facts, spool, at=at, by=caller.actor)
