"""Items and customers in I-Cash: found by our own key, made when missing."""

from app.accounting.ports import BooksRefused, BooksUnsure, Buyer, Family, LineKind, SaleLine
from app.integrations.icash import wire
from app.integrations.icash.account import ICashAccount
from app.integrations.icash.client import Conversation

SKU_LENGTH = 20
NAME_LENGTH = 100


class Cards:
    """Remembers, per process, the items that it has seen in I-Cash."""

    def __init__(self, account: ICashAccount) -> None:
        self._account = account
        self._seen: set[tuple[str, int]] = set()

    async def ensure_item(self, talk: Conversation, line: SaleLine) -> None:
        """See to it that a row can name the line's SKU."""
        if (line.sku, line.vat_rate) in self._seen:
            return
        tax_group = self.tax_group(line)
        found = await talk.search(wire.SaleItem, "get-sale-items", {"SaleItemInventoryID": line.sku})
        items = [item for item in found if item.sku == line.sku and item.status != "Deleted"]
        if not items:
            await self._add_item(talk, line, tax_group)
        elif any(item.tax_group_id not in (None, tax_group) for item in items):
            raise BooksUnsure(f"tax-group-differs {line.sku}")  # the receipt would show another VAT than the invoice
        self._seen.add((line.sku, line.vat_rate))

    def tax_group(self, line: SaleLine) -> int:
        if len(line.sku) > SKU_LENGTH:  # cut, it could be another item's
            raise BooksRefused(Family.NOT_CONFIGURED, "add-sale-item", "SaleItemInventoryID")
        if line.vat_rate not in self._account.tax_groups:
            raise BooksRefused(Family.NOT_CONFIGURED, "add-sale-item", "SaleItemTaxGroupID")
        return self._account.tax_groups[line.vat_rate]

    def forget(self) -> None:
        """Look everything up anew: staff may have changed it."""
        self._seen.clear()

    async def _add_item(self, talk: Conversation, line: SaleLine, tax_group: int) -> None:
        name = line.name[:NAME_LENGTH]
        await talk.call(
            "add-sale-item",
            {
                "SaleItemInventoryID": line.sku,
                "SaleItemName": name,
                "SaleItemCashRegisterName": name,
                "SaleItemType": "SERVICE" if line.kind is LineKind.SERVICE else "PRODUCT",
                "SaleItemPrimaryMeasureUnitID": self._account.measure_unit_id,
                "SaleItemTaxGroupID": tax_group,
                "SaleItemSellPrice": str(line.unit_price),
            },
        )

    async def contragent(self, talk: Conversation, buyer: Buyer) -> int:
        """Return the customer's id. One that is there already is left as it is: staff keep the register."""
        tax_number = self._account.assumptions.tax_number_prefix + buyer.eik
        filters = {"ContragentTaxNum": tax_number}
        for contragent in await talk.search(wire.Contragent, "get-contragents", filters):
            if contragent.tax_number == tax_number:
                return contragent.id
        added = await talk.read(
            wire.Contragent,
            "add-contragent",
            {
                "ContragentName": buyer.name[:100],
                "ContragentType": "CLIENT",
                "ContragentCountryCode": self._account.assumptions.country,
                "ContragentCityName": buyer.city[:70],
                "ContragentAddress": buyer.address[:100],
                "ContragentTaxNum": tax_number,
                "ContragentVatRegistered": 1 if buyer.vat_number else 0,
                "ContragentVatNum": buyer.vat_number,
                "ContragentMOL": buyer.responsible_person and buyer.responsible_person[:60],
            },
        )
        return added.id
