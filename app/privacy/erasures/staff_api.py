"""What recipients were told, and what they answered, for the privacy officer."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import ConfigDict, Field

from app.auth.guards import STAFF_REFUSALS, staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid
from app.core.fields import ANY_LINE, View, Wish, upto
from app.core.paging import Cursor, CursorUnknown, Limit, ListedId, Page, read_cursor, write_cursor
from app.core.personal import Recipient
from app.core.problems import problems
from app.core.routing import Router
from app.privacy.erasures import queries
from app.privacy.erasures.models import Told
from app.privacy.erasures.queries import TaskNotFound
from app.privacy.recipient_tasks import acknowledge

router = Router(prefix="/staff/privacy/recipient-tasks", tags=["staff"])

TASK: dict[str, Any] = {
    "id": "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11",
    "cause_id": "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e12",
    "recipient": "speedy",
    "told": "erasure",
    "created_at": "2026-11-22T10:30:00Z",
    "due_on": "2026-12-06",
    "mail_id": None,
    "acknowledged_at": None,
    "reference": None,
}


class TaskView(View):
    """One recipient, told of one thing."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [TASK]})

    id: UUID
    cause_id: UUID = Field(description="The request, or the erasure")
    recipient: Recipient
    told: Told
    created_at: datetime
    due_on: date
    mail_id: UUID | None = Field(description="Null: the register has no address, tell it by hand")
    acknowledged_at: datetime | None
    reference: str | None


class Acknowledge(Wish):
    """What the recipient answered."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reference": "Вх. № 12/26.11.2026"}]})

    reference: Annotated[str, upto(200), ANY_LINE] | None = None


@router.get("", responses=problems(*STAFF_REFUSALS, CursorUnknown, Invalid))
async def list_recipient_tasks(
    _: Annotated[Person, staff_with(Right.READ_REQUESTS)],
    session: SessionDep,
    is_open: Annotated[bool | None, Query(description="Only those without an answer, or only those with one")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[TaskView]:
    """List what recipients were told, by the day on which they are to have answered (S69)."""
    after = read_cursor(cursor, date.fromisoformat, UUID)
    found = await queries.list_tasks(session, is_open=is_open, after=after, limit=limit + 1)
    shown = found[:limit]
    more = len(found) > limit
    return Page(
        items=[TaskView.model_validate(task) for task in shown],
        next_cursor=write_cursor(shown[-1].due_on.isoformat(), shown[-1].id) if more else None,
    )


@router.post("/{task_id}/acknowledgement", responses=problems(*STAFF_REFUSALS, TaskNotFound, Invalid))
async def acknowledge_recipient_task(
    task_id: ListedId,
    wish: Acknowledge,
    caller: Annotated[Person, staff_with(Right.DECIDE_REQUESTS)],
    session: SessionDep,
    at: At,
) -> TaskView:
    """Record that a recipient did what it was told; recorded again, the first record stays."""
    task = await acknowledge(session, task_id, by=caller.actor, reference=wish.reference, at=at)
    return TaskView.model_validate(task)
