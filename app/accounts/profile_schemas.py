"""Requests and responses of profiles."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import ConfigDict, Field

from app.accounts.forms import AddressDelivery, Delivery, InvoiceWish, OfficeDelivery
from app.accounts.models import Address, PlaceKind
from app.core.fields import ONE_LINE, Name, Phone, View, Wish, upto
from app.core.language import Language

EXAMPLE_ID = "019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11"
AddressId = Annotated[UUID, Path(description="As the address book names it", examples=[EXAMPLE_ID])]
InvoiceProfileId = Annotated[UUID, Path(description="As the list of companies names it", examples=[EXAMPLE_ID])]

# A default that the contract does not show and nobody reads: what was left away is not among `changes`.
LEFT_AWAY: Any = Field(default_factory=lambda: None)


class ChangeProfile(Wish):
    """What to change (RFC 7396): what is left away stays; null clears the phone, nothing else may be empty."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"last_name": "Иванова", "language": "en"}]})

    first_name: Name = LEFT_AWAY
    last_name: Name = LEFT_AWAY
    phone: Phone | None = LEFT_AWAY
    language: Language = LEFT_AWAY

    def changes(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


class ProfileLinks(View):
    self: str
    addresses: str
    invoice_profiles: str
    orders: str
    consents: str
    sessions: str


class ProfileView(View):
    """What the shop keeps of its customer, beside addresses, companies and orders."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    phone: str | None
    language: Language = Field(description="Of the letters to the account")
    created_at: datetime
    links: ProfileLinks


class KeepAddress(Wish):
    """A place for parcels; `delivery` is what an order takes."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "label": "Вкъщи",
                    "is_default": True,
                    "delivery": {
                        "method": "address",
                        "city": "София",
                        "postcode": "1618",
                        "street": "ул. Българска легия",
                        "street_no": "2",
                    },
                }
            ]
        }
    )

    label: Annotated[str, upto(50), ONE_LINE] | None = None
    is_default: bool = Field(
        default=False,
        strict=True,
        description="Makes it the default; false takes nothing away, and the first one is the default in any case",
    )
    delivery: Delivery

    def columns(self) -> dict[str, Any]:
        """Give what is kept of it, in the columns of `Address`; an office clears what only a door has."""
        nothing = dict.fromkeys([*AddressDelivery.model_fields, *OfficeDelivery.model_fields])
        return {"label": self.label, **nothing, **self.delivery.model_dump(), "method": PlaceKind(self.delivery.method)}


class AddressView(View):
    id: UUID
    label: str | None
    is_default: bool
    delivery: Delivery = Field(description="As an order takes it")

    @classmethod
    def of(cls, address: Address) -> "AddressView":
        # Not checked again: a rule that became stricter since does not hide what was kept.
        kind = OfficeDelivery if address.method is PlaceKind.OFFICE else AddressDelivery
        delivery = kind.model_construct(**{name: getattr(address, name) for name in kind.model_fields})
        return cls.model_construct(id=address.id, label=address.label, is_default=address.is_default, delivery=delivery)


class AddressesView(View):
    """The whole address book: the default first, then the oldest."""

    items: list[AddressView]


class KeepInvoiceProfile(InvoiceWish):
    """A company that invoices may be made out to: what an order takes as `invoice`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "company_name": "„Усмивка“ ООД",
                    "eik": "175074752",
                    "vat_number": "BG175074752",
                    "city": "София",
                    "address": "ул. Българска легия 2",
                    "responsible_person": "Ива Петрова",
                }
            ]
        }
    )


class InvoiceProfileView(View):
    id: UUID
    company_name: str
    eik: str
    vat_number: str | None
    city: str
    address: str
    responsible_person: str | None


class InvoiceProfilesView(View):
    """All of them, the oldest first."""

    items: list[InvoiceProfileView]
