"""Customers, items, prices and stock."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from app.integrations.icash.simulator.checks import (
    PAGING,
    Checks,
    decimal,
    flag,
    integer,
    missing,
    number,
    one_of,
    set_of,
    text,
    wrong,
)
from app.integrations.icash.simulator.endpoint import Call, Endpoint, listed
from app.integrations.icash.simulator.ledger import Item, mandatory

CONTRAGENT_REQUIRED: Checks = {
    "ContragentName": text(100),
    "ContragentType": set_of("CLIENT", "SUPPLIER"),
    "ContragentCountryCode": one_of("BG", "GR", "RO", "DE", "AL"),
    "ContragentCityName": text(70),
    "ContragentTaxNum": text(15),
    "ContragentVatRegistered": flag,
}
CONTRAGENT_OPTIONAL: Checks = {
    "EditContragentID": integer,
    "ContragentBarcode": text(20),
    "ContragentAddress": text(100),
    "ContragentVatNum": text(15),
    "ContragentMOL": text(60),
    "ContragentAllowPartPays": flag,
    "ContragentForbidSupplies": flag,
    "ContragentForbidSales": flag,
    "ContragentMobile": text(20),
    "ContragentPhone": text(20),
    "ContragentFax": text(20),
    "ContragentEmail": text(75),
    "ContragentWebSite": text(100),
}
CONTRAGENT_FILTERS: Checks = {
    "ContragentID": integer,
    "ContragentName": text(100),
    "ContragentType": set_of("CLIENT", "SUPPLIER"),
    "ContragentBarcode": text(20),
    "ContragentTaxNum": text(15),
    "ContragentActive": flag,
}
PRICE = decimal(14, 6)
FLAGS: Checks = {"SaleItemForbidSupplements": flag, "SaleItemForbidSales": flag, "SaleItemForbidRefund": flag}
ITEM_REQUIRED: Checks = {
    "SaleItemName": text(100),
    "SaleItemCashRegisterName": text(100),
    "SaleItemType": one_of("PRODUCT", "SERVICE"),
    "SaleItemPrimaryMeasureUnitID": integer,
    "SaleItemTaxGroupID": integer,
}
ITEM_OPTIONAL: Checks = {
    "EditSaleItemID": integer,
    "SaleItemBarcode": text(20),
    "SaleItemInventoryID": text(20),
    "SaleItemSellPriceWithoutVat": PRICE,
    "SaleItemSellPrice": PRICE,
    "SaleItemComment": text(65535),
    "SaleItemSaleItemGroupID": integer,
    **FLAGS,
}
ITEM_FILTERS: Checks = {
    "SaleItemID": integer,
    "SaleItemInventoryID": text(20),
    "SaleItemBarcode": text(20),
    "SaleItemName": text(100),
    "SaleItemType": one_of("PRODUCT", "SERVICE"),
    "SaleItemCashRegisterName": text(100),
    "SaleItemStatus": one_of("Normal", "Deleted"),
}


def _unique(records: Iterable[Mapping[str, Any]], key: str, fields: Mapping[str, str], *names: str) -> None:
    """Refuse a value that another record has already; which columns are unique is read from the vendor's flags."""
    for record in records:
        for name in names:
            if name in fields and record.get(name) == fields[name] and str(record[key]) != fields.get(f"Edit{key}"):
                raise wrong(name)


def _own(call: Call, checks: Checks) -> dict[str, str]:
    return {name: value for name, value in call.parameters.items() if name in checks}


def add_contragent(call: Call) -> dict[str, int]:
    ledger = call.ledger
    fields = _own(call, {**CONTRAGENT_REQUIRED, **CONTRAGENT_OPTIONAL})
    _unique(ledger.contragents.values(), "ContragentID", fields, "ContragentTaxNum", "ContragentBarcode")
    edited = fields.pop("EditContragentID", None)
    if edited is not None and int(edited) not in ledger.contragents:
        raise wrong("EditContragentID")
    contragent_id = int(edited) if edited else next(ledger.numbers)
    ledger.contragents[contragent_id] = {"ContragentID": contragent_id, "ContragentActive": 1, **fields}
    return {"ContragentID": contragent_id}


