"""Promises e-mails and records what became of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Write
from app.core.ids import uuid7
from app.core.jobs import Promise, defer, due_in
from app.core.language import Language
from app.mail.jobs import SendMail
from app.mail.models import ALARMS, BOUNCED, Mail, MailKind, MailState


def promised(
    *,
    kind: MailKind,
    address: str,
    language: Language,
    order_id: UUID | None = None,
    document_id: UUID | None = None,
    about_id: UUID | None = None,
    parts: str | None = None,
    at: datetime,
) -> tuple[Write, Promise]:
    """Make the write and the job of a mail, for whoever writes them together with more; see `promise`."""
    row = {
        "id": (mail_id := uuid7()),
        "kind": kind,
        "address": address,
        "language": language,
        "order_id": order_id,
        "document_id": document_id,
        "about_id": about_id,
        "parts": parts,
        "state": MailState.WAITING,
        "created_at": at,
    }
    # One after another: nobody gets the invoice before the confirmation. An alarm waits for nobody else's mailbox.
    line = "alarm" if kind in ALARMS else "mail"
    return Write(Mail, [row]), Promise(SendMail(mail_id), lock=f"{line}:{order_id or about_id}")


async def put_off(session: AsyncSession, mail: Mail, wait: timedelta) -> None:
    """Look at a mail again later; what is about the same does not wait behind it."""
    await defer(session, Promise(SendMail(mail.id), lock=f"mail-held:{mail.id}", at=due_in(wait)))


async def promise(
    session: AsyncSession,
    *,
    kind: MailKind,
    address: str,
    language: Language,
    order_id: UUID | None = None,
    document_id: UUID | None = None,
    about_id: UUID | None = None,
    parts: str | None = None,
    at: datetime,
) -> UUID | None:
    """Promise a mail in this transaction and return its id; None when the same was promised before."""
    write, job = promised(
        kind=kind,
        address=address,
        language=language,
        order_id=order_id,
        document_id=document_id,
        about_id=about_id,
        parts=parts,
        at=at,
    )
    mail_id = await session.scalar(insert(Mail).values(*write.rows).on_conflict_do_nothing().returning(Mail.id))
    if mail_id is not None:
        await defer(session, job)
    return mail_id


async def mark_sent(session: AsyncSession, mail_ids: Sequence[UUID], *, message_id: str, at: datetime) -> None:
    """Record the sending; the first record of it stays."""
    await session.execute(
        update(Mail)
        .where(Mail.id.in_(mail_ids), Mail.state != MailState.SENT)
        .values(state=MailState.SENT, sent_at=at, message_id=message_id, refusal=None)
    )


async def mark_refused(session: AsyncSession, mail_ids: Sequence[UUID], *, code: str) -> None:
    """Record a refusal, unless the mail was sent after all; of one that was late the shop is told once more."""
    told_of_it = case((Mail.state == MailState.REFUSED, Mail.alarmed_at), else_=None)
    await session.execute(
        update(Mail)
        .where(Mail.id.in_(mail_ids), Mail.state != MailState.SENT)
        .values(state=MailState.REFUSED, refusal=code, alarmed_at=told_of_it)
    )


async def mark_bounced(session: AsyncSession, mail: Mail) -> None:
    """Record that the message with this mail came back, and with it whatever it brought to the same mailbox."""
    same = (func.lower(Mail.address) == func.lower(mail.address), Mail.message_id == mail.message_id)
    came_back = {"state": MailState.REFUSED, "refusal": BOUNCED, "carried_by": None, "alarmed_at": None}
    is_new = Mail.refusal.is_distinct_from(BOUNCED)
    await session.execute(update(Mail).where(*same, Mail.kind == mail.kind, is_new).values(came_back))


async def forget(session: AsyncSession, mail_id: UUID) -> None:
    """Delete a mail that has nobody to go to."""
    await session.execute(delete(Mail).where(Mail.id == mail_id))
