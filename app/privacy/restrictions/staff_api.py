"""The restrictions in force, and lifting one, for the privacy officer; one is set by deciding a request."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import ConfigDict, Field
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid
from app.core.fields import View
from app.core.paging import Cursor, CursorUnknown, Limit, ListedId, Page, read_cursor, write_cursor
from app.core.problems import problems
from app.core.routing import Router
from app.privacy.restricting import Restriction, RestrictionGround, RestrictionNotFound, lift

router = Router(prefix="/staff/privacy/restrictions", tags=["staff"])

RESTRICTION: dict[str, Any] = {
    "id": "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11",
    "email": "iva@example.bg",
    "account_id": None,
    "ground": "accuracy_contested",
    "request_id": "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e12",
    "since": "2026-11-22T10:30:00Z",
    "lifting_at": None,
    "lifted_at": None,
}


class RestrictionView(View):
    """Whose data are stored and not used, since when and why."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [RESTRICTION]})

    id: UUID
    email: str
    account_id: UUID | None
    ground: RestrictionGround
    request_id: UUID | None
    since: datetime
    lifting_at: datetime | None = Field(description="It ends when the person was told")
    lifted_at: datetime | None


async def _listed(
    session: AsyncSession, *, in_force: bool | None, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Restriction]:
    wanted = select(Restriction).order_by(Restriction.since, Restriction.id).limit(limit)
    if in_force is not None:
        over = Restriction.lifted_at.is_not(None)
        wanted = wanted.where(~over if in_force else over)
    if after is not None:
        wanted = wanted.where(tuple_(Restriction.since, Restriction.id) > after)
    return (await session.scalars(wanted)).all()


@router.get("", responses=problems(*STAFF_REFUSALS, CursorUnknown, Invalid))
async def list_restrictions(
    _: Annotated[Person, staff_with(Right.READ_REQUESTS)],
    session: SessionDep,
    in_force: Annotated[bool | None, Query(description="Only those, or only those that are over")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[RestrictionView]:
    """List restrictions, oldest first."""
    after = read_cursor(cursor, datetime.fromisoformat, UUID)
    found = await _listed(session, in_force=in_force, after=(after[0], after[1]) if after else None, limit=limit + 1)
    shown = found[:limit]
    more = len(found) > limit
    return Page(
        items=[RestrictionView.model_validate(each) for each in shown],
        next_cursor=write_cursor(shown[-1].since.isoformat(), shown[-1].id) if more else None,
    )


@router.post("/{restriction_id}/lifting", responses=problems(*STAFF_REFUSALS, RestrictionNotFound, Invalid))
async def lift_restriction(
    restriction_id: ListedId,
    caller: Annotated[Person, staff_with(Right.DECIDE_REQUESTS)],
    session: SessionDep,
    at: At,
) -> RestrictionView:
    """Decide that a restriction ends: the person is told by letter, and with the letter sent it is over."""
    return RestrictionView.model_validate(await lift(session, restriction_id, by=caller.actor, at=at))
