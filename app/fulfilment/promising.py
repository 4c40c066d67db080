"""Promises the mails that an order's own course sets off, each once however often its cause is told."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.mail import service as mail
from app.mail.models import MailKind
from app.orders.models import Order


async def promise_mail(session: AsyncSession, kind: MailKind, order: Order, *, at: datetime) -> None:
    await mail.promise(session, kind=kind, address=order.email, language=order.language, order_id=order.id, at=at)
