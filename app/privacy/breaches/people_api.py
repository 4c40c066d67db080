"""The breach desk for the staff: who is affected, and the letters to them."""

from uuid import UUID

from app.core.clock import At
from app.core.db import SessionDep
from app.core.paging import Cursor, CursorUnknown, Limit, Page, read_cursor, write_cursor
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.privacy.breaches import affected, queries, telling
from app.privacy.breaches.api import whole
from app.privacy.breaches.desk import REFUSALS, BreachId, Desk, Manager, Reader
from app.privacy.breaches.errors import (
    BreachCannotMove,
    BreachIncomplete,
    LoginNotOnRecord,
    NobodyAffected,
    PeopleNotComputed,
)
from app.privacy.breaches.schemas import FindAffected, SendLetters
from app.privacy.breaches.views import AffectedPersonView, AffectedView, BreachView

router = Router(prefix="/staff/breaches", tags=["staff"])


@router.post("/{breach_id}/people/preview", responses=problems(*REFUSALS, LoginNotOnRecord, BodyUnreadable))
async def preview_affected_people(
    breach_id: BreachId, wish: FindAffected, _: Reader, desk: Desk, session: SessionDep
) -> AffectedView:
    """Count whom these searches find, and keep nothing."""
    await queries.get_breach(session, breach_id)
    return AffectedView.of(await affected.preview(session, desk.find_people, wish.wanted()))


@router.put("/{breach_id}/people", responses=problems(*REFUSALS, BreachCannotMove, LoginNotOnRecord, BodyUnreadable))
async def compute_affected_people(
    breach_id: BreachId, wish: FindAffected, caller: Manager, desk: Desk, session: SessionDep, at: At
) -> AffectedView:
    """Make the list of affected people by these searches together; the same again gives the same list (S81)."""
    _, found = await affected.compute(session, desk.find_people, breach_id, wish.wanted(), at=at, by=caller.actor)
    return AffectedView.of(found)


@router.get("/{breach_id}/people", responses=problems(*REFUSALS, CursorUnknown))
async def list_affected_people(
    breach_id: BreachId, _: Reader, session: SessionDep, limit: Limit = 50, cursor: Cursor = None
) -> Page[AffectedPersonView]:
    """List who is affected, how each was found, and what became of the letter to them (S81)."""
    after = read_cursor(cursor, UUID)
    await queries.get_breach(session, breach_id)
    rows = await queries.list_people(session, breach_id, after=after[0] if after else None, limit=limit + 1)
    shown = rows[:limit]
    return Page(
        items=[AffectedPersonView.model_validate(person) for person in shown],
        next_cursor=write_cursor(shown[-1].id) if len(rows) > limit else None,
    )


@router.post(
    "/{breach_id}/letters",
    status_code=202,
    responses=problems(
        *REFUSALS, BreachIncomplete, BreachCannotMove, PeopleNotComputed, NobodyAffected, BodyUnreadable
    ),
)
async def send_breach_letters(
    breach_id: BreachId, wish: SendLetters, caller: Manager, session: SessionDep, at: At
) -> BreachView:
    """Tell everybody affected by e-mail, each once (GDPR Art. 34, S81); in a drill the caller alone gets the letter."""
    await telling.start_letters(session, breach_id, wish.words(), at=at, by=caller.actor)
    return await whole(session, breach_id, at)
