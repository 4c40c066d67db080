"""Builders of mails."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import uuid7
from app.core.language import Language
from app.mail import service
from app.mail.models import MailKind

AT = datetime(2026, 11, 22, 13, 4, tzinfo=UTC)


async def make_mail(session: AsyncSession, *, order_id: UUID | None = None) -> UUID:
    """Promise the confirmation of an order to Ива Петрова."""
    mail_id = await service.promise(
        session,
        kind=MailKind.ORDER_CONFIRMATION,
        address="iva@example.bg",
        language=Language.BG,
        order_id=order_id or uuid7(),
        at=AT,
    )
    assert mail_id is not None
    return mail_id
