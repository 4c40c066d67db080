"""What the owner of an account changes of it: the profile, the address book, the companies.

Nothing here reaches an order or a document: they hold copies of their own. Each change waits for the one before on
the account's row, so that the book has one default and is never fuller than it may be.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import profile_queries as queries
from app.accounts.closing import lock_account
from app.accounts.models import MOST_ADDRESSES, MOST_INVOICE_PROFILES, Address, InvoiceProfile, Profile
from app.accounts.profile_errors import AddressBookFull, InvoiceProfilesFull
from app.accounts.profile_schemas import ChangeProfile, KeepAddress, KeepInvoiceProfile
from app.auth.models import Account

Kept = TypeVar("Kept", Address, InvoiceProfile)


async def change_profile(
    session: AsyncSession, account_id: UUID, wish: ChangeProfile, *, at: datetime
) -> tuple[Account, Profile]:
    await lock_account(session, account_id)
    account, profile = await queries.get_own_profile(session, account_id)
    changes = wish.changes()
    if not changes:
        return account, profile
    account.language = changes.pop("language", account.language)
    _set(profile, {**changes, "changed_at": at})
    return account, profile


async def keep_address(session: AsyncSession, account_id: UUID, wish: KeepAddress) -> Address:
    """Add a place; one that is there already stays the only one, so that asking again after a lost answer is safe."""
    await lock_account(session, account_id)
    book = await queries.list_addresses(session, account_id)
    address = _find_same(book, wish.columns())
    if address is None:
        if len(book) >= MOST_ADDRESSES:
            raise AddressBookFull(most=MOST_ADDRESSES)
        address = Address(account_id=account_id, is_default=False, **wish.columns())
        session.add(address)
    if wish.is_default or not book:
        await _make_default(session, address)
    await session.flush()  # for the id, which the answer carries
    return address


async def replace_address(session: AsyncSession, account_id: UUID, address_id: UUID, wish: KeepAddress) -> Address:
    await lock_account(session, account_id)
    address = await queries.get_own_address(session, address_id, account_id)
    _set(address, wish.columns())
    if wish.is_default:
        await _make_default(session, address)
    return address


async def forget_address(session: AsyncSession, account_id: UUID, address_id: UUID) -> None:
    """Delete a place; when it was the default, the oldest that is left becomes it."""
    await lock_account(session, account_id)
    address = await queries.get_own_address(session, address_id, account_id)
    await session.delete(address)
    await session.flush()  # gone before another is the default: the index allows one
    if address.is_default and (left := await queries.list_addresses(session, account_id)):
        left[0].is_default = True


async def _make_default(session: AsyncSession, address: Address) -> None:
    others = update(Address).where(Address.account_id == address.account_id, Address.is_default)
    await session.execute(others.values(is_default=False))  # before this one: the index allows one
    address.is_default = True


async def keep_invoice_profile(session: AsyncSession, account_id: UUID, wish: KeepInvoiceProfile) -> InvoiceProfile:
    """Add a company; the very same data stay there once, a company may stand there with several addresses."""
    await lock_account(session, account_id)
    profiles = await queries.list_invoice_profiles(session, account_id)
    if same := _find_same(profiles, wish.model_dump()):
        return same
    if len(profiles) >= MOST_INVOICE_PROFILES:
        raise InvoiceProfilesFull(most=MOST_INVOICE_PROFILES)
    profile = InvoiceProfile(account_id=account_id, **wish.model_dump())
    session.add(profile)
    await session.flush()  # for the id, which the answer carries
    return profile


async def replace_invoice_profile(
    session: AsyncSession, account_id: UUID, profile_id: UUID, wish: KeepInvoiceProfile
) -> InvoiceProfile:
    await lock_account(session, account_id)
    profile = await queries.get_own_invoice_profile(session, profile_id, account_id)
    _set(profile, wish.model_dump())
    return profile


async def forget_invoice_profile(session: AsyncSession, account_id: UUID, profile_id: UUID) -> None:
    await lock_account(session, account_id)
    await session.delete(await queries.get_own_invoice_profile(session, profile_id, account_id))


def _find_same(kept: Iterable[Kept], columns: Mapping[str, Any]) -> Kept | None:
    same = (one for one in kept if all(getattr(one, name) == value for name, value in columns.items()))
    return next(same, None)


def _set(row: Profile | Address | InvoiceProfile, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)
