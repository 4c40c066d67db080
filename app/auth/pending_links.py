"""Links that were asked for and not used yet: one for an address and a purpose, however often it is asked for."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import login_queries
from app.auth.models import LinkPurpose, MailLink, Realm
from app.mail.models import Mail


async def pending_link(
    session: AsyncSession,
    purpose: LinkPurpose,
    realm: Realm,
    email: str,
    *,
    account_id: UUID | None = None,
    within: timedelta,
    at: datetime,
) -> UUID:
    """Find the link that waits to be opened and let it work for as long as a new one would; else make it.

    A link that was mailed is never ended by asking for another: that would be a stranger's to do.
    """
    # One after the other for one address: of two at once each would make a link.
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(func.lower(email), 0))))
    same = (
        MailLink.purpose == purpose,
        MailLink.realm == realm,
        func.lower(MailLink.email) == func.lower(email),
        MailLink.account_id.is_not_distinct_from(account_id),
    )
    newest = select(MailLink.id).where(*same, MailLink.used_at.is_(None), MailLink.expires_at > at)
    pending = newest.order_by(MailLink.created_at.desc()).limit(1).scalar_subquery()
    renewed: UUID | None = await session.scalar(
        update(MailLink)
        .where(MailLink.id == pending)
        .values(expires_at=at + within)
        .returning(MailLink.id)
        .execution_options(synchronize_session=False)
    )
    if renewed is not None:
        return renewed
    return await make_link(session, purpose, realm, email, account_id=account_id, within=within, at=at)


async def make_link(
    session: AsyncSession,
    purpose: LinkPurpose,
    realm: Realm,
    email: str,
    *,
    account_id: UUID | None = None,
    order_number: int | None = None,
    within: timedelta,
    at: datetime,
) -> UUID:
    link_id = uuid4()
    await session.execute(
        insert(MailLink).values(
            id=link_id,
            purpose=purpose,
            realm=realm,
            email=email,
            account_id=account_id,
            order_number=order_number,
            created_at=at,
            expires_at=at + within,
        )
    )
    return link_id


async def find_link_to_mail(session: AsyncSession, mail: Mail, *, at: datetime) -> MailLink | None:
    """Find the unused link that a mail brings; one that is over is brought only by a mail that was held back."""
    assert mail.about_id is not None  # a CHECK of the table: such a mail is about no order
    link = await login_queries.find_unused_link(session, mail.about_id)
    is_over = link is not None and mail.held_at is None and link.expires_at <= at
    return None if is_over else link


def renew_held(link: MailLink, mail: Mail, *, within: timedelta, at: datetime) -> None:
    """Let the link of a mail that was held back work as long as that of one that was not."""
    if mail.held_at is not None:
        link.expires_at = max(link.expires_at, at + within)
