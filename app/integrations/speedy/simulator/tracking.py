"""Scans: how a shipment moves, and what `/track` tells of it."""

from datetime import datetime, timedelta
from typing import Any

from app.core.clock import SOFIA
from app.integrations.speedy.simulator.shipments import Operation, Shipment, State

_CODES: dict[State, tuple[int, ...]] = {
    State.ACCEPTED: (39,),
    State.IN_TRANSIT: (2, 1),
    State.OUT: (12,),
    State.READY: (134, 1134),
    State.DELIVERED: (-14, 195),  # the refused inspection is told one second after the delivery
    State.RETURNING: (111,),
    State.RETURNED: (124,),
}
DATA_RECEIVED, CANCELLED = 148, 128
_DESCRIPTIONS = {
    148: "Получена информация за пратка",
    39: "Приемане от подател",
    2: "Изпращане от офис",
    1: "Пристигане в офис",
    12: "Предаване за доставка",
    134: "Подготовка за предаване на клиент в офис",
    1134: "Изпратено известие за пратка в офис/автомат",
    -14: "Доставка на клиент",
    195: "Отказ от преглед/тестване",
    111: "Връщане към подателя",
    124: "Предаване обратно на подател",
    128: "Анулиране",
}
MOVES = frozenset(_CODES)


def operation(code: int, at: datetime, hidden_seconds: float = 0.0) -> Operation:
    return Operation(at=at, code=code, visible_from=at + timedelta(seconds=hidden_seconds))


def advanced(shipment: Shipment, goal: State, at: datetime) -> Shipment:
    """Scan a shipment all the way to a state, the last scan being now.

    The scans before lie seconds back, so that a young shipment's pick-up is dated before its registration, as happens.
    """
    if shipment.state is State.CANCELLED:
        raise ValueError("a cancelled shipment does not move")
    steps = _way(shipment, goal)
    codes = [code for step in steps for code in _CODES[step]]
    last = codes.index(_CODES[goal][0])
    scans = tuple(
        Operation(at=at + timedelta(seconds=place - last), code=code, visible_from=at)
        for place, code in enumerate(codes)
    )
    return shipment.model_copy(update={"state": goal, "operations": (*shipment.operations, *scans)})


def _way(shipment: Shipment, goal: State) -> list[State]:
    """List the states still to pass, the goal among them."""
    at_office = shipment.wish.recipient is not None and shipment.wish.recipient.pickup_office_id is not None
    way = [State.ACCEPTED, State.IN_TRANSIT, State.READY if at_office else State.OUT]
    way = way[: way.index(goal) + 1] if goal in way else [*way, goal]
    if goal is State.RETURNED:
        way.insert(-1, State.RETURNING)
    if shipment.state in {State.CREATED, State.ORDERED}:
        return way
    passed = way.index(shipment.state) + 1 if shipment.state in way else len(way)
    return way[passed:] or [goal]


def tracked(shipment: Shipment, parcel_id: str, at: datetime) -> dict[str, Any]:
    operations = [
        {
            "dateTime": scan.at.astimezone(SOFIA).strftime("%Y-%m-%dT%H:%M:%S%z"),
            "operationCode": scan.code,
            "description": _DESCRIPTIONS[scan.code],
            "additionalInfo": {},
        }
        for scan in shipment.operations
        if scan.visible_from <= at
    ]
    return {"parcelId": parcel_id, "operations": operations}
