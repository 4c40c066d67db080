"""Withdrawals that wait for proof: what they would destroy is not destroyed on a stranger's word."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth import login_queries
from app.auth.models import Realm
from app.core.db import Due, Write, together
from app.core.ids import uuid7
from app.mail import service as mail
from app.mail.models import MailKind
from app.privacy import consenting
from app.privacy.models import ConsentPurpose
from app.privacy.service import Evidence
from app.privacy.withdrawals.models import PendingWithdrawal

LINK = "withdraw-consent"
"""What the mailed link is for (`auth.link_tokens`)."""
PROVED_WITHIN = timedelta(hours=48)


async def ask_for_proof(
    session: AsyncSession, email: str, purposes: Collection[ConsentPurpose], evidence: Evidence, *, words: str | None
) -> None:
    """Keep what somebody wants and promise a mail to the address; the same again waits in the same row.

    Whether there is anything to take back is looked up when the mail is written, out of the caller's sight.
    """
    # One after the other for one address: the same twice at once would wait in two rows.
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(func.lower(email), 0))))
    pending_id = await _renew(session, email, purposes, evidence.at, words)
    if pending_id is None:
        pending_id = uuid4()
        row = {
            "id": pending_id,
            "email": email,
            "purposes": [str(purpose) for purpose in purposes],
            "words": words,
            "language": evidence.language,
            "asked_at": evidence.at,
            "expires_at": evidence.at + PROVED_WITHIN,
        }
        await session.execute(together(Write(PendingWithdrawal, [row])))
    await mail.promise(
        session,
        kind=MailKind.WITHDRAWAL_PROOF,
        address=email,
        language=evidence.language,
        about_id=pending_id,
        document_id=uuid7(),  # mailed each time it is asked for
        at=evidence.at,
    )


async def _renew(
    session: AsyncSession, email: str, purposes: Collection[ConsentPurpose], at: datetime, words: str | None
) -> UUID | None:
    same = (
        func.lower(PendingWithdrawal.email) == func.lower(email),
        PendingWithdrawal.purposes == [str(purpose) for purpose in purposes],
        PendingWithdrawal.words.is_not_distinct_from(words),
        PendingWithdrawal.expires_at > at,
    )
    renewed: UUID | None = await session.scalar(
        update(PendingWithdrawal)
        .where(*same)
        .values(expires_at=at + PROVED_WITHIN)
        .returning(PendingWithdrawal.id)
        .execution_options(synchronize_session=False)
    )
    return renewed


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
