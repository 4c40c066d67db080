"""Tells the responsible person that something of upkeep went wrong."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.language import Language
from app.mail import service as mail
from app.mail.models import MailKind

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Alarms:
    """Who is told; S2: the responsible person, in the language of the shop."""

    address: str

    async def raise_alarm(self, session: AsyncSession, about_id: UUID, *, at: datetime) -> None:
        """Promise the mail about a run, a check or a report, in the transaction that records it."""
        log.error("upkeep_alarm", about=str(about_id))
        await mail.promise(
            session,
            kind=MailKind.UPKEEP_ALARM,
            address=self.address,
            language=Language.BG,
            about_id=about_id,
            at=at,
        )
