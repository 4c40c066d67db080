"""Invitations: who is to work here chooses a password and proves an authenticator app by a link that was mailed.

Until then the member has no password and cannot log in. A newer link ends the older ones.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import second_factor
from app.auth import staff_queries as queries
from app.auth.auditing.recording import Action, note
from app.auth.errors import PasswordWrong, StaffAlreadyExists
from app.auth.models import LinkPurpose, MailLink, Realm, RecoveryCode, Staff
from app.auth.sessions import actor_of
from app.auth.staff_errors import CodeWrong
from app.auth.staff_schemas import Invite
from app.auth.totp import NewFactor, Totp, digest_of, new_recovery_codes
from app.core.db import Sessions
from app.core.errors import ShopError
from app.core.ids import uuid7
from app.core.language import Language
from app.core.throttle import TooManyRequests
from app.mail import service as mail
from app.mail.models import MailKind

ANSWERED_WITHIN = timedelta(hours=72)
NO_FACTORS = {
    **dict.fromkeys(("password_hash", "totp", "totp_counter", "activated_at", "locked_until")),
    "refused_codes": 0,
}


async def invite(session: AsyncSession, wish: Invite, *, actor: str, at: datetime) -> MailLink:
    """Invite somebody, or anew who has not answered yet; refuses with StaffAlreadyExists who works here or did.

    One e-mail address, in any case, is one person.
    """
    said = {"email": wish.email, "name": wish.name, "role": wish.role, "language": wish.language}
    # Not by the constraint's error: PostgreSQL would write the address into its text.
    made = postgresql.insert(Staff).values(id=uuid7(), created_at=at, **said)
    unanswered = Staff.activated_at.is_(None) & Staff.disabled_at.is_(None)
    staff_id = await session.scalar(
        made.on_conflict_do_update(
            index_elements=[text("lower(email)")], set_={**said, **NO_FACTORS}, where=unanswered
        ).returning(Staff.id)
    )
    if staff_id is None:
        raise StaffAlreadyExists
    link = await send_link(session, staff_id, wish.email, wish.language, at=at)
    await note(
        session, Action.STAFF_INVITED, actor=actor, subject=f"staff:{staff_id}", detail=f"role: {wish.role}", at=at
    )
    return link


async def send_link(session: AsyncSession, staff_id: UUID, email: str, language: Language, *, at: datetime) -> MailLink:
    """Promise a mail with a new link, the only one that works; the caller holds the member's lock."""
    await end_links(session, staff_id)
    link = MailLink(
        id=uuid4(),
        purpose=LinkPurpose.INVITATION,
        realm=Realm.STAFF,
        email=email,
        staff_id=staff_id,
        created_at=at,
        expires_at=at + ANSWERED_WITHIN,
    )
    session.add(link)
    await session.flush()  # before the audit's lock is taken
    await mail.promise(session, kind=MailKind.INVITATION, address=email, language=language, about_id=link.id, at=at)
    return link


async def end_links(session: AsyncSession, staff_id: UUID) -> None:
    """Take back the invitations that were not answered; a mail that still waits for its sending goes with its link."""
    unanswered = (MailLink.purpose == LinkPurpose.INVITATION, MailLink.used_at.is_(None))
    await session.execute(delete(MailLink).where(MailLink.staff_id == staff_id, *unanswered))


async def find_invited(sessions: Sessions, link_id: UUID, *, at: datetime) -> Staff:
    """Find who answers, in a connection of its own: none is held while argon2 computes."""
    async with sessions() as session:
        return await queries.get_invited(session, link_id, at=at)


async def accept(session: AsyncSession, link_id: UUID, password_hash: str, totp: Totp, *, at: datetime) -> NewFactor:
    """Keep the password and a new second factor, which is shown here; may be repeated until it is confirmed."""
    invited = await queries.lock_invited(session, link_id, at=at)
    made = totp.new(invited.email)
    invited.password_hash, invited.totp = password_hash, made.encrypted
    return made


async def confirm(session: AsyncSession, link_id: UUID, code: str, totp: Totp, *, at: datetime) -> list[str]:
    """Let in whose app shows the right code; returns the recovery codes, which are told here and never again."""
    invited = await queries.lock_invited(session, link_id, at=at)
    counter = totp.verify(invited.totp, code, after=None, at=at) if invited.totp else None
    if counter is None:
        raise CodeWrong
    invited.activated_at, invited.totp_counter = at, counter
    await session.execute(update(MailLink).where(MailLink.id == link_id).values(used_at=at))
    codes = await _renew_codes(session, invited.id)
    await session.flush()  # before the audit's lock is taken
    who = actor_of(Realm.STAFF, invited.id)
    await note(session, Action.STAFF_ACTIVATED, actor=who, subject=who, at=at)
    return codes


async def renew_recovery_codes(
    session: AsyncSession, staff_id: UUID, checked_hash: str | None, code: str, totp: Totp, *, at: datetime
) -> list[str] | ShopError:
    """Make new recovery codes for who shows the second factor; the old ones are refused from now on.

    Refused with PasswordWrong when another password was set since it was checked. The refusal of a code is returned:
    that it was counted has to be kept.
    """
    member = await queries.lock_member(session, staff_id)
    if member.password_hash != checked_hash:
        raise PasswordWrong
    who = actor_of(Realm.STAFF, staff_id)
    locked = second_factor.seconds_locked(member, at=at)
    counter = totp.verify(member.totp, code, after=member.totp_counter, at=at) if member.totp and not locked else None
    if counter is None:
        await second_factor.refuse(session, member, actor=who, at=at)
        return TooManyRequests(retry_after=locked) if locked else CodeWrong()
    member.totp_counter = counter
    second_factor.accept(member)
    codes = await _renew_codes(session, staff_id)
    await session.flush()  # before the audit's lock is taken
    await note(session, Action.RECOVERY_CODES_RENEWED, actor=who, subject=who, at=at)
    return codes


async def _renew_codes(session: AsyncSession, staff_id: UUID) -> list[str]:
    codes = new_recovery_codes()
    await session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    await session.execute(
        insert(RecoveryCode), [{"staff_id": staff_id, "code_hash": digest_of(code)} for code in codes]
    )
    return codes
