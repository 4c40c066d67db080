"""The simulator is as strict as Speedy: each rule of the fact sheet's checklist, over real HTTP."""

import copy
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.integrations.speedy.simulator import SpeedySimulator, State
from app.integrations.speedy.simulator.conduct import FORMER_CLIENT, LOGGED_CLIENT, STRANGER
from tests.integrations.speedy.conftest import NO_TLS, StoppedClock

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
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        response = await http.post(speedy.url + path, json=body)
    assert response.status_code == 200
    answer: Body = response.json()
    return answer


REFUSALS: list[tuple[str, Body, int, str]] = [
    ("wrong password", changed("password", "guess"), 1, "authentication"),
    ("no password", changed("password", ...), 1, "authentication"),
    ("login before all", {"userName": "x", "recipient": {}}, 1, "authentication"),
    ("no recipient", changed("recipient", ...), 1, "sim.recipient.required"),
    ("no service", changed("service", ...), 1, "sim.service.required"),
    ("no content", changed("content", ...), 1, "sim.content.required"),
    ("no payment", changed("payment", ...), 1, "sim.payment.required"),
    ("no service number", changed("service.serviceId", ...), 400, "sim.service.serviceId.required"),
    ("unknown service", changed("service.serviceId", 999), 400, "sim.service.serviceId.invalid"),
    ("foreign service at home", changed("service.serviceId", 202), 400, NOT_ALLOWED),
    ("home service abroad", abroad(service={"serviceId": 505}), 400, NOT_ALLOWED),
    ("client number and name", changed("recipient.clientId", LOGGED_CLIENT), 100, "sim.recipient.clientName.forbidden"),
    ("unknown recipient", changed("recipient", {"clientId": 1}), 100, "sim.client.not-found"),
    ("no name", changed("recipient.clientName", ...), 100, "sim.recipient.clientName.required"),
    ("short name", changed("recipient.clientName", "Ив"), 100, "sim.recipient.clientName.length"),
    ("long name", changed("recipient.clientName", "И" * 61), 100, "sim.recipient.clientName.length"),
    ("person or company", changed("recipient.privatePerson", ...), 100, "sim.recipient.privatePerson.required"),
    ("contact of a person", changed("recipient.contactName", "Иво"), 100, "sim.recipient.contactName.forbidden"),
    ("company, no contact", changed("recipient.privatePerson", False), 100, "sim.recipient.contactName.required"),
    ("nowhere", changed("recipient.address", ...), 100, "sim.recipient.address.required"),
    ("address and office", changed("recipient.pickupOfficeId", 14), 100, "sim.recipient.address.forbidden"),
    (
        "phone with dashes",
        changed("recipient.phone1.number", "0888-123-456"),
        100,
        "receiver.phone-1.num.invalid_phone",
    ),
    ("phone without zero", changed("recipient.phone1.number", "888123456"), 100, "receiver.phone-1.num.invalid_phone"),
    ("long phone", changed("recipient.phone1.number", "0" * 21), 100, "receiver.phone-1.num.invalid_phone"),
    ("long email", changed("recipient.email", "a" * 256), 100, "sim.recipient.email.length"),
    ("former client sends", changed("sender", {"clientId": FORMER_CLIENT}), 100, "sim.client.not-found"),
    ("stranger sends", changed("sender", {"clientId": STRANGER}), 100, "sim.sender.not-in-contract"),
    (
        "a person sends",
        changed("sender", {"clientName": "Иво Илиев", "privatePerson": True, "phone1": {"number": "0888"}}),
        100,
        "sim.sender.not-in-contract",
    ),
    ("sender without phone", changed("sender", {"email": "a@b.bg"}), 100, "sim.sender.phone1.required"),
    (
        "unknown drop-off",
        changed("sender", {"clientId": LOGGED_CLIENT, "dropoffOfficeId": 1}),
        160,
        "sim.sender.dropoffOfficeId.invalid",
    ),
    ("no site", with_address(addressNote="ул. 1"), 120, "sim.recipient.address.siteId.required"),
    ("name alone", with_address(siteName="НОВО СЕЛО", addressNote="1"), 120, "sim.recipient.address.siteId.invalid"),
    (
        "type is not enough for namesakes",
        with_address(siteName="НОВО СЕЛО", siteType="с.", addressNote="1"),
        120,
        "sim.recipient.address.siteId.invalid",
    ),
    (
        "post code of elsewhere",
        with_address(siteId=68134, postCode="4000", addressNote="1"),
        120,
        "sim.recipient.address.siteId.invalid",
    ),
    (
        "site by number and name",
        with_address(siteId=68134, siteName="София", addressNote="1"),
        120,
        "sim.recipient.address.siteName.forbidden",
    ),
    (
        "street by number and name",
        with_address(siteId=68134, streetId=3109, streetName="ШИПКА", streetNo="1"),
        120,
        "sim.recipient.address.streetName.forbidden",
    ),
    (
        "ambiguous street",
        with_address(siteId=68134, streetName="Шипка", streetNo="1"),
        120,
        "sim.recipient.address.streetId.invalid",
    ),
    ("unknown street", with_address(siteId=68134, streetId=1), 120, "sim.recipient.address.streetId.invalid"),
    ("no number", with_address(siteId=68134, streetId=3109), 120, "sim.recipient.address.incomplete"),
    ("nothing within", with_address(siteId=68134, addressNote=" "), 120, "sim.recipient.address.incomplete"),
    ("lines", with_address(siteId=68134, addressLine1="ул. 1"), 120, "sim.recipient.address.incomplete"),
    ("long note", with_address(siteId=68134, addressNote="я" * 201), 120, "sim.recipient.address.addressNote.length"),
    ("long floor", with_address(siteId=68134, floorNo="1" * 11), 120, "sim.recipient.address.floorNo.length"),
    ("unknown office", to_office(1), 180, "sim.recipient.pickupOfficeId.invalid"),
    ("office that gives nothing out", to_office(301), 180, "sim.recipient.pickupOfficeId.invalid"),
    ("heavy for an office", to_office(14, content=heavy(32.001)), 620, "sim.content.weight.limit"),
    ("heavy for a locker", to_office(9016, content=heavy(20.001)), 620, "sim.content.weight.limit"),
    ("heavy for a door", changed("content", heavy(50.001)), 620, "sim.content.weight.limit"),
    ("weightless", changed("content", heavy(0)), 620, "sim.content.weight.invalid"),
    ("no weight", changed("content.totalWeight", ...), 620, "sim.content.totalWeight.required"),
    ("no count", changed("content.parcelsCount", ...), 630, "sim.content.parcelsCount.required"),
    (
        "large for a locker",
        to_office(
            9016, content=CREATE["content"] | {"parcels": [PARCEL | {"size": {"width": 63, "depth": 1, "height": 1}}]}
        ),
        630,
        "sim.content.parcels.size.invalid",
    ),
    (
        "two parcels of one number",
        changed("content.parcels", [PARCEL, PARCEL]),
        630,
        "sim.content.parcels.seqNo.invalid",
    ),
    ("no contents", changed("content.contents", ...), 600, "sim.content.contents.required"),
    ("long contents", changed("content.contents", "ч" * 101), 600, "sim.content.contents.length"),
    ("no package", changed("content.package", ""), 605, "sim.content.package.required"),
    ("long package", changed("content.package", "B" * 51), 605, "sim.content.package.length"),
    ("long reference", changed("ref1", "1" * 31), 800, "sim.ref1.length"),
    ("long second reference", changed("ref2", "1" * 31), 805, "sim.ref2.length"),
    ("long shipment note", changed("shipmentNote", "1" * 201), 810, "sim.shipmentNote.length"),
    ("yesterday", changed("service.pickupDate", "2026-11-22"), 500, "sim.service.pickupDate.invalid"),
    (
        "a Saturday that may not move",
        changed("service", {"serviceId": 505, "pickupDate": "2026-11-28"}),
        500,
        "sim.service.pickupDate.invalid",
    ),
    ("deferred by three", changed("service.deferredDays", 3), 510, "sim.service.deferredDays.invalid"),
    ("no money", with_service("cod", COD | {"amount": 0}), 410, "sim.service.additionalServices.cod.amount.invalid"),
    (
        "much money",
        with_service("cod", COD | {"amount": 5000.01}),
        410,
        "sim.service.additionalServices.cod.amount.invalid",
    ),
    (
        "leva",
        with_service("cod", COD | {"currencyCode": "BGN"}),
        410,
        "sim.service.additionalServices.cod.currencyCode.invalid",
    ),
    (
        "fiscal items",
        with_service("cod", COD | {"fiscalReceiptItems": [ITEM]}),
        410,
        "sim.cod.fiscalReceiptItems.not-allowed",
    ),
    (
        "money transfer abroad",
        abroad(service={"serviceId": 202, "additionalServices": {"cod": COD}}),
        410,
        FOREIGN,
    ),
    ("payer abroad", abroad(payment={"courierServicePayer": "RECIPIENT"}), 700, PAYER_REFUSED),
    (
        "half an inspection",
        with_service("obpd", {"option": "OPEN"}),
        420,
        "sim.service.additionalServices.obpd.invalid",
    ),
    (
        "fragile without a value",
        with_service("declaredValue", {"fragile": True}),
        415,
        "sim.service.additionalServices.declaredValue.amount.required",
    ),
    (
        "value in a locker",
        to_office(
            9016,
            service={
                "serviceId": 505,
                "autoAdjustPickupDate": True,
                "additionalServices": {"declaredValue": {"amount": 10}},
            },
        ),
        415,
        "sim.declaredValue.not-allowed",
    ),
    ("no payer", changed("payment", {}), 700, "sim.payment.courierServicePayer.required"),
    ("odd payer", changed("payment.courierServicePayer", "NOBODY"), 700, "sim.payment.courierServicePayer.invalid"),
    (
        "third party unnamed",
        changed("payment.courierServicePayer", "THIRD_PARTY"),
        300,
        "sim.payment.thirdPartyClientId.required",
    ),
]


