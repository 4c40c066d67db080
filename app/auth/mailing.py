"""Composes the mails about logins; a link's key is made anew each time, and is the same each time."""

from dataclasses import dataclass, field
from email.message import EmailMessage

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import letters, login_queries
from app.auth.letters import InvitationLetter, LockLetter, NoticeLetter, ResetLetter, ReuseLetter
from app.auth.link_tokens import link_token
from app.auth.models import LinkPurpose, LoginSession, MailLink, Realm, Staff
from app.auth.password_changing import RESET_WITHIN
from app.auth.pending_links import find_link_to_mail, renew_held
from app.core.secrets import Secret
from app.mail.models import Mail
from app.mail.writing import Letterhead

PAGES = {
    (Realm.ACCOUNT, LinkPurpose.RESET_PASSWORD): "reset-password",
    (Realm.ACCOUNT, LinkPurpose.CHANGE_EMAIL): "change-email",
    (Realm.STAFF, LinkPurpose.RESET_PASSWORD): "staff/reset-password",
    (Realm.STAFF, LinkPurpose.INVITATION): "staff/invitation",
}


@dataclass(frozen=True)
class LoginMails:
    """The composers of mails about logins."""

    letterhead: Letterhead
    secret: Secret = field(repr=False)

    async def password_reset(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        """Write to the address that was proved, not to another spelling of it; for nobody's the link goes, too."""
        now = self.letterhead.clock.now()
        link = await find_link_to_mail(session, mail, at=now)
        if link is None:
            return None
        person = await login_queries.find_person(session, link.realm, link.email)
        if person is None:
            await session.execute(delete(MailLink).where(MailLink.id == link.id))
            return None
        mail.address = person.email
        renew_held(link, mail, within=RESET_WITHIN, at=now)
        letter = ResetLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            url=link_url(self.letterhead, self.secret, link),
            expires_at=link.expires_at,
            for_staff=link.realm is Realm.STAFF,
        )
        return self.letterhead.message(mail, letters.password_reset(letter))

    async def password_changed(self, session: AsyncSession, mail: Mail) -> EmailMessage:  # noqa: ARG002 - as every composer
        letter = NoticeLetter(language=mail.language, trader=self.letterhead.trader, done_at=mail.created_at)
        return self.letterhead.message(mail, letters.password_changed(letter))

    async def token_reused(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        ended = await session.get(LoginSession, mail.about_id)
        if ended is None:
            return None
        letter = ReuseLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            done_at=mail.created_at,
            device=ended.device,
            logged_in_at=ended.created_at,
        )
        return self.letterhead.message(mail, letters.token_reused(letter))

    async def second_factor_locked(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        member = await login_queries.find_person(session, Realm.STAFF, mail.address)
        if not isinstance(member, Staff) or member.locked_until is None:
            return None  # let in again, or no longer here
        letter = LockLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            done_at=mail.created_at,
            refused=member.refused_codes,
            locked_until=member.locked_until,
        )
        return self.letterhead.message(mail, letters.second_factor_locked(letter))

    async def invitation(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        link = await self._find_link(session, mail)
        invited = await session.get(Staff, link.staff_id) if link else None
        if link is None or invited is None or invited.disabled_at or invited.activated_at:
            return None
        letter = InvitationLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            url=link_url(self.letterhead, self.secret, link),
            expires_at=link.expires_at,
            person=invited.name,
            role=invited.role,
        )
        return self.letterhead.message(mail, letters.invitation(letter))

    async def _find_link(self, session: AsyncSession, mail: Mail) -> MailLink | None:
        assert mail.about_id is not None  # a CHECK of the table: such a mail is about no order
        return await login_queries.find_link(session, mail.about_id, at=self.letterhead.clock.now())


def link_url(letterhead: Letterhead, secret: Secret, link: MailLink) -> str:
    return letterhead.page(f"{PAGES[link.realm, link.purpose]}#token={link_token(secret, link.purpose, link.id)}")
