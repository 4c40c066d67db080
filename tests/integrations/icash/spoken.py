"""I-Cash spoken by hand, for tests of the simulator."""

from dataclasses import dataclass
from typing import Any

import httpx

from app.integrations.icash.client import PATH
from app.integrations.icash.wire import signature
from tests.integrations.icash.desk import USER

REGISTER = {"CashRegisterID": 1, "StoreID": 1}
SELL = {"ImportSource": "TEST", "OperationType": "Sell", **REGISTER}
ITEM = {
    "SaleItemInventoryID": "SKU-1",
    "SaleItemName": "Четка",
    "SaleItemCashRegisterName": "Четка",
    "SaleItemType": "PRODUCT",
    "SaleItemPrimaryMeasureUnitID": 1,
    "SaleItemTaxGroupID": 1,
    "SaleItemSellPrice": "12.00",
}
COMPANY = {
    "ContragentName": "Зъбна ООД",
    "ContragentType": "CLIENT",
    "ContragentCountryCode": "BG",
    "ContragentCityName": "София",
    "ContragentTaxNum": "175074752",
    "ContragentVatRegistered": 1,
}
STORNO = {
    "StornoType": 1,
    "FiskBonRcpNum": 15,
    "FiskDeviceNum": 44_000_001,
    "FiskBonDate": "22-11-26 10:30",
    "FiskBonUUID": "IC000001-0001-0000001",
}


@dataclass
class Line:
    http: httpx.AsyncClient
    nonce: int = 1_700_000_000
    session: str | None = None

    def signed(self, **parameters: Any) -> dict[str, str]:
        self.nonce += 1
        sign = signature(self.nonce, int(USER.warehouse_id), USER.api_key, USER.secret_key)
        common = {"api_key": USER.api_key, "nonce": self.nonce, "signature": sign, "ses": self.session}
        return {name: str(value) for name, value in {**common, **parameters}.items() if value is not None}

    async def send(self, endpoint: str, form: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.http.post(PATH + endpoint, data=form)).json()
        return answer

    async def ask(self, endpoint: str, **parameters: Any) -> Any:
        """Return the data of a success."""
        answer = await self.send(endpoint, self.signed(**parameters))
        assert answer["status"] == 1, answer
        return answer["data"]

    async def refused(self, endpoint: str, **parameters: Any) -> str:
        """Return the text of a refusal."""
        answer = await self.send(endpoint, self.signed(**parameters))
        assert answer["status"] == 0, answer
        return str(answer["error_message"])

    async def login(self) -> None:
        self.session = None
        data = await self.ask("login", WareHouseID=USER.warehouse_id, UserID=USER.user_id)
        self.session = data["session_id"]


async def sell(line: Line, **changes: Any) -> int:
    return int((await line.ask("new-operation", **{**SELL, **changes}))["OperationID"])


async def add_row(line: Line, operation: int, **changes: Any) -> int:
    row = {"SaleItemInventoryID": "SKU-1", "Qty": "2", "SaleItemSinglePrice": "12.50"}
    return int(
        (await line.ask("add-operation-sale-item", OperationID=operation, **{**row, **changes}))["OperationSaleItemID"]
    )
