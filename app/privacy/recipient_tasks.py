"""Tells whoever really received a person's data what became of them (S69, GDPR Art. 19), and waits for the answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.core.db import Sessions
from app.core.ids import uuid7
from app.core.language import Language
from app.core.personal import Recipient
from app.mail import service as mail
from app.mail.models import MailKind
from app.privacy.erasures import queries
from app.privacy.erasures.models import RecipientTask, Told
from app.privacy.models import RegisteredRecipient

ANSWERED_WITHIN = timedelta(days=14)
"""What a recipient is given to say that it is done; the law says only: without delay."""


async def tell_recipients(
    session: AsyncSession, order_ids: Sequence[UUID], told: Told, *, cause_id: UUID, at: datetime
) -> list[Recipient]:
    """Make a task for each recipient that has data of these orders; returns who they are. Told twice, once is told."""
    receivers = await queries.list_receivers(session, order_ids) if order_ids else {}
    if not receivers:
        return []
    register = await session.execute(select(RegisteredRecipient.key, RegisteredRecipient.contact))
    contacts = {key: contact for key, contact in register}  # noqa: C416 - rows, not pairs
    for recipient, orders in receivers.items():
        task = {
            "id": (task_id := uuid7()),
            "cause_id": cause_id,
            "recipient": recipient,
            "told": told,
            "order_ids": orders,
            "created_at": at,
            "due_on": legal_date(at + ANSWERED_WITHIN),
        }
        made = await session.scalar(
            insert(RecipientTask).values(task).on_conflict_do_nothing().returning(RecipientTask.id)
        )
        if made and (address := _mailbox(contacts[recipient])):
            await _write_to(session, task_id, address, at=at)
    return [*receivers]


async def _write_to(session: AsyncSession, task_id: UUID, address: str, *, at: datetime) -> None:
    task = await session.get_one(RecipientTask, task_id)
    task.mail_id = await mail.promise(
        session, kind=MailKind.RECIPIENT_TOLD, address=address, language=Language.BG, about_id=task_id, at=at
    )


def _mailbox(contact: str | None) -> str | None:
    try:
        return validate_email(contact or "", check_deliverability=False).normalized
    except EmailNotValidError:
        return None


async def acknowledge(
    session: AsyncSession, task_id: UUID, *, by: str, reference: str | None, at: datetime
) -> RecipientTask:
    """Record that the recipient did it; the first record of it stays."""
    task = await queries.lock_task(session, task_id)
    if task.acknowledged_at is None:
        task.acknowledged_at, task.acknowledged_by, task.reference = at, by, reference
    return task


async def alarm_overdue(sessions: Sessions, address: str, *, at: datetime) -> int:
    """Write to the responsible person about each task whose day is past, once."""
    async with sessions.begin() as session:
        late = await queries.list_overdue(session, today=legal_date(at))
        for task in late:
            task.alarmed_at = at
            kind = MailKind.RECIPIENT_LATE
            await mail.promise(session, kind=kind, address=address, language=Language.BG, about_id=task.id, at=at)
    return len(late)
