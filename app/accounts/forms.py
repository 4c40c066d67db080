"""What a delivery address and a company's invoice data look like; checkout and address book take the same."""

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.core.fields import (
    PERSON_NAME,
    Block,
    City,
    CompanyAddress,
    CompanyName,
    Eik,
    HousePart,
    PlaceNote,
    Postcode,
    Street,
    VatNumber,
    Wish,
    upto,
)

OFFICE_IDS = 2**31 - 1
SITE_IDS = 2**53 - 1


class AddressDelivery(Wish):
    method: Literal["address"]
    city: City
    postcode: Postcode
    street: Street | None = None
    street_no: HousePart | None = None
    block: Block | None = None
    entrance: HousePart | None = None
    floor: HousePart | None = None
    apartment: HousePart | None = None
    note: PlaceNote | None = None
    site_id: Annotated[int, Field(ge=1, le=SITE_IDS, strict=True)] | None = None

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if not (self.street or self.block or self.note):
            raise PydanticCustomError("place_missing", "Give a street, a block or a note that says where")
        return self


class OfficeDelivery(Wish):
    method: Literal["office"]
    office_id: Annotated[int, Field(ge=1, le=OFFICE_IDS, strict=True)]


Delivery = Annotated[AddressDelivery | OfficeDelivery, Field(discriminator="method")]


class InvoiceWish(Wish):
    """Data of a company; a person needs none (S6), and no personal number is ever asked for."""

    company_name: CompanyName
    eik: Eik = Field(examples=["175074752"])
    vat_number: VatNumber | None = Field(None, examples=["BG175074752"])
    city: City
    address: CompanyAddress
    responsible_person: Annotated[str, upto(60), PERSON_NAME] | None = None

    @field_validator("vat_number")
    @classmethod
    def _is_of_the_company(cls, vat_number: str | None, known: ValidationInfo) -> str | None:
        eik = known.data.get("eik")
        if vat_number and eik and vat_number != f"BG{eik[:9]}":
            raise PydanticCustomError("vat_number_of_another", "Not the VAT number of the company with this EIK")
        return vat_number
