"""Changing and resetting passwords: each ends other sessions and is told by mail."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import login_queries as queries
from app.auth import sessions
from app.auth.auditing.recording import Action, note
from app.auth.errors import LinkInvalid, PasswordWrong
from app.auth.models import Account, LinkPurpose, MailLink, Realm, SessionEnd, Staff
from app.auth.pending_links import pending_link
from app.auth.sessions import actor_of
from app.core.db import Sessions
from app.core.ids import uuid7
from app.core.language import Language
from app.mail import service as mail
from app.mail.models import MailKind

RESET_WITHIN = timedelta(hours=1)


async def ask_for_reset(session: AsyncSession, realm: Realm, email: str, *, language: Language, at: datetime) -> None:
    """Promise a mail with a link, whoever has the address: whether somebody has is looked up when it is sent.

    From when it is sent on the link works for `RESET_WITHIN`, however long the mail was held back.
    """
    link_id = await pending_link(session, LinkPurpose.RESET_PASSWORD, realm, email, within=RESET_WITHIN, at=at)
    await mail.promise(
        session,
        kind=MailKind.PASSWORD_RESET,
        address=email,
        language=language,
        about_id=link_id,
        document_id=uuid7(),  # mailed each time it is asked for
        at=at,
    )


async def find_reset(sessions: Sessions, link_id: UUID, *, at: datetime) -> tuple[Realm, Account | Staff]:
    """Find whose password a link resets; refuses with LinkInvalid one that works no more.

    In a connection of its own: none is held while argon2 computes.
    """
    async with sessions() as session:
        link = await queries.find_link(session, link_id, at=at)
        person = await queries.find_person(session, link.realm, link.email) if link else None
    if link is None or person is None:
        raise LinkInvalid
    return link.realm, person


async def reset(
    session: AsyncSession, realm: Realm, person_id: UUID, link_id: UUID, new_hash: str, *, at: datetime
) -> None:
    """Set the password by a link, which works once, and end every session."""
    person = await queries.lock_person(session, realm, person_id)
    link = await queries.lock_link(session, link_id, at=at)
    if link is None or person is None or person.email.lower() != link.email.lower():
        raise LinkInvalid
    link.used_at = at
    await _change(session, realm, person, new_hash, Action.PASSWORD_RESET, except_id=None, at=at)


async def change(
    session: AsyncSession,
    realm: Realm,
    person_id: UUID,
    *,
    checked_hash: str | None,
    new_hash: str,
    except_id: UUID,
    at: datetime,
) -> None:
    """Set the password and end all sessions but the one it is done in.

    Refused with PasswordWrong when another was set since the old one was checked: a reset that came between counts.
    """
    person = await queries.lock_person(session, realm, person_id)
    if person is None or person.password_hash != checked_hash:
        raise PasswordWrong
    await _change(session, realm, person, new_hash, Action.PASSWORD_CHANGED, except_id=except_id, at=at)


async def _change(
    session: AsyncSession,
    realm: Realm,
    person: Account | Staff,
    new_hash: str,
    action: Action,
    *,
    except_id: UUID | None,
    at: datetime,
) -> None:
    person.password_hash = new_hash
    await session.flush()  # links and sessions are changed past the unit of work
    await _end_links(session, realm, person, at=at)
    await sessions.end_sessions(session, realm, person.id, SessionEnd.PASSWORD_CHANGED, except_id=except_id, at=at)
    await session.flush()  # before the audit's lock is taken
    await mail.promise(
        session,
        kind=MailKind.PASSWORD_CHANGED,
        address=person.email,
        language=person.language,
        about_id=uuid7(),
        at=at,
    )
    await note(session, action, actor=actor_of(realm, person.id), at=at)


async def _end_links(session: AsyncSession, realm: Realm, person: Account | Staff, *, at: datetime) -> None:
    """Let no other link reset the password again: somebody else may have asked for it and read the mail."""
    await session.execute(
        update(MailLink)
        .where(
            MailLink.purpose == LinkPurpose.RESET_PASSWORD,
            MailLink.realm == realm,
            func.lower(MailLink.email) == func.lower(person.email),
            MailLink.used_at.is_(None),
        )
        .values(used_at=at)
    )
