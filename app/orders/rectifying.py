"""What of an order changes when its owner's data are put right: how the owner is reached, nothing that was agreed."""

from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.orders.models import Order


async def follow_address(session: AsyncSession, account_id: UUID, old: str, new: str) -> None:
    """Send what is still to be mailed about an account's orders to its new e-mail address.

    An order placed with another address than the account's own keeps it, as issued documents and acceptances do.
    """
    own = (Order.account_id == account_id, func.lower(Order.email) == func.lower(old))
    await session.execute(update(Order).where(*own).values(email=new), execution_options={"synchronize_session": False})
