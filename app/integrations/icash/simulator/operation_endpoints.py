"""Sales and returns: opened, filled with rows, finalised, never again changed."""

from decimal import Decimal
from typing import Any

from app.integrations.icash.simulator.checks import (
    PAGING,
    Checks,
    Refusal,
    day,
    decimal,
    integer,
    matching,
    missing,
    moment,
    number,
    one_of,
    second,
    set_of,
    text,
    wrong,
)
from app.integrations.icash.simulator.endpoint import Call, Endpoint, paged
from app.integrations.icash.simulator.ledger import Operation, Row, five_places, stamp
from app.integrations.icash.simulator.rules import Register

STATUSES = ("TEMP", "NORMAL", "EDITED", "DELETED", "FOR_DOWNLOAD", "DOWNLOADED", "POS_OPEN")
STORNO: Checks = {
    "StornoType": one_of("0", "1", "2"),
    "FiskBonRcpNum": integer,
    "FiskDeviceNum": number(10_000_000, 10**18),
    "FiskBonDate": moment("%d-%m-%y %H:%M"),
    "FiskBonUUID": matching("[a-zA-Z0-9]{8}-[a-zA-Z0-9]{4}-[0-9]{7}"),
}
PERCENT = decimal(4, 2)
RANGES = {
    "OperationDateFrom": day,
    "OperationDateTo": day,
    "OperationCreateDateFrom": second,
    "OperationCreateDateTo": second,
    "OperationCompleteDateFrom": second,
    "OperationCompleteDateTo": second,
}
SAME = ("OperationID", "OperationStoreID", "OperationContragentID", "OperationCreateUserID", "OperationCompleteUserID")
OPERATION_FILTERS: Checks = {
    **dict.fromkeys(SAME, integer),
    **RANGES,
    "OperationType": set_of("Sell", "ReturnClient"),
    "OperationStatus": set_of(*STATUSES),
    "ImportSource": text(30),
    "ImportRefID": integer,
}


def new_operation(call: Call) -> dict[str, Any]:
    ledger, given = call.ledger, call.parameters
    register, number = _register(call), _reference_number(call)
    if "ContragentID" in given and int(given["ContragentID"]) not in ledger.contragents:
        raise wrong("ContragentID")
    if given["OperationType"] == "ReturnClient":
        for name in STORNO:
            if name not in given:
                raise missing(name)
    operation_id, user_id = next(ledger.numbers), int(given.get("UserID", 0))
    unique_number = f"IC{register.id:06}-{user_id:04}-{operation_id:07}"
    operation = Operation(
        id=operation_id,
        kind=given["OperationType"],
        source=given["ImportSource"],
        import_reference=given.get("ImportRefID"),
        register=register,
        contragent_id=int(given["ContragentID"]) if "ContragentID" in given else None,
        comment=given.get("Comment", ""),
        electronic=given.get("OperationElectronicReceipt", "NO") == "YES",
        unique_number=unique_number if given["OperationType"] == "Sell" else None,
        user_id=user_id,
        created=stamp(call.at),
    )
    ledger.operations[operation_id] = operation
    if number is not None:
        ledger.by_reference[number].append(operation)
    answer: dict[str, Any] = {"OperationID": operation_id}
    return answer | ({"OperationFiskBonUUID": unique_number} if operation.unique_number else {})


def _register(call: Call) -> Register:
    given, ledger = call.parameters, call.ledger
    register = next((each for each in ledger.rules.registers if each.id == int(given["CashRegisterID"])), None)
    if register is None:
        raise wrong("CashRegisterID")
    if ledger.store(given["StoreID"]) != register.store_id:
        raise wrong("StoreID")
    return register


def _reference_number(call: Call) -> int | None:
    """Return what an integer search will find the operation by: text that is no number is not found again."""
    reference = call.parameters.get("ImportRefID", "")
    number = int(reference) if reference.isdecimal() else None
    taken = number is not None and bool(call.ledger.by_reference.get(number))
    if call.ledger.rules.unique_import_reference and taken:
        raise wrong("ImportRefID")
    return number


def told(call: Call, operation: Operation) -> dict[str, Any]:
    """Show an operation as get-operation and operations-list do."""
    net = call.ledger.net(operation)
    record: dict[str, Any] = {
        "OperationID": operation.id,
        "OperationType": operation.kind,
        "OperationCashRegisterID": operation.register.id,
        "OperationStoreID": operation.register.store_id,
        "OperationNum": operation.id - 60_000,
        "OperationDate": operation.created[:10],
        "OperationStatus": operation.status,
        "OperationContragentID": operation.contragent_id,
        "OperationComment": operation.comment,
        "OperationPrice": five_places(operation.total),
        "OperationCurrencyCode": call.ledger.rules.currency,
        "OperationPriceWithoutVat": five_places(net),
        "OperationTotalVat": five_places(operation.total - net),
        "OperationPayedSum": five_places(operation.paid),
        "OperationFiskBonUUID": operation.unique_number,
        "OperationCreateUserID": operation.user_id,
        "OperationCreateDate": operation.created,
        "OperationCompleteUserID": operation.user_id if operation.completed else None,
        "OperationCompleteDate": operation.completed,
        "OperationPosCompleteDate": operation.completed_at_register,
        "OperationTotalDiscount": str(operation.discount),
        "OperationImportType": operation.source,
    }
    if call.ledger.rules.tells_import_reference:
        record["ImportRefID"] = operation.import_reference
    return record


