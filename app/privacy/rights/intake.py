"""Takes requests in: from whoever is logged in, from guests who prove an address, from staff who open the post."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.errors import LinkInvalid
from app.core.clock import legal_date
from app.core.db import Due
from app.core.language import Language
from app.mail import service as mail
from app.mail.models import MailKind
from app.mail.personal_data import letters_of_kind_due
from app.privacy.rights import queries
from app.privacy.rights.asking import ask_for_identity, ask_for_parts
from app.privacy.rights.atonce import act_at_once
from app.privacy.rights.casefile import PERSON, log
from app.privacy.rights.clock import Terms, set_due
from app.privacy.rights.destinations import destination_of, recognise
from app.privacy.rights.errors import ConfirmationDiffers
from app.privacy.rights.executing import Executors, person_of
from app.privacy.rights.models import (
    EventKind,
    Part,
    PreferredForm,
    RequestState,
    RightsRequest,
    Via,
)
from app.privacy.rights.parts import OURS, missing_parts, needs_no_form, stops_the_clock
from app.privacy.rights.proof_schemas import AskedForView, AskedProxyView, ConfirmedRequest
from app.privacy.rights.schemas import AskAsPerson, Asked
from app.privacy.rights.staff_schemas import EnterRequest
from app.privacy.rights.states import move
from app.privacy.service import Evidence

PROOF = "rights_proof"
ACCESS = "rights_request"
"""What links are for (`auth.link_tokens`): proving the address; opening one's request."""

PROVED_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True, repr=False)
class Asker:
    """Who is asking, and where they are answered."""

    email: str | None
    account_id: UUID | None
    language: Language


async def ask_as_account(
    session: AsyncSession, wish: AskAsPerson, asker: Asker, evidence: Evidence, executors: Executors
) -> RightsRequest:
    """Receive the request of somebody who is logged in: identified, and under way at once."""
    terms = executors.terms
    request = _make(wish, Via.ACCOUNT, asker, evidence.at, terms, by=PERSON)
    request.preferred_form = wish.preferred_form
    session.add(request)
    await session.flush()  # the log refers to it
    if person := await person_of(session, request):
        await recognise(session, request, executors.holders, person)
    await _receive(session, request, evidence, terms)
    return request


async def ask_as_guest(session: AsyncSession, wish: AskAsPerson, asker: Asker, at: datetime, terms: Terms) -> datetime:
    """Keep what a guest asks and mail a link to the address; returns until when it works.

    Whether anything is known of the address is looked up by nobody.
    """
    expires_at = at + PROVED_WITHIN
    assert asker.email is not None  # the endpoint refuses a guest without one
    request = _make(wish, Via.EMAIL_PROOF, asker, at, terms, by=PERSON)
    request.preferred_form = wish.preferred_form
    session.add(request)
    await session.flush()  # the mail is about it
    await mail.promise(
        session,
        kind=MailKind.REQUEST_PROOF,
        address=asker.email,
        language=asker.language,
        about_id=request.id,
        at=at,
    )
    return expires_at


async def get_unproved(session: AsyncSession, request_id: UUID, *, at: datetime) -> RightsRequest:
    """Find what a mailed link would sign; whoever opens it, a mail scanner say, has signed nothing yet."""
    request = await queries.find_unproved(session, request_id, since=at - PROVED_WITHIN)
    if request is None:
        raise LinkInvalid
    return request


async def prove(
    session: AsyncSession, request_id: UUID, confirmed: ConfirmedRequest, evidence: Evidence, terms: Terms
) -> RightsRequest:
    """Receive the guest's request whose address is proved; its clock runs since it was asked.

    What is confirmed has to be what is asked for: it stands in the log as that which was signed.
    """
    request = await queries.lock_unproved(session, request_id, since=evidence.at - PROVED_WITHIN)
    if request is None:
        raise LinkInvalid
    asked = asked_for(request).model_dump(mode="json")
    if confirmed.model_dump(mode="json") != asked:
        raise ConfirmationDiffers
    log(session, request, EventKind.PROVED, at=evidence.at, by=PERSON, details=asked)
    await _receive(session, request, evidence, terms)
    return request


