"""Invoices that I-Cash issues: each sale has one in force, and whatever else is there is named."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.accounting.models import InvoiceIssuer
from app.accounting.reconciling import Reconciling
from tests.accounting.month.parsers import read_ledger
from tests.accounting.month.test_closing import close
from tests.accounting.month.test_month import get
from tests.accounting.test_reconciling import FOUND, TODAY, company_sold_by_icash, reconcile
from tests.fulfilment.story import COMPANY
from tests.shop import Shop, open_shop

DOCUMENTS = "SELECT number, edition FROM documents WHERE kind = 'invoice' ORDER BY number"

ISSUERS = "SELECT month, issuer FROM invoice_issuers ORDER BY month"


@pytest.fixture
async def shop(stocked: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """Give the test a shop whose invoices I-Cash issues."""
    async with open_shop(
        stocked, tmp_path, invoice_issuer="icash", icash_finalise="cash_on_delivery", proforma=False
    ) as shop:
        yield shop


async def ledger(shop: Shop, month: str = "2026-11") -> list[tuple[str, str]]:
    rows = read_ledger((await get(shop, "sales-ledger.txt", month)).content)
    return [(row["number"], row["base_20"]) for row in rows]


async def test_a_second_invoice_of_a_sale_is_named_and_the_rest_is_compared(shop: Shop) -> None:
    order, operation_id = await company_sold_by_icash(shop)
    for number in (4711, 4712):
        shop.icash.happen("invoice-issued", operation_id=operation_id, number=number)
    doubled = ("document_doubled", order["number"], "0000004711", "0000004712", TODAY)
    assert await reconcile(shop) == [doubled]
    assert await reconcile(shop) == [doubled]
    assert await shop.count("reconciliations") == 2
    assert await shop.rows(DOCUMENTS) == [("0000004711", 1)]
    archive = await get(shop, "archive.zip")  # its cover has words for it
    assert archive.status_code == 200


async def test_an_invoice_deleted_there_and_the_one_issued_anew_are_both_named(shop: Shop) -> None:
    order, operation_id = await company_sold_by_icash(shop)
    shop.icash.happen("invoice-issued", operation_id=operation_id, number=4711)
    assert await reconcile(shop) == []
    shop.icash.happen("document-deleted", document_id=1)
    shop.icash.happen("invoice-issued", operation_id=operation_id, number=4712)
    assert await reconcile(shop) == [
        ("document_differs", order["number"], "30.79", "30.79", TODAY),
        ("document_doubled", order["number"], "0000004711", "0000004712", TODAY),
    ]
    assert await ledger(shop) == [("0000004711", "25.66")]


async def annulled(shop: Shop, on: date = TODAY) -> None:
    """Let the one document be annulled, as one of the shop's own may be."""
    async with shop.sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO annulments (document_id, protocol_id, ground, annulled_at, annulled_on, annulled_by)"
                " SELECT id, id, 'грешка', now(), :on, 'test' FROM documents"
            ),
            {"on": on},
        )


async def test_an_invoice_in_the_place_of_an_annulled_one_is_its_next_edition(shop: Shop) -> None:
    _, operation_id = await company_sold_by_icash(shop)
    shop.icash.happen("invoice-issued", operation_id=operation_id, number=4711)
    await reconcile(shop)
    await annulled(shop)
    shop.icash.happen("invoice-issued", operation_id=operation_id, number=4712)
    assert await reconcile(shop) == []
    assert await shop.rows(DOCUMENTS) == [("0000004711", 1), ("0000004712", 2)]
    assert await ledger(shop) == [("0000004711", "0.00"), ("0000004712", "25.66")]


async def test_an_invoice_that_cannot_be_kept_does_not_hinder_the_next(shop: Shop) -> None:
    first, operation_id = await company_sold_by_icash(shop)
    second = await shop.ordered(invoice=COMPANY)
    await shop.run_jobs()
    [_, other] = shop.icash.operations
    shop.icash.happen("invoice-issued", operation_id=operation_id, number=12345678901)
    shop.icash.happen("invoice-issued", operation_id=other.id, number=4712)
    assert await reconcile(shop) == [("document_differs", first["number"], "30.79", "30.79", TODAY)]
    assert await shop.rows(
        "SELECT orders.number, documents.number FROM documents JOIN orders ON orders.id = order_id"
    ) == [(int(second["number"]), "0000004712")]


async def test_the_invoice_of_a_sale_from_months_before_is_mirrored(shop: Shop) -> None:
    _, operation_id = await company_sold_by_icash(shop)
    shop.clock.advance(days=60)
    shop.icash.happen("invoice-issued", operation_id=operation_id, number=4711)
    assert await reconcile(shop) == []
    assert await shop.rows("SELECT number, issued_on FROM documents") == [("0000004711", date(2027, 1, 22))]
    assert await shop.rows("SELECT sums FROM reconciliations") == [({},)]


