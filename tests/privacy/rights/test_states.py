"""The machine of a request's states: each can be reached, and only `move` goes there."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.privacy.rights.models import Outcome, RequestState, RightsRequest
from app.privacy.rights.states import END, NEXT, RequestCannotMove, move

S = RequestState
AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_every_state_can_be_reached_and_only_a_closed_one_ends() -> None:
    reached, wave = {S.RECEIVED}, {S.RECEIVED}
    while wave:
        wave = {after for state in wave for after in NEXT[state]} - reached
        reached |= wave
    assert reached == {*S}
    assert {state for state, after in NEXT.items() if not after} == {S.CLOSED}
    assert {*NEXT} == {*S}


def test_a_request_is_refused_before_it_is_complete_but_never_granted() -> None:
    for state in (S.INCOMPLETE, S.IDENTITY_NEEDED):
        assert NEXT[state] & END == {S.REFUSED, S.WITHDRAWN}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("to", S)
async def test_a_move_is_logged_or_refused(state: RequestState, to: RequestState) -> None:
    session = AsyncSession()
    request = RightsRequest(state=state, outcome=None)
    if to not in NEXT[state]:
        with pytest.raises(RequestCannotMove):
            move(session, request, to, at=AT, by="test")
        assert (request.state, [*session.new]) == (state, [])
        return
    move(session, request, to, at=AT, by="test")
    [event] = session.new
    assert (event.kind, event.details) == ("moved", {"from": state, "to": to})
    assert request.state is to
    assert request.outcome == (Outcome(to) if to in END else None)
    assert request.closed_at == (AT if to is S.CLOSED else None)
