"""Every select of mails."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.mail.models import Mail, MailState


async def find_unsent(session: AsyncSession, mail_id: UUID) -> Mail | None:
    """Return the mail that is still to be sent, one refused before included; None when it was sent or is erased."""
    return await session.scalar(select(Mail).where(Mail.id == mail_id, Mail.state != MailState.SENT))
