"""The simulator's calls beside the refusals of a booking, over real HTTP."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.integrations.speedy.simulator import SpeedySimulator, State
from app.integrations.speedy.simulator.conduct import LOGGED_CLIENT
from tests.integrations.speedy.conftest import NO_TLS, StoppedClock
from tests.integrations.speedy.requests import (
    COD,
    CREATE,
    ITEM,
    LOGIN,
    ask,
    changed,
    with_address,
    with_service,
)
from tests.processes import PATIENCE


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
    async with httpx.AsyncClient(verify=NO_TLS, timeout=PATIENCE) as http:
        response = await http.post(f"{speedy.url}/shipment", content=content)
    assert response.status_code == 400
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.startswith("Cannot deserialize")


@pytest.mark.parametrize("value", ["text", [], {}])
async def test_a_wrong_type_is_malformed(speedy: SpeedySimulator, value: Any) -> None:
    async with httpx.AsyncClient(verify=NO_TLS, timeout=PATIENCE) as http:
        response = await http.post(f"{speedy.url}/shipment", json=changed("service.serviceId", value))
    assert response.status_code == 400


async def test_other_methods_and_paths_are_unknown(speedy: SpeedySimulator) -> None:
    async with httpx.AsyncClient(verify=NO_TLS, timeout=PATIENCE) as http:
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
    async with httpx.AsyncClient(verify=NO_TLS, timeout=PATIENCE) as http:
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
    async with httpx.AsyncClient(verify=NO_TLS, timeout=PATIENCE) as http:
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