@pytest.mark.parametrize(("body", "code", "context"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
async def test_a_create_is_refused(speedy: SpeedySimulator, body: Body, code: int, context: str) -> None:
    answer = await ask(speedy, "/shipment", body)
    error = answer["error"]
    assert (error["code"], error["context"]) == (code, context)
    assert error["message"].endswith(f"({error['id']})")
    assert speedy.shipments == []


async def test_the_create_itself_is_accepted(speedy: SpeedySimulator) -> None:
    answer = await ask(speedy, "/shipment/", CREATE | {"unknown": [1]})
    assert answer["id"] == answer["parcels"][0]["id"] == speedy.shipments[0].id
    assert (len(answer["id"]), answer["id"][:2], answer["pickupDate"]) == (11, "63", "2026-11-23")
    assert answer["price"]["totalLocal"] == answer["price"]["total"] == 2.64


async def test_a_named_site_with_its_type_and_a_street_with_a_number_are_accepted(speedy: SpeedySimulator) -> None:
    for address in (
        {"siteType": "гр.", "siteName": "Пловдив", "streetName": "Иван Вазов", "streetNo": "3"},
        {"siteName": "Ново село", "postCode": "7044", "addressNote": "до кметството"},
        {"siteId": 68134, "streetType": "ул.", "streetName": "ШИПКА", "blockNo": "4"},
        {"siteId": 68134, "poiId": 5},
    ):
        assert "id" in await ask(speedy, "/shipment", with_address(**address))


async def test_texts_are_in_the_language_asked_for(speedy: SpeedySimulator) -> None:
    bulgarian = await ask(speedy, "/print", LOGIN)
    english = await ask(speedy, "/print", LOGIN | {"language": "EN"})
    assert bulgarian["error"]["message"].startswith("Очаква се размер на хартията")
    assert english["error"]["message"].startswith("Print paper size expected")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff", b'{"userName":"demo","password":"demo","sender":[]}', b"[" * 100_000],
    ids=["empty", "half", "list", "not utf-8", "list for object", "deep"],
)
async def test_what_is_not_its_json_is_answered_in_plain_text(speedy: SpeedySimulator, content: bytes) -> None:
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        response = await http.post(f"{speedy.url}/shipment", content=content)
    assert response.status_code == 400
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.startswith("Cannot deserialize")


@pytest.mark.parametrize("value", ["text", [], {}])
async def test_a_wrong_type_is_malformed(speedy: SpeedySimulator, value: Any) -> None:
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        response = await http.post(f"{speedy.url}/shipment", json=changed("service.serviceId", value))
    assert response.status_code == 400


async def test_other_methods_and_paths_are_unknown(speedy: SpeedySimulator) -> None:
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        assert (await http.get(f"{speedy.url}/client")).status_code == 404
        assert (await http.post(f"{speedy.url}/nothing", json=LOGIN)).status_code == 404
        assert (await http.post(f"{speedy.url}/client/", json=LOGIN)).json() == {"clientId": LOGGED_CLIENT}


async def test_after_the_cut_off_and_at_weekends_the_pickup_moves(speedy: SpeedySimulator, clock: StoppedClock) -> None:
    clock.at = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)  # a Friday, half past five in Sofia
    assert (await ask(speedy, "/shipment", CREATE))["pickupDate"] == "2026-11-30"
    refused = await ask(speedy, "/shipment", changed("service.autoAdjustPickupDate", False))
    assert refused["error"]["code"] == 500


async def test_the_contract_decides_on_transfers_and_receipts(speedy: SpeedySimulator) -> None:
    speedy.conduct.money_transfer_allowed = False
    refused = await ask(speedy, "/shipment", with_service("cod", COD))
    assert refused["error"]["context"] == "sim.cod.processingType.not-allowed"
    speedy.conduct.fiscal_receipts_allowed = True
    cash = COD | {"processingType": "CASH", "fiscalReceiptItems": [ITEM, ITEM | {"amountWithVat": 50}]}
    await ask(speedy, "/shipment", with_service("cod", cash))
    assert str(speedy.shipments[0].collected) == "109.9"
    for wrong in (
        {"vatGroup": "B"},
        {"amount": 0},
        {"amountWithVat": 1},
        {"description": "Ч" * 51},
        {"description": ""},
    ):
        item = cash | {"fiscalReceiptItems": [ITEM | wrong]}
        assert (await ask(speedy, "/shipment", with_service("cod", item)))["error"]["code"] == 410


async def test_the_fee_for_cash_stands_only_where_cash_is_collected(speedy: SpeedySimulator) -> None:
    prepaid = await ask(speedy, "/shipment", CREATE)
    paid_at_the_door = await ask(speedy, "/shipment", with_service("cod", COD))
    assert "codPremium" not in prepaid["price"]["details"]
    assert paid_at_the_door["price"]["details"]["codPremium"]["amount"] == 0.78


@pytest.mark.parametrize("state", [State.ACCEPTED, State.IN_TRANSIT, State.OUT, State.DELIVERED, State.RETURNED])
async def test_what_moves_cannot_be_cancelled(speedy: SpeedySimulator, state: State) -> None:
    number = (await ask(speedy, "/shipment", CREATE))["id"]
    speedy.advance(speedy.shipments[0], state)
    answer = await ask(speedy, "/shipment/cancel", LOGIN | {"shipmentId": number, "comment": "отказ"})
    assert answer["error"]["message"].startswith("Пратката е приета и не може да бъде анулирана")
    assert speedy.shipments[0].state is state


async def test_cancelling_nothing_looks_like_success(speedy: SpeedySimulator) -> None:
    await ask(speedy, "/shipment", CREATE)
    assert await ask(speedy, "/shipment/cancel", LOGIN | {"comment": "отказ"}) == {}
    assert speedy.references() == ["100000001"]


async def test_a_cancellation_needs_a_comment_and_delete_is_its_other_name(speedy: SpeedySimulator) -> None:
    number = (await ask(speedy, "/shipment", CREATE))["id"]
    refused = await ask(speedy, "/shipment/cancel", LOGIN | {"shipmentId": number})
    assert refused["error"]["context"] == "sim.comment.required"
    body = LOGIN | {"shipmentId": number, "comment": "отказ"}
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        assert (await http.request("DELETE", f"{speedy.url}/shipment", json=body)).json() == {}
    assert speedy.references() == []
    assert (await ask(speedy, "/shipment/search", LOGIN | {"ref": "100000001", "searchInRef": 1}))["barcodes"] == [
        number
    ]
    speedy.conduct.search_shows_cancelled = False
    assert (await ask(speedy, "/shipment/search", LOGIN | {"ref": "100000001", "searchInRef": 0}))["barcodes"] == []


async def test_a_pickup_orders_once_and_ends_cancelling(speedy: SpeedySimulator) -> None:
    number = (await ask(speedy, "/shipment", CREATE))["id"]
    wish = LOGIN | {"explicitShipmentIdList": [number], "visitEndTime": "17:30"}
    assert (await ask(speedy, "/pickup", LOGIN))["error"]["context"] == "sim.visitEndTime.required"
    assert (await ask(speedy, "/pickup", wish))["orders"][0]["shipmentIds"] == [number]
    assert (await ask(speedy, "/pickup", wish))["error"]["context"] == "consignments.consignment_is_ordered"
    assert "error" in await ask(speedy, "/shipment/cancel", LOGIN | {"shipmentId": number, "comment": "отказ"})


async def test_printing_has_its_conditions(speedy: SpeedySimulator) -> None:
    number = (await ask(speedy, "/shipment", CREATE))["id"]
    wish = LOGIN | {"paperSize": "A6", "parcels": [{"parcelId": {"id": number}}]}
    assert "error" in await ask(speedy, "/print", wish | {"paperSize": "A4", "format": "zpl"})
    assert "error" in await ask(speedy, "/print", wish | {"parcels": [{"parcel": {"id": "11111111111"}}]})
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        refused = await http.post(f"{speedy.url}/print", json=wish, headers={"Accept": "application/pdf"})
        assert refused.status_code == 406
        assert (await http.post(f"{speedy.url}/print", json=wish)).content.startswith(b"%PDF")
    await ask(speedy, "/shipment/cancel", LOGIN | {"shipmentId": number, "comment": "отказ"})
    assert "error" in await ask(speedy, "/print", wish)


async def test_tracking_takes_ten_and_five_a_second(speedy: SpeedySimulator) -> None:
    numbers = [(await ask(speedy, "/shipment", CREATE | {"ref1": str(number)}))["id"] for number in range(3)]
    eleven = LOGIN | {"parcels": [{"id": numbers[0]}] * 11}
    assert (await ask(speedy, "/track", eleven))["error"]["context"] == "sim.track.parcels.limit"
    speedy.conduct.tracks_per_second = 1
    three = LOGIN | {"parcels": [{"id": number} for number in numbers[:2]] + [{"ref": "2"}]}
    assert [row["parcelId"] for row in (await ask(speedy, "/track", three))["parcels"]] == numbers[::-1]
    refused = await ask(speedy, "/track", three)
    assert refused["parcels"] == []
    assert refused["error"]["context"] == "method_threshold.too_many_requests.tracking.second"


async def test_places_are_told_ten_at_most_and_offices_all(speedy: SpeedySimulator) -> None:
    assert len((await ask(speedy, "/location/site", LOGIN | {"countryId": 100}))["sites"]) == 10
    (sofia,) = (await ask(speedy, "/location/site", LOGIN | {"countryId": 100, "name": "соф"}))["sites"]
    assert (sofia["id"], sofia["postCode"]) == (68134, "1000")
    offices = (await ask(speedy, "/location/office", LOGIN))["offices"]
    assert [(office["id"], office["type"]) for office in offices] == [
        (14, "OFFICE"),
        (77, "OFFICE"),
        (301, "OFFICE"),
        (9016, "APT"),
    ]
    assert (await ask(speedy, "/location/office/9016", LOGIN))["office"] == offices[3]
    assert (await ask(speedy, "/location/office/5", LOGIN)) == {"office": None}
    assert (await ask(speedy, "/location/country/100", LOGIN))["country"]["currencyCode"] == "EUR"
