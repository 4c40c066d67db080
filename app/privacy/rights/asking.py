"""Asks the person for what is missing, and takes in what they add; while we wait the clock stands."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.privacy.rights import queries
from app.privacy.rights.casefile import PERSON, log
from app.privacy.rights.clock import Terms, run_on, wait
from app.privacy.rights.destination_schemas import CheckDestination
from app.privacy.rights.destinations import destination_of
from app.privacy.rights.errors import DestinationDiffers, DestinationNotSettled, RequestDecided, TooManyMessages
from app.privacy.rights.jobs import promise_letter
from app.privacy.rights.models import EventKind, Part, PreferredForm, RequestState, RightsRequest
from app.privacy.rights.parts import missing_parts, stops_the_clock
from app.privacy.rights.schemas import AddToRequest
from app.privacy.rights.states import WAITING, move

MOST_MESSAGES = 50


async def ask_for_parts(
    session: AsyncSession,
    request: RightsRequest,
    parts: Sequence[Part],
    terms: Terms,
    *,
    at: datetime,
    by: str,
    words: str | None = None,
) -> None:
    """Ask for parts of the request (S76), or to make it clearer; the clock waits for the answer."""
    _refuse_decided(request)
    if request.state is not RequestState.INCOMPLETE:
        move(session, request, RequestState.INCOMPLETE, at=at, by=by)
    wait(request, terms, at=at)
    event_id = log(session, request, EventKind.PARTS_ASKED, at=at, by=by, words=words, details={"parts": [*parts]})
    await promise_letter(session, request, event_id)


async def ask_for_identity(
    session: AsyncSession, request: RightsRequest, terms: Terms, *, at: datetime, by: str, words: str | None = None
) -> None:
    """Ask who it is that asks (S78): where there is reasonable doubt, and for no more than removes it (Art. 12(6))."""
    _refuse_decided(request)
    if request.state is not RequestState.IDENTITY_NEEDED:
        move(session, request, RequestState.IDENTITY_NEEDED, at=at, by=by)
    request.identified_at = None
    wait(request, terms, at=at)
    event_id = log(session, request, EventKind.IDENTITY_ASKED, at=at, by=by, words=words)
    await promise_letter(session, request, event_id)


async def record_identity(
    session: AsyncSession,
    request: RightsRequest,
    terms: Terms,
    *,
    how: str,
    person_email: str | None,
    at: datetime,
    by: str,
) -> None:
    """Record how it was established who asks, and under which address the data are that it is about (S78)."""
    _refuse_decided(request)
    request.identified_at = at
    if person_email is not None:
        if person_email != request.person_email:
            request.checked_destination = None  # it was somebody else's
        request.person_email = person_email
    log(session, request, EventKind.IDENTITY_RECORDED, at=at, by=by, words=how)
    if request.state is RequestState.IDENTITY_NEEDED:
        await _go_on(session, request, terms, at=at, by=by)


async def settle_destination(
    session: AsyncSession, request: RightsRequest, wish: CheckDestination, *, at: datetime, by: str
) -> None:
    """Record whether the answer may go where the request says; if not, it goes by e-mail.

    Refused with DestinationDiffers: an address that took the place of the one that was looked at.
    """
    _refuse_decided(request)
    destination = destination_of(request)
    if destination is None:
        raise DestinationNotSettled
    if destination != wish.destination:
        raise DestinationDiffers
    details = {"destination": destination, "may_be_used": wish.may_be_used}
    log(session, request, EventKind.DESTINATION_CHECKED, at=at, by=by, words=wish.how, details=details)
    request.checked_destination = destination if wish.may_be_used else None
    if not wish.may_be_used and request.email is not None:
        request.preferred_form = PreferredForm.ELECTRONIC


async def add_message(
    session: AsyncSession, request: RightsRequest, wish: AddToRequest, terms: Terms, *, at: datetime, by: str = PERSON
) -> None:
    """Take in what the person adds; once nothing is missing that is needed, the request is under way."""
    _refuse_decided(request)
    if await queries.count_events(session, request.id, EventKind.MESSAGE) >= MOST_MESSAGES:
        raise TooManyMessages(most=MOST_MESSAGES)
    given = wish.model_dump(include={"name", "address", "correspondence_address"}, exclude_none=True)
    for part, value in given.items():
        setattr(request, part, value)
    log(session, request, EventKind.MESSAGE, at=at, by=by, words=wish.text, details={"parts": sorted(given)})
    await take_answer(session, request, terms, at=at, by=by)


async def take_answer(session: AsyncSession, request: RightsRequest, terms: Terms, *, at: datetime, by: str) -> None:
    """Note that the person answered: the clock runs from here, and whatever is complete now goes on."""
    if request.waiting_since is not None and request.answered_at is None:
        request.answered_at = at
    request.missing = [*missing_parts(request)]
    if request.state is RequestState.INCOMPLETE and not stops_the_clock(request):
        await _go_on(session, request, terms, at=at, by=by)


async def go_on(session: AsyncSession, request: RightsRequest, terms: Terms, *, at: datetime, by: str) -> None:
    """Take the request up again as it is: staff need nothing more of what was asked for."""
    _refuse_decided(request)
    if request.state in WAITING:
        await _go_on(session, request, terms, at=at, by=by)


async def _go_on(session: AsyncSession, request: RightsRequest, terms: Terms, *, at: datetime, by: str) -> None:
    run_on(request, terms, at=at)
    move(session, request, RequestState.OPEN, at=at, by=by)


def _refuse_decided(request: RightsRequest) -> None:
    if request.is_decided:
        raise RequestDecided
