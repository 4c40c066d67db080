"""Composes the mails of withdrawals."""

from dataclasses import dataclass
from email.message import EmailMessage

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import legal_date
from app.mail.messages import Writing
from app.mail.models import Mail, MailState
from app.mail.writing import Letterhead
from app.returns.alarms import list_refunds_near, list_told
from app.returns.letters import Alarm, alarm
from app.returns.models import Withdrawal


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
        """Tell the shop what is still in trouble of what an alarm is about."""
        receipts = await list_told(session, mail.created_at)
        refunds = await list_refunds_near(session, legal_date(mail.created_at))
        if not receipts and not refunds:
            return None
        letter = Alarm(
            language=mail.language,
            trader=self.letterhead.trader,
            refused=tuple(number for number, state in receipts if state is MailState.REFUSED),
            late=tuple(number for number, state in receipts if state is MailState.WAITING),
            refunds=tuple(number for number, _ in refunds),
            first_due_on=refunds[0][1] if refunds else None,
        )
        return self.letterhead.message(mail, alarm(letter))


def written(stated: Withdrawal) -> Writing:
    return Writing(
        language=stated.language,
        subject=stated.receipt_subject,
        text=stated.receipt_text,
        html=stated.receipt_html,
    )
