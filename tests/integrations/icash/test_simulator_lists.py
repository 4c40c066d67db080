"""The simulator: what is listed, and how (fact sheet §11)."""

from app.integrations.icash.simulator import ICashSimulator, Rules
from tests.integrations.icash.desk import connect
from tests.integrations.icash.spoken import COMPANY, ITEM, SELL, STORNO, Line, add_row, sell


async def test_unfinished_operations_are_not_listed_unless_asked_for(line: Line) -> None:
    operation = await sell(line, ImportRefID=100000123)
    assert await line.ask("operations-list", ImportRefID=100000123) == {"TotalRecords": 0, "Data": []}
    every = await line.ask("operations-list", ImportRefID=100000123, ImportSource="TEST", OperationStatus="NORMAL,TEMP")
    assert [told["OperationID"] for told in every["Data"]] == [operation]
    other = await line.ask("operations-list", ImportRefID=100000123, ImportSource="OTHER", OperationStatus="TEMP")
    assert other["TotalRecords"] == 0


async def test_a_reference_that_is_no_number_is_not_found_again(line: Line) -> None:
    await sell(line, ImportRefID="#1001-A")
    assert (await line.ask("operations-list", ImportRefID=1001, OperationStatus="TEMP"))["TotalRecords"] == 0


async def test_operations_are_filtered_by_kind_date_and_more(line: Line) -> None:
    sale = await sell(line)
    await line.ask("new-operation", **{**SELL, **STORNO, "OperationType": "ReturnClient"})
    of = {"OperationStatus": "TEMP"}
    day = (await line.ask("get-operation", OperationID=sale))["OperationDate"]
    for filters, found in (
        ({}, 2),
        ({"OperationType": "Sell"}, 1),
        ({"OperationID": sale}, 1),
        ({"OperationStoreID": 4}, 0),
        ({"OperationDateFrom": day, "OperationDateTo": day}, 2),
        ({"OperationDateFrom": "2999-01-01"}, 0),
        ({"OperationCreateDateTo": "2000-01-01 00:00:00"}, 0),
        ({"OperationCompleteDateFrom": "2000-01-01 00:00:00"}, 0),
    ):
        assert (await line.ask("operations-list", **of, **filters))["TotalRecords"] == found, filters


async def test_lists_come_in_pages_of_ten(line: Line) -> None:
    for number in range(12):
        await line.ask("add-sale-item", **{**ITEM, "SaleItemInventoryID": f"SKU-{number:02}"})
    first = await line.ask("get-sale-items")
    assert (first["TotalRecords"], len(first["Data"])) == (12, 10)
    rest = await line.ask("get-sale-items", offset=10, count=100)
    assert [item["SaleItemInventoryID"] for item in rest["Data"]] == ["SKU-10", "SKU-11"]
    last = await line.ask("get-sale-items", sort="SaleItemInventoryID", order="DESC", count=1)
    assert last["Data"][0]["SaleItemInventoryID"] == "SKU-11"
    assert await line.refused("get-sale-items", sort="Colour") == "Wrong value for sort"


async def test_text_filters_find_parts(line: Line) -> None:
    await line.ask("add-contragent", **COMPANY)
    assert (await line.ask("get-contragents", ContragentTaxNum="75074"))["TotalRecords"] == 1
    assert (await line.ask("get-contragents", ContragentType="SUPPLIER"))["TotalRecords"] == 0
    assert (await line.ask("get-contragents", ContragentName="ЗЪБНА"))["TotalRecords"] == 1


async def test_a_price_of_one_store(line: Line) -> None:
    await line.ask("add-sale-item", **ITEM)
    change = {"SaleItemInventoryID": "SKU-1", "StoreID": 1, "SaleItemSellPrice": "9.99"}
    assert await line.ask("edit-sale-item-by-store", **change) == "OK"
    [general] = (await line.ask("get-sale-items", SaleItemInventoryID="SKU-1"))["Data"]
    [here] = (await line.ask("get-sale-items", SaleItemInventoryID="SKU-1", StoreID=1))["Data"]
    assert (general["SaleItemSellPrice"], here["SaleItemSellPrice"]) == ("12.00", "9.99")
    assert "SaleItemBarcodeBarcode" in here


async def test_what_an_account_says_of_itself(line: Line) -> None:
    assert (await line.ask("get-cash-registers"))[0] == {"id": 1, "value": "Онлайн", "type": "VIRTUAL", "storeID": 1}
    assert (await line.ask("get-users"))[0]["UserID"] == 1
    assert {"id": 2, "value": "Карта"} in await line.ask("get-pay-types")
    assert {"id": 1, "value": "бр."} in await line.ask("get-measure-units")
    assert (await line.ask("get-bank-accounts"))[0]["BankAccountCurrencyCode"] == "EUR"


async def test_an_invoice_is_issued_by_staff_and_read_by_the_shop(line: Line, simulator: ICashSimulator) -> None:
    await line.ask("add-sale-item", **ITEM)
    contragent = (await line.ask("add-contragent", **COMPANY))["ContragentID"]
    operation = await sell(line, ImportRefID=100000123, ContragentID=contragent)
    await add_row(line, operation)
    await line.ask("print-operation", OperationID=operation, PayTypeID=2)
    assert (await line.ask("documents-list", DocumentOperationID=operation))["TotalRecords"] == 0
    simulator.happen("invoice-issued", operation_id=operation)
    [document] = (await line.ask("documents-list", DocumentOperationID=operation))["Data"]
    assert (document["DocumentTotalPrice"], document["DocumentContragentTaxNum"]) == ("25.00", "175074752")
    assert await line.ask("get-document", DocumentID=document["DocumentID"]) == document
    assert (await line.ask("documents-list", DocumentType="PROFORMA"))["TotalRecords"] == 0
    assert (await line.ask("documents-list", DocumentDateFrom="2999-01-01"))["TotalRecords"] == 0


async def test_a_rule_makes_filters_exact() -> None:
    async with (
        ICashSimulator.serve(rules=Rules(substring_filters=False)) as simulator,
        connect(simulator.url) as http,
    ):
        line = Line(http)
        await line.login()
        await line.ask("add-contragent", **COMPANY)
        assert (await line.ask("get-contragents", ContragentTaxNum="75074"))["TotalRecords"] == 0
        assert (await line.ask("get-contragents", ContragentTaxNum="175074752"))["TotalRecords"] == 1
