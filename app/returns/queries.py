"""Every select of statements of withdrawal."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import NotFound
from app.returns.models import KNOWN, NUMBERS, Withdrawal, WithdrawalCase


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


async def find_by_reference(session: AsyncSession, reference: str) -> Withdrawal | None:
    return await session.scalar(select(Withdrawal).where(Withdrawal.number == int(reference)))


async def lock_known(session: AsyncSession, order_id: UUID) -> Sequence[WithdrawalCase]:
    """Lock the open statements of a locked order that are known to be its buyer's."""
    wanted = select(WithdrawalCase).where(
        WithdrawalCase.order_id == order_id, WithdrawalCase.settled_at.is_(None), WithdrawalCase.identity.in_(KNOWN)
    )
    wanted = wanted.order_by(WithdrawalCase.withdrawal_id).with_for_update()
    return (await session.scalars(wanted.execution_options(populate_existing=True))).all()


async def first_stated_at(session: AsyncSession, order_id: UUID) -> datetime | None:
    """Give the moment of the first open statement of an order, whosesoever: the refund is due from the earliest."""
    wanted = select(func.min(Withdrawal.stated_at)).join(WithdrawalCase, WithdrawalCase.withdrawal_id == Withdrawal.id)
    return await session.scalar(wanted.where(WithdrawalCase.order_id == order_id, WithdrawalCase.settled_at.is_(None)))
