"""Every select of statements of withdrawal."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.returns.models import NUMBERS, Withdrawal


async def find_by_key(session: AsyncSession, key: UUID) -> Withdrawal | None:
    return await session.scalar(select(Withdrawal).where(Withdrawal.key == key))


async def take_number(session: AsyncSession, key: UUID) -> tuple[int, Withdrawal | None]:
    """Take the next number, and find what was stated under this key before."""
    number = select(NUMBERS.next_value().label("number")).subquery("numbered")
    wanted = select(number.c.number, Withdrawal).select_from(number).outerjoin(Withdrawal, Withdrawal.key == key)
    taken, earlier = (await session.execute(wanted)).one()
    return taken, earlier
