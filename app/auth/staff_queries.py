"""Every select about members of staff: invitations, trainings, what each may see and when each was last here."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.errors import LinkInvalid
from app.auth.models import LinkPurpose, LoginSession, MailLink, Staff, StaffRole, Training
from app.core.clock import legal_date
from app.core.errors import NotFound


class Member(NamedTuple):
    """A member of staff with what trainings and logins say."""

    id: UUID
    email: str
    name: str
    role: StaffRole
    created_at: datetime
    activated_at: datetime | None
    disabled_at: datetime | None
    is_trained: bool
    trained_until: date | None
    """Last day of the trainings on record; None: one has no end, or there is none."""
    last_login_at: datetime | None
    last_used_at: datetime | None


def _members(today: date) -> Select[Any]:
    endless, until = func.bool_or(Training.valid_until.is_(None)), func.max(Training.valid_until)
    trained = (
        select(
            Training.staff_id,
            func.bool_or(or_(Training.valid_until.is_(None), Training.valid_until >= today)).label("today"),
            case((endless, None), else_=until).label("until"),
        )
        .where(Training.trained_on <= today)
        .group_by(Training.staff_id)
        .subquery()
    )
    logins = (
        select(
            LoginSession.staff_id,
            func.max(LoginSession.created_at).label("opened_at"),
            func.max(LoginSession.last_used_at).label("used_at"),
        )
        .where(LoginSession.staff_id.is_not(None))
        .group_by(LoginSession.staff_id)
        .subquery()
    )
    shown = (
        *(Staff.id, Staff.email, Staff.name, Staff.role, Staff.created_at, Staff.activated_at, Staff.disabled_at),
        *(func.coalesce(trained.c.today, False), trained.c.until, logins.c.opened_at, logins.c.used_at),
    )
    of_each = select(*shown).outerjoin(trained, trained.c.staff_id == Staff.id)
    return of_each.outerjoin(logins, logins.c.staff_id == Staff.id)


async def list_members(session: AsyncSession, *, at: datetime) -> list[Member]:
    """List all who work here, the disabled too, oldest first; they are few."""
    found = await session.execute(_members(legal_date(at)).order_by(Staff.created_at, Staff.id))
    return [Member._make(row) for row in found]


async def get_member(session: AsyncSession, staff_id: UUID, *, at: datetime) -> Member:
    found = (await session.execute(_members(legal_date(at)).where(Staff.id == staff_id))).one_or_none()
    if found is None:
        raise NotFound
    return Member._make(found)


async def lock_member(session: AsyncSession, staff_id: UUID) -> Staff:
    wanted = select(Staff).where(Staff.id == staff_id).with_for_update()
    found = await session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


async def lock_member_and_owners(session: AsyncSession, staff_id: UUID) -> tuple[Staff, list[Staff]]:
    """Lock a member and every owner, by id: of two owners who take each other's place, the second sees the first."""
    wanted = select(Staff).where(or_(Staff.id == staff_id, Staff.role == StaffRole.OWNER))
    locked = wanted.order_by(Staff.id).with_for_update().execution_options(populate_existing=True)
    found = (await session.scalars(locked)).all()
    member = next((each for each in found if each.id == staff_id), None)
    if member is None:
        raise NotFound
    return member, [each for each in found if each.role is StaffRole.OWNER]


async def find_member_id(session: AsyncSession, email: str) -> UUID | None:
    return await session.scalar(select(Staff.id).where(func.lower(Staff.email) == func.lower(email)))


def _invited(link_id: UUID, at: datetime) -> Select[Any]:
    return (
        select(Staff)
        .join(MailLink, MailLink.staff_id == Staff.id)
        .where(
            MailLink.id == link_id,
            MailLink.purpose == LinkPurpose.INVITATION,
            MailLink.used_at.is_(None),
            MailLink.expires_at > at,
            Staff.activated_at.is_(None),
            Staff.disabled_at.is_(None),
        )
    )


async def get_invited(session: AsyncSession, link_id: UUID, *, at: datetime) -> Staff:
    """Find who was invited by a link that still works; refuses with LinkInvalid any other."""
    wanted = _invited(link_id, at).execution_options(populate_existing=True)
    invited: Staff | None = await session.scalar(wanted)
    if invited is None:
        raise LinkInvalid
    return invited


async def lock_invited(session: AsyncSession, link_id: UUID, *, at: datetime) -> Staff:
    """Lock who was invited: whoever makes or ends a link of theirs holds the same lock."""
    await session.execute(_invited(link_id, at).with_for_update(of=Staff))
    # Read anew: the first statement shows the link as it was before the wait.
    return await get_invited(session, link_id, at=at)


async def list_trainings(session: AsyncSession, staff_id: UUID) -> Sequence[Training]:
    """List the trainings of a member, newest first."""
    wanted = select(Training).where(Training.staff_id == staff_id)
    return (await session.scalars(wanted.order_by(Training.trained_on.desc(), Training.id.desc()))).all()


async def find_training(
    session: AsyncSession, staff_id: UUID, *, subject: str, trained_on: date, valid_until: date | None
) -> Training | None:
    """Find the record of exactly this training."""
    of_member = select(Training).where(Training.staff_id == staff_id, Training.subject == subject)
    same = (Training.trained_on == trained_on, Training.valid_until.is_not_distinct_from(valid_until))
    return await session.scalar(of_member.where(*same).order_by(Training.id).limit(1))
