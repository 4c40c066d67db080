"""What happens once a password was right: second factor, session, and what is done about a copied token."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import login_queries, sessions
from app.auth.auditing.recording import Action, note
from app.auth.entering import Attempt, Door
from app.auth.errors import InvalidGrant, SecondFactorNeeded
from app.auth.login_queries import TABLES, KnownLogin
from app.auth.models import LoginSession, Realm, RecoveryCode, SessionEnd, Staff
from app.auth.passwords import hash_password, needs_rehash
from app.auth.sessions import Refreshable, actor_of
from app.auth.totp import Totp, digest_of
from app.mail import service as mail
from app.mail.models import MailKind


@dataclass(frozen=True, slots=True)
class Entrance:
    """What a login needs beside the password."""

    door: Door
    totp: Totp
    idle: timedelta


async def log_in(
    session: AsyncSession,
    entrance: Entrance,
    attempt: Attempt,
    known: KnownLogin,
    *,
    otp: str | None,
    device: str | None,
    at: datetime,
) -> Refreshable:
    """Open a session for whom the door let in; staff show the second factor too."""
    new_hash = None
    if known.password_hash and needs_rehash(known.password_hash):
        new_hash = await hash_password(attempt.password)
    if attempt.realm is Realm.STAFF:
        await _check_second_factor(session, entrance.totp, known, otp, at=at)
    if new_hash:
        await _keep_hash(session, attempt.realm, known, new_hash)
    if not known.is_familiar:
        digest = entrance.door.origin_digest(attempt.realm, attempt.email, attempt.origin)
        await sessions.make_familiar(session, known.id, digest, at=at)
    return await sessions.open_session(session, attempt.realm, known.id, device=device, idle=entrance.idle, at=at)


async def _keep_hash(session: AsyncSession, realm: Realm, known: KnownLogin, new_hash: str) -> None:
    """Keep the same password at today's cost, unless it was changed meanwhile."""
    who = TABLES[realm]
    same = update(who).where(who.id == known.id, who.password_hash == known.password_hash)
    await session.execute(same.values(password_hash=new_hash))


async def _check_second_factor(
    session: AsyncSession, totp: Totp, known: KnownLogin, otp: str | None, *, at: datetime
) -> None:
    if otp is None:
        raise SecondFactorNeeded
    # Locked: of two who show one code at once, the second finds it used.
    person = await login_queries.lock_person(session, Realm.STAFF, known.id)
    if not isinstance(person, Staff) or person.totp is None:
        raise InvalidGrant
    counter = totp.verify(person.totp, otp, after=person.totp_counter, at=at)
    if counter is not None:
        person.totp_counter = counter
        await session.flush()  # before the audit's lock is taken
        return
    if not await _use_recovery_code(session, person, otp, at=at):
        raise InvalidGrant


async def _use_recovery_code(session: AsyncSession, person: Staff, code: str, *, at: datetime) -> bool:
    used = await session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.staff_id == person.id,
            RecoveryCode.code_hash == digest_of(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(RecoveryCode.staff_id)
    )
    return used.first() is not None


async def stop_reuse(session: AsyncSession, copied: LoginSession, *, at: datetime) -> None:
    """End the session whose token was copied, and tell its owner."""
    realm = Realm.STAFF if copied.staff_id else Realm.ACCOUNT
    person_id = copied.staff_id or copied.account_id
    assert person_id is not None  # a CHECK of the table
    person = await login_queries.get_person(session, realm, person_id)
    copied.ended_at, copied.ended_because = at, SessionEnd.TOKEN_REUSED
    await session.flush()  # before the audit's lock is taken
    await mail.promise(
        session,
        kind=MailKind.TOKEN_REUSED,
        address=person.email,
        language=person.language,
        about_id=copied.id,
        at=at,
    )
    await note(
        session,
        Action.TOKEN_REUSED,
        actor=actor_of(realm, person_id),
        subject=f"session:{copied.id}",
        at=at,
    )
