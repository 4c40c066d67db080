"""Composes the mail of an order whose delivery data were put right."""

from dataclasses import dataclass
from email.message import EmailMessage

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.secrets import Secret
from app.fulfilment.mailing import order_link
from app.fulfilment.mending import Part
from app.fulfilment.mending_letters import CorrectedLetter, order_corrected
from app.mail.models import Mail
from app.mail.writing import Letterhead
from app.orders.models import Order
from app.orders.whose import is_of_owner


@dataclass(frozen=True)
class MendingMails:
    letterhead: Letterhead
    secret: Secret

    async def corrected(self, session: AsyncSession, mail: Mail) -> EmailMessage:
        order = await session.get_one(Order, mail.order_id)
        letter = CorrectedLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            person=order.person if await is_of_owner(session, order) else None,
            number=order.reference,
            parts=tuple(Part(part) for part in (mail.parts or "").split()),
            order_url=order_link(self.letterhead, self.secret, order),
        )
        return self.letterhead.message(mail, order_corrected(letter))
