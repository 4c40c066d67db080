"""Composes the mail with the link that opens an order, for whoever asked under the order's own address."""

from dataclasses import dataclass, field
from email.message import EmailMessage

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.link_tokens import link_token
from app.auth.models import LinkPurpose, MailLink
from app.auth.pending_links import find_link_to_mail, renew_held
from app.core.secrets import Secret
from app.fulfilment import letters
from app.fulfilment.accessing import OPENED_WITHIN, find_order_of
from app.fulfilment.letters import AccessLetter
from app.mail.models import Mail
from app.mail.writing import Letterhead


@dataclass(frozen=True)
class AccessMails:
    letterhead: Letterhead
    secret: Secret = field(repr=False)

    async def access(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Write to the order's address as the order has it; of no order, or another's, nothing is kept."""
        now = self.letterhead.clock.now()
        link = await find_link_to_mail(session, mail, at=now)
        if link is None:
            return None
        order = await find_order_of(session, link)
        if order is None:
            await session.execute(delete(MailLink).where(MailLink.id == link.id))
            return None
        mail.address = order.email
        renew_held(link, mail, within=OPENED_WITHIN, at=now)
        token = link_token(self.secret, LinkPurpose.ORDER_ACCESS, link.id)
        letter = AccessLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            number=order.reference,
            url=self.letterhead.page(f"orders/{order.reference}/access?token={token}", mail.language),
            expires_at=link.expires_at,
        )
        return self.letterhead.message(mail, letters.order_access(letter))
