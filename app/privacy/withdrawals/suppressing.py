"""The addresses that are not written to: looked up by a keyed hash, kept without limit (GDPR Art. 21(3), 17(3)(b))."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, SQLColumnExpression, func, literal, or_, select
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.ids import uuid7
from app.privacy.models import Channel, ConsentPurpose
from app.privacy.withdrawals.models import Suppression


def key_of(address: SQLColumnExpression[Any] | str) -> ColumnElement[bytes]:
    """Hash an address as the list has it, in whichever letter case it is written."""
    given = literal(address, TextType) if isinstance(address, str) else address
    return func.address_key(given, type_=LargeBinary)


async def suppress(
    session: AsyncSession, email: str, lists: Collection[tuple[ConsentPurpose, Channel | None]], *, at: datetime
) -> None:
    """Enter an address for these purposes and channels; None is every channel. Whether it is known is not looked at."""
    for purpose, channel in sorted(lists, key=lambda each: (each[0], each[1] or "")):
        row = insert(Suppression).values(
            id=uuid7(), key=key_of(email), purpose=purpose, channel=channel, suppressed_at=at
        )
        latest = func.greatest(Suppression.suppressed_at, row.excluded.suppressed_at)
        unique = "uq_suppressions_key_purpose_channel"
        await session.execute(row.on_conflict_do_update(constraint=unique, set_={"suppressed_at": latest}))


async def list_suppressed(session: AsyncSession, email: str) -> set[tuple[ConsentPurpose, Channel | None]]:
    """List what an address is on the list for; None is every channel."""
    found = await session.execute(
        select(Suppression.purpose, Suppression.channel).where(Suppression.key == key_of(email))
    )
    return {(purpose, channel) for purpose, channel in found}


def suppressed_since(
    email: SQLColumnExpression[Any],
    purpose: SQLColumnExpression[Any],
    channel: SQLColumnExpression[Any],
    given_at: SQLColumnExpression[datetime],
) -> ColumnElement[Any]:
    """Select when a consent was overridden: what somebody agrees to after that counts again."""
    found = select(func.max(Suppression.suppressed_at)).where(
        Suppression.key == key_of(email),
        Suppression.purpose == purpose,
        or_(Suppression.channel.is_(None), Suppression.channel == channel),
        Suppression.suppressed_at >= given_at,
    )
    return found.scalar_subquery()
