"""The report of sales without invoice: what it tells of, what it takes back, and that a closed one stays."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.auth.models import StaffRole
from app.integrations.speedy.simulator.shipments import State
from app.invoices import annulling
from app.invoices.models import Document
from tests.accounting.month.parsers import read_audit_file, read_ledger
from tests.accounting.month.test_closing import close, delivered
from tests.accounting.month.test_month import correct, get
from tests.fulfilment import story
from tests.shop import Shop, open_shop
from tests.waiting import until_waiting

INVOICES = "SELECT id FROM documents WHERE kind = 'invoice' ORDER BY number"


async def reported(shop: Shop, month: str = "2026-11") -> list[tuple[Any, ...]]:
    """Give the rows of a month's report: day, rate, payment, how many sales, total."""
    rows = (await get(shop, "sales-report", month)).json()["rows"]
    return [tuple(row[name] for name in ("on", "rate", "payment", "sales", "total")) for row in rows]


async def ledger(shop: Shop, month: str = "2026-11") -> list[tuple[str, str, str]]:
    rows = read_ledger((await get(shop, "sales-ledger.txt", month)).content)
    return [(row["type"], row["base"], row["vat"]) for row in rows]


async def annul(shop: Shop, document_id: UUID, *, replaced: bool) -> None:
    """Annul an invoice; without another in its place beneath the API, which refuses that while the sale stands."""
    if not replaced:
        async with shop.sessions.begin() as session:
            document = await session.get_one(Document, document_id)
            issuer, at = shop.app.state.issuer, shop.clock.now()
            await annulling.annul(
                session, document, issuer, ground="грешка", replacement=None, is_sold=False, by="test", at=at
            )
        return
    owner = await shop.staff(StaffRole.OWNER, email=f"{document_id}@shop.example")
    wish = {"ground": "грешка", "replacement": {"company": None}}
    answer = await shop.http.post(f"/v1/staff/documents/{document_id}/annulment", json=wish, headers=owner)
    assert answer.status_code == 201, answer.text


async def test_the_report_of_a_closed_month_stays_whatever_is_set_later(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path / "1", invoice_issuer="icash", proforma=False) as shop:
        order = await delivered(shop)
        await correct(shop, order, "refunds", {"amount": "5.00", "means": "account", "refunded_on": "2026-11-23"})
        shop.clock.advance(days=8)
        assert (await close(shop)).json()["without_invoice"]["total"] == "25.79"
        before = await reported(shop)
        assert before == [
            ("2026-11-23", 20, "cash_on_delivery", 1, "30.79"),
            ("2026-11-23", 20, "cash_on_delivery", 0, "-5.00"),
        ]
        assert await ledger(shop) == [("81", "21.49", "4.30")]
    async with open_shop(stocked, tmp_path / "2") as shop:
        shop.clock.advance(days=8)
        assert await reported(shop) == before
        assert await ledger(shop) == [("81", "21.49", "4.30")]
        assert (await reported(shop, "2026-12"), await ledger(shop, "2026-12")) == ([], [])


async def test_a_sale_is_in_the_report_until_it_has_its_invoice(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path) as shop:
        order = await shop.ordered(payment_method=story.TRANSFER)
        await story.pay(shop, order)
        assert await reported(shop) == [("2026-11-23", 20, "bank_transfer", 1, "30.79")]
        assert await ledger(shop) == [("81", "25.66", "5.13")]
        await shop.run_jobs()
        assert await reported(shop) == []
        assert await ledger(shop) == [("01", "25.66", "5.13")]


