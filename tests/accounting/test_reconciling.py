"""The nightly comparison with I-Cash, over real sockets: what is missing, doubled, different; what is mirrored."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.accounting.issuers import IssuerSwitched, require_same_issuer
from app.accounting.models import InvoiceIssuer
from app.accounting.ports import BooksUnavailable, BooksUnsure
from app.auth.scopes import Scope
from app.integrations.speedy.simulator.shipments import State
from tests.fulfilment import story
from tests.shop import Shop, open_shop

FOUND = """
    SELECT kind, reference, ours, theirs, "on" FROM reconciliation_findings
    WHERE reconciliation_id = (SELECT id FROM reconciliations ORDER BY made_at DESC, id DESC LIMIT 1)
    ORDER BY kind, reference
"""
TODAY = date(2026, 11, 23)


async def reconcile(shop: Shop) -> list[tuple[Any, ...]]:
    """Compare as the periodic job does; returns what it found."""
    [job] = [periodic for periodic in shop.work.periodic if periodic.name == "reconcile_icash"]
    await job.run()
    return await shop.rows(FOUND)


async def three_sales(shop: Shop) -> list[dict[str, Any]]:
    orders = [await shop.ordered() for _ in range(3)]
    await shop.run_jobs()  # in this order
    return orders


async def test_where_all_agree_nothing_is_found(shop: Shop) -> None:
    await three_sales(shop)
    assert await reconcile(shop) == []
    assert await shop.rows("SELECT first, last, compared FROM reconciliations") == [(date(2026, 10, 1), TODAY, 3)]


async def test_what_differs_is_named_in_the_summary_and_in_the_work_queue(shop: Shop) -> None:
    orders = await three_sales(shop)
    lost, doubled, dearer = shop.icash.operations
    shop.icash.happen("operation-removed", operation_id=lost.id)
    shop.icash.happen("operation-duplicated", operation_id=doubled.id)
    shop.icash.happen("total-set", operation_id=dearer.id, total="30.81")
    numbers = [order["number"] for order in orders]
    expected = [
        ("different_total", numbers[2], "30.79", "30.81", TODAY),
        ("doubled", numbers[1], "30.79", "61.58", TODAY),
        ("missing_there", numbers[0], "30.79", None, TODAY),
    ]
    assert await reconcile(shop) == expected
    concerns = [each for each in await story.concerns(shop) if each[0] == "books"]
    assert sorted(concerns) == sorted(("books", reference, kind) for kind, reference, *_ in expected)
    accountant = await shop.client(Scope.ACCOUNTING)
    summary = (await shop.http.get("/v1/accounting/months/2026-11/summary", headers=accountant)).json()
    of_icash = [each for each in summary["differences"] if each["check"].startswith("icash")]
    assert [(each["reference"], each["expected"], each["found"]) for each in of_icash] == [
        (numbers[0], "30.79", None),
        (numbers[1], "30.79", "61.58"),
        (numbers[2], "30.79", "30.81"),
    ]
    assert summary["agrees"] is False
    [check] = [each for each in summary["checks"] if each["name"] == "icash"]
    assert check == {"name": "icash", "expected": "92.37", "found": "92.39", "agrees": False}
    # The newest comparison counts: what was put right is gone.
    shop.icash.happen("total-set", operation_id=dearer.id, total="30.79")
    assert [kind for kind, *_ in await reconcile(shop)] == ["doubled", "missing_there"]


async def test_a_sale_that_is_there_alone_and_one_that_was_cancelled(shop: Shop) -> None:
    [order, *_] = await three_sales(shop)
    [operation, *_] = shop.icash.operations
    assert (await story.cancel(shop, order)).status_code == 204
    ghost = next(iter(shop.icash.machine.ledger.operations.values()))
    shop.icash.happen("operation-duplicated", operation_id=ghost.id)
    [*_, alone] = shop.icash.operations
    alone.import_reference = "999999999"
    found = await reconcile(shop)
    assert found == [
        ("missing_here", "999999999", None, "30.79", TODAY),
        ("not_cancelled", order["number"], None, "30.79", TODAY),
    ]
    shop.icash.happen("status-set", operation_id=operation.id, status="DELETED")
    assert [kind for kind, *_ in await reconcile(shop)] == ["missing_here"]


async def test_where_i_cash_does_not_tell_our_number_operations_are_known_by_theirs(shop: Shop) -> None:
    await three_sales(shop)
    ledger = shop.icash.machine.ledger
    ledger.rules = replace(ledger.rules, tells_import_reference=False)
    assert await reconcile(shop) == []


async def icash_in_summary(shop: Shop, month: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    accountant = await shop.client(Scope.ACCOUNTING)
    said = (await shop.http.get(f"/v1/accounting/months/{month}/summary", headers=accountant)).json()
    [check] = [each for each in said["checks"] if each["name"] == "icash"]
    return check, [each for each in said["differences"] if each["check"].startswith("icash")]


async def test_a_month_that_was_never_compared_does_not_agree(shop: Shop) -> None:
    await three_sales(shop)
    nothing = {"check": "icash: not_compared", "reference": "2026-11", "expected": None, "found": None}
    assert await icash_in_summary(shop, "2026-11") == (
        {"name": "icash", "expected": "0.00", "found": "0.00", "agrees": False},
        [nothing],
    )
    await reconcile(shop)
    whole: tuple[dict[str, Any], list[dict[str, Any]]] = (
        {"name": "icash", "expected": "92.37", "found": "92.37", "agrees": True},
        [],
    )
    assert await icash_in_summary(shop, "2026-11") == whole
    # Once it is over, the comparison has to have seen its last day.
    shop.clock.advance(days=10)
    check, told = await icash_in_summary(shop, "2026-11")
    assert check["agrees"] is False
    assert told == [
        {
            "check": "icash: not_compared",
            "reference": "2026-11",
            "expected": "2026-11-30",
            "found": "2026-11-23",
        }
    ]
    await reconcile(shop)
    assert await icash_in_summary(shop, "2026-11") == whole
    # What later comparisons do not look at any more stays as it was found.
    shop.clock.advance(days=40)
    await reconcile(shop)
    assert await icash_in_summary(shop, "2026-11") == whole


async def test_what_cannot_be_read_leaves_the_last_comparison_as_it_was(shop: Shop) -> None:
    await three_sales(shop)
    await reconcile(shop)
    shop.icash.fail("html", endpoint="operations-list", times=100)
    with pytest.raises(BooksUnavailable):
        await reconcile(shop)
    assert await shop.count("reconciliations") == 1


async def test_an_amount_that_is_no_whole_cents_is_for_a_person(shop: Shop) -> None:
    await three_sales(shop)
    [operation, *_] = shop.icash.operations
    shop.icash.happen("total-set", operation_id=operation.id, total="12.9012")
    with pytest.raises(BooksUnsure, match="not-in-cents"):
        await reconcile(shop)


async def test_many_sales_of_a_day_are_read_page_by_page(shop: Shop) -> None:
    await three_sales(shop)
    [operation, *_] = shop.icash.operations
    for _ in range(250):
        shop.icash.happen("operation-duplicated", operation_id=operation.id)
    [(kind, _, ours, theirs, _)] = await reconcile(shop)
    assert (kind, ours, theirs) == ("doubled", "30.79", "7728.29")
    pages = [each.parameters["offset"] for each in shop.icash.requests if each.endpoint == "operations-list"]
    assert {"0", "100", "200"} <= set(pages)


async def company_sold_by_icash(shop: Shop) -> tuple[dict[str, Any], int]:
    order = await shop.ordered(invoice=story.COMPANY)
    await shop.run_jobs()
    await story.scan(shop, order, State.IN_TRANSIT)
    [operation] = shop.icash.operations
    return order, operation.id


async def test_with_i_cash_as_issuer_our_series_is_silent_and_its_invoice_is_mirrored(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(
        stocked, tmp_path, invoice_issuer="icash", icash_finalise="cash_on_delivery", proforma=False
    ) as shop:
        order, operation_id = await company_sold_by_icash(shop)
        assert await shop.count("documents") == 0
        shop.icash.happen("invoice-issued", operation_id=operation_id, number=4711)
        assert await reconcile(shop) == []
        assert await reconcile(shop) == []
        assert await shop.rows("SELECT series, number, kind, issued_on, total, request_key FROM documents") == [
            ("icash", "0000004711", "invoice", TODAY, 3079, "icash:1")
        ]
        # Its page is I-Cash's: we have none, and draw none.
        await shop.run_jobs()
        assert await shop.count("document_files") == 0
        accountant = await shop.client(Scope.ACCOUNTING)
        summary = (await shop.http.get("/v1/accounting/months/2026-11/summary", headers=accountant)).json()
        assert (summary["documents"]["total"], summary["agrees"]) == ("30.79", True)
        proof = (await shop.http.get("/v1/accounting/series/icash/proof", headers=accountant)).json()
        assert (proof["is_sound"], proof["issued"]) == (True, 1)
        assert await story.documents(shop, order) == []


async def test_an_invoice_of_another_total_a_deleted_one_and_a_missing_one_are_named(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(
        stocked, tmp_path, invoice_issuer="icash", icash_finalise="cash_on_delivery", proforma=False
    ) as shop:
        order, operation_id = await company_sold_by_icash(shop)
        shop.icash.happen("invoice-issued", operation_id=operation_id, total="31.00")
        number = order["number"]
        assert await reconcile(shop) == [("document_differs", number, "30.79", "31.00", TODAY)]
        assert await shop.count("documents") == 0
        shop.icash.happen("document-deleted", document_id=1)
        assert await reconcile(shop) == []
        shop.clock.advance(days=3)
        assert await reconcile(shop) == [("document_missing", number, "30.79", None, TODAY)]


async def test_an_invoice_there_beside_ours_is_one_too_many(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, icash_finalise="cash_on_delivery") as shop:
        order, operation_id = await company_sold_by_icash(shop)
        shop.icash.happen("invoice-issued", operation_id=operation_id)
        assert await reconcile(shop) == [("document_differs", order["number"], None, "30.79", TODAY)]
        assert await shop.rows("SELECT series FROM documents") == [("invoices",)]


async def test_the_issuer_is_not_switched_in_the_middle_of_a_month(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path / "one") as shop:
        order = await shop.ordered(payment_method=story.TRANSFER)
        await story.pay(shop, order)
        await shop.run_jobs()
        assert await shop.rows("SELECT month, issuer FROM invoice_issuers") == [("2026-11", "shop")]
    async with open_shop(stocked, tmp_path / "two", invoice_issuer="icash") as shop:
        order = await shop.ordered(payment_method=story.TRANSFER, invoice=story.COMPANY)
        await story.pay(shop, order)
        await shop.run_jobs()
        # Promised for a proforma, and by the payment.
        assert (await shop.jobs())["issue_invoice", "failed"] == 2
        assert await shop.count("documents") == 1
        async with shop.sessions() as session:
            with pytest.raises(IssuerSwitched, match="invoices of 2026-11 are issued by shop"):
                await require_same_issuer(session, InvoiceIssuer.ICASH, at=shop.clock.now())
        shop.clock.advance(days=8)  # in December it may
        async with shop.sessions() as session:
            await require_same_issuer(session, InvoiceIssuer.ICASH, at=shop.clock.now())
