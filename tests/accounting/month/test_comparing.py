"""What the checks of a month must find: orders, invoices, ledger and audit file are held against each other."""

from pathlib import Path
from typing import Any

from sqlalchemy import text

from tests.accounting.month.test_closing import close, delivered
from tests.accounting.month.test_month import get
from tests.accounting.month.test_report import INVOICES, annul, reported
from tests.fulfilment import story
from tests.shop import Shop, open_shop


async def differences(shop: Shop, month: str = "2026-11") -> list[tuple[Any, ...]]:
    """List what differs, I-Cash aside: nobody compared with it here."""
    found = (await get(shop, "summary", month)).json()["differences"]
    return [tuple(each.values()) for each in found if not each["check"].startswith("icash")]


async def check(shop: Shop, name: str, month: str = "2026-11") -> tuple[str, str, bool]:
    [found] = [each for each in (await get(shop, "summary", month)).json()["checks"] if each["name"] == name]
    return found["expected"], found["found"], found["agrees"]


async def test_a_sale_whose_only_invoice_is_annulled_lacks_its_invoice(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, nra_shop_number="RF0000123", invoice_for="on_request") as shop:
        order = await delivered(shop, invoice=story.COMPANY)
        [(invoice,)] = await shop.rows(INVOICES)
        assert await differences(shop) == []
        await annul(shop, invoice, replaced=False)
        assert await reported(shop) == []
        assert await differences(shop) == [
            ("orders", order["number"], "30.79", None),
            ("audit_file", order["number"], "30.79", None),
        ]


async def test_where_no_invoice_is_due_the_sale_of_an_annulled_one_is_in_the_report(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path / "1", nra_shop_number="RF0000123") as shop:
        order = await delivered(shop)
        [(invoice,)] = await shop.rows(INVOICES)
        await annul(shop, invoice, replaced=False)
        assert await differences(shop) == [("orders", order["number"], "30.79", None)]
    async with open_shop(stocked, tmp_path / "2", nra_shop_number="RF0000123", invoice_for="on_request") as shop:
        assert await differences(shop) == []
        assert await reported(shop) == [("2026-11-23", 20, "cash_on_delivery", 1, "30.79")]


async def test_a_closed_month_s_sale_without_invoice_is_missing_in_the_first_open_one(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path, nra_shop_number="RF0000123") as shop:
        order = await delivered(shop)
        [(invoice,)] = await shop.rows(INVOICES)
        shop.clock.advance(days=8)
        assert (await close(shop)).status_code == 201
        shop.clock.advance(hours=1)
        await annul(shop, invoice, replaced=False)
        assert (await differences(shop), await differences(shop, "2026-12")) == (
            [],
            [("orders", order["number"], "30.79", None)],
        )
        assert await reported(shop, "2026-12") == [("2026-11-23", 20, "cash_on_delivery", 1, "30.79")]


async def test_the_ledger_is_held_against_documents_and_the_sales_without_invoice(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, nra_shop_number="RF0000123", invoice_for="on_request") as shop:
        await delivered(shop, invoice=story.COMPANY)
        order = await delivered(shop)
        assert (await check(shop, "ledger"), await differences(shop)) == (("61.58", "61.58", True), [])
        async with shop.sessions.begin() as session:
            await session.execute(
                text("UPDATE orders SET total = total + 1 WHERE number = :number"), {"number": int(order["number"])}
            )
        assert await check(shop, "ledger") == ("61.59", "61.58", False)
        assert ("ledger", "202611", "30.80", "30.79") in await differences(shop)
