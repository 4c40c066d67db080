"""The simulator: what each parameter may be (fact sheet §11)."""

from typing import Any

import pytest

from app.integrations.icash.simulator import ICashSimulator, Rules
from tests.integrations.icash.desk import connect
from tests.integrations.icash.spoken import COMPANY, ITEM, SELL, STORNO, Line, sell


@pytest.mark.parametrize(
    ("endpoint", "parameters", "name"),
    [
        ("new-operation", {**SELL, "OperationType": "sell"}, "OperationType"),
        ("new-operation", {**SELL, "ImportSource": "X" * 31}, "ImportSource"),
        ("new-operation", {**SELL, "ImportRefID": "1" * 31}, "ImportRefID"),
        ("new-operation", {**SELL, "Comment": "Ж" * 256}, "Comment"),
        ("new-operation", {**SELL, "OperationElectronicReceipt": "yes"}, "OperationElectronicReceipt"),
        ("new-operation", {**SELL, "OperationCustomStates": "X" * 21}, "OperationCustomStates"),
        ("new-operation", {**SELL, "CashRegisterID": 99}, "CashRegisterID"),
        ("new-operation", {**SELL, "CashRegisterID": "eleven"}, "CashRegisterID"),
        ("new-operation", {**SELL, "StoreID": 99}, "StoreID"),
        ("new-operation", {**SELL, "ContragentID": 99}, "ContragentID"),
        *[("add-contragent", {**COMPANY, name: "Ж" * size}, name) for name, size in (
            ("ContragentName", 101),
            ("ContragentCityName", 71),
            ("ContragentTaxNum", 16),
            ("ContragentAddress", 101),
            ("ContragentVatNum", 16),
            ("ContragentMOL", 61),
            ("ContragentBarcode", 21),
            ("ContragentPhone", 21),
            ("ContragentEmail", 76),
        )],
        ("add-contragent", {**COMPANY, "ContragentType": "BUYER"}, "ContragentType"),
        ("add-contragent", {**COMPANY, "ContragentCountryCode": "BGR"}, "ContragentCountryCode"),
        ("add-contragent", {**COMPANY, "ContragentVatRegistered": 2}, "ContragentVatRegistered"),
        ("add-contragent", {**COMPANY, "EditContragentID": 99}, "EditContragentID"),
        ("add-sale-item", {**ITEM, "SaleItemInventoryID": "S" * 21}, "SaleItemInventoryID"),
        ("add-sale-item", {**ITEM, "SaleItemName": "Ж" * 101}, "SaleItemName"),
        ("add-sale-item", {**ITEM, "SaleItemType": "THING"}, "SaleItemType"),
        ("add-sale-item", {**ITEM, "SaleItemPrimaryMeasureUnitID": 99}, "SaleItemPrimaryMeasureUnitID"),
        ("add-sale-item", {**ITEM, "SaleItemTaxGroupID": 99}, "SaleItemTaxGroupID"),
        ("add-sale-item", {**ITEM, "SaleItemSellPrice": "12,00"}, "SaleItemSellPrice"),
        ("add-sale-item", {**ITEM, "SaleItemSellPrice": "1.0000001"}, "SaleItemSellPrice"),
        ("add-sale-item", {**ITEM, "EditSaleItemID": 99}, "EditSaleItemID"),
        ("get-operation", {"OperationID": 99}, "OperationID"),
        ("get-document", {"DocumentID": 99}, "DocumentID"),
        ("print-operation", {"OperationID": 99, "PayTypeID": 1}, "OperationID"),
        ("del-operation-sale-item", {"OperationSaleItemID": 99}, "OperationSaleItemID"),
        ("set-operation-discount", {"OperationID": 99, "Discount": 1}, "OperationID"),
        ("get-sale-items", {"count": 101}, "count"),
        ("get-sale-items", {"count": 0}, "count"),
        ("get-sale-items", {"offset": -1}, "offset"),
        ("get-sale-items", {"order": "asc"}, "order"),
        ("get-sale-items", {"SaleItemStatus": "Gone"}, "SaleItemStatus"),
        ("get-sale-item-qty", {"SaleItemInventoryID": "NONE", "StoreID": 1}, "SaleItemInventoryID"),
        ("operations-list", {"ImportRefID": "1001-A"}, "ImportRefID"),
        ("operations-list", {"OperationStatus": "TEMP,OPEN"}, "OperationStatus"),
        ("operations-list", {"OperationType": "Delivery"}, "OperationType"),
        ("operations-list", {"OperationDateFrom": "22-11-2026"}, "OperationDateFrom"),
        ("operations-list", {"OperationCreateDateTo": "2026-11-22"}, "OperationCreateDateTo"),
        ("documents-list", {"DocumentType": "RECEIPT"}, "DocumentType"),
    ],
)  # fmt: skip
async def test_a_wrong_value(line: Line, endpoint: str, parameters: dict[str, Any], name: str) -> None:
    assert await line.refused(endpoint, **parameters) == f"Wrong value for {name}"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"Qty": "1.123456"}, "Qty"),
        ({"Qty": "123456"}, "Qty"),
        ({"Qty": "1,5"}, "Qty"),
        ({"SaleItemSinglePrice": "-1"}, "SaleItemSinglePrice"),
        ({"SaleItemSinglePrice": "1.123456"}, "SaleItemSinglePrice"),
        ({"SaleItemDiscount": "100"}, "SaleItemDiscount"),
        ({"SaleItemInventoryID": "NONE"}, "SaleItemInventoryID"),
        ({"SaleItemID": 99}, "SaleItemID"),
        ({"OperationID": 99}, "OperationID"),
    ],
)
async def test_a_wrong_row(line: Line, changes: dict[str, Any], name: str) -> None:
    await line.ask("add-sale-item", **ITEM)
    row = {"OperationID": await sell(line), "SaleItemInventoryID": "SKU-1", "Qty": 1, "SaleItemSinglePrice": "1.00"}
    assert await line.refused("add-operation-sale-item", **{**row, **changes}) == f"Wrong value for {name}"