async def test_the_audit_file_of_a_closed_month_names_the_documents_of_its_closing(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path, nra_shop_number="RF0000123", sale_document_for=[]) as shop:
        await delivered(shop)
        await delivered(shop)
        shop.clock.advance(days=8)
        assert (await close(shop)).status_code == 201
        before = (await get(shop, "audit-file.xml")).content
        assert [order["doc_n"] for order in read_audit_file(before).orders] == ["0000000001", "0000000002"]
        shop.clock.advance(hours=1)
        [(first,), (second,)] = await shop.rows(INVOICES)
        await annul(shop, first, replaced=False)
        await annul(shop, second, replaced=True)
        assert (await get(shop, "audit-file.xml")).content == before
        assert (await get(shop, "audit-file.xml", "2026-12")).json()["code"] == "nothing-delivered"
    changed: dict[str, Any] = {"nra_shop_number": "RF0000123", "audit_event": "paid"}
    async with open_shop(stocked, tmp_path / "later", **changed) as shop:
        shop.clock.advance(days=8, hours=2)
        assert (await get(shop, "audit-file.xml")).content == before


async def test_what_came_back_unpaid_is_not_in_the_report(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        order = await shop.ordered()
        await shop.run_jobs()
        await story.scan(shop, order, State.IN_TRANSIT)
        assert await reported(shop) == [("2026-11-23", 20, "cash_on_delivery", 1, "30.79")]
        await story.scan(shop, order, State.RETURNED)
        assert (await reported(shop), await ledger(shop)) == ([], [])


async def test_what_comes_back_after_the_closing_is_taken_off_in_the_first_open_month(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        order = await shop.ordered()
        await shop.run_jobs()
        await story.scan(shop, order, State.IN_TRANSIT)
        shop.clock.advance(days=8)
        assert (await close(shop)).status_code == 201
        assert await reported(shop, "2026-12") == []
        shop.clock.advance(hours=1)
        await story.scan(shop, order, State.RETURNED)
        november = [("2026-11-23", 20, "cash_on_delivery", 1, "30.79")]
        december = [("2026-12-01", 20, "cash_on_delivery", -1, "-30.79")]
        assert (await reported(shop), await reported(shop, "2026-12")) == (november, december)
        assert (await ledger(shop), await ledger(shop, "2026-12")) == (
            [("81", "25.66", "5.13")],
            [("81", "-25.66", "-5.13")],
        )
        shop.clock.advance(days=31)
        assert (await close(shop, "2026-12")).json()["without_invoice"]["total"] == "-30.79"
        shop.clock.advance(hours=1)
        months = ("2026-11", "2026-12", "2027-01")
        assert [await reported(shop, month) for month in months] == [november, december, []]


async def test_an_invoice_after_the_closing_takes_the_sale_off_the_report(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path) as shop:
        order = await shop.ordered(payment_method=story.TRANSFER)
        await story.pay(shop, order)  # and nothing works off its invoice
        shop.clock.advance(days=8)
        assert (await close(shop)).json()["without_invoice"]["total"] == "30.79"
        shop.clock.advance(hours=1)
        await shop.run_jobs()
        assert await ledger(shop) == [("81", "25.66", "5.13")]
        assert await ledger(shop, "2026-12") == [("01", "25.66", "5.13"), ("81", "-25.66", "-5.13")]


async def test_what_the_courier_reports_while_a_month_is_closed_is_in_the_next_one(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        await delivered(shop)
        late = await shop.ordered()
        await shop.run_jobs()
        shop.speedy.advance(story.parcel_of(shop, late), State.IN_TRANSIT)  # in November, but nobody asked yet
        shop.clock.advance(days=8)
        async with shop.sessions.begin() as other:
            # The report is read by then, and nothing is noted yet.
            await other.execute(text("LOCK TABLE reconciliations IN ACCESS EXCLUSIVE MODE"))
            closing = asyncio.create_task(close(shop))
            await until_waiting(shop)
            await shop.track()
            assert await story.status(shop, late) == ("shipped", "handed_over")
        answer = await closing
        assert (answer.status_code, answer.json()["without_invoice"]["total"]) == (201, "30.79")
        sale = ("2026-11-23", 20, "cash_on_delivery", 1, "30.79")
        assert [await reported(shop, month) for month in ("2026-11", "2026-12")] == [[sale], [sale]]
