"""Sessions: one login on one device, kept alive by refresh tokens that work once.

Asked again before its successor was used, a token gives the same successor: the answer was lost, however long ago.
Once the successor was used, both sides had it: the one before was copied, and its whole session ends.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import login_queries as queries
from app.auth.auditing.models import AuditEntry
from app.auth.auditing.recording import Action, audit_insert
from app.auth.models import Account, FamiliarOrigin, LoginSession, Realm, RefreshToken, SessionEnd
from app.auth.random_secrets import digest
from app.core.db import Seen, Write, together
from app.core.ids import uuid7

STAFF_LIFETIME = timedelta(hours=8)
LONGEST_DEVICE = 200


@dataclass(frozen=True, slots=True)
class Refreshable:
    """A session as its owner gets it."""

    session_id: UUID
    realm: Realm
    person_id: UUID
    expires_at: datetime
    refresh_token: str = field(repr=False)


class Reused(Exception):
    """Somebody used a token that was used before; the session has to end."""

    def __init__(self, session: LoginSession) -> None:
        super().__init__(str(session.id))
        self.session = session


def actor_of(realm: Realm, person_id: UUID) -> str:
    return f"{realm}:{person_id}"


def _successor(token: str, salt: bytes) -> str:
    """Make the token that follows: only who has the one before, and the row, can make it."""
    made = hmac.digest(token.encode(), salt, "sha256")
    return f"rt_{base64.urlsafe_b64encode(made).decode().rstrip('=')}"


async def open_session(
    session: AsyncSession, realm: Realm, person_id: UUID, *, device: str | None, idle: timedelta, at: datetime
) -> Refreshable:
    """Open a session: a shopper's lives while it is used at least every `idle`, a member of staff's for eight hours."""
    opened, writes = _begin(realm, person_id, device, idle, at)
    await session.execute(together(*writes))
    return opened


async def open_unless_changed(
    session: AsyncSession, person_id: UUID, checked: str, *, device: str | None, idle: timedelta, at: datetime
) -> Refreshable | None:
    """Lock a shopper and open a session in one statement; None where their password is another than was checked."""
    opened, writes = _begin(Realm.ACCOUNT, person_id, device, idle, at)
    seen = Seen(Account, {"id": person_id, "password_hash": checked})
    noted = await session.scalar(together(*writes, returning="sequence", unless_changed=seen))
    return opened if noted else None


def _begin(
    realm: Realm, person_id: UUID, device: str | None, idle: timedelta, at: datetime
) -> tuple[Refreshable, Sequence[Write]]:
    opened = Refreshable(
        uuid7(),
        realm,
        person_id,
        at + (STAFF_LIFETIME if realm is Realm.STAFF else idle),
        f"rt_{secrets.token_urlsafe(32)}",
    )
    row = {
        "id": opened.session_id,
        "account_id": person_id if realm is Realm.ACCOUNT else None,
        "staff_id": person_id if realm is Realm.STAFF else None,
        "device": _printable(device),
        "created_at": at,
        "last_used_at": at,
        "expires_at": opened.expires_at,
    }
    who = actor_of(realm, person_id)
    return opened, (
        Write(LoginSession, [row]),
        Write(RefreshToken, [_token(opened.refresh_token, opened.session_id, at)]),
        audit_insert(Action.LOGGED_IN, actor=who, subject=f"session:{opened.session_id}", at=at),
    )


def _printable(device: str | None) -> str | None:
    cut = "".join(letter for letter in device or "" if letter.isprintable())[:LONGEST_DEVICE].strip()
    return cut or None


def _token(token: str, session_id: UUID, at: datetime) -> dict[str, object]:
    return {"token_hash": digest(token), "session_id": session_id, "issued_at": at}


async def refresh(session: AsyncSession, token: str, *, idle: timedelta, at: datetime) -> Refreshable | None:
    """Give the successor of a refresh token, the same again until that is used; None for what proves nothing."""
    used, of_session = await queries.lock_refresh_token(session, digest(token))
    if used is None or of_session is None or of_session.ended_at or of_session.expires_at <= at:
        return None
    lost = used.used_at is not None
    if used.salt is None:
        used.used_at, used.salt = at, secrets.token_bytes(16)
    following = _successor(token, used.salt)
    if lost and not await queries.is_unused(session, digest(following)):
        raise Reused(of_session)
    of_session.last_used_at = at
    if of_session.account_id:
        of_session.expires_at = at + idle
    await session.flush()  # the session's own changes first: no token without them
    if not lost:
        await session.execute(insert(RefreshToken).values(_token(following, of_session.id, at)))
    return _refreshable(of_session, following)


def _refreshable(of_session: LoginSession, token: str) -> Refreshable:
    realm = Realm.STAFF if of_session.staff_id else Realm.ACCOUNT
    person_id = of_session.staff_id or of_session.account_id
    assert person_id is not None  # a CHECK of the table
    return Refreshable(of_session.id, realm, person_id, of_session.expires_at, token)


async def find_session(session: AsyncSession, token: str) -> UUID | None:
    """Find the session of a refresh token, used before or not."""
    return await session.scalar(select(RefreshToken.session_id).where(RefreshToken.token_hash == digest(token)))


async def end_session(session: AsyncSession, session_id: UUID, because: SessionEnd, *, at: datetime) -> bool:
    """End one session; its access and refresh tokens are refused from the commit on. False: it had ended before."""
    ended = await session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.ended_at.is_(None))
        .values(ended_at=at, ended_because=because)
        .returning(LoginSession.account_id, LoginSession.staff_id)
    )
    row = ended.one_or_none()
    if row is None:
        return False
    owner = actor_of(Realm.STAFF, row.staff_id) if row.staff_id else actor_of(Realm.ACCOUNT, row.account_id)
    await session.execute(together(_end(session_id, because, actor=owner, at=at)))
    return True


def _end(session_id: UUID, because: SessionEnd, *, actor: str, at: datetime) -> Write:
    action = Action.LOGGED_OUT if because is SessionEnd.LOGOUT else Action.SESSION_ENDED
    return audit_insert(action, actor=actor, subject=f"session:{session_id}", detail=because.value, at=at)


async def end_sessions(
    session: AsyncSession,
    realm: Realm,
    person_id: UUID,
    because: SessionEnd,
    *,
    at: datetime,
    except_id: UUID | None = None,
) -> Sequence[UUID]:
    """End all sessions of somebody, who is locked, or all others; returns which. The caller audits what caused it."""
    live = queries.of_person(realm, person_id) & LoginSession.ended_at.is_(None) & (LoginSession.expires_at > at)
    if except_id:
        live &= LoginSession.id != except_id
    end = update(LoginSession).where(live).values(ended_at=at, ended_because=because)
    return (await session.scalars(end.returning(LoginSession.id))).all()


async def end_own_sessions(session: AsyncSession, realm: Realm, person_id: UUID, *, at: datetime) -> Sequence[UUID]:
    """End all sessions of somebody who asks for it; returns which."""
    await queries.lock_person(session, realm, person_id)
    because = SessionEnd.ENDED_BY_OWNER
    ended = await end_sessions(session, realm, person_id, because, at=at)
    owner = actor_of(realm, person_id)
    notes = [_end(session_id, because, actor=owner, at=at) for session_id in ended]
    if notes:  # in one statement: nobody else notes anything while it runs
        await session.execute(together(Write(AuditEntry, [row for note in notes for row in note.rows])))
    return ended


async def make_familiar(session: AsyncSession, person_id: UUID, origin: bytes, *, at: datetime) -> None:
    """Remember that somebody was here: strangers who guess from elsewhere do not lock this origin out."""
    seen = insert(FamiliarOrigin).values(person_id=person_id, digest=origin, seen_at=at)
    await session.execute(
        seen.on_conflict_do_update(index_elements=["person_id", "digest"], set_={"seen_at": seen.excluded.seen_at})
    )
