"""Withdrawals that wait for proof: what they would destroy is not destroyed on a stranger's word."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import login_queries
from app.auth.models import Realm
from app.core.db import Due, Write, together
from app.core.jobs import defer
from app.mail import service as mail
from app.mail.models import MailKind
from app.privacy import consenting
from app.privacy.models import ConsentPurpose
from app.privacy.service import Evidence
from app.privacy.withdrawals.models import PendingWithdrawal

LINK = "withdraw-consent"
"""What the mailed link is for (`auth.link_tokens`)."""
PROVED_WITHIN = timedelta(hours=48)
MOST_PENDING = 5
"""For one address at a time: its mailbox is not filled by whoever types it in."""


async def ask_for_proof(
    session: AsyncSession, email: str, purposes: Collection[ConsentPurpose], evidence: Evidence, *, words: str | None
) -> None:
    """Keep what somebody wants and promise a mail to the address; beyond what a mailbox may get, keep nothing.

    Whether there is anything to take back is looked up when the mail is written, out of the caller's sight.
    """
    # One after the other for one address: many at once would each find room for one more.
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(func.lower(email), 0))))
    at_address = func.lower(PendingWithdrawal.email) == func.lower(email)
    waiting = select(func.count()).where(at_address, PendingWithdrawal.expires_at > evidence.at)
    if (await session.scalar(waiting) or 0) >= MOST_PENDING:
        return
    row = {
        "id": (pending_id := uuid4()),
        "email": email,
        "purposes": [str(purpose) for purpose in purposes],
        "words": words,
        "language": evidence.language,
        "asked_at": evidence.at,
        "expires_at": evidence.at + PROVED_WITHIN,
    }
    letter, promise = mail.promised(
        kind=MailKind.WITHDRAWAL_PROOF,
        address=email,
        language=evidence.language,
        about_id=pending_id,
        at=evidence.at,
    )
    await session.execute(together(Write(PendingWithdrawal, [row]), letter))
    await defer(session, promise)


async def find_pending(session: AsyncSession, pending_id: UUID, *, at: datetime) -> PendingWithdrawal | None:
    return await session.scalar(
        select(PendingWithdrawal).where(PendingWithdrawal.id == pending_id, PendingWithdrawal.expires_at > at)
    )


async def take_pending(session: AsyncSession, pending_id: UUID, *, at: datetime) -> PendingWithdrawal | None:
    """Take what waits for proof, which it has now: of two who open one link, the second finds none."""
    taken = delete(PendingWithdrawal).where(PendingWithdrawal.id == pending_id, PendingWithdrawal.expires_at > at)
    return await session.scalar(taken.returning(PendingWithdrawal))


async def list_concerned(session: AsyncSession, pending: PendingWithdrawal) -> list[ConsentPurpose]:
    """List what there is under this address that the withdrawal would end."""
    there = {live.purpose for live in await consenting.live_consents(session, pending.email)}
    if await login_queries.find_person(session, Realm.ACCOUNT, pending.email):
        there.add(ConsentPurpose.REGISTRATION)
    return [ConsentPurpose(purpose) for purpose in pending.purposes if purpose in there]


def pending_due(at: datetime) -> Due:
    """Find what nobody proved in time."""
    return Due(PendingWithdrawal, PendingWithdrawal.expires_at <= at)
