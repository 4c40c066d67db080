"""What the rights desk and the breach desk have on record of persons: columns 6 and 7 of the clients register."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.backoffice.register import Plain
from app.backoffice.requests import KINDS, OUTCOMES, UNDER_WAY
from app.core.arrays import among
from app.core.clock import legal_date
from app.core.language import Text
from app.privacy.breaches.models import Breach, BreachPerson
from app.privacy.restrictions.models import Restriction
from app.privacy.rights.models import EventKind, RequestState, RightsEvent, RightsRequest


@dataclass(frozen=True, slots=True)
class Desks:
    """By address, in small letters."""

    rights: Mapping[str, Sequence[Plain]]
    authority: Mapping[str, Sequence[Plain]]
    restricted: Collection[str | UUID]
    """Addresses, and accounts."""


async def read_desks(session: AsyncSession, emails: Collection[str], accounts: Collection[UUID]) -> Desks:
    """Read in a few statements what concerns the persons at these addresses."""
    whose = {email.lower() for email in emails if email}
    rights, authority = defaultdict[str, list[Plain]](list), defaultdict[str, list[Plain]](list)
    asked: dict[UUID, set[str]] = {}
    addresses = (func.lower(RightsRequest.person_email), func.lower(RightsRequest.email))
    wanted = select(RightsRequest, *addresses).where(
        or_(*(among(address, whose) for address in addresses)), RightsRequest.state != RequestState.RECEIVED
    )
    for request, *found_at in await session.execute(wanted.order_by(RightsRequest.id)):
        asked[request.id] = whose & {*found_at}
        for email in asked[request.id]:
            rights[email].append(_told(request))
    events = select(RightsEvent.request_id, RightsEvent.at).where(
        RightsEvent.request_id.in_(asked), RightsEvent.kind == EventKind.AUTHORITY_NOTIFIED
    )
    for request_id, at in await session.execute(events.order_by(RightsEvent.number)):
        day = f"{legal_date(at):%d.%m.%Y}"
        for email in asked[request_id]:
            authority[email].append(Text(f"по искане, {day}", f"about a request, {day}"))
    breaches = (
        select(func.lower(BreachPerson.key), Breach.number, Breach.kzld_notified_at)
        .join(Breach, Breach.id == BreachPerson.breach_id)
        .where(among(func.lower(BreachPerson.key), whose), Breach.drill.is_(False))
        .order_by(Breach.number)
    )
    for email, number, notified_at in await session.execute(breaches):
        authority[email].append(_of_breach(number, f"{legal_date(notified_at):%d.%m.%Y}" if notified_at else None))
    return Desks(rights, authority, await _restricted(session, whose, accounts))


async def _restricted(
    session: AsyncSession, whose: Collection[str], accounts: Collection[UUID]
) -> frozenset[str | UUID]:
    email = func.lower(Restriction.email)
    wanted = select(email, Restriction.account_id).where(
        Restriction.lifted_at.is_(None), or_(among(email, whose), among(Restriction.account_id, accounts))
    )
    return frozenset(key for row in await session.execute(wanted) for key in row if key is not None)


def _told(request: RightsRequest) -> Text:
    day = f"{legal_date(request.received_at):%d.%m.%Y}"
    kind = KINDS[request.kind]
    outcome = OUTCOMES[request.outcome] if request.outcome else UNDER_WAY
    return Text(f"{kind.bg}, {day}: {outcome.bg}", f"{kind.en}, {day}: {outcome.en}")


def _of_breach(number: int, day: str | None) -> Text:
    if day is None:
        return Text(f"нарушение № {number}: не е уведомена", f"breach {number}: not notified")
    return Text(f"нарушение № {number}: уведомена на {day}", f"breach {number}: notified on {day}")
