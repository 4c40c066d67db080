"""The shapes of the requests: types alone, every member optional; what is missing is the rules' business."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, StrictBool, ValidationError
from pydantic.alias_generators import to_camel

from app.integrations.speedy.simulator.refusals import Malformed


class Form(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", coerce_numbers_to_str=True
    )


F = TypeVar("F", bound=Form)


def read(form: type[F], body: dict[str, Any]) -> F:
    try:
        return form.model_validate(body)
    except ValidationError as fault:
        place = ".".join(str(part) for part in fault.errors()[0]["loc"])
        raise Malformed(place) from None


class Phone(Form):
    number: str | None = None
    extension: str | None = None


class Address(Form):
    country_id: int | None = None
    site_id: int | None = None
    site_type: str | None = None
    site_name: str | None = None
    post_code: str | None = None
    street_id: int | None = None
    street_type: str | None = None
    street_name: str | None = None
    street_no: str | None = None
    complex_id: int | None = None
    complex_type: str | None = None
    complex_name: str | None = None
    block_no: str | None = None
    entrance_no: str | None = None
    floor_no: str | None = None
    apartment_no: str | None = None
    poi_id: int | None = None
    address_note: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None


class Party(Form):
    client_id: int | None = None
    client_name: str | None = None
    object_name: str | None = None
    contact_name: str | None = None
    phone1: Phone | None = None
    email: str | None = None
    private_person: StrictBool | None = None
    address: Address | None = None
    pickup_office_id: int | None = None
    dropoff_office_id: int | None = None
    pickup_geo_pudo_id: str | None = None
    dropoff_geo_pudo_id: str | None = None


class FiscalItem(Form):
    description: str | None = None
    vat_group: str | None = None
    amount: Decimal | None = None
    amount_with_vat: Decimal | None = None


class Cod(Form):
    amount: Decimal | None = None
    currency_code: str | None = None
    processing_type: Literal["CASH", "POSTAL_MONEY_TRANSFER"] = "CASH"
    include_shipping_price: StrictBool = False
    fiscal_receipt_items: list[FiscalItem] = []


class Obpd(Form):
    option: str | None = None
    return_shipment_service_id: int | None = None
    return_shipment_payer: str | None = None


class DeclaredValue(Form):
    amount: Decimal | None = None
    fragile: StrictBool = False


class AdditionalServices(Form):
    cod: Cod | None = None
    obpd: Obpd | None = None
    declared_value: DeclaredValue | None = None


class Service(Form):
    service_id: int | None = None
    pickup_date: date | None = None
    auto_adjust_pickup_date: StrictBool = False
    deferred_days: int = 0
    additional_services: AdditionalServices | None = None


class Size(Form):
    width: int
    depth: int
    height: int


class ParcelForm(Form):
    seq_no: int
    weight: Decimal
    size: Size | None = None
    ref1: str | None = None
    ref2: str | None = None


class Content(Form):
    parcels_count: int | None = None
    total_weight: Decimal | None = None
    contents: str | None = None
    package: str | None = None
    parcels: list[ParcelForm] | None = None


class Payment(Form):
    courier_service_payer: str | None = None
    third_party_client_id: int | None = None


class Create(Form):
    sender: Party | None = None
    recipient: Party | None = None
    service: Service | None = None
    content: Content | None = None
    payment: Payment | None = None
    shipment_note: str | None = None
    ref1: str | None = None
    ref2: str | None = None


class Cancel(Form):
    shipment_id: str | None = None
    comment: str | None = None


class Search(Form):
    ref: str | None = None
    search_in_ref: int | None = None


class Info(Form):
    shipment_ids: list[str] = []


class ParcelRef(Form):
    id: str | None = None
    ref: str | None = None


class PrintedParcel(Form):
    parcel: ParcelRef | None = None
    parcel_id: ParcelRef | None = None
    """The key of the schema of 2022; examples use both."""


class Print(Form):
    paper_size: Literal["A4", "A6", "A4_4xA6"] | None = None
    parcels: list[PrintedParcel] = []
    format: Literal["pdf", "zpl"] = "pdf"


class Track(Form):
    parcels: list[ParcelRef] = []
    last_operation_only: StrictBool = False


class Pickup(Form):
    visit_end_time: str | None = None
    pickup_scope: str = "EXPLICIT_SHIPMENT_ID_LIST"
    explicit_shipment_id_list: list[str] = []


class ValidateAddress(Form):
    address: Address | None = None


class Places(Form):
    """Every filter of the `/location` look-ups."""

    country_id: int | None = None
    site_id: int | None = None
    name: str | None = None
    site_name: str | None = None
    post_code: str | None = None
    type: str | None = None
    iso_alpha2: str | None = None
    limit: int | None = None
