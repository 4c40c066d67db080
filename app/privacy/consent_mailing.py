"""Composes the mails about consents: here it is looked up whether an address is known, out of any caller's sight."""

from dataclasses import dataclass, field
from email.message import EmailMessage

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.link_tokens import link_token
from app.core.secrets import Secret
from app.mail.models import Mail
from app.mail.writing import Letterhead
from app.privacy import consenting, letters
from app.privacy.letters import ConsentLetter, StoppedLetter
from app.privacy.opting_in import CONFIRMED_WITHIN, find_newest_open, find_open_wish
from app.privacy.opting_in import LINK as CONFIRM
from app.privacy.purposes import WORDS
from app.privacy.withdrawals.models import PendingWithdrawal
from app.privacy.withdrawals.proving import LINK as WITHDRAW
from app.privacy.withdrawals.proving import find_pending, list_concerned
from app.privacy.withdrawals.telling import list_stopped


@dataclass(frozen=True)
class ConsentMails:
    """The composers of mails about consents; none of them is marketing."""

    letterhead: Letterhead
    secret: Secret = field(repr=False)

    async def confirmation(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Ask to confirm a wish; whoever agreed before, and took nothing back, is not asked again."""
        assert mail.about_id is not None  # a CHECK of the table: such a mail is about no order
        asked = await find_open_wish(session, mail.about_id, at=self.letterhead.clock.now())
        if asked is None:
            return None
        wish = await find_newest_open(session, asked)
        live = await consenting.live_consents(session, wish.email)
        if (wish.purpose, wish.channel) in {(each.purpose, each.channel) for each in live}:
            return None
        letter = ConsentLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            url=self.letterhead.page(f"newsletter/confirm#token={link_token(self.secret, CONFIRM, wish.id)}"),
            expires_at=wish.recorded_at + CONFIRMED_WITHIN,
            what=WORDS[wish.purpose].in_(mail.language),
        )
        return self.letterhead.message(mail, letters.confirm_consent(letter))

    async def offers_stopped(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Write to the address that agreed, and in its language: whoever stopped the offers may be another."""
        assert mail.about_id is not None  # as above
        given, stopped = await list_stopped(session, mail.about_id, at=mail.created_at)
        if given is None:
            return None  # erased since
        mail.address, mail.language = given.email, given.language
        letter = StoppedLetter(
            language=given.language,
            trader=self.letterhead.trader,
            done_at=mail.created_at,
            what=", ".join(WORDS[purpose].in_(given.language) for purpose in stopped),
        )
        return self.letterhead.message(mail, letters.offers_stopped(letter))

    async def withdrawal_proof(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Ask for proof where there is anything to end; where there is not, nobody is written to."""
        assert mail.about_id is not None  # as above
        pending = await find_pending(session, mail.about_id, at=self.letterhead.clock.now())
        if pending is None:
            return None
        concerned = await list_concerned(session, pending)
        if not concerned:
            await session.execute(delete(PendingWithdrawal).where(PendingWithdrawal.id == pending.id))
            return None
        letter = ConsentLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            url=self.letterhead.page(f"consents/withdraw#token={link_token(self.secret, WITHDRAW, pending.id)}"),
            expires_at=pending.expires_at,
            what=", ".join(WORDS[purpose].in_(mail.language) for purpose in concerned),
        )
        return self.letterhead.message(mail, letters.withdrawal_proof(letter))
