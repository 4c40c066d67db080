"""The breach desk for the staff: the register, what is entered in it, and what is decided."""

from typing import Annotated, Any

from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.guards import STAFF_REFUSALS
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid
from app.core.paging import Cursor, CursorUnknown, Limit, Page, read_cursor, write_cursor
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.privacy.breaches import deciding, queries, recording
from app.privacy.breaches.desk import REFUSALS, BreachId, Manager, Reader
from app.privacy.breaches.errors import (
    BreachCannotMove,
    BreachIncomplete,
    LettersStarted,
    MomentImpossible,
    NoDrill,
    PublicNoticeMissing,
    RiskNotUnlikely,
    SomebodyAffected,
)
from app.privacy.breaches.models import EntryKind
from app.privacy.breaches.recording import Discovery
from app.privacy.breaches.schemas import (
    AddEntry,
    AdvanceDrill,
    AssessBreach,
    CloseBreach,
    ExemptFromLetters,
    GiveReasons,
    RecordBreach,
    TellPublicly,
)
from app.privacy.breaches.views import BreachEntryView, BreachView, RegisterLineView

router = Router(prefix="/staff/breaches", tags=["staff"])


@router.get("", responses=problems(*STAFF_REFUSALS, CursorUnknown, Invalid))
async def list_breaches(
    _: Reader,
    session: SessionDep,
    drill: Annotated[bool, Query(description="The drills, which stand apart from the register")] = False,  # noqa: FBT002 - a query parameter
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[RegisterLineView]:
    """List the register of breaches, newest first (S49, S80)."""
    after = read_cursor(cursor, _number)
    found = await queries.list_breaches(session, drill=drill, after=after[0] if after else None, limit=limit + 1)
    shown = found[:limit]
    return Page(
        items=[RegisterLineView.of(registered) for registered in shown],
        next_cursor=write_cursor(shown[-1].breach.number) if len(found) > limit else None,
    )


def _number(value: Any) -> int:
    if type(value) is not int or not 0 < value < 2**63:
        raise ValueError("not the number of a breach")
    return value


@router.post("", status_code=201, responses=problems(*STAFF_REFUSALS, MomentImpossible, BodyUnreadable, Invalid))
async def record_breach(wish: RecordBreach, caller: Manager, session: SessionDep, at: At) -> BreachView:
    """Record that a breach was discovered: the 72 hours run from that moment (S82)."""
    discovery = Discovery(
        summary=wish.summary,
        channel=wish.channel,
        discovered_at=wish.discovered_at or at,
        processor=wish.processor,
        drill=wish.drill,
    )
    breach = await recording.record(session, discovery, at=at, by=caller.actor)
    return await whole(session, breach.id, at)


@router.get("/{breach_id}", responses=problems(*REFUSALS))
async def read_breach(breach_id: BreachId, _: Reader, session: SessionDep, at: At) -> BreachView:
    """Show a breach with all its entries, its letters in numbers and its notifications."""
    return await whole(session, breach_id, at)


async def whole(session: AsyncSession, breach_id: BreachId, at: At) -> BreachView:
    await session.flush()  # the session has no autoflush
    return BreachView.whole(
        await queries.get_registered(session, breach_id),
        await queries.list_entries(session, breach_id),
        await queries.list_last_searches(session, breach_id),
        await queries.count_letters(session, breach_id),
        await queries.list_notifications(session, breach_id),
        at=at,
    )


@router.post("/{breach_id}/entries", status_code=201, responses=problems(*REFUSALS, BodyUnreadable))
async def add_breach_entry(
    breach_id: BreachId, wish: AddEntry, caller: Manager, session: SessionDep, at: At
) -> BreachEntryView:
    """Add facts, consequences, measures or a note; an entry is never changed, a new one corrects it (S80, S83)."""
    kind = EntryKind(wish.kind.value)
    entry = await recording.add_entry(
        session, breach_id, kind, wish.text, corrects_id=wish.corrects, at=at, by=caller.actor
    )
    return BreachEntryView.model_validate(entry)


@router.post("/{breach_id}/assessment", responses=problems(*REFUSALS, BodyUnreadable))
async def assess_breach(
    breach_id: BreachId, wish: AssessBreach, caller: Manager, session: SessionDep, at: At
) -> BreachView:
    """Assess the risk to people, with reasons; again, when more is known (S82)."""
    await recording.assess(session, breach_id, wish.risk, wish.reasons, at=at, by=caller.actor)
    return await whole(session, breach_id, at)


@router.post(
    "/{breach_id}/no-notification",
    responses=problems(*REFUSALS, BreachIncomplete, RiskNotUnlikely, BreachCannotMove, BodyUnreadable),
)
async def decide_not_to_notify(
    breach_id: BreachId, wish: GiveReasons, caller: Manager, session: SessionDep, at: At
) -> BreachView:
    """Decide, with reasons, that the authority is not notified: a risk is unlikely (GDPR Art. 33(1))."""
    await deciding.decide_not_to_notify(session, breach_id, wish.reasons, at=at, by=caller.actor)
    return await whole(session, breach_id, at)


@router.post(
    "/{breach_id}/no-letters",
    responses=problems(
        *REFUSALS, BreachCannotMove, LettersStarted, SomebodyAffected, PublicNoticeMissing, BodyUnreadable
    ),
)
async def exempt_from_letters(
    breach_id: BreachId, wish: ExemptFromLetters, caller: Manager, session: SessionDep, at: At
) -> BreachView:
    """Decide, with reasons, that no letters are sent (GDPR Art. 34(3)); by default everybody affected is told (S81)."""
    await deciding.exempt(session, breach_id, wish.ground, wish.reasons, at=at, by=caller.actor)
    return await whole(session, breach_id, at)


@router.post("/{breach_id}/public-notice", responses=problems(*REFUSALS, BreachCannotMove, BodyUnreadable))
async def record_public_notice(
    breach_id: BreachId, wish: TellPublicly, caller: Manager, session: SessionDep, at: At
) -> BreachView:
    """Record a public notice for those whom no letter reaches (GDPR Art. 34(3)(c))."""
    await deciding.tell_publicly(session, breach_id, wish.text, at=at, by=caller.actor)
    return await whole(session, breach_id, at)


@router.post("/{breach_id}/closing", responses=problems(*REFUSALS, BreachIncomplete, BreachCannotMove, BodyUnreadable))
async def close_breach(
    breach_id: BreachId, wish: CloseBreach, caller: Manager, session: SessionDep, at: At
) -> BreachView:
    """Close a breach that is documented, decided and told."""
    await deciding.close(session, breach_id, wish.conclusion, at=at, by=caller.actor)
    return await whole(session, breach_id, at)


@router.post("/{breach_id}/drill-clock", responses=problems(*REFUSALS, NoDrill, BodyUnreadable))
async def advance_drill(breach_id: BreachId, wish: AdvanceDrill, _: Manager, session: SessionDep, at: At) -> BreachView:
    """Put the clock of a drill forward."""
    await recording.advance_drill(session, breach_id, wish.hours)
    return await whole(session, breach_id, at)
