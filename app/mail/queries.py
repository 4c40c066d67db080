"""Every select of mails."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.mail.models import BOUNCED, Mail, MailKind, MailState

UNSENT = and_(Mail.state != MailState.SENT, Mail.refusal.is_distinct_from(BOUNCED))
"""What is still to be sent, one that was refused before included; not what was sent and came back."""


async def find_unsent(session: AsyncSession, mail_id: UUID) -> Mail | None:
    """Return the mail that is still to be sent; None when it was sent or is erased."""
    return await session.scalar(select(Mail).where(Mail.id == mail_id, UNSENT))


async def lock_mailbox(session: AsyncSession, address: str) -> None:
    """Wait until nobody else chooses what goes to this mailbox: of two each would leave out what the other looks at."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(func.lower(address), len("mail")))))


async def lock_unsent(session: AsyncSession, mail_id: UUID) -> Mail | None:
    """Lock the mail that is still to be sent, and read it anew: another may have taken it along meanwhile."""
    wanted = select(Mail).where(Mail.id == mail_id, UNSENT).with_for_update()
    return await session.scalar(wanted.execution_options(populate_existing=True))


async def lock_held(session: AsyncSession, address: str, kinds: Collection[MailKind], *, most: int) -> Sequence[Mail]:
    """Lock what is held back of a locked mailbox and nobody brings yet: the newest, in the order of their promise."""
    held = (
        func.lower(Mail.address) == func.lower(address),
        Mail.kind.in_(kinds),
        Mail.held_at.is_not(None),
        Mail.carried_by.is_(None),
        Mail.state == MailState.WAITING,  # what was refused among others goes alone
    )
    newest = select(Mail).where(*held).order_by(Mail.id.desc()).limit(most).with_for_update()
    return sorted((await session.scalars(newest)).all(), key=lambda mail: mail.id)


async def list_carried(session: AsyncSession, mail: Mail) -> Sequence[Mail]:
    """List what a mail brings and was not sent yet, itself among it."""
    carried = (func.lower(Mail.address) == func.lower(mail.address), Mail.carried_by == mail.id)
    wanted = select(Mail).where(*carried, UNSENT).order_by(Mail.id)
    return (await session.scalars(wanted)).all()


async def list_unsent(session: AsyncSession, mail_ids: Sequence[UUID]) -> Sequence[Mail]:
    wanted = select(Mail).where(Mail.id.in_(mail_ids), UNSENT).order_by(Mail.id)
    return (await session.scalars(wanted)).all()


async def lock_all_unsent(session: AsyncSession, mail_ids: Sequence[UUID]) -> Sequence[Mail]:
    wanted = select(Mail).where(Mail.id.in_(mail_ids), UNSENT).order_by(Mail.id).with_for_update()
    return (await session.scalars(wanted.execution_options(populate_existing=True))).all()


async def list_held(session: AsyncSession, address: str) -> Sequence[UUID]:
    """List what is held back of a mailbox."""
    held = (Mail.held_at.is_not(None), Mail.carried_by.is_(None), UNSENT)
    return (await session.scalars(select(Mail.id).where(func.lower(Mail.address) == func.lower(address), *held))).all()


async def is_promised(session: AsyncSession, about_id: UUID, kind: MailKind) -> bool:
    """Say whether a mail of this kind about a thing was promised, and had somebody to go to."""
    about = (Mail.order_id.is_(None), Mail.about_id == about_id, Mail.kind == kind)
    return await session.scalar(select(Mail.id).where(*about).limit(1)) is not None


async def find_sent_at(session: AsyncSession, about_id: UUID, kind: MailKind) -> datetime | None:
    """Find when the mail of this kind about a thing was sent; None when it was not, or is forgotten."""
    return await session.scalar(select(Mail.sent_at).where(Mail.about_id == about_id, Mail.kind == kind))


async def find_by_message(session: AsyncSession, about_id: UUID, message_id: str) -> Mail | None:
    """Find what was sent about a thing in the message that a bounce names."""
    about = (Mail.order_id.is_(None), Mail.about_id == about_id, Mail.message_id == message_id)
    return await session.scalar(select(Mail).where(*about))


async def is_under_way(session: AsyncSession, about_id: UUID, address: str) -> bool:
    """Say whether a mail about a thing is promised to an address, and neither sent nor refused."""
    about = (Mail.order_id.is_(None), Mail.about_id == about_id, Mail.state == MailState.WAITING)
    found = await session.scalar(select(Mail.id).where(*about, func.lower(Mail.address) == func.lower(address)))
    return found is not None