def asked_for(request: RightsRequest) -> AskedForView:
    """Say what a confirmation signs: which right, in which form, where the answer goes, and who asks for whom."""
    proxy = AskedProxyView(name=request.proxy_name, person_email=request.person_email) if request.proxy_name else None
    return AskedForView(
        kind=request.kind,
        preferred_form=request.preferred_form or PreferredForm.ELECTRONIC,
        destination=destination_of(request) or "",
        proxy=proxy,
    )


async def enter(
    session: AsyncSession, wish: EnterRequest, language: Language, evidence: Evidence, terms: Terms, *, by: str
) -> RightsRequest:
    """Enter what somebody asked by e-mail, by post or by phone, as staff read or heard it."""
    asker = Asker(wish.email, None, language)
    request = _make(wish, Via(wish.via), asker, evidence.at, terms, by=by)
    request.preferred_form, request.is_signed, request.dated_on = wish.preferred_form, wish.is_signed, wish.dated_on
    request.received_at = request.complete_at = wish.received_at or evidence.at
    set_due(request, terms)
    session.add(request)
    await session.flush()  # the log refers to it
    if wish.identified_by is not None and request.proxy_name is None:
        request.identified_at = evidence.at
    await _receive(session, request, evidence, terms, by=by)
    if request.identified_at is not None:
        log(session, request, EventKind.IDENTITY_RECORDED, at=evidence.at, by=by, words=wish.identified_by)
    return request


def _make(wish: Asked, via: Via, asker: Asker, at: datetime, terms: Terms, *, by: str) -> RightsRequest:
    is_ours = via in OURS
    request = RightsRequest(
        kind=wish.kind,
        via=via,
        state=RequestState.RECEIVED,
        language=asker.language,
        account_id=asker.account_id,
        email=asker.email,
        person_email=wish.proxy.person_email if wish.proxy else asker.email,
        name=wish.name,
        address=wish.address,
        correspondence_address=wish.correspondence_address,
        preferred_form=PreferredForm.ELECTRONIC if is_ours else None,
        text=wish.text,
        is_signed=False,
        dated_on=legal_date(at) if is_ours else None,
        proxy_name=wish.proxy.name if wish.proxy else None,
        has_power_of_attorney=False,
        corrections=[each.model_dump() for each in wish.corrections] if wish.corrections else None,
        restriction_ground=wish.restriction_ground,
        erasure_ground=wish.erasure_ground,
        against=wish.against,
        consent=wish.consent,
        received_at=at,
        entered_at=at,
        entered_by=by,
        complete_at=at,
        waited_days=0,
        missing=[],
    )
    set_due(request, terms)
    return request


async def _receive(
    session: AsyncSession, request: RightsRequest, evidence: Evidence, terms: Terms, *, by: str = PERSON
) -> None:
    """Acknowledge the request at once (S75), act on what needs no decision, ask for what is missing."""
    at = evidence.at
    log(session, request, EventKind.RECEIVED, at=request.received_at, by=by, words=request.text)
    if request.via in OURS and request.proxy_name is None:
        request.identified_at = at
    request.missing = [*missing_parts(request)]
    if request.email is not None:
        await mail.promise(
            session,
            kind=MailKind.REQUEST_RECEIVED,
            address=request.email,
            language=request.language,
            about_id=request.id,
            at=at,
        )
    if stops_the_clock(request):
        await ask_for_parts(session, request, [Part(part) for part in request.missing], terms, at=at, by=by)
    elif _is_doubtful(request):
        await ask_for_identity(session, request, terms, at=at, by=by)
    else:
        move(session, request, RequestState.OPEN, at=at, by=by)
        await act_at_once(session, request, evidence)


def _is_doubtful(request: RightsRequest) -> bool:
    """Say whether the person has to be asked who they are; a proxy is looked at when the power of attorney is."""
    is_known = request.identified_at is not None or request.via in OURS or request.proxy_name is not None
    return not (is_known or needs_no_form(request))


def unproved_due(at: datetime) -> tuple[Due, ...]:
    """Find what no guest proved in time, and the mails that name the address."""
    expired = (RightsRequest.state == RequestState.RECEIVED) & (RightsRequest.entered_at <= at - PROVED_WITHIN)
    letters = letters_of_kind_due(MailKind.REQUEST_PROOF, promised_by=at - PROVED_WITHIN)
    return letters, Due(RightsRequest, expired)
