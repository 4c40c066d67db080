"""Says of an order whose data it holds, and whether it is under way: what the gate of restriction asks (S64)."""

from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import Account
from app.core.language import Language
from app.orders.models import Order, OrderStatus
from app.orders.states import OVER
from app.privacy.restricting import Whose


def whose_of(order: Order) -> Whose:
    return whose(order.email, order.account_id, order.status)


def whose(email: str, account_id: UUID | None, status: OrderStatus) -> Whose:
    return Whose(email, account_id, status not in OVER)


async def is_of_owner(session: AsyncSession, order: Order) -> bool:
    """Say whether the order belongs to the account whose address it names: then that address was proved."""
    own = exists().where(Account.id == order.account_id, func.lower(Account.email) == func.lower(order.email))
    return order.account_id is not None and bool(await session.scalar(select(own)))


def addresses_under_way() -> Select[str, Language]:
    """Select address and language of everybody with whom there is a contract under way; some stand in it twice."""
    return select(Order.email, Order.language).where(Order.status.not_in(OVER), Order.email != "")
