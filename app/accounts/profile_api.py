"""Endpoints of one's own profile, address book and companies."""

from fastapi import Response

from app.accounts import profile_queries as queries
from app.accounts import service
from app.accounts.models import Profile
from app.accounts.profile_errors import AddressBookFull, InvoiceProfilesFull
from app.accounts.profile_schemas import (
    AddressesView,
    AddressId,
    AddressView,
    ChangeProfile,
    InvoiceProfileId,
    InvoiceProfilesView,
    InvoiceProfileView,
    KeepAddress,
    KeepInvoiceProfile,
    ProfileLinks,
    ProfileView,
)
from app.auth.guards import ACCOUNT_REFUSALS, AccountCaller
from app.auth.models import Account
from app.core.clock import At
from app.core.db import SessionDep
from app.core.errors import Invalid, NotFound
from app.core.problems import problems
from app.core.routing import Router

router = Router(prefix="/me", tags=["account"])
LINKS = ProfileLinks(
    self="/v1/me",
    addresses="/v1/me/addresses",
    invoice_profiles="/v1/me/invoice-profiles",
    orders="/v1/me/orders",
    consents="/v1/me/consents",
    sessions="/v1/me/sessions",
)


@router.get("", responses=problems(*ACCOUNT_REFUSALS))
async def read_profile(caller: AccountCaller, session: SessionDep) -> ProfileView:
    """Show what the shop keeps of its customer."""
    return _view(*await queries.get_own_profile(session, caller.id))


@router.patch("", responses=problems(*ACCOUNT_REFUSALS, Invalid))
async def change_profile(caller: AccountCaller, wish: ChangeProfile, session: SessionDep, at: At) -> ProfileView:
    """Change what is named and nothing else (RFC 7396); an empty object changes nothing.

    Orders and documents stay as they are. E-mail and password are changed where the old one is proved.
    """
    return _view(*await service.change_profile(session, caller.id, wish, at=at))


@router.get("/addresses", responses=problems(*ACCOUNT_REFUSALS))
async def list_addresses(caller: AccountCaller, session: SessionDep) -> AddressesView:
    """List the address book, at most 20: the default first, then the oldest."""
    book = await queries.list_addresses(session, caller.id)
    return AddressesView(items=[AddressView.of(address) for address in book])


@router.post("/addresses", status_code=201, responses=problems(*ACCOUNT_REFUSALS, AddressBookFull, Invalid))
async def add_address(caller: AccountCaller, wish: KeepAddress, session: SessionDep, response: Response) -> AddressView:
    """Add a place for parcels; the first is the default, and the very same one is kept once."""
    address = await service.keep_address(session, caller.id, wish)
    response.headers["Location"] = f"/v1/me/addresses/{address.id}"
    return AddressView.of(address)


@router.get("/addresses/{address_id}", responses=problems(*ACCOUNT_REFUSALS, NotFound, Invalid))
async def read_address(caller: AccountCaller, address_id: AddressId, session: SessionDep) -> AddressView:
    """Show one place."""
    return AddressView.of(await queries.get_own_address(session, address_id, caller.id))


@router.put("/addresses/{address_id}", responses=problems(*ACCOUNT_REFUSALS, NotFound, Invalid))
async def replace_address(
    caller: AccountCaller, address_id: AddressId, wish: KeepAddress, session: SessionDep
) -> AddressView:
    """Put other data in the place of these; orders that were placed go where they were to go."""
    return AddressView.of(await service.replace_address(session, caller.id, address_id, wish))


@router.delete(
    "/addresses/{address_id}",
    status_code=204,
    response_class=Response,
    responses=problems(*ACCOUNT_REFUSALS, NotFound, Invalid),
)
async def delete_address(caller: AccountCaller, address_id: AddressId, session: SessionDep) -> None:
    """Forget a place; when it was the default, the oldest that is left becomes it."""
    await service.forget_address(session, caller.id, address_id)


@router.get("/invoice-profiles", responses=problems(*ACCOUNT_REFUSALS))
async def list_invoice_profiles(caller: AccountCaller, session: SessionDep) -> InvoiceProfilesView:
    """List the companies that invoices may be made out to, at most 20, the oldest first."""
    profiles = await queries.list_invoice_profiles(session, caller.id)
    return InvoiceProfilesView(items=[InvoiceProfileView.model_validate(profile) for profile in profiles])


@router.post(
    "/invoice-profiles",
    status_code=201,
    responses=problems(*ACCOUNT_REFUSALS, InvoiceProfilesFull, Invalid),
)
async def add_invoice_profile(
    caller: AccountCaller, wish: KeepInvoiceProfile, session: SessionDep, response: Response
) -> InvoiceProfileView:
    """Add a company; the very same data are kept once."""
    profile = await service.keep_invoice_profile(session, caller.id, wish)
    response.headers["Location"] = f"/v1/me/invoice-profiles/{profile.id}"
    return InvoiceProfileView.model_validate(profile)


@router.get("/invoice-profiles/{profile_id}", responses=problems(*ACCOUNT_REFUSALS, NotFound, Invalid))
async def read_invoice_profile(
    caller: AccountCaller, profile_id: InvoiceProfileId, session: SessionDep
) -> InvoiceProfileView:
    """Show one company."""
    profile = await queries.get_own_invoice_profile(session, profile_id, caller.id)
    return InvoiceProfileView.model_validate(profile)


@router.put("/invoice-profiles/{profile_id}", responses=problems(*ACCOUNT_REFUSALS, NotFound, Invalid))
async def replace_invoice_profile(
    caller: AccountCaller, profile_id: InvoiceProfileId, wish: KeepInvoiceProfile, session: SessionDep
) -> InvoiceProfileView:
    """Put other data in the place of these; documents that were issued stay as they are."""
    profile = await service.replace_invoice_profile(session, caller.id, profile_id, wish)
    return InvoiceProfileView.model_validate(profile)


@router.delete(
    "/invoice-profiles/{profile_id}",
    status_code=204,
    response_class=Response,
    responses=problems(*ACCOUNT_REFUSALS, NotFound, Invalid),
)
async def delete_invoice_profile(caller: AccountCaller, profile_id: InvoiceProfileId, session: SessionDep) -> None:
    """Forget a company; documents that were issued to it stay."""
    await service.forget_invoice_profile(session, caller.id, profile_id)


def _view(account: Account, profile: Profile) -> ProfileView:
    return ProfileView(
        id=account.id,
        email=account.email,
        first_name=profile.first_name,
        last_name=profile.last_name,
        phone=profile.phone,
        language=account.language,
        created_at=account.created_at,
        links=LINKS,
    )
