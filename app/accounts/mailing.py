"""Composes the mails about accounts; here it is looked up whether an address has one, out of any caller's sight."""

from dataclasses import dataclass, field
from email.message import EmailMessage

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import letters, queries
from app.accounts.letters import TakenLetter
from app.accounts.models import Registration
from app.accounts.registering import LINK
from app.auth import login_queries
from app.auth.letters import LinkLetter, NoticeLetter
from app.auth.link_tokens import link_token
from app.auth.mailing import link_url
from app.auth.models import Realm
from app.core.secrets import Secret
from app.mail.models import Mail
from app.mail.writing import Letterhead
from app.privacy.erasing import held_words
from app.privacy.erasures.models import ErasureRecord


@dataclass(frozen=True)
class AccountMails:
    """The composers of mails about accounts."""

    letterhead: Letterhead
    secret: Secret = field(repr=False)

    async def registration(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Write the link; where there is an account already, say so and forget what was asked for.

        Of a mail that is tried again the registration may be gone, the account is not.
        """
        assert mail.about_id is not None  # a CHECK of the table: such a mail is about no order
        owner = await login_queries.find_person(session, Realm.ACCOUNT, mail.address)
        if owner:
            await session.execute(delete(Registration).where(Registration.id == mail.about_id))
            return self._address_taken(mail, owner.email)
        asked = await queries.find_registration(session, mail.about_id, at=self.letterhead.clock.now())
        if asked is None:
            return None
        letter = LinkLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            url=self.letterhead.page(f"verify-email#token={link_token(self.secret, LINK, asked.id)}"),
            expires_at=asked.expires_at,
        )
        return self.letterhead.message(mail, letters.registration(letter))

    async def email_change(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Write the link; where another account has the address, which no link could change, say so."""
        assert mail.about_id is not None  # as above
        link = await login_queries.find_link(session, mail.about_id, at=self.letterhead.clock.now())
        if link is None:
            return None
        owner = await login_queries.find_person(session, Realm.ACCOUNT, link.email)
        if owner and owner.id != link.account_id:
            return self._address_taken(mail, owner.email)
        letter = LinkLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            url=link_url(self.letterhead, self.secret, link),
            expires_at=link.expires_at,
        )
        return self.letterhead.message(mail, letters.email_change(letter))

    async def email_changed(self, session: AsyncSession, mail: Mail) -> EmailMessage:  # noqa: ARG002 - as every composer
        return self.letterhead.message(mail, letters.email_changed(self._notice(mail)))

    async def account_closed(self, session: AsyncSession, mail: Mail) -> EmailMessage:
        """Say what is kept, by which law and until when; of an earlier release's closing its answer did."""
        record = await session.get(ErasureRecord, mail.document_id) if mail.document_id else None
        kept = [] if record is None else held_words(record, mail.language)
        letter = letters.ClosedLetter(
            language=mail.language, trader=self.letterhead.trader, done_at=mail.created_at, kept=kept
        )
        return self.letterhead.message(mail, letters.account_closed(letter))

    def _address_taken(self, mail: Mail, proved: str) -> EmailMessage:
        """Write to the address that was proved, not to another spelling of it."""
        mail.address = proved
        letter = TakenLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            login_url=self.letterhead.page("login"),
            reset_url=self.letterhead.page("forgot-password"),
        )
        return self.letterhead.message(mail, letters.address_taken(letter))

    def _notice(self, mail: Mail) -> NoticeLetter:
        return NoticeLetter(language=mail.language, trader=self.letterhead.trader, done_at=mail.created_at)
