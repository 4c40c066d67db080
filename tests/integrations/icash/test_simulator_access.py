"""The simulator: who may call, and with what (fact sheet §11)."""

from typing import Any

import httpx
import pytest

from app.integrations.icash.client import PATH
from app.integrations.icash.simulator import ICashSimulator, Rules
from app.integrations.icash.simulator.rules import User
from app.integrations.icash.wire import signature
from tests.integrations.icash.desk import USER, connect
from tests.integrations.icash.spoken import COMPANY, ITEM, SELL, Line

# Transport


async def test_only_post_and_known_endpoints(http: httpx.AsyncClient) -> None:
    assert (await http.get(f"{PATH}login")).status_code == 405
    assert (await http.post(f"{PATH}new-invoice")).status_code == 404


async def test_the_envelope_echoes_the_nonce_as_text(line: Line) -> None:
    answer = await line.send("get-pay-types", line.signed())
    assert answer["nonce"] == str(line.nonce)
    assert answer["status"] == 1
    assert await line.send("get-pay-types", {"nonce": "5"}) == {
        "nonce": "5",
        "status": 0,
        "error_message": "Missing value for api_key",
    }


async def test_json_bodies_and_unknown_parameters_are_refused_when_strict(line: Line, http: httpx.AsyncClient) -> None:
    answer = await http.post(f"{PATH}get-pay-types", json=line.signed())
    assert answer.json()["error_message"] == "Missing value for api_key"
    assert await line.refused("get-pay-types", Colour="red") == "Wrong value for Colour"
    await line.ask("get-pay-types", WareHouseID=USER.warehouse_id, UserID=USER.user_id)


async def test_a_lenient_one_takes_them() -> None:
    async with (
        ICashSimulator.serve(rules=Rules(strict=False)) as simulator,
        connect(simulator.url) as http,
    ):
        line = Line(http)
        await line.login()
        assert (await http.post(f"{PATH}get-pay-types", json=line.signed())).json()["status"] == 1
        await line.ask("get-pay-types", Colour="red")
        form = line.signed()
        assert (await line.send("get-pay-types", {**form, "signature": form["signature"].lower()}))["status"] == 1


# Presence comes before authentication


@pytest.mark.parametrize("name", ["api_key", "nonce", "signature", "ses"])
@pytest.mark.parametrize("absent", [True, False], ids=["absent", "empty"])
async def test_what_every_call_carries(line: Line, name: str, absent: bool) -> None:  # noqa: FBT001 - a parameter
    form = {**line.signed(), name: ""}
    if absent:
        del form[name]
    assert (await line.send("get-users", form))["error_message"] == f"Missing value for {name}"


@pytest.mark.parametrize(
    ("endpoint", "parameters", "name"),
    [
        ("login", {"UserID": 1}, "WareHouseID"),
        ("login", {"WareHouseID": 12345}, "UserID"),
        *[("add-contragent", {k: v for k, v in COMPANY.items() if k != name}, name) for name in COMPANY],
        *[
            ("add-sale-item", {k: v for k, v in ITEM.items() if k != name}, name)
            for name in ITEM
            if name not in {"SaleItemInventoryID", "SaleItemSellPrice"}
        ],
        *[("new-operation", {k: v for k, v in SELL.items() if k != name}, name) for name in SELL],
        ("get-operation", {}, "OperationID"),
        ("add-operation-sale-item", {"Qty": 1, "SaleItemSinglePrice": 1}, "OperationID"),
        ("add-operation-sale-item", {"OperationID": 1, "SaleItemSinglePrice": 1}, "Qty"),
        ("add-operation-sale-item", {"OperationID": 1, "Qty": 1}, "SaleItemSinglePrice"),
        ("del-operation-sale-item", {}, "OperationSaleItemID"),
        ("set-operation-discount", {"OperationID": 1}, "Discount"),
        ("print-operation", {"PayTypeID": 1}, "OperationID"),
        ("print-operation", {"OperationID": 1}, "PayTypeID"),
        ("add-operation-payment", {"OperationID": 1, "PayTypeID": 1}, "PaymentSum"),
        ("get-document", {}, "DocumentID"),
        ("get-sale-item-qty", {"SaleItemInventoryID": "SKU-1"}, "StoreID"),
        ("edit-sale-item-by-store", {"SaleItemInventoryID": "SKU-1", "StoreID": 1}, "SaleItemSellPrice"),
    ],
)
async def test_what_a_call_needs(line: Line, endpoint: str, parameters: dict[str, Any], name: str) -> None:
    form = {**line.signed(**parameters), "signature": "wrong"}
    assert (await line.send(endpoint, form))["error_message"] == f"Missing value for {name}"


