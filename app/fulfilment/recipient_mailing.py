"""Composes the mails to recipients of data: they know orders by their numbers, which are read here."""

from dataclasses import dataclass
from email.message import EmailMessage

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.language import Text
from app.mail.models import Mail
from app.mail.writing import Letterhead
from app.orders.models import Order
from app.privacy.erasures import letters
from app.privacy.erasures.letters import RecipientLetter
from app.privacy.erasures.models import RecipientTask
from app.privacy.models import RegisteredRecipient


@dataclass(frozen=True)
class RecipientMails:
    letterhead: Letterhead

    async def told(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Name the orders that are left; with none left there is nothing that the recipient would know."""
        letter = await self._letter(session, mail)
        return self.letterhead.message(mail, letters.recipient_told(letter)) if letter.references else None

    async def late(self, session: AsyncSession, mail: Mail) -> EmailMessage:
        return self.letterhead.message(mail, letters.recipient_late(await self._letter(session, mail)))

    async def _letter(self, session: AsyncSession, mail: Mail) -> RecipientLetter:
        assert mail.about_id is not None  # a CHECK of the table: such a mail is about no order
        task = await session.get_one(RecipientTask, mail.about_id)
        recipient = await session.get_one(RegisteredRecipient, task.recipient)
        numbers = await session.scalars(select(Order.number).where(Order.id.in_(task.order_ids)).order_by(Order.number))
        return RecipientLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            told=task.told,
            title=Text(recipient.title_bg, recipient.title_en).in_(mail.language),
            references=[str(number) for number in numbers],
            due_on=task.due_on,
        )
