"""What an account tells of its owner: profile, address book, companies, and registrations that wait for proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Address, InvoiceProfile, Profile, Registration
from app.auth.models import Account
from app.core.clock import legal_date
from app.core.db import Base
from app.core.holders import Erasure, Kept, Own, Person, Rectifiable
from app.core.language import Text
from app.privacy.models import Acceptance
from app.privacy.storage_terms import PROOF, StorageTerms

PLACE = frozenset({"city", "postcode", "street", "street_no", "block", "entrance", "floor", "apartment", "note"})
NUMBERED = dict.fromkeys(("city", "postcode"), "site_id")
"""A settlement's own number, by which the courier goes."""
PROFILE = Text("Профилът: име и телефон", "The profile: name and phone")
ADDRESSES = Text("Адресната книга", "The address book")
COMPANIES = Text("Запазените данни за фактура", "The invoice data that were saved")
REGISTRATIONS = Text(
    "Недовършените регистрации с този адрес", "Registrations with this address that were not completed"
)
ACCEPTANCE = Text(
    "Доказателството, че декларацията при регистрация е приета: версия, момент, IP адрес",
    "The proof that the declaration for registration was accepted: version, moment, IP address",
)


@dataclass(frozen=True, slots=True)
class AccountHolder:
    terms: StorageTerms
    tables: frozenset[str] = frozenset({"profiles", "addresses", "invoice_profiles", "registrations"})

    def own(self, person: Person) -> Sequence[Own]:
        profile = Own(Profile, person.owns(Profile.account_id))
        return (
            profile,
            Own(Address, person.owns(Address.account_id)),
            Own(InvoiceProfile, person.owns(InvoiceProfile.account_id)),
            Own(Registration, person.is_at(Registration.email)),
            Own(Acceptance, Acceptance.id.in_(profile.ids(Profile.acceptance_id))),
        )

    def rectifiable(self, person: Person) -> Sequence[Rectifiable]:
        profiles, addresses, companies, *_ = self.own(person)
        return (
            Rectifiable(profiles, frozenset({"first_name", "last_name", "phone"})),
            Rectifiable(addresses, PLACE, NUMBERED),
            Rectifiable(companies, frozenset({"company_name", "eik", "vat_number", "city", "address"})),
        )

    async def erase(self, session: AsyncSession, person: Person, *, at: datetime) -> Erasure:
        # An order that is being placed holds the account's row for its foreign key: waited for, it is seen by those
        # who are asked next. Not before the cart is let go, which it holds too.
        await session.execute(select(Account.id).where(person.owns(Account.id)).with_for_update())
        went = {
            PROFILE: await _erase(session, Profile, person.owns(Profile.account_id)),
            ADDRESSES: await _erase(session, Address, person.owns(Address.account_id)),
            COMPANIES: await _erase(session, InvoiceProfile, person.owns(InvoiceProfile.account_id)),
            REGISTRATIONS: await _erase(session, Registration, person.is_at(Registration.email)),
        }
        until = self.terms.of_evidence(legal_date(at))
        accepted = [Kept(ACCEPTANCE, PROOF, until, went[PROFILE])] if went[PROFILE] else []
        return Erasure([what for what, rows in went.items() if rows], accepted)


async def _erase(session: AsyncSession, table: type[Base], of_person: ColumnElement[bool]) -> int:
    [key, *_] = table.__table__.primary_key
    return len((await session.execute(delete(table).where(of_person).returning(key))).all())
