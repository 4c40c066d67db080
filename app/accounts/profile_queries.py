"""Every select of profiles: what its owner sees, and nobody else."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Address, InvoiceProfile, Profile
from app.auth.models import Account
from app.core.errors import NotFound

_WHOLE = select(Account, Profile).join(Profile, Profile.account_id == Account.id)


async def get_own_profile(session: AsyncSession, account_id: UUID) -> tuple[Account, Profile]:
    return await _get_whole(session, _WHOLE.where(Account.id == account_id))


async def lock_own_profile(session: AsyncSession, account_id: UUID) -> tuple[Account, Profile]:
    """Lock what every change of a profile, its addresses and companies waits for; refuses an account that was closed.

    The account's row comes first, as it does when the account is closed; sessions may still begin meanwhile.
    """
    return await _get_whole(session, _WHOLE.where(Account.id == account_id).with_for_update(key_share=True))


async def _get_whole(session: AsyncSession, wanted: Select[Account, Profile]) -> tuple[Account, Profile]:
    found = (await session.execute(wanted)).one_or_none()
    if found is None:
        raise NotFound
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
