"""What a delivery address and a company's invoice data look like; checkout and address book take the same."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.core.fields import ONE_LINE, PERSON_NAME, CompanyName, Eik, VatNumber, Wish, upto

OFFICE_IDS = 2**31 - 1
SITE_IDS = 2**53 - 1

Part = Annotated[str, upto(10), ONE_LINE]
Name = Annotated[str, upto(50), PERSON_NAME]
City = Annotated[str, upto(50), ONE_LINE]
Place = Annotated[str, upto(60), ONE_LINE]
Address = Annotated[str, upto(100), ONE_LINE]


class AddressDelivery(Wish):
    method: Literal["address"]
    city: City
    postcode: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3}$")] = Field(examples=["1618"])
    street: Place | None = None
    street_no: Part | None = None
    block: Annotated[str, upto(20), ONE_LINE] | None = None
    entrance: Part | None = None
    floor: Part | None = None
    apartment: Part | None = None
    note: Place | None = None
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
    address: Address
    responsible_person: Annotated[str, upto(60), PERSON_NAME] | None = None

    @field_validator("vat_number")
    @classmethod
    def _is_of_the_company(cls, vat_number: str | None, known: ValidationInfo) -> str | None:
        eik = known.data.get("eik")
        if vat_number and eik and vat_number != f"BG{eik[:9]}":
            raise PydanticCustomError("vat_number_of_another", "Not the VAT number of the company with this EIK")
        return vat_number
