"""What a shopper logs in with, and from where."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import Account, FamiliarOrigin, MailLink, Realm
from app.core.holders import Erasure, Person
from app.core.language import Text

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

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:  # noqa: ARG002 - as every holder
        mailed = or_(func.lower(MailLink.email) == func.lower(person.email), MailLink.account_id == person.account_id)
        await session.execute(delete(MailLink).where(MailLink.realm == Realm.ACCOUNT, mailed))
        await session.execute(delete(FamiliarOrigin).where(FamiliarOrigin.person_id == person.account_id))
        gone = await session.execute(delete(Account).where(Account.id == person.account_id).returning(Account.id))
        return Erasure([LOGIN]) if gone.first() else Erasure()
