"""Every select of profiles: what its owner sees, and nobody else."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Address, InvoiceProfile, Profile
from app.auth.errors import Unauthenticated
from app.auth.models import Account
from app.core.errors import NotFound


async def get_own_profile(session: AsyncSession, account_id: UUID) -> tuple[Account, Profile]:
    """Refuses as the guard does when the account was closed since it let the caller pass."""
    wanted = select(Account, Profile).join(Profile, Profile.account_id == Account.id).where(Account.id == account_id)
    found = (await session.execute(wanted)).one_or_none()
    if found is None:
        raise Unauthenticated
    account, profile = found
    return account, profile


async def list_addresses(session: AsyncSession, account_id: UUID) -> Sequence[Address]:
    """List the address book: the default first, then the oldest."""
    kept = select(Address).where(Address.account_id == account_id)
    return (await session.scalars(kept.order_by(Address.is_default.desc(), Address.id))).all()


async def get_own_address(session: AsyncSession, address_id: UUID, account_id: UUID) -> Address:
    found = await session.scalar(select(Address).where(Address.id == address_id, Address.account_id == account_id))
    if found is None:
        raise NotFound
    return found


async def list_invoice_profiles(session: AsyncSession, account_id: UUID) -> Sequence[InvoiceProfile]:
    """List the companies, the oldest first."""
    kept = select(InvoiceProfile).where(InvoiceProfile.account_id == account_id)
    return (await session.scalars(kept.order_by(InvoiceProfile.id))).all()


async def get_own_invoice_profile(session: AsyncSession, profile_id: UUID, account_id: UUID) -> InvoiceProfile:
    wanted = select(InvoiceProfile).where(InvoiceProfile.id == profile_id, InvoiceProfile.account_id == account_id)
    found = await session.scalar(wanted)
    if found is None:
        raise NotFound
    return found


async def has_phone(session: AsyncSession, account_id: UUID) -> bool:
    wanted = select(Profile.phone).where(Profile.account_id == account_id)
    return await session.scalar(wanted) is not None
