"""Does at once what needs no decision: an objection to marketing (S72), a withdrawal of consent (S18)."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.privacy import consenting
from app.privacy.models import ConsentPurpose
from app.privacy.queries import LastAct
from app.privacy.rights import queries
from app.privacy.rights.attachments import delete_attachments
from app.privacy.rights.casefile import SYSTEM, log
from app.privacy.rights.jobs import promise_letter
from app.privacy.rights.models import Against, EventKind, RequestKind, RequestState, RightsRequest
from app.privacy.rights.states import move
from app.privacy.service import Evidence

MARKETING = (ConsentPurpose.NEWSLETTER, ConsentPurpose.THIRD_PARTY_MARKETING)
# With the profile's consent goes the profile: that is an erasure, carried out as one.
BUT_THE_PROFILES = tuple(purpose for purpose in ConsentPurpose if purpose is not ConsentPurpose.REGISTRATION)


async def act_at_once(session: AsyncSession, request: RightsRequest, evidence: Evidence) -> None:
    """Stop, in this transaction, what somebody only has to say they do not want; others wait for a decision.

    A proxy's word is not enough: the power of attorney is seen first.
    """
    if request.proxy_name is not None or request.person_email is None:
        return
    if request.against is not Against.MARKETING and request.kind is not RequestKind.WITHDRAWAL:
        return
    taken = await stop(session, request, evidence)
    log(session, request, EventKind.EXECUTED, at=evidence.at, by=SYSTEM, details={"withdrawn": taken})
    if request.consent is ConsentPurpose.REGISTRATION:
        return  # staff carry out the erasure that follows
    move(session, request, RequestState.GRANTED, at=evidence.at, by=SYSTEM)
    await delete_attachments(session, request, at=evidence.at, by=SYSTEM)
    details = {"outcome": request.outcome, "withdrawn": taken}
    event_id = log(session, request, EventKind.DECIDED, at=evidence.at, by=SYSTEM, details=details)
    await promise_letter(session, request, event_id)


async def stop(session: AsyncSession, request: RightsRequest, evidence: Evidence) -> list[dict[str, str | None]]:
    """Take back the consents that the request is about, by every channel; returns which were given."""
    taken: list[LastAct] = []
    whose = await queries.find_whose(session, request)
    if whose is None:
        return []
    for purpose in _purposes(request):
        taken += await consenting.withdraw(session, whose.email, purpose, evidence, words=request.text)
    return [{"purpose": act.purpose, "channel": act.channel} for act in taken]


def _purposes(request: RightsRequest) -> tuple[ConsentPurpose, ...]:
    if request.against is Against.MARKETING:
        return MARKETING
    return (request.consent,) if request.consent else BUT_THE_PROFILES
