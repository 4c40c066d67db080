"""The audit log for staff; whoever reads it is written in it."""

from typing import Annotated, Any

from fastapi import Query

from app.auth.auditing.models import Action
from app.auth.auditing.queries import list_entries
from app.auth.auditing.recording import audit_insert
from app.auth.auditing.schemas import AuditEntryView
from app.auth.errors import InsufficientScope, RoleInsufficient, Unauthenticated
from app.auth.guards import staff_with
from app.auth.persons import Person
from app.auth.roles import Right
from app.core.clock import At
from app.core.db import SessionDep, write_last
from app.core.errors import Invalid
from app.core.explaining import shape
from app.core.language import Text
from app.core.paging import Cursor, CursorUnknown, Limit, Page, read_cursor, write_cursor
from app.core.problems import problems
from app.core.routing import Router

router = Router(prefix="/staff/audit", tags=["staff"])
NAME = shape(
    "^[!-~]+( [!-~]+)*$", Text("Напишете го така, както стои в записите", "Write it exactly as entries have it")
)
Name = Annotated[str | None, Query(max_length=200, pattern=NAME, description="Exactly as entries have it")]


@router.get("", responses=problems(Unauthenticated, InsufficientScope, RoleInsufficient, CursorUnknown, Invalid))
async def list_audit_entries(
    caller: Annotated[Person, staff_with(Right.READ_AUDIT)],
    session: SessionDep,
    at: At,
    actor: Name = None,
    subject: Name = None,
    action: Annotated[Action | None, Query(description="Of one kind alone")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AuditEntryView]:
    """List the entries of the audit log, newest first; this reading becomes an entry too."""
    before = read_cursor(cursor, _sequence)
    rows = await list_entries(
        session, actor=actor, subject=subject, action=action, before=before[0] if before else None, limit=limit + 1
    )
    shown = rows[:limit]
    # What was shown, not what was asked: somebody may have typed a name.
    detail = f"entries {shown[0].sequence}–{shown[-1].sequence}" if shown else None
    write_last(session, audit_insert(Action.AUDIT_READ, actor=caller.actor, detail=detail, at=at))
    return Page(
        items=[AuditEntryView.model_validate(entry) for entry in shown],
        next_cursor=write_cursor(shown[-1].sequence) if len(rows) > limit else None,
    )


def _sequence(value: Any) -> int:
    if type(value) is not int or not 0 < value < 2**63:
        raise ValueError("not the number of an entry")
    return value
