"""What changes members of staff: role, name, access, second factor, trainings; each is audited with its actor."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import sessions
from app.auth import staff_queries as queries
from app.auth.auditing.recording import Action, note
from app.auth.inviting import NO_FACTORS, send_link
from app.auth.models import MailLink, Realm, RecoveryCode, SessionEnd, Staff, StaffRole, Training
from app.auth.staff_errors import LastOwner, MemberDisabled, OwnTraining, TrainingInFuture
from app.auth.staff_schemas import ChangeMember, RecordTraining
from app.core.clock import legal_date
from app.core.ids import uuid7


async def change_member(session: AsyncSession, staff_id: UUID, wish: ChangeMember, *, actor: str, at: datetime) -> None:
    """Change role, name or access; refuses with LastOwner what would leave the shop without an active one."""
    member, owners = await queries.lock_member_and_owners(session, staff_id)
    was_owner = _is_active_owner(member)
    changes = _change(member, wish, at=at)
    if was_owner and not any(map(_is_active_owner, owners)):
        raise LastOwner
    await session.flush()  # before the audit's lock is taken
    if Action.STAFF_DISABLED in changes:
        await _end_access(session, member, at=at)
    for action, detail in changes.items():
        await note(session, action, actor=actor, subject=f"staff:{staff_id}", detail=detail, at=at)


def _is_active_owner(member: Staff) -> bool:
    return member.role is StaffRole.OWNER and member.activated_at is not None and member.disabled_at is None


def _change(member: Staff, wish: ChangeMember, *, at: datetime) -> dict[Action, str | None]:
    """Change what differs; returns what the audit is to say of it."""
    changes: dict[Action, str | None] = {}
    if wish.role and wish.role is not member.role:
        changes[Action.STAFF_ROLE_CHANGED] = f"role: {member.role} → {wish.role}"
        member.role = wish.role
    if wish.name and wish.name != member.name:
        changes[Action.PERSONAL_DATA_CHANGED] = "name"
        member.name = wish.name
    if wish.disabled is not None and wish.disabled is (member.disabled_at is None):
        changes[Action.STAFF_DISABLED if wish.disabled else Action.STAFF_ENABLED] = None
        member.disabled_at = at if wish.disabled else None
    return changes


async def _end_access(session: AsyncSession, member: Staff, *, at: datetime) -> None:
    await sessions.end_sessions(session, Realm.STAFF, member.id, SessionEnd.ACCESS_TAKEN, at=at)
    mailed = func.lower(MailLink.email) == func.lower(member.email)
    await session.execute(delete(MailLink).where(MailLink.realm == Realm.STAFF, mailed))


async def reset_second_factor(
    session: AsyncSession, staff_id: UUID, *, actor: str, at: datetime, last_owner_too: bool = False
) -> MailLink:
    """Take password, second factor and recovery codes back; the member is let in again by a new invitation.

    Refuses with LastOwner as `change_member` does; the shop's operator may let in a sole owner who lost app and codes.
    """
    member, owners = await queries.lock_member_and_owners(session, staff_id)
    if member.disabled_at:
        raise MemberDisabled
    was_owner = _is_active_owner(member)
    for factor, nothing in NO_FACTORS.items():
        setattr(member, factor, nothing)
    if was_owner and not last_owner_too and not any(map(_is_active_owner, owners)):
        raise LastOwner
    await session.flush()  # before the audit's lock is taken
    await session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    await _end_access(session, member, at=at)
    link = await send_link(session, staff_id, member.email, member.language, at=at)
    await note(session, Action.SECOND_FACTOR_RESET, actor=actor, subject=f"staff:{staff_id}", at=at)
    return link


async def record_training(
    session: AsyncSession, staff_id: UUID, wish: RecordTraining, *, actor: str, at: datetime
) -> Training:
    """Record that a member was made acquainted with the law and the internal rules (S44).

    Told again word for word, because the answer was lost say, it gives the record that is there.
    """
    if actor == f"staff:{staff_id}":
        raise OwnTraining
    if wish.trained_on > legal_date(at):
        raise TrainingInFuture
    await queries.lock_member(session, staff_id)  # of two who tell the same at once, the second finds the first's
    said = wish.model_dump()
    if known := await queries.find_training(session, staff_id, **said):
        return known
    training = Training(id=uuid7(), staff_id=staff_id, **said, recorded_at=at, recorded_by=actor)
    session.add(training)
    await session.flush()  # before the audit's lock is taken
    detail = f"training:{training.id}"
    await note(session, Action.TRAINING_RECORDED, actor=actor, subject=f"staff:{staff_id}", detail=detail, at=at)
    return training