async def test_a_row_names_its_item(line: Line) -> None:
    item = (await line.ask("add-sale-item", **ITEM))["SaleItemID"]
    row = {"OperationID": await sell(line), "Qty": 1, "SaleItemSinglePrice": "1.00"}
    assert await line.refused("add-operation-sale-item", **row) == "Missing value for SaleItemID"
    await line.ask("add-operation-sale-item", **row, SaleItemID=item)


@pytest.mark.parametrize("name", list(STORNO))
async def test_a_return_names_its_receipt(line: Line, name: str) -> None:
    storno = {**SELL, "OperationType": "ReturnClient", **STORNO}
    without = {key: value for key, value in storno.items() if key != name}
    assert await line.refused("new-operation", **without) == f"Missing value for {name}"
    wrong = {
        "StornoType": 3,
        "FiskBonRcpNum": "x",
        "FiskDeviceNum": 9_999_999,
        "FiskBonDate": "2026-11-22 10:30",
        "FiskBonUUID": "IC000001-0001-1",
    }
    assert await line.refused("new-operation", **{**storno, name: wrong[name]}) == f"Wrong value for {name}"


async def test_what_is_unique(line: Line) -> None:
    item = (await line.ask("add-sale-item", **ITEM, SaleItemBarcode="380"))["SaleItemID"]
    assert await line.refused("add-sale-item", **ITEM) == "Wrong value for SaleItemInventoryID"
    other = {**ITEM, "SaleItemInventoryID": "SKU-2", "SaleItemBarcode": "380"}
    assert await line.refused("add-sale-item", **other) == "Wrong value for SaleItemBarcode"
    assert await line.ask("add-sale-item", **ITEM, EditSaleItemID=item) == {"SaleItemID": item}
    company = (await line.ask("add-contragent", **COMPANY))["ContragentID"]
    assert await line.refused("add-contragent", **COMPANY) == "Wrong value for ContragentTaxNum"
    assert await line.ask("add-contragent", **COMPANY, EditContragentID=company) == {"ContragentID": company}


async def test_a_reference_need_not_be_unique_unless_the_rule_says_so(line: Line) -> None:
    assert await sell(line, ImportRefID=5) != await sell(line, ImportRefID=5)
    async with (
        ICashSimulator.serve(rules=Rules(unique_import_reference=True)) as simulator,
        connect(simulator.url) as http,
    ):
        strict = Line(http)
        await strict.login()
        await sell(strict, ImportRefID=5)
        assert await strict.refused("new-operation", **SELL, ImportRefID=5) == "Wrong value for ImportRefID"
