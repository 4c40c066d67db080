"""How a request may move; `move` alone writes its state, and logs it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import ShopError
from app.core.language import Text
from app.privacy.rights.casefile import log
from app.privacy.rights.models import EventKind, Outcome, RequestState, RightsRequest

S = RequestState
END = frozenset({S.GRANTED, S.PARTLY_GRANTED, S.REFUSED, S.WITHDRAWN})
WAITING = frozenset({S.INCOMPLETE, S.IDENTITY_NEEDED})
"""We asked the person for something: the clock waits."""
RUNNING = frozenset({S.OPEN, S.EXTENDED})
UNDER_WAY = WAITING | RUNNING
NEXT: dict[RequestState, frozenset[RequestState]] = {
    S.RECEIVED: frozenset({S.INCOMPLETE, S.IDENTITY_NEEDED, S.OPEN, S.WITHDRAWN}),
    S.INCOMPLETE: frozenset({S.IDENTITY_NEEDED, S.OPEN, S.REFUSED, S.WITHDRAWN}),
    S.IDENTITY_NEEDED: frozenset({S.INCOMPLETE, S.OPEN, S.REFUSED, S.WITHDRAWN}),
    S.OPEN: WAITING | END | {S.EXTENDED},
    S.EXTENDED: WAITING | END,
    **dict.fromkeys(END, frozenset({S.CLOSED})),
    S.CLOSED: frozenset(),
}


class RequestCannotMove(ShopError):
    title = Text("Искането не може да премине в това състояние", "The request cannot move there")
    advice = Text(
        "От сегашното състояние това не е възможно. Вижте искането.",
        "From its state this is not possible. See the request.",
    )
    example = {"allowed": ["closed"]}  # noqa: RUF012 - read only


def move(session: AsyncSession, request: RightsRequest, to: RequestState, *, at: datetime, by: str) -> None:
    """Change the state and log it; an end is the outcome, too, and stays that when the file is closed."""
    if to not in NEXT[request.state]:
        raise RequestCannotMove(allowed=sorted(NEXT[request.state]))
    log(session, request, EventKind.MOVED, at=at, by=by, details={"from": request.state, "to": to})
    request.state = to
    if to in END:
        request.outcome, request.decided_at = Outcome(to), at
        request.waiting_since = None
    if to is S.CLOSED:
        request.closed_at = at
