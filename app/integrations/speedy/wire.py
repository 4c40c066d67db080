"""Speedy's JSON: how it is written, and how answers are read without failing over what we do not need."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, WrapValidator
from pydantic.alias_generators import to_camel

from app.core.money import CURRENCY, Money
from app.integrations.speedy.codes import PHASES, SUBJECTS, TOO_MANY_REQUESTS
from app.shipping.ports import CourierRefused, CourierUnavailable, Phase, TrackingEvent

T = TypeVar("T")
RATE_LIMITED = "rate_limited"


def encode(value: object) -> str:
    """Write JSON with exact decimals: an amount is never a float and keeps its two digits."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(key)}:{encode(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(encode, value)) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return json.dumps(value, ensure_ascii=False)


def decode(content: bytes) -> dict[str, Any]:
    """Read an answer; raises ValueError for what is not a JSON object."""
    try:
        answer = json.loads(content, parse_float=Decimal)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(answer, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one error for all that is no answer
    return answer


def raise_error(answer: Mapping[str, Any]) -> None:
    """Raise what the answer's `error` member says; Speedy refuses with status 200."""
    if (reported := answer.get("error")) is None:
        return
    error = _Error.model_validate(reported if isinstance(reported, dict) else {})
    context = _machine_key(error.context)
    if context and context.startswith(TOO_MANY_REQUESTS):
        raise CourierUnavailable(RATE_LIMITED)
    raise CourierRefused(
        error.code,
        context,
        _machine_key(error.id),
        component=_machine_key(error.component),
        subject=SUBJECTS.get(error.code or 0),
    )


def _machine_key(text: str | None) -> str | None:
    """Let only keys through, so that no message quoting a customer's data gets into an exception."""
    return text if text and re.fullmatch(r"[\w.$\[\]@-]{1,200}", text, re.ASCII) else None


def _none_if_unreadable(value: Any, handler: Any) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


# From the moment a waybill exists nothing in its answer may look like a failure: what cannot be read counts as absent.
Lenient = Annotated[T | None, WrapValidator(_none_if_unreadable)]


class _Answer(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, coerce_numbers_to_str=True, extra="ignore")


class _Error(_Answer):
    code: Lenient[int] = None
    context: Lenient[str] = None
    id: Lenient[str] = None
    component: Lenient[str] = None


class _Amount(_Answer):
    amount: Lenient[Decimal] = None


class _Price(_Answer):
    total: Decimal = Field(ge=0, lt=Decimal(10) ** 9)
    currency: str
    details: Lenient[dict[str, Lenient[_Amount]]] = None

    @property
    def money(self) -> Money | None:
        """The price in euro; one in another currency is none that we know."""
        return Money.of(self.total.quantize(Decimal("0.01"), ROUND_HALF_UP)) if self.currency == CURRENCY else None

    @property
    def shows_no_cash_fee(self) -> bool:
        if self.details is None:
            return False
        fee = self.details.get("codPremium")
        return fee is None or fee.amount is None or fee.amount <= 0


class _ParcelId(_Answer):
    id: str = Field(min_length=1)


class Booked(_Answer):
    """The answer to a create: an `id` means that a billable parcel exists."""

    id: str = Field(min_length=1)
    parcels: Lenient[list[Lenient[_ParcelId]]] = None
    price: Lenient[_Price] = None
    pickup_date: Lenient[date] = None


class _Recipient(_Answer):
    client_name: Lenient[str] = None
    pickup_office_id: Lenient[int] = None


class _AdditionalServices(_Answer):
    cod: Lenient[_Amount] = None


class _Service(_Answer):
    pickup_date: Lenient[date] = None
    additional_services: Lenient[_AdditionalServices] = None


class _Content(_Answer):
    parcels: Lenient[list[Lenient[_ParcelId]]] = None


class Shipment(_Answer):
    """A shipment as `/shipment/info` tells it."""

    id: str = Field(min_length=1)
    ref1: Lenient[str] = None
    recipient: _Recipient = _Recipient()
    service: _Service = _Service()
    content: _Content = _Content()
    price: Lenient[_Price] = None

    @property
    def cash_on_delivery(self) -> Decimal:
        services = self.service.additional_services
        return (services and services.cod and services.cod.amount) or Decimal(0)

    @property
    def booked(self) -> Booked:
        return Booked.model_construct(
            id=self.id, parcels=self.content.parcels, price=self.price, pickup_date=self.service.pickup_date
        )


class Shipments(_Answer):
    shipments: list[Lenient[Shipment]] = []


class Found(_Answer):
    barcodes: list[str]


class _Operation(_Answer):
    date_time: AwareDatetime
    operation_code: int
    return_shipment_id: Lenient[str] = None
    redirect_shipment_id: Lenient[str] = None

    @property
    def event(self) -> TrackingEvent:
        return TrackingEvent(
            at=self.date_time.astimezone(UTC),
            code=self.operation_code,
            phase=PHASES.get(self.operation_code),
            continued_as=self.redirect_shipment_id or self.return_shipment_id,
        )


class _TrackedParcel(_Answer):
    parcel_id: str
    operations: list[Lenient[_Operation]] = []
    error: Any = None


class Tracked(_Answer):
    parcels: list[Lenient[_TrackedParcel]]

    @property
    def histories(self) -> dict[str, list[TrackingEvent]]:
        """The events by waybill, in order of time; a parcel with an error of its own is unknown to Speedy."""
        return {
            parcel.parcel_id: sorted(
                (operation.event for operation in parcel.operations if operation), key=lambda event: event.at
            )
            for parcel in self.parcels
            if parcel and parcel.error is None
        }


class Client(_Answer):
    client_id: int


class _CashTerms(_Answer):
    money_transfer_allowed: Lenient[bool] = None


class Contract(_Answer):
    cod: Lenient[_CashTerms] = None


class _Country(_Answer):
    currency_code: str


class Country(_Answer):
    country: _Country


class _Office(_Answer):
    type: str
    pick_up_allowed: Lenient[bool] = None
    cargo_types_allowed: Lenient[list[str]] = None
    valid_from: Lenient[date] = None
    valid_to: Lenient[date] = None


class Office(_Answer):
    """The answer to a look-up by number: one that Speedy does not know is null."""

    office: _Office | None

    def gives_out_parcels(self, on: date) -> bool:
        """Say whether a customer may be offered it; of a partner's points the number is of another kind."""
        office = self.office
        return (
            office is not None
            and office.type in {"OFFICE", "APT"}
            and office.pick_up_allowed is not False
            and "PARCEL" in (office.cargo_types_allowed or ["PARCEL"])
            and (office.valid_from or date.min) <= on <= (office.valid_to or date.max)
        )


def is_valid(content: bytes) -> bool:
    """Read the answer to a validation: whether a no comes with an error is not known."""
    answer = decode(content)
    valid = answer.get("valid")
    if valid is False:
        return False
    raise_error(answer)
    if valid is not True:
        raise ValueError("neither valid nor invalid")
    return True


def is_cancelled(history: list[TrackingEvent]) -> bool:
    return any(event.phase is Phase.CANCELLED for event in history)
