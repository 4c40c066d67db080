"""Delta's import lines, and that the sales without invoice are counted wherever sales are."""

import io
import zipfile
from pathlib import Path

import pytest

from app.core.holders import Person
from app.privacy.restricting import RestrictionGround, restrict
from tests.accounting.month.test_closing import delivered
from tests.accounting.month.test_month import correct, get
from tests.fulfilment import story
from tests.shop import Shop, open_shop


async def lines(shop: Shop) -> list[list[str]]:
    content = (await get(shop, "delta-import.txt")).content.decode("cp1251")
    assert content.endswith("\r\n")
    return [line.split("|") for line in content.split("\r\n")[:-1]]


async def test_sales_without_invoice_are_a_report_of_sales_for_delta(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        await delivered(shop, invoice=story.COMPANY)
        await delivered(shop)
        transfer = await shop.ordered(payment_method=story.TRANSFER)
        await story.pay(shop, transfer)
        _, report = await lines(shop)
        assert report == [
            "",
            "30.11.2026",
            "0000202611",
            "ОП",
            "51.32",
            "16",
            "Отчет за извършените продажби",
            *[""] * 6,
            "Продажба на стоки",
            "",
            "10.26",
        ]


async def test_a_kind_that_delta_is_not_known_to_take_is_named_on_the_cover(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path) as shop:
        order = await delivered(shop)
        more = {"ground": "Доплащане", "lines": [{"description": "Гравиране", "quantity": 1, "amount": "4.99"}]}
        await correct(shop, order, "debit-notes", more)
        await shop.run_jobs()
        assert [line[3] for line in await lines(shop)] == ["Ф-ра"]
        archive = zipfile.ZipFile(io.BytesIO((await get(shop, "archive.zip")).content))
        cover = story.pdf_text(archive.read("00-cover.pdf"))
        assert "Дебитните известия не са в delta-import.txt" in cover


async def test_rates_payment_methods_and_days_are_of_all_sales(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        await delivered(shop, invoice=story.COMPANY)
        order = await shop.ordered(payment_method=story.TRANSFER)
        await story.pay(shop, order)
        shop.clock.advance(days=1)
        await delivered(shop)
        said = (await get(shop, "summary")).json()
        one = {"documents": 0, "base": "25.66", "vat": "5.13", "total": "30.79"}
        assert said["by_rate"] == [{"rate": 20, "base": "76.98", "vat": "15.39"}]
        assert said["by_payment"] == [
            {"method": "bank_transfer", **one},
            {"method": "cash_on_delivery", "documents": 1, "base": "51.32", "vat": "10.26", "total": "61.58"},
        ]
        assert said["by_day"] == [
            {"on": "2026-11-23", "documents": 1, "base": "51.32", "vat": "10.26", "total": "61.58"},
            {"on": "2026-11-24", **one},
        ]
        assert said["documents"] == {**one, "documents": 1}
        assert said["by_kind"] == [{"kind": "invoice", **one, "documents": 1}]
        assert said["without_invoice"] == {"documents": 2, "base": "51.32", "vat": "10.26", "total": "61.58"}


@pytest.mark.parametrize("registered", [True, False])
async def test_s35_a_company_whose_buyer_is_restricted_is_named_and_that_is_recorded(
    stocked: str, tmp_path: Path, *, registered: bool
) -> None:
    async with open_shop(stocked, tmp_path, seller_vat_registered=registered) as shop:
        await delivered(shop, invoice=story.COMPANY)
        async with shop.sessions.begin() as session:
            await restrict(
                session, Person("iva@example.bg"), ground=RestrictionGround.CLAIMS, request_id=None, at=shop.clock.now()
            )
        assert (await lines(shop))[0][7] == "Петър Иванов"
        assert (await get(shop, "archive.zip")).status_code == 200
        recorded = await shop.rows("SELECT what FROM disclosures WHERE recipient = 'accountant' ORDER BY what")
        assert recorded == [("delta_import",), ("sales_ledger" if registered else "delta_import",)]
