"""Which month a sale and its invoice belong to, when money is noted on another day than it came (C4)."""

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from app.core.money import Money
from app.fulfilment.paying import receive_payment
from app.orders import queries as orders
from tests.accounting.month.parsers import read_audit_file, read_ledger
from tests.accounting.month.test_closing import close
from tests.accounting.month.test_comparing import differences
from tests.accounting.month.test_month import get
from tests.accounting.month.test_report import INVOICES, annul, ledger, reported
from tests.fulfilment import story
from tests.shop import Shop, open_shop

NRA = "RF0000123"
SECOND = datetime(2026, 12, 2, 10, 0, tzinfo=UTC)


async def noted(shop: Shop, came_on: date, at: datetime = SECOND, **changes: Any) -> dict[str, Any]:
    """Order on 23 November by transfer, and note at a later moment that the money came on some day."""
    order = await shop.ordered(payment_method=story.TRANSFER, **changes)
    shop.clock.at = at
    await note(shop, order, came_on)
    return order


async def note(shop: Shop, order: dict[str, Any], came_on: date) -> None:
    async with shop.sessions.begin() as session:
        found = await orders.get_order(session, order["number"])
        money = Money.of(order["totals"]["total"])
        await receive_payment(session, found.id, money, reference="FT26327", received_on=came_on, at=shop.clock.now())
    await shop.run_jobs()


def row(on: str) -> list[tuple[Any, ...]]:
    return [(on, 20, "bank_transfer", 1, "30.79")]


@pytest.mark.parametrize(
    ("came_on", "at", "month", "other"),
    [
        (date(2026, 11, 30), SECOND, "2026-11", "2026-12"),
        (date(2026, 12, 1), SECOND, "2026-12", "2026-11"),
        (date(2026, 12, 31), datetime(2027, 1, 4, 8, 0, tzinfo=UTC), "2026-12", "2027-01"),
        (date(2027, 1, 1), datetime(2027, 1, 4, 8, 0, tzinfo=UTC), "2027-01", "2026-12"),
        # Midnight in Bulgaria has passed, in Greenwich it has not.
        (date(2027, 1, 1), datetime(2026, 12, 31, 22, 30, tzinfo=UTC), "2027-01", "2026-12"),
    ],
)
async def test_typed_c4_a_sale_without_invoice_is_of_the_day_on_which_the_money_came(
    stocked: str, tmp_path: Path, came_on: date, at: datetime, month: str, other: str
) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        await noted(shop, came_on, at)
        assert (await reported(shop, month), await reported(shop, other)) == (row(came_on.isoformat()), [])
        assert (await ledger(shop, month), await ledger(shop, other)) == ([("81", "25.66", "5.13")], [])
        assert (await differences(shop, month), await differences(shop, other)) == ([], [])


async def test_typed_c4_money_of_a_closed_month_is_a_sale_of_the_first_open_one(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        order = await shop.ordered(payment_method=story.TRANSFER)
        shop.clock.at = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
        assert (await close(shop)).json()["without_invoice"]["total"] == "0.00"
        shop.clock.at = SECOND
        await note(shop, order, date(2026, 11, 30))
        assert (await reported(shop), await reported(shop, "2026-12")) == ([], row("2026-11-30"))
        shop.clock.at = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
        assert (await close(shop, "2026-12")).json()["without_invoice"]["total"] == "30.79"
        months = ("2026-11", "2026-12", "2027-01")
        assert [await reported(shop, month) for month in months] == [[], row("2026-11-30"), []]


@pytest.mark.parametrize(
    ("came_on", "month", "other"),
    [
        (date(2026, 11, 30), "2026-12", "2026-11"),
        (date(2026, 11, 27), "2026-12", "2026-11"),  # the fifth day after it
        (date(2026, 11, 26), "2026-11", "2026-12"),
    ],
)
async def test_typed_c4_an_invoice_within_five_days_is_of_its_issue_and_a_later_one_of_the_tax_event(
    stocked: str, tmp_path: Path, came_on: date, month: str, other: str
) -> None:
    async with open_shop(stocked, tmp_path, nra_shop_number=NRA) as shop:
        await noted(shop, came_on)
        [invoice] = read_ledger((await get(shop, "sales-ledger.txt", month)).content)
        assert (invoice["type"], invoice["date"], invoice["base"]) == ("01", "02/12/2026", "25.66")
        assert await ledger(shop, other) == []
        stated = "SELECT snapshot ->> 'tax_event_on', snapshot ->> 'paid_on' FROM documents WHERE kind = 'invoice'"
        assert await shop.rows(stated) == [(came_on.isoformat(), came_on.isoformat())]
        assert (await differences(shop, month), await differences(shop, other)) == ([], [])
        assert (await reported(shop, month), await reported(shop, other)) == ([], [])
        if month == "2026-11":  # drawing the archive's cover and lists takes longest
            assert [await archived(shop, each) for each in (month, other)] == [1, 0]


async def archived(shop: Shop, month: str) -> int:
    """Count the invoices in the archive of a month."""
    names = zipfile.ZipFile(io.BytesIO((await get(shop, "archive.zip", month)).content)).namelist()
    return len([name for name in names if name.startswith("documents/faktura") and name.endswith(".pdf")])


async def test_typed_c4_a_late_invoice_of_a_closed_month_is_of_the_first_open_one(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path) as shop:
        order = await shop.ordered(payment_method=story.TRANSFER)
        shop.clock.at = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
        assert (await close(shop)).status_code == 201
        shop.clock.at = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
        await note(shop, order, date(2026, 11, 24))
        months = ("2026-11", "2026-12", "2027-01")
        assert [await ledger(shop, month) for month in months] == [[], [("01", "25.66", "5.13")], []]


async def test_typed_c4_a_late_invoice_that_is_annulled_is_undone_in_that_month_and_its_replacement_is_there(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path) as shop:
        await noted(shop, date(2026, 11, 24))
        [(invoice,)] = await shop.rows(INVOICES)
        await annul(shop, invoice, replaced=True)
        assert await ledger(shop) == [("01", "25.66", "5.13")]
        assert sorted(await ledger(shop, "2026-12")) == [("01", "-25.66", "-5.13"), ("01", "25.66", "5.13")]


async def test_typed_c4_the_audit_file_of_what_is_paid_goes_by_the_day_on_which_the_money_came(
    stocked: str, tmp_path: Path
) -> None:
    changed: dict[str, Any] = {"nra_shop_number": NRA, "audit_event": "paid"}
    async with open_shop(stocked, tmp_path, **changed) as shop:
        order = await noted(shop, date(2026, 11, 30))
        [told] = read_audit_file((await get(shop, "audit-file.xml")).content).orders
        assert told["ord_n"] == order["number"]
        assert (await get(shop, "audit-file.xml", "2026-12")).json()["code"] == "nothing-delivered"


async def test_typed_c4_the_document_of_a_sale_has_the_day_on_which_the_money_came(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path, nra_shop_number=NRA, sale_document_for=["bank_transfer"]) as shop:
        await noted(shop, date(2026, 11, 30))
        [(sold_at,)] = await shop.rows("SELECT snapshot ->> 'sold_at' FROM documents WHERE kind = 'sale_document'")
        assert datetime.fromisoformat(sold_at) == datetime(2026, 11, 29, 22, 0, tzinfo=UTC)
