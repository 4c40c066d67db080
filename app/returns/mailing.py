"""Composes the mails of withdrawals."""

from dataclasses import dataclass
from email.message import EmailMessage

from sqlalchemy.ext.asyncio import AsyncSession

from app.mail.messages import Writing
from app.mail.models import Mail
from app.mail.writing import Letterhead
from app.returns.alarms import occasion
from app.returns.letters import Alarm, Trouble, alarm
from app.returns.models import Withdrawal, WithdrawalCase


@dataclass(frozen=True)
class WithdrawalMails:
    """The composers of withdrawals' mails."""

    letterhead: Letterhead

    async def receipt(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Send the words that are on record, however late, and to whichever address."""
        stated = await session.get(Withdrawal, mail.about_id)
        if stated is None:
            return None
        return self.letterhead.message(mail, written(stated))

    async def alarm(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Tell the shop what an alarm is about, unless it was settled meanwhile."""
        stated, case = await session.get(Withdrawal, mail.about_id), await session.get(WithdrawalCase, mail.about_id)
        if stated is None or case is None or case.is_settled:
            return None
        troubles = {occasion(stated.id, trouble): trouble for trouble in (Trouble.NEAR, Trouble.OVERDUE)}
        letter = Alarm(
            language=mail.language,
            trader=self.letterhead.trader,
            trouble=troubles.get(mail.document_id, Trouble.RECEIPT) if mail.document_id else Trouble.RECEIPT,
            number=stated.number,
            stated_at=stated.stated_at,
            order_number=stated.order_number,
            refund_due_on=case.refund_due_on,
        )
        return self.letterhead.message(mail, alarm(letter))


def written(stated: Withdrawal) -> Writing:
    return Writing(
        language=stated.language,
        subject=stated.receipt_subject,
        text=stated.receipt_text,
        html=stated.receipt_html,
    )
