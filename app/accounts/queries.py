"""Every select of registration."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Registration


async def find_registration(session: AsyncSession, registration_id: UUID, *, at: datetime) -> Registration | None:
    """Find a registration that has not expired."""
    live = select(Registration).where(Registration.id == registration_id, Registration.expires_at > at)
    return await session.scalar(live)


async def lock_registrations(session: AsyncSession, registration_id: UUID) -> Sequence[Registration]:
    """Lock a registration and all others of its address: of two who prove one address, the second finds none."""
    address = select(func.lower(Registration.email)).where(Registration.id == registration_id).scalar_subquery()
    of_address = select(Registration).where(func.lower(Registration.email) == address)
    return (await session.scalars(of_address.order_by(Registration.id).with_for_update())).all()