def contragents(call: Call) -> dict[str, Any]:
    return listed(call, call.ledger.contragents.values(), CONTRAGENT_FILTERS)


def add_sale_item(call: Call) -> dict[str, int]:
    ledger, rules = call.ledger, call.ledger.rules
    sku = mandatory(call.parameters, "SaleItemInventoryID")
    fields = _own(call, {**ITEM_REQUIRED, **ITEM_OPTIONAL})
    if not {"SaleItemSellPrice", "SaleItemSellPriceWithoutVat"} & fields.keys():
        raise missing("SaleItemSellPrice")
    if int(fields["SaleItemPrimaryMeasureUnitID"]) not in rules.measure_units:
        raise wrong("SaleItemPrimaryMeasureUnitID")
    rate = rules.tax_rates.get(int(fields["SaleItemTaxGroupID"]))
    if rate is None:
        raise wrong("SaleItemTaxGroupID")
    if without_vat := fields.pop("SaleItemSellPriceWithoutVat", None):
        price = Decimal(without_vat) * (100 + rate) / 100
        fields["SaleItemSellPrice"] = str(price.quantize(Decimal("0.000001")))
    known = [{"SaleItemID": item.id, **item.fields} for item in ledger.items.values()]
    _unique(known, "SaleItemID", fields, "SaleItemInventoryID", "SaleItemBarcode")
    edited = fields.pop("EditSaleItemID", None)
    if edited is not None and int(edited) not in ledger.items:
        raise wrong("EditSaleItemID")
    item_id = int(edited) if edited else next(ledger.numbers)
    ledger.items[item_id] = Item(item_id, sku, fields)
    return {"SaleItemID": item_id}


def edit_by_store(call: Call) -> str:
    mandatory(call.parameters, "SaleItemInventoryID")
    item, store = call.ledger.item(call.parameters), call.ledger.store(call.parameters["StoreID"])
    item.store_prices[store] = call.parameters["SaleItemSellPrice"]
    item.fields.update(_own(call, FLAGS))
    return "OK"


def sale_items(call: Call) -> dict[str, Any]:
    store = call.parameters.get("StoreID")
    return listed(call, (_item(item, store) for item in call.ledger.items.values()), ITEM_FILTERS)


def _item(item: Item, store: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {"SaleItemID": item.id, "SaleItemStatus": "Normal", **item.fields}
    told["SaleItemTaxGroupID"] = item.tax_group
    told["SaleItemBarcodeBarcode"] = told.setdefault("SaleItemBarcode", "")  # the vendor's own spelling
    if store is not None and int(store) in item.store_prices:
        told["SaleItemSellPrice"] = item.store_prices[int(store)]
    return told


def quantity(call: Call) -> dict[str, Any]:
    item, store = call.ledger.item(call.parameters), call.ledger.store(call.parameters["StoreID"])
    return {"SaleItemInventoryID": item.sku, "StoreID": store, "Qty": float(call.ledger.stock[item.id, store])}


ENDPOINTS = {
    "add-contragent": Endpoint(add_contragent, CONTRAGENT_REQUIRED, CONTRAGENT_OPTIONAL),
    "get-contragents": Endpoint(contragents, {}, {**CONTRAGENT_FILTERS, **PAGING}),
    "add-sale-item": Endpoint(add_sale_item, ITEM_REQUIRED, ITEM_OPTIONAL),
    "edit-sale-item-by-store": Endpoint(
        edit_by_store,
        {"StoreID": integer, "SaleItemSellPrice": PRICE},
        {"SaleItemInventoryID": text(20), **FLAGS},
    ),
    "get-sale-items": Endpoint(sale_items, {}, {"StoreID": integer, **ITEM_FILTERS, **PAGING}),
    "get-sale-item-qty": Endpoint(quantity, {"SaleItemInventoryID": text(20), "StoreID": number(1, 10**9)}),
}
