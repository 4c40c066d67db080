"""Endpoints about those who work here: members, trainings, and who can see what."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import inviting, lifting, staffing
from app.auth import staff_queries as queries
from app.auth.auditing.recording import Action, audit_insert
from app.auth.errors import StaffAlreadyExists
from app.auth.guards import ACCOUNT_REFUSALS, STAFF_REFUSALS, StaffCaller, staff_with
from app.auth.persons import Person
from app.auth.reviewing import access_of, as_csv, review_access
from app.auth.roles import Right, rights_of
from app.auth.staff_errors import LastOwner, MemberDisabled, OwnTraining, TrainingInFuture
from app.auth.staff_schemas import (
    AccessReviewView,
    ChangeMember,
    InvitationView,
    Invite,
    LiftLimits,
    MembersView,
    MemberView,
    OwnMemberView,
    RecordTraining,
    TrainingsView,
    TrainingView,
)
from app.core.clock import At
from app.core.db import SessionDep, write_last
from app.core.errors import Invalid, NotFound
from app.core.problems import BodyUnreadable, problems
from app.core.routing import Router
from app.core.throttle import ThrottleDep

router = Router(prefix="/staff", tags=["staff"])
StaffId = Annotated[
    UUID, Path(description="As the list of members names it", examples=["019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"])
]
Manager = Annotated[Person, staff_with(Right.MANAGE_STAFF)]
Reviewer = Annotated[Person, staff_with(Right.REVIEW_ACCESS)]
Lifter = Annotated[Person, staff_with(Right.LIFT_LIMITS)]
Trainer = Annotated[Person, staff_with(Right.RECORD_TRAINING)]
CHANGE = (*STAFF_REFUSALS, BodyUnreadable, Invalid)
CSV = "text/csv"


@router.get("/me", responses=problems(*ACCOUNT_REFUSALS))
async def read_own_place(caller: StaffCaller, session: SessionDep, at: At) -> OwnMemberView:
    """Show one's own role, what it permits, and until when one's training holds."""
    return access_of(await queries.get_member(session, caller.id, at=at))


@router.post("/invitations", status_code=201, responses=problems(*CHANGE, StaffAlreadyExists))
async def invite_member(wish: Invite, caller: Manager, session: SessionDep, at: At) -> InvitationView:
    """Invite somebody to the staff by a link that is mailed; invited again, the earlier links end."""
    link = await inviting.invite(session, wish, actor=caller.actor, at=at)
    assert link.staff_id is not None  # of an invitation
    return InvitationView(staff_id=link.staff_id, expires_at=link.expires_at)


@router.get("/members", responses=problems(*STAFF_REFUSALS))
async def list_members(caller: Reviewer, session: SessionDep, at: At) -> MembersView:
    """List all who work here: role, training, and when each was last here; that it was read is audited."""
    _note_read(session, "list_members", caller, at)
    members = await queries.list_members(session, at=at)
    return MembersView(items=[MemberView.model_validate(access_of(member)) for member in members])


def _note_read(session: AsyncSession, what: str, caller: Person, at: datetime) -> None:
    """Audit what opens data of those who work here; their rights need no training, so the guard does not."""
    write_last(session, audit_insert(Action.PERSONAL_DATA_READ, actor=caller.actor, subject=what, at=at))


@router.patch("/members/{staff_id}", responses=problems(*CHANGE, NotFound, LastOwner))
async def change_member(
    staff_id: StaffId, wish: ChangeMember, caller: Manager, session: SessionDep, at: At
) -> MemberView:
    """Change role, name or access of a member, from the next request on; the last active owner stays one."""
    await staffing.change_member(session, staff_id, wish, actor=caller.actor, at=at)
    return access_of(await queries.get_member(session, staff_id, at=at))


@router.post(
    "/members/{staff_id}/mfa-reset",
    status_code=202,
    responses=problems(*STAFF_REFUSALS, NotFound, MemberDisabled, LastOwner, Invalid),
)
async def reset_second_factor(staff_id: StaffId, caller: Manager, session: SessionDep, at: At) -> InvitationView:
    """Take a member's password, second factor and recovery codes back; a new invitation is mailed.

    The last active owner stays one.
    """
    link = await staffing.reset_second_factor(session, staff_id, actor=caller.actor, at=at)
    return InvitationView(staff_id=staff_id, expires_at=link.expires_at)


@router.post(
    "/members/{staff_id}/trainings",
    status_code=201,
    responses=problems(*CHANGE, NotFound, OwnTraining, TrainingInFuture),
)
async def record_training(
    staff_id: StaffId, wish: RecordTraining, caller: Trainer, session: SessionDep, at: At
) -> TrainingView:
    """Record that a member was made acquainted with the law and the internal rules; it opens customers' data.

    Nobody records their own. Told again word for word it gives the record that is there.
    """
    training = await staffing.record_training(session, staff_id, wish, actor=caller.actor, at=at)
    return TrainingView.model_validate(training)


@router.get("/members/{staff_id}/trainings", responses=problems(*STAFF_REFUSALS, NotFound, Invalid))
async def list_trainings(staff_id: StaffId, caller: Trainer, session: SessionDep, at: At) -> TrainingsView:
    """List the trainings on record of a member, newest first; that it was read is audited."""
    _note_read(session, f"list_trainings staff_id:{staff_id}", caller, at)
    await queries.get_member(session, staff_id, at=at)
    found = await queries.list_trainings(session, staff_id)
    return TrainingsView(items=[TrainingView.model_validate(training) for training in found])


@router.post("/limit-lifts", status_code=204, response_class=Response, responses=problems(*CHANGE))
async def lift_limits(wish: LiftLimits, caller: Lifter, session: SessionDep, throttle: ThrottleDep, at: At) -> None:
    """Lift the allowances and locks of one mailbox: what was held back of it is sent, and it may log in again.

    Those of a login of staff, its second factor among them, are lifted by who manages the staff.
    """
    assert caller.role is not None  # of every member of staff
    of_staff = Right.MANAGE_STAFF in rights_of(caller.role)
    await lifting.lift_limits(session, throttle, wish.email, of_staff=of_staff, actor=caller.actor, at=at)


@router.get("/access-review", responses=problems(*STAFF_REFUSALS))
async def read_access_review(caller: Reviewer, session: SessionDep, at: At) -> AccessReviewView:
    """Show who can see what: members of staff and machine clients; that it was read is audited."""
    return await review_access(session, actor=caller.actor, at=at)


@router.get(
    "/access-review.csv",
    response_class=Response,
    responses={
        200: {"description": "The review as a table", "content": {CSV: {"schema": {"type": "string"}}}},
        **problems(*STAFF_REFUSALS),
    },
)
async def download_access_review(caller: Reviewer, session: SessionDep, at: At) -> Response:
    """Show the same as a table (CSV)."""
    table = as_csv(await review_access(session, actor=caller.actor, at=at))
    headers = {"Content-Disposition": 'attachment; filename="access-review.csv"', "Cache-Control": "no-store"}
    return Response(table, media_type=CSV, headers=headers)
