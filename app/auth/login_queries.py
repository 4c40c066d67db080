"""Every select about people who log in: by address, by session, by refresh token."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, TextClause, bindparam, case, exists, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.errors import Unauthenticated
from app.auth.models import (
    Account,
    LoginSession,
    MailLink,
    Realm,
    RefreshToken,
    Staff,
    StaffRole,
    Training,
)
from app.core.clock import legal_date
from app.core.db import Sessions
from app.core.rows import Read
from app.core.throttle import taking

TABLES: dict[Realm, type[Account | Staff]] = {Realm.ACCOUNT: Account, Realm.STAFF: Staff}
_AT_WORK = Staff.activated_at.is_not(None) & Staff.disabled_at.is_(None)


class KnownLogin(NamedTuple):
    """Who an address belongs to."""

    id: UUID
    password_hash: str | None
    seen_here_at: datetime | None
    """When this person logged in from this origin, to the day."""


class LiveSession(NamedTuple):
    """A session that has not ended, of somebody who may still log in."""

    id: UUID
    account_id: UUID | None
    staff_id: UUID | None
    last_used_at: datetime
    role: StaffRole | None
    is_trained: bool


def _may_log_in(realm: Realm) -> ColumnElement[bool]:
    return _AT_WORK if realm is Realm.STAFF else true()


def _logins(realm: Realm) -> TextClause:
    table = TABLES[realm].__tablename__
    return taking(f"""
        SELECT id, password_hash, seen_here_at, seen_here_at IS NOT NULL AS is_familiar
        FROM {table} CROSS JOIN LATERAL (
            SELECT max(seen_at) AS seen_here_at FROM familiar_origins
            WHERE person_id = {table}.id AND digest = ANY(CAST(:origins AS bytea[]))
        ) AS here
        WHERE lower(email) = lower(CAST(:email AS text)) AND {_may_log_in(realm)}
    """)  # noqa: S608 - names of ours


LOGINS = {realm: _logins(realm) for realm in Realm}
"""By realm: finds who logs in by an address, while it takes the allowances of who tries.

An invited or disabled member of staff is nobody. `origins` is one place, under each secret by which it may be kept.
"""


async def find_person(session: AsyncSession, realm: Realm, email: str) -> Account | Staff | None:
    who = TABLES[realm]
    return await _one(session, realm, func.lower(who.email) == func.lower(email), _may_log_in(realm))


async def get_person(session: AsyncSession, realm: Realm, person_id: UUID) -> Account | Staff:
    """Get whom a live session belongs to; Unauthenticated when the account was closed a moment ago."""
    person = await _one(session, realm, TABLES[realm].id == person_id)
    if person is None:
        raise Unauthenticated  # closed since the guard let it pass
    return person


async def lock_person(session: AsyncSession, realm: Realm, person_id: UUID) -> Account | Staff | None:
    """Lock whoever may still log in; anew, because another may have changed the row since it was seen."""
    return await _one(session, realm, TABLES[realm].id == person_id, _may_log_in(realm), lock=True)


async def _one(
    session: AsyncSession, realm: Realm, *which: ColumnElement[bool], lock: bool = False
) -> Account | Staff | None:
    wanted: Select[Any] = select(TABLES[realm]).where(*which)
    if lock:
        # As nothing changes a key, whoever only refers to the row does not wait: an order that is being placed.
        wanted = wanted.with_for_update(key_share=True).execution_options(populate_existing=True)
    found: Account | Staff | None = await session.scalar(wanted)
    return found


_TRAINED = exists().where(
    Training.staff_id == Staff.id,
    Training.trained_on <= bindparam("today", type_=Date),
    or_(Training.valid_until.is_(None), Training.valid_until >= bindparam("today", type_=Date)),
)
_LIVE = Read(
    select(
        LoginSession.id,
        LoginSession.account_id,
        LoginSession.staff_id,
        LoginSession.last_used_at,
        Staff.role,
        case((LoginSession.staff_id.is_not(None), _TRAINED), else_=false()),
    )
    .outerjoin(Staff, Staff.id == LoginSession.staff_id)
    .where(
        LoginSession.id == bindparam("session_id"),
        LoginSession.ended_at.is_(None),
        LoginSession.expires_at > bindparam("at"),
        or_(LoginSession.staff_id.is_(None), _AT_WORK),
    ),
    LiveSession._make,
)


async def find_live_session(lookups: Sessions, session_id: UUID, *, at: datetime) -> LiveSession | None:
    found: Sequence[LiveSession] = await _LIVE.rows(lookups, session_id=session_id, at=at, today=legal_date(at))
    return found[0] if found else None


async def get_login_moment(session: AsyncSession, session_id: UUID) -> datetime:
    """Get when somebody logged in; Unauthenticated when the account was closed a moment ago."""
    opened_at = await session.scalar(select(LoginSession.created_at).where(LoginSession.id == session_id))
    if opened_at is None:
        raise Unauthenticated  # closed since the guard let it pass
    return opened_at


async def list_live_sessions(
    session: AsyncSession, realm: Realm, person_id: UUID, *, at: datetime
) -> Sequence[LoginSession]:
    """List the sessions that have not ended, last used first."""
    live = select(LoginSession).where(of_person(realm, person_id), LoginSession.ended_at.is_(None))
    newest_first = (LoginSession.last_used_at.desc(), LoginSession.id.desc())
    return (await session.scalars(live.where(LoginSession.expires_at > at).order_by(*newest_first))).all()


def of_person(realm: Realm, person_id: UUID) -> ColumnElement[bool]:
    column = LoginSession.staff_id if realm is Realm.STAFF else LoginSession.account_id
    return column == person_id


async def lock_refresh_token(
    session: AsyncSession, token_hash: bytes
) -> tuple[RefreshToken, LoginSession] | tuple[None, None]:
    """Lock a session and then its token: of two who use one token, the second sees what the first did."""
    found = (
        await session.execute(
            select(RefreshToken, LoginSession)
            .select_from(LoginSession)  # PostgreSQL locks in the order of the tables: as a session goes with its tokens
            .join(RefreshToken, RefreshToken.session_id == LoginSession.id)
            .where(RefreshToken.token_hash == token_hash)
            .with_for_update()  # of both: a row that is not locked would be shown as it was before the wait
            .execution_options(populate_existing=True)
        )
    ).one_or_none()
    return (found[0], found[1]) if found else (None, None)


async def is_unused(session: AsyncSession, token_hash: bytes) -> bool:
    wanted = exists().where(RefreshToken.token_hash == token_hash, RefreshToken.used_at.is_(None))
    return bool(await session.scalar(select(wanted)))


async def find_link(session: AsyncSession, link_id: UUID, *, at: datetime) -> MailLink | None:
    """Find a link that still works."""
    live = (MailLink.used_at.is_(None), MailLink.expires_at > at)
    return await session.scalar(select(MailLink).where(MailLink.id == link_id, *live))


async def find_unused_link(session: AsyncSession, link_id: UUID) -> MailLink | None:
    """Find a link that was not used, expired or not: for whoever is about to mail it."""
    return await session.scalar(select(MailLink).where(MailLink.id == link_id, MailLink.used_at.is_(None)))


async def lock_link(session: AsyncSession, link_id: UUID, *, at: datetime) -> MailLink | None:
    """Lock a link that still works: of two who use it at once, the second finds it used."""
    live = (MailLink.used_at.is_(None), MailLink.expires_at > at)
    wanted = select(MailLink).where(MailLink.id == link_id, *live).with_for_update()
    return await session.scalar(wanted.execution_options(populate_existing=True))