def get_operation(call: Call) -> dict[str, Any]:
    return told(call, call.ledger.operation(call.parameters["OperationID"]))


def add_row(call: Call) -> dict[str, int]:
    ledger, given = call.ledger, call.parameters
    operation = ledger.open_operation(given["OperationID"])
    if not {"SaleItemID", "SaleItemInventoryID"} & given.keys():
        raise missing("SaleItemID")
    item = ledger.item(given)
    if item.fields.get("SaleItemForbidSales") == "1" and operation.kind == "Sell":
        raise Refusal("Sale of this item is forbidden")
    price, discount = Decimal(given["SaleItemSinglePrice"]), Decimal(given.get("SaleItemDiscount", 0))
    row = Row(next(ledger.numbers), item, Decimal(given["Qty"]), price, discount)
    operation.rows[row.id] = row
    return {"OperationSaleItemID": row.id}


def remove_row(call: Call) -> dict[str, int]:
    row_id = int(call.parameters["OperationSaleItemID"])
    for operation in call.ledger.operations.values():
        if row_id in operation.rows and operation.status == "TEMP":
            del operation.rows[row_id]
            return {"OperationSaleItemID": row_id}
    raise wrong("OperationSaleItemID")


def set_discount(call: Call) -> str:
    call.ledger.open_operation(call.parameters["OperationID"]).discount = Decimal(call.parameters["Discount"])
    return "OK"


def add_payment(call: Call) -> dict[str, str]:
    operation = call.ledger.open_operation(call.parameters["OperationID"])
    operation.payments.append((_pay_type(call), Decimal(call.parameters["PaymentSum"])))
    return {"result": "OK", "PaymentID": str(next(call.ledger.numbers))}


def _pay_type(call: Call) -> int:
    pay_type = int(call.parameters["PayTypeID"])
    if pay_type not in call.ledger.rules.pay_types:
        raise wrong("PayTypeID")
    return pay_type


def print_operation(call: Call) -> int:
    """Finalise: at once on a virtual register; a hardware one fetches the receipt later."""
    ledger = call.ledger
    ledger.operation(call.parameters["OperationID"]).print_attempts += 1
    operation = ledger.open_operation(call.parameters["OperationID"])
    operation.pay_type = _pay_type(call)
    operation.prints += 1
    if operation.register.kind == "VIRTUAL":
        operation.status, operation.completed = "NORMAL", stamp(call.at)
    else:
        operation.status = "FOR_DOWNLOAD"
    ledger.move_stock(operation)
    return operation.id


def operations_list(call: Call) -> dict[str, Any]:
    ledger, given = call.ledger, call.parameters
    candidates = (
        ledger.by_reference.get(int(given["ImportRefID"]), []) if "ImportRefID" in given else ledger.operations.values()
    )
    statuses = given.get("OperationStatus", "NORMAL").split(",")
    kinds = given.get("OperationType", "Sell,ReturnClient").split(",")
    chosen = [
        told(call, operation)
        for operation in candidates
        if operation.status in statuses
        and operation.kind in kinds
        and given.get("ImportSource", operation.source) == operation.source
    ]
    ranges = RANGES if ledger.rules.date_filters else {}
    return paged(call, [record for record in chosen if _within(record, given, ranges)])


def _within(record: dict[str, Any], given: dict[str, str], ranges: Checks) -> bool:
    if any(name in given and str(record[name]) != given[name] for name in SAME):
        return False
    for name in ranges:
        moment = str(record[name.removesuffix("From").removesuffix("To")] or "")
        if name in given and (moment < given[name] if name.endswith("From") else not moment or moment > given[name]):
            return False
    return True


ID: Checks = {"OperationID": integer}
ENDPOINTS = {
    "new-operation": Endpoint(
        new_operation,
        {
            "ImportSource": text(30),
            "OperationType": one_of("Sell", "ReturnClient", "Delivery"),
            "CashRegisterID": integer,
            "StoreID": integer,
        },
        {
            "ImportRefID": text(30),
            "OperationElectronicReceipt": one_of("YES", "NO"),
            "ContragentID": integer,
            "Comment": text(255),
            "OperationCustomStates": text(20),
            **STORNO,
        },
    ),
    "get-operation": Endpoint(get_operation, ID),
    "add-operation-sale-item": Endpoint(
        add_row,
        {**ID, "Qty": decimal(10, 5), "SaleItemSinglePrice": decimal(10, 5)},
        {"SaleItemID": integer, "SaleItemInventoryID": text(20), "SaleItemDiscount": PERCENT},
    ),
    "del-operation-sale-item": Endpoint(remove_row, {"OperationSaleItemID": integer}),
    "set-operation-discount": Endpoint(set_discount, {**ID, "Discount": PERCENT}),
    "print-operation": Endpoint(print_operation, {**ID, "PayTypeID": integer}),
    "add-operation-payment": Endpoint(add_payment, {**ID, "PayTypeID": integer, "PaymentSum": decimal(10, 2)}),
    "operations-list": Endpoint(operations_list, {}, {**OPERATION_FILTERS, **PAGING}),
}