async def with_shop_as_issuer(shop: Shop) -> list[tuple[Any, ...]]:
    """Compare as after the setting was changed."""
    [job] = [periodic for periodic in shop.work.periodic if periodic.name == "reconcile_icash"]
    reconciling = getattr(job.run, "__self__", None)
    assert isinstance(reconciling, Reconciling)
    await replace(reconciling, issuer=InvoiceIssuer.SHOP).run()
    return await shop.rows(FOUND)


async def test_who_issued_a_month_is_asked_of_that_month(shop: Shop) -> None:
    _, operation_id = await company_sold_by_icash(shop)
    second = await shop.ordered(invoice=COMPANY)
    await shop.run_jobs()
    [_, other] = shop.icash.operations
    shop.icash.happen("invoice-issued", operation_id=operation_id, number=4711)
    assert await reconcile(shop) == []
    shop.icash.happen("invoice-issued", operation_id=other.id, number=4712, on="2026-11-30")
    shop.clock.advance(days=8)
    assert await with_shop_as_issuer(shop) == []
    assert await shop.rows(DOCUMENTS) == [("0000004711", 1), ("0000004712", 1)]
    shop.icash.happen("invoice-issued", operation_id=other.id, number=4713, on="2026-12-01")
    assert await with_shop_as_issuer(shop) == [("document_differs", second["number"], None, "30.79", date(2026, 12, 1))]


async def test_a_month_without_an_invoice_is_noted_as_i_cashs_from_its_second_day(shop: Shop) -> None:
    order = await shop.ordered(invoice=COMPANY)
    await shop.run_jobs()
    assert await shop.count("invoice_issuers") == 0
    await reconcile(shop)
    november = [("2026-11", "icash")]
    assert await shop.rows(ISSUERS) == november
    shop.clock.advance(days=8)
    await reconcile(shop)
    assert await shop.rows(ISSUERS) == november  # on the first of December it may still be changed
    # What I-Cash left open stays its own.
    assert await with_shop_as_issuer(shop) == [("document_missing", order["number"], "30.79", None, TODAY)]
    assert await shop.rows(ISSUERS) == november
    shop.clock.advance(days=1)
    await reconcile(shop)
    assert await shop.rows(ISSUERS) == [*november, ("2026-12", "icash")]


async def test_an_invoice_of_the_first_day_begins_its_month(shop: Shop) -> None:
    _, operation_id = await company_sold_by_icash(shop)
    shop.clock.advance(days=8)
    shop.icash.happen("invoice-issued", operation_id=operation_id, number=4711)
    assert await reconcile(shop) == []
    assert await shop.rows(ISSUERS) == [("2026-11", "icash"), ("2026-12", "icash")]


async def closed_before_its_invoice_was_known(shop: Shop) -> None:
    """Close November, for which an invoice then appears in I-Cash."""
    _, operation_id = await company_sold_by_icash(shop)
    await reconcile(shop)
    shop.clock.advance(days=8)
    assert (await close(shop)).status_code == 201
    shop.icash.happen("invoice-issued", operation_id=operation_id, number=4711, on="2026-11-30")
    assert await reconcile(shop) == []


async def test_an_invoice_of_a_closed_month_is_in_the_ledger_of_the_next(shop: Shop) -> None:
    await closed_before_its_invoice_was_known(shop)
    assert await shop.rows("SELECT month FROM late_documents") == [("2026-12",)]
    assert await ledger(shop) == []
    [row] = read_ledger((await get(shop, "sales-ledger.txt", "2026-12")).content)
    assert (row["period"], row["number"], row["date"], row["base_20"]) == (
        "202612",
        "0000004711",
        "30/11/2026",
        "25.66",
    )
    handed = "SELECT count(*) FROM disclosures WHERE recipient = 'accountant'"
    assert await shop.rows(handed) == [(1,)]
    assert (await get(shop, "summary")).json()["documents"]["total"] == "0.00"
    assert (await get(shop, "summary", "2026-12")).json()["documents"]["total"] == "30.79"


@pytest.mark.parametrize(
    ("on", "december", "january"),
    [
        (date(2026, 12, 1), [("0000004711", "0.00")], []),
        (date(2027, 1, 1), [("0000004711", "25.66")], [("0000004711", "-25.66")]),
    ],
)
async def test_an_invoice_booked_late_is_undone_after_the_month_it_is_booked_in(
    shop: Shop, on: date, december: list[tuple[str, str]], january: list[tuple[str, str]]
) -> None:
    await closed_before_its_invoice_was_known(shop)
    await annulled(shop, on)
    assert await ledger(shop, "2026-11") == []
    assert await ledger(shop, "2026-12") == december
    assert await ledger(shop, "2027-01") == january
