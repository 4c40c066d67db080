"""Says in words what keeps a parcel: calmly to its buyer, as it is to the staff, who put it right."""

import re
from typing import Any

from sqlalchemy import Row

from app.core.language import Language, Text
from app.fulfilment.booking import COURIER_UNSURE, NOT_CALLED_OFF, REFUSED
from app.fulfilment.schemas import ShipmentStateView
from app.fulfilment.tracking import CONCERNS, THOUGH_CANCELLED, UNTOLD
from app.shipping.models import Shipment, ShipmentStatus
from app.shipping.ports import Concern, Phase
from app.shipping.service import LABEL_REFUSED

S = ShipmentStatus

CHECKING = Text(
    "Куриерът още не е приел пратката. Проверяваме данните за доставка и ще Ви пишем, щом ги поправим или ако ни трябва"
    " нещо от Вас.",
    "The courier has not accepted the parcel yet. We are checking the delivery details, and will write to you once they"
    " are put right, or if we need something from you.",
)
REFUSED_OF = Text("Куриерът отказа да приеме пратката", "The courier refused the parcel")
LABEL = Text("Куриерът отказа етикета", "The courier refused the label")
BY_CODE = Text("код {code}", "code {code}")
SUBJECTS = {
    "client": Text("името или телефонът", "the name or the phone number"),
    "phone": Text("телефонът", "the phone number"),
    "address": Text("адресът", "the address"),
    "pickup_office": Text("офисът или автоматът", "the office or locker"),
    "dropoff_office": Text("нашият офис за предаване", "the office where we hand in"),
    "cash_on_delivery": Text("наложеният платеж", "the cash on delivery"),
    "service": Text("услугата", "the service"),
    "weight": Text("теглото", "the weight"),
    "parcels": Text("размерите", "the size"),
    "payer": Text("кой плаща на куриера", "who pays the courier"),
    "pickup_date": Text("денят на взимане", "the day of pick-up"),
}
"""What a refusal is about; of others the code says it."""
REASONS = {
    "agreement_missing": Text(
        "Няма записан договор с куриера, затова нищо не му се предоставя",
        "No agreement with the courier is on record, so it is given nothing",
    ),
    COURIER_UNSURE: Text(
        "Куриерът не отговори дали е приел пратката; питаме го отново",
        "The courier did not answer whether it has the parcel; it is asked again",
    ),
    NOT_CALLED_OFF: Text("Куриерът не отмени пратката", "The courier did not call the parcel off"),
    Concern.CASH_ON_DELIVERY_NOT_CHARGED.value: Text(
        "В цената няма такса за наложен платеж: стоката може да бъде дадена без плащане",
        "The price has no fee for cash on delivery: the goods may be handed over unpaid",
    ),
    Concern.ANSWER_INCOMPLETE.value: Text("Отговорът на куриера е непълен", "The courier's answer is incomplete"),
    UNTOLD: Text("Куриерът не казва къде е пратката", "The courier does not tell where the parcel is"),
    CONCERNS[Phase.ATTENTION]: Text("Куриерът има проблем с пратката", "The courier has trouble with the parcel"),
    CONCERNS[Phase.CANCELLED]: Text("Куриерът отмени пратката", "The courier called the parcel off"),
    CONCERNS[Phase.RETURNED]: Text("Пратката се върна при нас", "The parcel came back to us"),
    THOUGH_CANCELLED[S.HANDED_OVER]: Text("Тръгна, макар и отменена", "It left though it was called off"),
    THOUGH_CANCELLED[S.DELIVERED]: Text("Доставена, макар и отменена", "Delivered though it was called off"),
    THOUGH_CANCELLED[S.RETURNED]: Text("Върна се, макар и отменена", "It came back though it was called off"),
}
CODED = re.compile(rf"({REFUSED}|{LABEL_REFUSED}_)([^_]+)_?(\w*)")


def is_refused(status: ShipmentStatus, concern: str | None) -> bool:
    """Say whether the courier would not take it, and nothing has happened to it since."""
    return status is S.WAITING and concern is not None and concern.startswith(REFUSED)


def parcel_view(shipment: Shipment, language: Language, *, to_staff: bool = False) -> ShipmentStateView:
    return _shown(shipment.status, shipment, language, to_staff=to_staff)


def row_parcel(row: Row[*tuple[Any, ...]], language: Language, *, to_staff: bool = False) -> ShipmentStateView | None:
    """Show the parcel of a list's row, if the order has one."""
    return _shown(row.shipment_status, row, language, to_staff=to_staff) if row.shipment_status else None


def _shown(status: ShipmentStatus, row: Any, language: Language, *, to_staff: bool) -> ShipmentStateView:
    """Show a parcel; whether it waits for a person, and why, each is told what is theirs to know."""
    needed = row.concern is not None if to_staff else is_refused(status, row.concern)
    said = reason(row.concern) if to_staff and needed else CHECKING
    return ShipmentStateView(
        status=status,
        waybill=row.waybill,
        phase=row.phase,
        pickup_on=row.pickup_on,
        needs_attention=needed,
        reason=said.in_(language) if needed else None,
    )


def reason(concern: str) -> Text:
    """Say what a concern means; what nobody has words for, by its code."""
    if known := REASONS.get(concern):
        return known
    coded = CODED.fullmatch(concern)
    if coded is None:
        return Text(concern, concern)
    said, (code, subject) = REFUSED_OF if coded[1] == REFUSED else LABEL, coded.group(2, 3)
    about = SUBJECTS.get(subject)
    named = Text(*(each.format(code=code) for each in (BY_CODE.bg, BY_CODE.en)))
    if about is None:
        return Text(f"{said.bg} ({named.bg})", f"{said.en} ({named.en})")
    return Text(f"{said.bg}: {about.bg} ({named.bg})", f"{said.en}: {about.en} ({named.en})")
