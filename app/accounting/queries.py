"""Every select of postings."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.models import Posting


async def lock_posting(session: AsyncSession, order_id: UUID) -> Posting | None:
    """Lock the posting of an order; None while the order is not confirmed."""
    wanted = select(Posting).where(Posting.order_id == order_id).with_for_update()
    return await session.scalar(wanted.execution_options(populate_existing=True))
