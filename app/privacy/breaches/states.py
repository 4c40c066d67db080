"""How a breach goes from its discovery to its end; nothing else writes its status."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.privacy.breaches import queries
from app.privacy.breaches.errors import BreachCannotMove
from app.privacy.breaches.models import Breach, BreachEntry, BreachStatus, EntryKind

S = BreachStatus

NEXT: dict[S, frozenset[S]] = {
    S.DISCOVERED: frozenset({S.ASSESSED}),
    S.ASSESSED: frozenset({S.NOTIFIED, S.NOT_NOTIFIED}),
    S.NOTIFIED: frozenset({S.PEOPLE_TOLD, S.PEOPLE_NOT_TOLD}),
    # A new assessment may raise the risk: then it is to be decided anew.
    S.NOT_NOTIFIED: frozenset({S.PEOPLE_TOLD, S.PEOPLE_NOT_TOLD, S.NOTIFIED, S.ASSESSED}),
    # More people may be found, who are to be told too.
    S.PEOPLE_TOLD: frozenset({S.CLOSED, S.NOTIFIED, S.NOT_NOTIFIED, S.ASSESSED}),
    S.PEOPLE_NOT_TOLD: frozenset({S.CLOSED, S.NOTIFIED, S.NOT_NOTIFIED, S.ASSESSED}),
    # An assessment made anew opens it again.
    S.CLOSED: frozenset({S.ASSESSED, S.PEOPLE_TOLD, S.PEOPLE_NOT_TOLD}),
}

PEOPLES = frozenset({S.PEOPLE_TOLD, S.PEOPLE_NOT_TOLD})


def move(session: AsyncSession, breach: Breach, to: S, *, at: datetime, by: str) -> None:
    """Change the status and add the entry that records it."""
    if to not in NEXT[breach.status]:
        raise BreachCannotMove(breach_status=breach.status.value, allowed=sorted(NEXT[breach.status]))
    text = f"{breach.status} → {to}"
    breach.status = to
    session.add(BreachEntry(breach_id=breach.id, kind=EntryKind.MOVED, at=at, author=by, text=text, status=to))


async def settle(session: AsyncSession, breach: Breach, *, at: datetime, by: str) -> None:
    """Bring the status to where what was decided and done has led."""
    target = await _due(session, breach)
    if breach.status is S.ASSESSED and target in PEOPLES:
        move(session, breach, _decided(breach), at=at, by=by)
    if breach.status is not target:
        move(session, breach, target, at=at, by=by)


def _decided(breach: Breach) -> S:
    if breach.risk is None:
        return S.DISCOVERED
    if breach.kzld_notified_at:
        return S.NOTIFIED
    return S.NOT_NOTIFIED if breach.not_notified_at else S.ASSESSED


async def _due(session: AsyncSession, breach: Breach) -> S:
    if breach.closed_at:
        return S.CLOSED
    decided = _decided(breach)
    if decided in {S.DISCOVERED, S.ASSESSED}:
        return decided
    if breach.exemption:
        return S.PEOPLE_NOT_TOLD
    if breach.letters_done_at is None:
        return decided
    unreached = 0 if breach.publicly_told_at else await queries.count_unreached(session, breach.id)
    return decided if unreached else S.PEOPLE_TOLD
