"""Addresses in the mails promised and sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Due
from app.core.holders import Erasure, Own, Person
from app.core.language import Text
from app.mail.models import Mail, MailKind, MailState

LETTERS_KEPT = timedelta(days=30)
"""How long a letter about an account stays on record, sent or not: for whoever asks what became of it."""

SENT = Text("Адресът в изпратените писма", "The address in the letters that were sent")


@dataclass(frozen=True, slots=True)
class MailHolder:
    """A letter about an order that waits is still sent, and that an invoice was sent stays on record (S47)."""

    tables: frozenset[str] = frozenset({"mails"})

    def own(self, person: Person) -> Sequence[Own]:
        # An invitation is to somebody as staff, whose address it is too.
        return (Own(Mail, person.is_at(Mail.address) & (Mail.kind != MailKind.INVITATION)),)

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:  # noqa: ARG002 - as every holder
        to_person = person.is_at(Mail.address)
        # An invitation is to somebody as staff, whose address it is too; of a breach they are told all the same (S81);
        # a receipt goes with its statement.
        stay = Mail.kind.in_((MailKind.INVITATION, MailKind.BREACH_NOTICE, MailKind.WITHDRAWAL_RECEIPT))
        of_account = to_person & Mail.order_id.is_(None) & ~stay
        gone = await session.execute(delete(Mail).where(of_account).returning(Mail.id))
        sent = to_person & (Mail.state == MailState.SENT)
        blanked = await session.execute(update(Mail).where(sent).values(address="").returning(Mail.id))
        return Erasure([SENT]) if [*gone.all(), *blanked.all()] else Erasure()


def letters_due(at: datetime) -> Due:
    """Find letters about accounts whose time is over."""
    is_proof = Mail.kind == MailKind.WITHDRAWAL_RECEIPT  # goes with its statement
    return Due(Mail, and_(Mail.order_id.is_(None), ~is_proof, Mail.created_at < at - LETTERS_KEPT))


def letters_of_kind_due(kind: MailKind, *, promised_by: datetime) -> Due:
    """Find letters about accounts that may not be kept as long as others."""
    return Due(Mail, and_(Mail.order_id.is_(None), Mail.kind == kind, Mail.created_at <= promised_by))
