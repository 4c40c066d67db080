"""What happens once a password was right: second factor, session, and what is done about a copied token."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import login_queries, second_factor, sessions
from app.auth.auditing.recording import STRANGER, Action, note
from app.auth.entering import Attempt, Door
from app.auth.errors import InvalidGrant, OAuthRefusal, SecondFactorNeeded, SlowDown
from app.auth.login_queries import KnownLogin
from app.auth.models import Account, LoginSession, Realm, RecoveryCode, SessionEnd, Staff
from app.auth.passwords import hash_password, needs_rehash, verify_password
from app.auth.sessions import Refreshable, actor_of
from app.auth.totp import Totp, digest_of
from app.core.db import alone, let_go
from app.mail import service as mail
from app.mail.models import MailKind

SEEN_EVERY = timedelta(days=1)
"""How exact it is known when somebody was last at a familiar origin."""


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
) -> Refreshable | OAuthRefusal:
    """Open a session for whom the door let in; staff show the second factor too.

    The refusal of a code is returned: that it was counted has to be kept.
    """
    if attempt.realm is Realm.STAFF and otp is None:
        raise SecondFactorNeeded
    new_hash = None
    if known.password_hash and needs_rehash(known.password_hash):
        new_hash = await hash_password(attempt.password)
    is_new_here = known.seen_here_at is None or abs(at - known.seen_here_at) >= SEEN_EVERY
    if attempt.realm is Realm.ACCOUNT and known.password_hash and not new_hash and not is_new_here:
        async with alone(entrance.door.sessions) as writing:
            opened = await sessions.open_unless_changed(
                writing, known.id, known.password_hash, device=device, idle=entrance.idle, at=at
            )
        if opened:
            return opened
    person = await _lock(session, attempt, known)
    if isinstance(person, Staff) and (
        refusal := await _check_second_factor(session, entrance.totp, person, otp or "", at=at)
    ):
        return refusal
    if new_hash and person.password_hash == known.password_hash:
        person.password_hash = new_hash
    await session.flush()  # before the audit's lock is taken
    if is_new_here:
        digest = entrance.door.origin_digest(attempt.realm, attempt.email, attempt.origin)
        await sessions.make_familiar(session, known.id, digest, at=at)
    return await sessions.open_session(session, attempt.realm, known.id, device=device, idle=entrance.idle, at=at)


async def _lock(session: AsyncSession, attempt: Attempt, known: KnownLogin) -> Account | Staff:
    """Lock whose password was right; refuses with InvalidGrant when another was set since it was checked.

    A change that comes later waits, and ends the session that is opened here with the others. Of two who show one
    code at once, the second finds it used.
    """
    checked = known.password_hash
    while person := await login_queries.lock_person(session, attempt.realm, known.id):
        if person.password_hash == checked:
            return person
        checked = person.password_hash  # another, or the same at another cost
        await let_go(session)
        if not await verify_password(attempt.password, checked):
            break
    raise InvalidGrant


async def _check_second_factor(
    session: AsyncSession, totp: Totp, person: Staff, otp: str, *, at: datetime
) -> OAuthRefusal | None:
    locked = second_factor.seconds_locked(person, at=at)
    if locked or not await _is_right(session, totp, person, otp, at=at):
        await second_factor.refuse(session, person, actor=STRANGER, at=at)
        return SlowDown(retry_after=locked) if locked else InvalidGrant()
    second_factor.accept(person)
    return None


async def _is_right(session: AsyncSession, totp: Totp, person: Staff, otp: str, *, at: datetime) -> bool:
    """Use up a code of the app, or else a recovery code; False where it is neither."""
    counter = totp.verify(person.totp, otp, after=person.totp_counter, at=at) if person.totp else None
    if counter is None:
        return await _use_recovery_code(session, person, otp, at=at)
    person.totp_counter = counter
    return True


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