async def test_an_item_needs_its_number_and_a_price(line: Line) -> None:
    without = {name: value for name, value in ITEM.items() if name != "SaleItemInventoryID"}
    assert await line.refused("add-sale-item", **without) == "SaleItemInventoryID is mandatory"
    price = {"StoreID": 1, "SaleItemSellPrice": "9.00"}
    assert await line.refused("edit-sale-item-by-store", **price) == "SaleItemInventoryID is mandatory"
    without = {name: value for name, value in ITEM.items() if name != "SaleItemSellPrice"}
    assert await line.refused("add-sale-item", **without) == "Missing value for SaleItemSellPrice"
    await line.ask("add-sale-item", **without, SaleItemSellPriceWithoutVat="10")
    [item] = (await line.ask("get-sale-items"))["Data"]
    assert item["SaleItemSellPrice"] == "12.000000"


# Authentication


@pytest.mark.parametrize(
    "changes",
    [
        {"api_key": "another"},
        {"signature": "0" * 64},
        {"WareHouseID": "012345"},
        {"WareHouseID": "12346"},
        {"nonce": "0"},
        {"nonce": "-5"},
        {"nonce": "1e9"},
        {"nonce": "1800000000"},
    ],
)
async def test_who_is_not_known_gets_nowhere(line: Line, changes: dict[str, str]) -> None:
    form = {**line.signed(), **changes}
    assert (await line.send("get-users", form))["error_message"] == "Authentication Error"


async def test_a_signature_is_upper_case(line: Line) -> None:
    form = line.signed()
    form["signature"] = form["signature"].lower()
    assert (await line.send("get-users", form))["error_message"] == "Authentication Error"


async def test_login_is_the_users_own(line: Line) -> None:
    assert await line.refused("login", WareHouseID=12345, UserID=8) == "Authentication Error"


async def test_a_nonce_is_above_every_earlier_one(line: Line) -> None:
    form = line.signed()
    line.nonce += 10
    await line.ask("get-users")
    assert (await line.send("get-users", form))["error_message"] == "Authentication Error"
    line.nonce -= 1
    assert await line.refused("get-users") == "Authentication Error"
    await line.ask("get-users")


async def test_a_refused_call_uses_up_its_nonce(line: Line) -> None:
    assert await line.refused("get-operation", OperationID=1) == "Wrong value for OperationID"
    line.nonce -= 1
    assert await line.refused("get-users") == "Authentication Error"


async def test_a_wrong_signature_uses_up_none(line: Line) -> None:
    form = line.signed()
    await line.send("get-users", {**form, "signature": "0" * 64})
    assert (await line.send("get-users", form))["status"] == 1


async def test_each_key_has_a_nonce_of_its_own_and_the_text_is_a_rule() -> None:
    other = User("other", "secret", "777", "9")
    rules = Rules(users=(USER, other), stale_nonce="Wrong value for nonce")
    async with ICashSimulator.serve(rules=rules) as simulator, connect(simulator.url) as http:
        line = Line(http)
        await line.login()
        form = {"api_key": "other", "nonce": "5", "signature": signature(5, 777, "other", "secret")}
        login = {**form, "WareHouseID": "777", "UserID": "9"}
        assert (await line.send("login", login))["status"] == 1
        assert (await line.send("login", login))["error_message"] == "Wrong value for nonce"


# Sessions


async def test_a_session_is_given_by_login_and_ends(line: Line, simulator: ICashSimulator) -> None:
    line.session, real = "f" * 32, line.session
    assert await line.refused("get-users") == "Session expired"
    line.session = real
    await line.ask("get-users")
    simulator.happen("sessions-expired")
    assert await line.refused("get-users") == "Session expired"


async def test_a_session_has_its_time() -> None:
    async with (
        ICashSimulator.serve(rules=Rules(session_seconds=0)) as simulator,
        connect(simulator.url) as http,
    ):
        line = Line(http)
        await line.login()
        assert await line.refused("get-users") == "Session expired"
