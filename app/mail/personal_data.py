"""Addresses in the mails promised and sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import forget
from app.core.holders import Erasure, Person
from app.core.language import Text
from app.mail.models import Mail, MailKind, MailState

LETTERS_KEPT = timedelta(days=30)
"""How long a letter about an account stays on record, sent or not: for whoever asks what became of it."""

SENT = Text("Адресът в изпратените писма", "The address in the letters that were sent")


@dataclass(frozen=True, slots=True)
class MailHolder:
    """A letter about an order that waits is still sent, and that an invoice was sent stays on record (S47)."""

    tables: frozenset[str] = frozenset({"mails"})

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:  # noqa: ARG002 - as every holder
        to_person = person.is_at(Mail.address)
        # An invitation is to somebody as staff, whose address it is too.
        of_account = to_person & Mail.order_id.is_(None) & (Mail.kind != MailKind.INVITATION)
        gone = await session.execute(delete(Mail).where(of_account).returning(Mail.id))
        sent = to_person & (Mail.state == MailState.SENT)
        blanked = await session.execute(update(Mail).where(sent).values(address="").returning(Mail.id))
        return Erasure([SENT]) if [*gone.all(), *blanked.all()] else Erasure()


async def forget_letters(session: AsyncSession, *, at: datetime) -> None:
    """Delete letters about accounts whose time is over; run now and then by the worker."""
    await forget(session, Mail, and_(Mail.order_id.is_(None), Mail.created_at < at - LETTERS_KEPT))


async def forget_letters_of_kind(session: AsyncSession, kind: MailKind, *, promised_by: datetime) -> None:
    """Delete letters about accounts that may not be kept as long as others; run as `forget_letters` is."""
    of_kind = and_(Mail.order_id.is_(None), Mail.kind == kind)
    await forget(session, Mail, and_(of_kind, Mail.created_at <= promised_by))
