"""What a create is refused for: the fact sheet's checklist, in Speedy's order of looking."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from app.core.clock import SOFIA
from app.integrations.speedy.simulator import places
from app.integrations.speedy.simulator.conduct import Conduct
from app.integrations.speedy.simulator.fiscal import check_fiscal_items
from app.integrations.speedy.simulator.forms import Cod, Content, Create, Service
from app.integrations.speedy.simulator.parties import check_recipient, check_sender
from app.integrations.speedy.simulator.refusals import Refusal, invalid, missing, require_length

DOMESTIC, ROMANIAN = frozenset({505, 515}), frozenset({202})
OFFICE_WEIGHT, DOOR_WEIGHT = 32, 50
SERVICE, COD, DECLARED, OBPD, PICKUP_DATE, DEFERRED = 400, 410, 415, 420, 500, 510
CONTENTS, PACKAGE, WEIGHT, PARCELS, PAYER, REF1, REF2, NOTE = 600, 605, 620, 630, 700, 800, 805, 810
FRIDAY = 4


def check_create(wish: Create, conduct: Conduct) -> None:
    for part in ("recipient", "service", "content", "payment"):
        if getattr(wish, part) is None:
            raise missing(f"$.{part}")
    check_sender(wish, conduct)
    check_recipient(wish, conduct)
    require_length(wish.ref1, 30, "$.ref1", REF1)
    require_length(wish.ref2, 30, "$.ref2", REF2)
    require_length(wish.shipment_note, 200, "$.shipmentNote", NOTE)
    abroad = _is_abroad(wish)
    _check_payer(wish, abroad=abroad)
    if wish.content is not None:
        _check_content(wish.content, _office(wish))
    if wish.service is not None:
        _check_service(wish.service, abroad=abroad)
        _check_additional_services(wish, conduct, abroad=abroad)


def _is_abroad(wish: Create) -> bool:
    address = wish.recipient.address if wish.recipient else None
    return address is not None and address.country_id not in {None, places.BULGARIA}


def _office(wish: Create) -> places.Office | None:
    number = wish.recipient.pickup_office_id if wish.recipient else None
    return None if number is None else places.OFFICES[number]


def _check_payer(wish: Create, *, abroad: bool) -> None:
    payment = wish.payment
    payer = payment.courier_service_payer if payment else None
    if payer is None:
        raise missing("$.payment.courierServicePayer", PAYER)
    if payer not in {"SENDER", "RECIPIENT", "THIRD_PARTY"}:
        raise invalid("$.payment.courierServicePayer", PAYER)
    if payer == "THIRD_PARTY" and (payment is None or payment.third_party_client_id is None):
        raise missing("$.payment.thirdPartyClientId", 300)
    if payer == "RECIPIENT" and abroad:
        raise Refusal(
            PAYER,
            "payment.csPayment.payerRole.service-payer-validator.payer-not-allowed-for-service",
            "Платецът не е позволен за услугата",
            "The payer is not allowed for the service",
            "$.payment.courierServicePayer",
        )


def _check_service(service: Service, *, abroad: bool) -> None:
    if service.service_id is None:
        raise missing("$.service.serviceId", SERVICE)
    if service.service_id not in DOMESTIC | ROMANIAN:
        raise invalid("$.service.serviceId", SERVICE)
    if (service.service_id in ROMANIAN) is not abroad:
        raise Refusal(
            SERVICE,
            "sla.serviceId.allowed_service_validator.service-not-allowed",
            "Услугата не е позволена за направлението",
            "The service is not allowed for the destination",
            "$.service.serviceId",
        )
    if service.deferred_days not in {0, 1, 2}:
        raise invalid("$.service.deferredDays", DEFERRED)


def _check_content(content: Content, office: places.Office | None) -> None:
    for field, text, limit, code in (
        ("contents", content.contents, 100, CONTENTS),
        ("package", content.package, 50, PACKAGE),
    ):
        if not (text or "").strip():
            raise missing(f"$.content.{field}", code)
        require_length(text, limit, f"$.content.{field}", code)
    for weight in weights(content):
        _check_weight(weight, office)
    numbers = [parcel.seq_no for parcel in content.parcels or []]
    if len(set(numbers)) != len(numbers):
        raise invalid("$.content.parcels.seqNo", PARCELS)
    for parcel in content.parcels or []:
        require_length(parcel.ref1, 20, "$.content.parcels.ref1", PARCELS)
        require_length(parcel.ref2, 20, "$.content.parcels.ref2", PARCELS)
        size = parcel.size
        if (
            size
            and (office is None or not office.fits(size.width, size.depth, size.height))
            and (office is not None or min(size.width, size.depth, size.height) <= 0)
        ):
            raise invalid("$.content.parcels.size", PARCELS)


def weights(content: Content) -> list[Decimal]:
    """Return the weight of each parcel in kilograms."""
    if content.parcels:
        return [parcel.weight for parcel in content.parcels]
    if content.total_weight is None:
        raise missing("$.content.totalWeight", WEIGHT)
    if content.parcels_count is None or content.parcels_count < 1:
        raise missing("$.content.parcelsCount", PARCELS)
    return [content.total_weight / content.parcels_count] * content.parcels_count


def _check_weight(weight: Decimal, office: places.Office | None) -> None:
    limit = min(office.weight_limit, OFFICE_WEIGHT) if office else DOOR_WEIGHT
    if not weight.is_finite() or weight <= 0:
        raise invalid("$.content.weight", WEIGHT)
    if weight > limit:
        raise Refusal(
            WEIGHT,
            "sim.content.weight.limit",
            f"Теглото е над допустимия максимум от {limit}кг",
            f"The weight is above the maximum of {limit}kg",
            "$.content.parcels",
        )


def _check_additional_services(wish: Create, conduct: Conduct, *, abroad: bool) -> None:
    wanted = wish.service.additional_services if wish.service else None
    if wanted is None:
        return
    office = _office(wish)
    if wanted.cod is not None:
        _check_cod(wanted.cod, conduct, abroad=abroad)
    if wanted.obpd is not None:
        option = wanted.obpd
        if option.option not in {"OPEN", "TEST"} or None in {
            option.return_shipment_service_id,
            option.return_shipment_payer,
        }:
            raise invalid("$.service.additionalServices.obpd", OBPD)
        if abroad or (office and office.locker):
            raise forbidden_service("obpd", OBPD)
    if wanted.declared_value is not None:
        if wanted.declared_value.amount is None or wanted.declared_value.amount <= 0:
            raise missing("$.service.additionalServices.declaredValue.amount", DECLARED)
        if office and office.locker:
            raise forbidden_service("declaredValue", DECLARED)


def forbidden_service(name: str, code: int) -> Refusal:
    component = f"$.service.additionalServices.{name}"
    return Refusal(
        code, f"sim.{name}.not-allowed", "Услугата не е позволена тук", "The service is not allowed here", component
    )


def _check_cod(cod: Cod, conduct: Conduct, *, abroad: bool) -> None:
    component = "$.service.additionalServices.cod"
    if cod.currency_code not in {None, conduct.currency}:
        raise invalid(f"{component}.currencyCode", COD)
    if cod.processing_type == "POSTAL_MONEY_TRANSFER":
        if abroad:
            raise Refusal(
                COD,
                "sla.cod.moneyTransfer.cod_sub_service_validator.money-transfer-not-allowed-for-foreign-countries",
                "Пощенски паричен превод не е позволен за чужбина",
                "A money transfer is not allowed to foreign countries",
                component,
            )
        if not conduct.money_transfer_allowed:
            raise forbidden_service("cod.processingType", COD)
    if cod.fiscal_receipt_items:
        if not conduct.fiscal_receipts_allowed:
            raise forbidden_service("cod.fiscalReceiptItems", COD)
        check_fiscal_items(cod.fiscal_receipt_items)
    if not 0 < collected(cod) <= conduct.cash_maximum:
        raise invalid(f"{component}.amount", COD)


def collected(cod: Cod) -> Decimal:
    """Return what the courier collects: fiscal items, where there are any, override the amount."""
    if cod.fiscal_receipt_items:
        return sum((item.amount_with_vat or Decimal(0) for item in cod.fiscal_receipt_items), start=Decimal(0))
    return cod.amount if cod.amount is not None and cod.amount.is_finite() else Decimal(0)


def pickup_date(service: Service, at: datetime, last_hour: int) -> date:
    """Decide the day of collection; refuse a day without one unless it may be moved."""
    local = at.astimezone(SOFIA)
    wanted = service.pickup_date or local.date()
    if wanted < local.date():
        raise invalid("$.service.pickupDate", PICKUP_DATE)
    day = wanted + timedelta(days=1) if wanted == local.date() and local.hour >= last_hour else wanted
    while day.weekday() > FRIDAY:
        day += timedelta(days=1)
    if day != wanted and not service.auto_adjust_pickup_date:
        raise invalid("$.service.pickupDate", PICKUP_DATE)
    return day
