"""Requests as Speedy wants them, and ways to spoil them."""

import copy
from typing import Any

import httpx

from app.integrations.speedy.simulator import SpeedySimulator
from tests.integrations.speedy.conftest import NO_TLS
from tests.processes import PATIENCE

Body = dict[str, Any]
LOGIN: Body = {"userName": "demo", "password": "demo", "language": "BG"}
ADDRESS: Body = {"countryId": 100, "siteId": 68134, "addressNote": "ул. Българска легия 2"}
CREATE: Body = LOGIN | {
    "recipient": {
        "privatePerson": True,
        "clientName": "Ива Петрова",
        "phone1": {"number": "+359888123456"},
        "address": ADDRESS,
    },
    "service": {"serviceId": 505, "autoAdjustPickupDate": True},
    "content": {"contents": "четка", "package": "BOX", "parcelsCount": 1, "totalWeight": 0.4},
    "payment": {"courierServicePayer": "SENDER"},
    "ref1": "100000001",
}
COD: Body = {"amount": 64.90, "currencyCode": "EUR", "processingType": "POSTAL_MONEY_TRANSFER"}
ITEM: Body = {"description": "Четка", "vatGroup": "Б", "amount": 49.92, "amountWithVat": 59.90}
PARCEL: Body = {"seqNo": 1, "weight": 0.4, "size": {"width": 12, "depth": 22, "height": 6}}
FOREIGN = "sla.cod.moneyTransfer.cod_sub_service_validator.money-transfer-not-allowed-for-foreign-countries"
PAYER_REFUSED = "payment.csPayment.payerRole.service-payer-validator.payer-not-allowed-for-service"
NOT_ALLOWED = "sla.serviceId.allowed_service_validator.service-not-allowed"


def changed(path: str, value: Any) -> Body:
    """Return the create with one member set, or removed by `...`; dots lead inwards."""
    body = copy.deepcopy(CREATE)
    place, *names = path.split(".")[::-1]
    inner = body
    for name in names[::-1]:
        inner = inner.setdefault(name, {})
    if value is ...:
        del inner[place]
    else:
        inner[place] = value
    return body


def with_address(**members: Any) -> Body:
    return changed("recipient.address", {"countryId": 100, **members})


def with_service(name: str, value: Any) -> Body:
    return changed(f"service.additionalServices.{name}", value)


def to_office(number: int, **more: Any) -> Body:
    body = changed("recipient.address", ...)
    body["recipient"]["pickupOfficeId"] = number
    return body | more


def heavy(weight: float) -> Body:
    return {**CREATE["content"], "totalWeight": weight}


def abroad(**more: Any) -> Body:
    body = changed("recipient.address", {"countryId": 642, "siteId": 1, "addressNote": "Str. Exemplu 1"})
    body["service"] = {"serviceId": 202, "autoAdjustPickupDate": True}
    return body | more


async def ask(speedy: SpeedySimulator, path: str, body: Any) -> Body:
    async with httpx.AsyncClient(verify=NO_TLS, timeout=PATIENCE) as http:
        response = await http.post(speedy.url + path, json=body)
    assert response.status_code == 200
    answer: Body = response.json()
    return answer
