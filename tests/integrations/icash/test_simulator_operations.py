"""The simulator: a sale from its opening to its receipt (fact sheet §11)."""

from app.integrations.icash.simulator import ICashSimulator
from tests.integrations.icash.spoken import ITEM, SELL, STORNO, Line, add_row, sell


async def test_a_sale_has_a_unique_number_and_a_return_none(line: Line) -> None:
    sold = [await line.ask("new-operation", **SELL) for _ in range(2)]
    numbers = {each["OperationFiskBonUUID"] for each in sold}
    assert len(numbers) == 2
    returned = await line.ask("new-operation", **{**SELL, **STORNO, "OperationType": "ReturnClient"})
    assert list(returned) == ["OperationID"]
    again = {**SELL, **STORNO, "OperationType": "ReturnClient", "FiskBonUUID": numbers.pop()}
    await line.ask("new-operation", **again)


async def test_the_price_follows_rows_and_discounts(line: Line) -> None:
    await line.ask("add-sale-item", **ITEM)
    operation = await sell(line, ImportRefID=100000123, Comment="Поръчка")
    row = await add_row(line, operation, SaleItemDiscount="10")
    await add_row(line, operation, Qty="1", SaleItemSinglePrice="1.23456")
    told = await line.ask("get-operation", OperationID=operation)
    assert (told["OperationStatus"], told["OperationPrice"], told["OperationCurrencyCode"]) == (
        "TEMP",
        "23.73456",
        "EUR",
    )
    assert await line.ask("set-operation-discount", OperationID=operation, Discount="50") == "OK"
    assert await line.ask("del-operation-sale-item", OperationSaleItemID=row) == {"OperationSaleItemID": row}
    told = await line.ask("get-operation", OperationID=operation)
    assert (told["OperationPrice"], told["OperationPriceWithoutVat"], told["OperationTotalVat"]) == (
        "0.61728",
        "0.51440",
        "0.10288",
    )
    assert (told["OperationComment"], told["OperationPayedSum"]) == ("Поръчка", "0.00000")


async def test_a_finished_operation_is_closed_and_printed_once(line: Line, simulator: ICashSimulator) -> None:
    await line.ask("add-sale-item", **ITEM)
    operation = await sell(line)
    row = await add_row(line, operation)
    assert await line.refused("print-operation", OperationID=operation, PayTypeID=99) == "Wrong value for PayTypeID"
    payment = await line.ask("add-operation-payment", OperationID=operation, PayTypeID=2, PaymentSum="25.00")
    assert payment["result"] == "OK"
    assert isinstance(payment["PaymentID"], str)
    assert await line.ask("print-operation", OperationID=operation, PayTypeID=2) == operation
    closed = "Wrong value for OperationID"
    assert await line.refused("print-operation", OperationID=operation, PayTypeID=2) == closed
    more = {"SaleItemInventoryID": "SKU-1", "Qty": 1, "SaleItemSinglePrice": "1"}
    assert await line.refused("add-operation-sale-item", OperationID=operation, **more) == closed
    assert await line.refused("set-operation-discount", OperationID=operation, Discount=1) == closed
    money = {"PayTypeID": 2, "PaymentSum": "1.00"}
    assert await line.refused("add-operation-payment", OperationID=operation, **money) == closed
    assert (
        await line.refused("del-operation-sale-item", OperationSaleItemID=row) == "Wrong value for OperationSaleItemID"
    )
    [kept] = simulator.operations
    assert (kept.prints, kept.print_attempts) == (1, 3)
    told = await line.ask("get-operation", OperationID=operation)
    assert (told["OperationStatus"], told["OperationPayedSum"]) == ("NORMAL", "25.00000")
    assert told["OperationCompleteDate"]


async def test_a_till_fetches_what_is_printed(line: Line, simulator: ICashSimulator) -> None:
    operation = await sell(line, CashRegisterID=2)
    await line.ask("print-operation", OperationID=operation, PayTypeID=1)
    statuses = []
    for event in (None, "receipt-fetched", "receipt-printed"):
        if event:
            simulator.happen(event, operation_id=operation)
        told = await line.ask("get-operation", OperationID=operation)
        statuses.append((told["OperationStatus"], bool(told["OperationPosCompleteDate"])))
    assert statuses == [("FOR_DOWNLOAD", False), ("DOWNLOADED", False), ("NORMAL", True)]


async def test_stock_falls_with_a_sale_and_rises_with_a_return(line: Line, simulator: ICashSimulator) -> None:
    await line.ask("add-sale-item", **ITEM)
    simulator.happen("stock-counted", sku="SKU-1", store_id=1, quantity="10")
    quantities = []
    for kind in ({"OperationType": "Sell"}, {**STORNO, "OperationType": "ReturnClient"}):
        operation = await sell(line, **kind)
        await add_row(line, operation)
        await line.ask("print-operation", OperationID=operation, PayTypeID=1)
        quantities.append(await line.ask("get-sale-item-qty", SaleItemInventoryID="SKU-1", StoreID=1))
    assert quantities == [{"SaleItemInventoryID": "SKU-1", "StoreID": 1, "Qty": quantity} for quantity in (8.0, 10.0)]
