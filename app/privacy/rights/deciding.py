"""Decides requests, extends their term, tells of delays: each with reasons, each by a letter, each on record."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.recording import Action, audit_insert
from app.auth.models import StaffRole
from app.auth.persons import Person as Caller
from app.core.clock import legal_date
from app.core.db import write_last
from app.core.language import Text
from app.privacy.rights.attachments import delete_attachments
from app.privacy.rights.casefile import PERSON, log
from app.privacy.rights.clock import extended_day
from app.privacy.rights.destinations import is_settled, recognise
from app.privacy.rights.errors import (
    AlreadyExtended,
    DecisionUnfit,
    DestinationNotSettled,
    ExtensionTooLate,
    NotIdentified,
    OfficerOnly,
    RequestDecided,
)
from app.privacy.rights.executing import COPIED, Executors, person_of
from app.privacy.rights.jobs import promise_letter
from app.privacy.rights.models import Against, EventKind, Outcome, RequestKind, RequestState, RightsRequest
from app.privacy.rights.reasons import REASONS
from app.privacy.rights.staff_schemas import Decide
from app.privacy.rights.states import move
from app.privacy.service import Evidence

REASON_MISSING = Text("Посочете основание и мотиви", "Give a reason and the reasoning")
REASON_OF_ANOTHER = Text("Това основание не важи за такова искане", "This reason is not one for such a request")
BALANCE_MISSING = Text("Претеглете основанията", "Weigh the grounds")
NOTHING_TO_REFUSE = Text("Уважено искане няма основание за отказ", "What is granted has no reason for a refusal")


async def extend(session: AsyncSession, request: RightsRequest, reasons: str, *, at: datetime, by: str) -> None:
    """Extend the term to three months in all, and tell the person why, within the first term (S79, Art. 12(3))."""
    _refuse_decided(request)
    if request.extended_to is not None:
        raise AlreadyExtended
    if legal_date(at) > request.due_on:
        raise ExtensionTooLate
    move(session, request, RequestState.EXTENDED, at=at, by=by)
    request.extended_to = extended_day(request)
    details = {"extended_to": request.extended_to.isoformat()}
    event_id = log(session, request, EventKind.EXTENDED, at=at, by=by, words=reasons, details=details)
    await promise_letter(session, request, event_id)


async def tell_delay(session: AsyncSession, request: RightsRequest, reasons: str, *, at: datetime, by: str) -> None:
    """Tell the person that the answer is late, or will be, and why (C20)."""
    _refuse_decided(request)
    details = {"last_day": request.last_day.isoformat()}
    event_id = log(session, request, EventKind.DELAYED, at=at, by=by, words=reasons, details=details)
    await promise_letter(session, request, event_id)


async def withdraw_request(session: AsyncSession, request: RightsRequest, *, at: datetime) -> None:
    """Let the person take the request itself back: nothing is decided, and nothing more is done."""
    _refuse_decided(request)
    move(session, request, RequestState.WITHDRAWN, at=at, by=PERSON)
    await delete_attachments(session, request, at=at, by=PERSON)
    move(session, request, RequestState.CLOSED, at=at, by=PERSON)


async def decide(
    session: AsyncSession,
    request: RightsRequest,
    wish: Decide,
    caller: Caller,
    executors: Executors,
    evidence: Evidence,
) -> None:
    """Decide a request and carry it out in this transaction; the answer follows as a letter."""
    _check(request, wish, caller)
    await _check_destination(session, request, wish, executors)
    at, by = evidence.at, caller.actor
    details: dict[str, Any] = {"outcome": wish.outcome, "reason": wish.reason}
    details |= await executors.carry_out(session, request, wish, evidence, by=by)
    if "certificate" in details:
        subject = f"request:{request.id}"
        write_last(session, audit_insert(Action.PERSON_ERASED, actor=by, subject=subject, at=at))
    if wish.balance is not None:
        log(session, request, EventKind.NOTE, at=at, by=by, words=wish.balance, details={"balance": True})
    move(session, request, RequestState(details["outcome"]), at=at, by=by)
    event_id = log(session, request, EventKind.DECIDED, at=at, by=by, words=wish.reasoning, details=details)
    await delete_attachments(session, request, at=at, by=by)
    await promise_letter(session, request, event_id)


def _check(request: RightsRequest, wish: Decide, caller: Caller) -> None:
    """Refuse a decision that the policy does not allow: without reasons, by the wrong person, on who knows whose."""
    _refuse_decided(request)
    refuses = wish.outcome is not Outcome.GRANTED
    if refuses and (wish.reason is None or wish.reasoning is None):
        raise DecisionUnfit("/reason" if wish.reason is None else "/reasoning", REASON_MISSING)
    if wish.reason is not None and not refuses:
        raise DecisionUnfit("/reason", NOTHING_TO_REFUSE)
    if wish.reason is not None and wish.reason not in REASONS[request.kind]:
        raise DecisionUnfit("/reason", REASON_OF_ANOTHER)
    if refuses and request.kind is RequestKind.RESTRICTION and caller.role is not StaffRole.PRIVACY_OFFICER:
        raise OfficerOnly
    if request.against is Against.PROCESSING and wish.balance is None:
        raise DecisionUnfit("/balance", BALANCE_MISSING)
    if wish.outcome is not Outcome.REFUSED and request.identified_at is None:
        raise NotIdentified


async def _check_destination(session: AsyncSession, request: RightsRequest, wish: Decide, executors: Executors) -> None:
    """Refuse to grant, or to tell whether anything is held, where the answer may come into another's hands."""
    tells = wish.outcome is not Outcome.REFUSED or (request.kind in COPIED and request.identified_at is not None)
    if not tells:
        return
    if person := await person_of(session, request):
        await recognise(session, request, executors.holders, person)
    if not is_settled(request):
        raise DestinationNotSettled


def _refuse_decided(request: RightsRequest) -> None:
    if request.is_decided:
        raise RequestDecided
