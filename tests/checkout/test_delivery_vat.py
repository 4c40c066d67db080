"""Delivery of goods at 9 %, from the quote to the books: it bears the VAT of its goods (D3)."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.core.money import Money
from app.integrations.speedy.simulator.shipments import State
from tests.accounting.month.parsers import read_audit_file, read_ledger
from tests.accounting.month.test_comparing import differences
from tests.accounting.month.test_month import get
from tests.factories.catalog import make_variant
from tests.fulfilment import story
from tests.fulfilment.test_correcting import send
from tests.shop import Shop, open_shop

BOOK, BRUSH = "BOOK-9", "ION-H-SOFT-2"
GROUPS = {"icash_tax_group_20": 1, "icash_tax_group_9": 2}


async def ordered(shop: Shop, lines: dict[str, int]) -> dict[str, Any]:
    async with shop.sessions.begin() as session:
        await make_variant(session, sku=BOOK, price=Money(1000), stock=50, vat_rate=9)
    return await shop.ordered(lines, payment_method=story.TRANSFER)


def deliveries(seen: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        tuple(line[name] for name in ("sku", "vat_rate", "total", "vat"))
        for line in seen["lines"]
        if line["kind"] == "delivery"
    ]


MIXED = [("DELIVERY", 20, "3.60", "0.60"), ("DELIVERY-9", 9, "1.39", "0.11")]


@pytest.mark.parametrize(
    ("how", "expected"), [("proportional", MIXED), ("highest", [("DELIVERY", 20, "4.99", "0.83")])]
)
async def test_d3_a_mixed_basket_shows_its_delivery_by_rate_and_as_one_figure(
    stocked: str, tmp_path: Path, how: str, expected: list[tuple[Any, ...]]
) -> None:
    async with open_shop(stocked, tmp_path, delivery_vat=how) as shop:
        order = await ordered(shop, {BOOK: 1, BRUSH: 2})
        assert deliveries(order) == deliveries(await story.read(shop, order)) == expected
        assert (order["totals"]["delivery"], order["totals"]["total"]) == ("4.99", "40.79")


async def test_d3_its_invoice_note_sale_in_i_cash_and_month_agree(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, nra_shop_number="RF0000123", **GROUPS) as shop:
        order = await ordered(shop, {BOOK: 1, BRUSH: 2})
        await story.pay(shop, order)
        await shop.run_jobs()
        [operation] = shop.icash.operations
        assert [(row.item.sku, row.item.tax_group, row.price) for row in operation.rows.values()] == [
            (BOOK, 2, Decimal("10.00")),
            (BRUSH, 1, Decimal("12.90")),
            ("DELIVERY", 1, Decimal("3.60")),
            ("DELIVERY-9", 2, Decimal("1.39")),
        ]
        assert str(operation.total) == order["totals"]["total"]
        await story.scan(shop, order, State.DELIVERED)
        [invoice] = read_ledger((await get(shop, "sales-ledger.txt")).content)
        assert [invoice[name] for name in ("base_20", "vat_20", "base_9", "vat_9")] == [
            "24.50",
            "4.90",
            "10.45",
            "0.94",
        ]
        [told] = read_audit_file((await get(shop, "audit-file.xml")).content).orders
        rows = [(row["art_name"], row["art_vat_rate"], row["art_sum"]) for row in told["art"]]
        assert rows[2:] == [("Доставка", "20", "3.60"), ("Доставка", "9", "1.39")]
        wish = {"ground": "Върната стока", "lines": [{"position": 4, "quantity": 1}, {"position": 1, "quantity": 1}]}
        note = await send(shop, order, "credit-notes", wish)
        assert (note.json()["total"], note.json()["vat"]) == ("11.39", "0.94")
        assert (await send(shop, order, "credit-notes", {"ground": "Върната стока"})).status_code == 201
        sums = [Money.ZERO] * 4
        for row in read_ledger((await get(shop, "sales-ledger.txt")).content):
            sums = [
                there + Money.of(row[name])
                for there, name in zip(sums, ("base_20", "vat_20", "base_9", "vat_9"), strict=True)
            ]
        assert sums == [Money.ZERO] * 4
        assert await differences(shop) == []
