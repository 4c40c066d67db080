"""What the ledger of sales does with goods at 0 %, and with a seller that was not always registered for VAT."""

import io
import zipfile
from pathlib import Path

from app.core.money import Money
from tests.accounting.month.parsers import read_ledger
from tests.accounting.month.test_closing import delivered
from tests.accounting.month.test_month import get
from tests.factories.catalog import make_variant
from tests.fulfilment import story
from tests.problems import of_kind
from tests.shop import Shop, open_shop


async def sold_at_zero(shop: Shop) -> None:
    async with shop.sessions.begin() as session:
        await make_variant(session, sku="Z-1", price=Money(7000), stock=5, vat_rate=0)
    order = await shop.ordered({"Z-1": 1}, payment_method=story.TRANSFER)
    await story.pay(shop, order)


async def test_sales_at_zero_without_invoice_stand_in_the_column_of_their_ground(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request", zero_rate_ground="export") as shop:
        await sold_at_zero(shop)
        [row] = read_ledger((await get(shop, "sales-ledger.txt")).content)
        assert (row["type"], row["base"], row["vat"], row["export"], row["base_20"]) == (
            "81",
            "70.00",
            "0.00",
            "70.00",
            "0.00",
        )


async def test_while_the_ground_is_not_set_the_ledger_says_what_to_set(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        await sold_at_zero(shop)
        answer = await get(shop, "sales-ledger.txt")
        assert (answer.status_code, answer.json()) == (
            409,
            {
                **of_kind("zero-rate-ground-missing"),
                "title": "Sales at 0 % without their ground",
                "status": 409,
                "detail": "There are sales without invoice at 0 %: set SHOP_ZERO_RATE_GROUND, so that the ledger has a"
                " column for them.",
            },
        )
        archive = zipfile.ZipFile(io.BytesIO((await get(shop, "archive.zip")).content))
        assert "PRODAGBI.TXT" not in archive.namelist()
        assert "Няма файл PRODAGBI.TXT: Няма основание за продажбите с 0 %: SHOP_ZERO_RATE_GROUND" in story.pdf_text(
            archive.read("00-cover.pdf")
        )
        said = (await get(shop, "summary")).json()
        assert {"check": "ledger", "reference": "202611", "expected": "70.00", "found": None} in said["differences"]
        assert await shop.count("disclosures") == 0


async def test_documents_of_before_the_registration_are_listed_and_not_in_the_ledger(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path / "1", seller_vat_registered=False) as shop:
        await delivered(shop)
    async with open_shop(stocked, tmp_path / "2") as shop:
        await delivered(shop)
        [row] = read_ledger((await get(shop, "sales-ledger.txt")).content)
        assert (row["row"], row["number"], row["base_20"]) == ("1", "0000000002", "25.66")
        archive = zipfile.ZipFile(io.BytesIO((await get(shop, "archive.zip")).content))
        listed = archive.read("documents.csv").decode()
        assert ("0000000001" in listed, "0000000002" in listed) == (True, True)
        [ledger] = [each for each in (await get(shop, "summary")).json()["checks"] if each["name"] == "ledger"]
        assert ledger == {"name": "ledger", "expected": "30.79", "found": "30.79", "agrees": True}


async def test_who_is_registered_no_more_has_the_ledger_of_when_it_was(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path / "1") as shop:
        await delivered(shop)
    async with open_shop(stocked, tmp_path / "2", seller_vat_registered=False) as shop:
        [row] = read_ledger((await get(shop, "sales-ledger.txt")).content)
        assert (row["vat_number"], row["number"], row["base_20"]) == ("BG204235072", "0000000001", "25.66")
        assert (await get(shop, "sales-ledger.txt", "2026-12")).json()["code"] == "no-vat-ledger"
