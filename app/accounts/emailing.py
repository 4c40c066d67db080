"""Changing an account's e-mail address: the new one is proved first, the old one is told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.closing import lock_account
from app.accounts.jobs import ClaimGuestOrders
from app.auth import login_queries
from app.auth.auditing.recording import Action, note
from app.auth.errors import LinkInvalid, PasswordWrong, Unauthenticated
from app.auth.models import Account, LinkPurpose, MailLink, Realm
from app.auth.passwords import verify_password
from app.auth.pending_links import pending_link
from app.auth.sessions import actor_of
from app.core.db import Sessions, let_go
from app.core.ids import uuid7
from app.core.jobs import Promise, defer
from app.mail import service as mail
from app.mail.models import MailKind
from app.privacy.consenting import carry_consents
from app.privacy.service import Evidence


class Follow(Protocol):
    """What another domain does when an account's address changes, in the same transaction."""

    async def __call__(self, session: AsyncSession, account_id: UUID, old: str, new: str, *, at: datetime) -> None: ...


PROVED_WITHIN = timedelta(hours=24)


async def ask_for_change(
    session: AsyncSession, account_id: UUID, email: str, password: str, *, at: datetime
) -> datetime:
    """Promise a mail with a link to the new address, free or taken; returns until when the link works.

    Refuses with PasswordWrong who is logged in but is not the owner.
    """
    account = await session.get(Account, account_id)
    if account is None:
        raise Unauthenticated  # closed since the guard let it pass
    checked = account.password_hash
    await let_go(session)
    if not await verify_password(password, checked):
        raise PasswordWrong
    account = await lock_account(session, account_id)  # anew: it may be closed by now
    if account.password_hash != checked:
        raise PasswordWrong  # another was set since it was checked
    link_id = await pending_link(
        session,
        LinkPurpose.CHANGE_EMAIL,
        Realm.ACCOUNT,
        email,
        account_id=account_id,
        within=PROVED_WITHIN,
        at=at,
    )
    await mail.promise(
        session,
        kind=MailKind.EMAIL_CHANGE,
        address=email,
        language=account.language,
        about_id=link_id,
        document_id=uuid7(),  # mailed each time it is asked for
        at=at,
    )
    return at + PROVED_WITHIN


async def check_password(sessions: Sessions, link_id: UUID, password: str, *, at: datetime) -> str:
    """Refuse with PasswordWrong whose account it is not, with LinkInvalid what has expired; returns the hash.

    Who reads the mailbox may open a stranger's link in good faith: it must not give that stranger's account the
    address, and with it the reader's orders. In a connection of its own: none is held while argon2 computes.
    """
    async with sessions() as session:
        link = await login_queries.find_link(session, link_id, at=at)
        account = await session.get(Account, link.account_id) if link else None
    if account is None:
        raise LinkInvalid
    if not await verify_password(password, account.password_hash):
        raise PasswordWrong
    return account.password_hash


async def change(
    session: AsyncSession, link_id: UUID, password_hash: str, followers: Sequence[Follow], evidence: Evidence
) -> None:
    """Give an account the address that is proved now; refuses with LinkInvalid one that was taken meanwhile.

    Guest orders of the new address are claimed, consents and the account's orders follow, and links mailed to the old
    one find no account.
    """
    account, link = await _lock(session, link_id, at=evidence.at)
    if account.password_hash != password_hash:
        raise PasswordWrong  # another was set since it was checked
    old, account.email, link.used_at = account.email, link.email, evidence.at
    try:
        await session.flush()  # to meet the unique address before anything hangs on it
    except IntegrityError as problem:
        if "uq_accounts_email" in str(problem.orig):
            raise LinkInvalid from None
        raise
    await carry_consents(session, old, link.email, evidence)
    await mail.promise(
        session,
        kind=MailKind.EMAIL_CHANGED,
        address=old,
        language=account.language,
        about_id=link_id,
        at=evidence.at,
    )
    await defer(session, Promise(ClaimGuestOrders(account.id)))
    for follow in followers:
        await follow(session, account.id, old, link.email, at=evidence.at)
    owner = actor_of(Realm.ACCOUNT, account.id)
    await note(session, Action.EMAIL_CHANGED, actor=owner, subject=owner, at=evidence.at)


async def _lock(session: AsyncSession, link_id: UUID, *, at: datetime) -> tuple[Account, MailLink]:
    """Lock the account and then its link, in the order in which an account is closed."""
    found = await login_queries.find_link(session, link_id, at=at)
    if found is None or found.account_id is None:
        raise LinkInvalid
    account = await login_queries.lock_person(session, Realm.ACCOUNT, found.account_id)
    link = await login_queries.lock_link(session, link_id, at=at)
    if link is None or not isinstance(account, Account):
        raise LinkInvalid
    return account, link
