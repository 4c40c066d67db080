"""What a shopper logs in with, and from where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.auth.models import Account, FamiliarOrigin, LoginSession, MailLink, Realm, RefreshToken
from app.core.db import Due
from app.core.holders import Erasure, Own, Person
from app.core.language import Text
from app.mail.models import Mail, MailState
from app.mail.personal_data import LETTERS_KEPT

LOGINS_KEPT = timedelta(days=90)
"""How long it is known who was in from where, since it was last so: as any log of addresses (fact sheet §5)."""

LOGIN = Text(
    "Входът: имейл, парола, сесии, устройства и връзки от писма",
    "The login: e-mail, password, sessions, devices and links in mails",
)


@dataclass(frozen=True, slots=True)
class LoginHolder:
    """The last to be asked: with the account's row goes whatever hangs on it, and its orders are nobody's account's."""

    tables: frozenset[str] = frozenset(
        {"accounts", "login_sessions", "refresh_tokens", "mail_links", "familiar_origins"}
    )

    def own(self, person: Person) -> Sequence[Own]:
        sessions = Own(LoginSession, person.owns(LoginSession.account_id))
        mailed = or_(person.is_at(MailLink.email), person.owns(MailLink.account_id))
        links = Own(MailLink, (MailLink.realm == Realm.ACCOUNT) & mailed)
        return (
            Own(Account, person.owns(Account.id)),
            sessions,
            Own(RefreshToken, RefreshToken.session_id.in_(sessions.ids(LoginSession.id))),
            links,
            Own(FamiliarOrigin, person.owns(FamiliarOrigin.person_id)),
            # A change of address was told to the address before it, too.
            Own(Mail, Mail.about_id.in_(links.ids(MailLink.id))),
        )

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:  # noqa: ARG002 - as every holder
        of_account = person.owns(MailLink.account_id)
        # A change of address was told to other addresses than the last; what still waits warns an owner, and is sent.
        links = select(MailLink.id).where(of_account)
        await session.execute(delete(Mail).where(Mail.about_id.in_(links), Mail.state == MailState.SENT))
        mailed = or_(person.is_at(MailLink.email), of_account)
        await session.execute(delete(MailLink).where(MailLink.realm == Realm.ACCOUNT, mailed))
        await session.execute(delete(FamiliarOrigin).where(person.owns(FamiliarOrigin.person_id)))
        gone = await session.execute(delete(Account).where(person.owns(Account.id)).returning(Account.id))
        return Erasure([LOGIN]) if gone.first() else Erasure()


def logins_due(at: datetime) -> Sequence[Due]:
    """Find links, sessions and origins whose time is over.

    Of a member of staff the last session stays: it tells the access review when that was (C15).
    """
    later = aliased(LoginSession)
    is_not_last = exists().where(later.staff_id == LoginSession.staff_id, later.created_at > LoginSession.created_at)
    is_over = func.coalesce(LoginSession.ended_at, LoginSession.expires_at) < at - LOGINS_KEPT
    return (
        # Not before the letters, of which they tell whose account they are about.
        Due(MailLink, MailLink.expires_at < at - LETTERS_KEPT),
        Due(FamiliarOrigin, FamiliarOrigin.seen_at < at - LOGINS_KEPT),
        Due(LoginSession, is_over & (LoginSession.account_id.is_not(None) | is_not_last)),
    )
