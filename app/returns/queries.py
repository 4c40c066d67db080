"""Every select of statements of withdrawal."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.returns.models import NUMBERS, Withdrawal, WithdrawalCase


async def find_by_key(session: AsyncSession, key: UUID) -> Withdrawal | None:
    return await session.scalar(select(Withdrawal).where(Withdrawal.key == key))


async def take_number(session: AsyncSession, key: UUID) -> tuple[int, Withdrawal | None]:
    """Take the next number, and find what was stated under this key before."""
    number = select(NUMBERS.next_value().label("number")).subquery("numbered")
    wanted = select(number.c.number, Withdrawal).select_from(number).outerjoin(Withdrawal, Withdrawal.key == key)
    taken, earlier = (await session.execute(wanted)).one()
    return taken, earlier


async def find_withdrawal(session: AsyncSession, withdrawal_id: UUID) -> Withdrawal | None:
    return await session.get(Withdrawal, withdrawal_id)


async def lock_case(session: AsyncSession, withdrawal_id: UUID) -> WithdrawalCase:
    """Lock what is done about a statement; an order that is changed with it is locked before."""
    wanted = select(WithdrawalCase).where(WithdrawalCase.withdrawal_id == withdrawal_id).with_for_update()
    case = await session.scalar(wanted.execution_options(populate_existing=True))
    if case is None:
        raise NotFound
    return case
