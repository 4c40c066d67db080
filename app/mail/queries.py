"""Every select of mails."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.mail.models import Mail, MailKind, MailState


async def find_unsent(session: AsyncSession, mail_id: UUID) -> Mail | None:
    """Return the mail that is still to be sent, one refused before included; None when it was sent or is erased."""
    return await session.scalar(select(Mail).where(Mail.id == mail_id, Mail.state != MailState.SENT))


async def find_sent_at(session: AsyncSession, about_id: UUID, kind: MailKind) -> datetime | None:
    """Find when the mail of this kind about a thing was sent; None when it was not, or is forgotten."""
    return await session.scalar(select(Mail.sent_at).where(Mail.about_id == about_id, Mail.kind == kind))
