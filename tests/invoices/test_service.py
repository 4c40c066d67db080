"""Numbers without gaps, dates in Bulgaria that never run back, and documents that never change (complaints 7, 8, 9)."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.fulfilment.jobs import IssueInvoice
from app.integrations.speedy.simulator.shipments import State
from app.invoices.errors import SeriesAhead
from app.invoices.papers import TEMPLATE_VERSION
from app.invoices.rendering import render
from app.invoices.verifying import check_series
from app.invoices.view import InvoiceView
from app.wiring.outside import adapters
from app.wiring.work import work
from tests.fulfilment import story
from tests.invoices.issuing import issue, place
from tests.shop import NOON, Shop, draw_here, open_shop

ISSUED = "SELECT number, issued_on FROM documents ORDER BY number"
KEPT = "SELECT pdf, sha256, template_version FROM document_files"


async def paid_and_invoiced(shop: Shop, lines: dict[str, int] | None = None, **changes: Any) -> dict[str, Any]:
    order = await shop.ordered(lines, payment_method=story.TRANSFER, **changes)
    await story.pay(shop, order)
    await shop.run_jobs()
    return order


async def test_thirty_at_once_issue_one_invoice_of_an_order(shop: Shop) -> None:
    [order_id] = await place(shop, 1)
    issued = await asyncio.gather(*(issue(shop, order_id) for _ in range(30)))

    assert {document.number for document in issued} == {"0000000001"}
    assert await shop.rows(ISSUED) == [("0000000001", date(2026, 11, 23))]
    assert await shop.rows("SELECT last FROM document_series") == [(1,)]


async def test_different_orders_at_once_get_numbers_without_gap_or_double(shop: Shop) -> None:
    placed = await place(shop, 20)
    await asyncio.gather(*(issue(shop, order_id) for order_id in placed))
    assert [number for number, _ in await shop.rows(ISSUED)] == [f"{number:010d}" for number in range(1, 21)]
    assert len(await shop.rows("SELECT DISTINCT order_id FROM documents")) == 20


async def test_a_number_that_was_not_kept_goes_to_the_next(shop: Shop) -> None:
    placed = await place(shop, 9)
    broken = {1, 4, 5, 8}
    attempts = [issue(shop, order_id, broken=place in broken) for place, order_id in enumerate(placed)]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert [isinstance(outcome, ConnectionResetError) for outcome in outcomes] == [
        number in broken for number in range(9)
    ]
    assert [number for number, _ in await shop.rows(ISSUED)] == [f"{number:010d}" for number in range(1, 6)]

    await asyncio.gather(*(issue(shop, order_id) for order_id in placed))
    assert [number for number, _ in await shop.rows(ISSUED)] == [f"{number:010d}" for number in range(1, 10)]


async def test_f4_no_date_runs_back_and_none_is_of_a_day_to_come_though_the_clock_ran_ahead(shop: Shop) -> None:
    first, second, third = await place(shop, 3)
    await issue(shop, first, NOON.replace(day=24))
    with pytest.raises(SeriesAhead) as refused:
        await issue(shop, second, NOON.replace(day=23))
    assert refused.value.members == {"dated": "2026-11-24"}
    assert await shop.rows("SELECT last FROM document_series") == [(1,)]
    await issue(shop, second, NOON.replace(day=24))
    await issue(shop, third, NOON.replace(day=25))
    assert await shop.rows(ISSUED) == [
        ("0000000001", date(2026, 11, 24)),
        ("0000000002", date(2026, 11, 24)),
        ("0000000003", date(2026, 11, 25)),
    ]


async def test_f4_issuing_waits_with_an_alarm_and_goes_on_by_itself_when_the_day_comes(shop: Shop) -> None:
    now = shop.clock.at
    ahead = await shop.ordered(payment_method=story.TRANSFER)
    await story.pay(shop, ahead)
    shop.clock.advance(days=40)
    await shop.run_jobs()
    shop.clock.at = now
    order = await paid_and_invoiced(shop)
    assert await story.documents(shop, order) == []
    assert (await shop.jobs())["issue_invoice", "todo"] == 1
    assert await story.parked(shop) == []
    assert await story.concerns(shop) == [("series", "invoices", "dated_ahead")]
    async with shop.sessions() as session:
        proof = await check_series(session, "invoices", at=now)
    assert proof is not None
    assert proof.faults == ["0000000001 is dated 2027-01-02, a day to come: a clock ran ahead"]

    shop.clock.advance(days=39)
    await story.retry(shop)
    assert await story.documents(shop, order) == []
    shop.clock.advance(days=1)
    await story.retry(shop)
    assert [document["number"] for document in await story.documents(shop, order)] == ["0000000002"]
    assert await shop.rows("SELECT DISTINCT issued_on FROM documents") == [(date(2027, 1, 2),)]
    assert await story.concerns(shop) == []
    async with shop.sessions() as session:
        proof = await check_series(session, "invoices", at=shop.clock.at)
    assert proof is not None
    assert proof.faults == []
    assert [document["number"] for document in await story.documents(shop, ahead)] == ["0000000001"]


LOCAL_DAYS = [
    # (UTC, the day in Bulgaria), around midnight and around both changes of the clock
    (datetime(2026, 10, 24, 20, 59, tzinfo=UTC), date(2026, 10, 24)),
    (datetime(2026, 10, 24, 21, 0, tzinfo=UTC), date(2026, 10, 25)),
    (datetime(2026, 10, 25, 21, 30, tzinfo=UTC), date(2026, 10, 25)),
    (datetime(2026, 10, 25, 22, 0, tzinfo=UTC), date(2026, 10, 26)),
    (datetime(2026, 11, 30, 21, 59, tzinfo=UTC), date(2026, 11, 30)),
    (datetime(2026, 11, 30, 22, 30, tzinfo=UTC), date(2026, 12, 1)),
    (datetime(2026, 12, 31, 22, 0, tzinfo=UTC), date(2027, 1, 1)),
    (datetime(2027, 3, 27, 22, 0, tzinfo=UTC), date(2027, 3, 28)),
    (datetime(2027, 3, 28, 20, 59, tzinfo=UTC), date(2027, 3, 28)),
    (datetime(2027, 3, 28, 21, 0, tzinfo=UTC), date(2027, 3, 29)),
]


async def test_a_document_bears_the_day_in_bulgaria(shop: Shop) -> None:
    placed = await place(shop, len(LOCAL_DAYS))
    for order_id, (at, _) in zip(placed, LOCAL_DAYS, strict=True):
        await issue(shop, order_id, at)
    assert [issued_on for _, issued_on in await shop.rows(ISSUED)] == [day for _, day in LOCAL_DAYS]


async def test_the_series_starts_where_the_accountant_says_and_stays_there(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_range_start=4_200_001) as shop:
        order = await paid_and_invoiced(shop)
        assert [document["number"] for document in await story.documents(shop, order)] == ["0004200001"]
        [_, second] = await place(shop, 1)
        assert (await issue(shop, second, first=1)).number == "0004200002"


@pytest.mark.usefixtures("papers_are_drawn")
async def test_the_kept_snapshot_gives_the_kept_bytes(shop: Shop) -> None:
    await paid_and_invoiced(shop)
    [(pdf, sha256, template)] = await shop.rows(KEPT)
    [(snapshot,)] = await shop.rows("SELECT snapshot FROM documents")
    assert render(InvoiceView.restored(snapshot)) == pdf
    assert hashlib.sha256(pdf).hexdigest() == sha256
    assert template == TEMPLATE_VERSION


KEPT_IN = {
    "documents": "number",
    "document_files": "pdf",
    "labels": "pdf",
    "order_events": "status",
    "order_lines": "total",
    "tracking_records": "code",
}


@pytest.mark.parametrize("table", KEPT_IN)
async def test_what_is_of_record_cannot_be_changed(shop: Shop, table: str) -> None:
    order = await paid_and_invoiced(shop)
    await shop.track()
    kept = await shop.count(table)
    assert kept >= 1
    for act in ("UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
        column = KEPT_IN[table]
        with pytest.raises(DBAPIError, match=rf"table of record: {act.split()[0]} on \w+ is refused"):
            async with shop.sessions.begin() as session:
                await session.execute(text(act.format(table, column, column)))
    assert await shop.count(table) == kept
    assert len(await story.documents(shop, order)) == 1


async def test_complaint_9_nothing_that_changes_later_changes_a_document(shop: Shop, tmp_path: Path) -> None:
    order = await paid_and_invoiced(shop)
    before, kept = await story.own_pdf(shop, order), await shop.rows(KEPT)
    async with shop.sessions.begin() as session:
        for change in (
            "UPDATE products SET title_bg = 'Друго име', title_en = 'Another name'",
            "UPDATE variants SET label_bg = 'зелена'",
            "UPDATE orders SET first_name = 'Мария', last_name = 'Друга', city = 'Варна', street = 'друга', total = 1",
        ):
            await session.execute(text(change))
    moved = shop.settings.model_copy(update={"seller_name": "Друга фирма ООД", "seller_address": "друг адрес"})
    async with adapters(moved, shop.database, shop.clock, draw_here) as outside:
        [order_id] = [row[0] for row in await shop.rows("SELECT id FROM orders")]
        other = replace(shop, work=work(moved, shop.sessions, outside, shop.clock))
        await other.work.handlers[IssueInvoice](IssueInvoice(order_id))
        await other.run_jobs()

    assert await story.own_pdf(shop, order) == before
    assert await shop.rows(KEPT) == kept
    said = story.pdf_text(before)
    assert "Ива Петрова 1618 София, ул. Българска легия № 2" in said
    assert "Комплийт Дентал Солюшънс" in said
    assert [word for word in ("Мария", "Варна", "Друг", "зелена") if word in said] == []


async def test_s25_the_invoice_of_a_person_states_all_that_the_law_wants(shop: Shop) -> None:
    """ЗДДС чл. 114, ал. 1; bulgarian-rules 1.6."""
    order = await shop.ordered({"ION-H-SOFT-2": 2})
    await shop.run_jobs()
    await story.scan(shop, order, State.ACCEPTED)
    said = story.pdf_text(await story.own_pdf(shop, order))
    stated = [
        "Фактура Invoice № 0000000001",
        "Дата на издаване Issued on Дата на данъчно събитие Tax event",
        "23.11.2026 г. 23.11.2026 г. гр. София № 100000001 от 23.11.2026 г.",
        "Получател Buyer Ива Петрова 1618 София, ул. Българска легия № 2",
        "Доставчик Seller „Комплийт Дентал Солюшънс“ ЕООД гр. София, п.к. 1618, р-н Витоша, ул. „Българска легия“ № 2",
        "ЕИК Company ID 204235072 ДДС № VAT No. BG204235072",
        "1 Йонна четка, бяла ION-H-SOFT-2 2 бр. 10,75 21,50 4,30 20 % 25,80",
        "2 Доставка 1 бр. 4,16 4,16 0,83 20 % 4,99",
        "Данъчна основа 20 % Tax base 25,66 € ДДС 20 % VAT 5,13 € Сума за плащане Total 30,79 €",
        "тридесет евро и 79 цента",
        "Наложен платеж Cash on delivery",
    ]
    assert [statement for statement in stated if statement not in said] == []
    assert "· ·" not in said, "a phone number that is not set leaves no gap"


async def test_s25_the_invoice_of_a_company_states_its_numbers(shop: Shop) -> None:
    order = await paid_and_invoiced(shop, invoice=story.COMPANY)
    said = story.pdf_text(await story.own_pdf(shop, order))
    stated = [
        "Получател Buyer Зъбна ООД Пловдив, бул. Шести септември 8 ЕИК Company ID 175074752 ДДС № VAT No. BG175074752"
        " МОЛ Represented by Петър Иванов",
        "Банков превод Bank transfer Авансово плащане (чл. 25, ал. 7 ЗДДС), получено на 23.11.2026 г.",
        "Авансово платено на Paid in advance",
    ]
    assert [statement for statement in stated if statement not in said] == []
    assert [word for word in ("Петрова", "IBAN") if word in said] == []


async def test_on_request_only_companies_get_an_invoice(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        person = await paid_and_invoiced(shop)
        company = await paid_and_invoiced(shop, invoice=story.COMPANY)
        assert await story.documents(shop, person) == []
        assert [document["number"] for document in await story.documents(shop, company)] == ["0000000001"]


async def test_who_is_not_registered_charges_no_vat_anywhere(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, seller_vat_registered=False, icash_tax_group_0=3) as shop:
        cart = await shop.cart({"ION-H-SOFT-2": 2})
        quote = (await shop.http.post(f"/v1/carts/{cart}/quote", json={"payment_method": "bank_transfer"})).json()
        order = await paid_and_invoiced(shop, {"ION-H-SOFT-2": 2})
        assert quote["totals"] == order["totals"]
        assert (order["totals"]["vat"], order["totals"]["total"]) == ("0.00", "30.79")
        assert order["totals"]["vat_by_rate"] == [{"rate": 0, "base": "30.79", "vat": "0.00"}]
        assert await shop.rows("SELECT base, vat, total FROM documents") == [(3079, 0, 3079)]
        said = story.pdf_text(await story.own_pdf(shop, order))
        assert "Основание за неначисляване на ДДС Ground for no VAT чл. 113, ал. 9 ЗДДС" in said
        assert "Данъчна основа Tax base 30,79 € Обща сума, платена Total, paid 30,79 €" in said
        assert [word for word in ("20 %", "0 %", "ДДС №", "VAT No.", "BG204235072") if word in said] == []


async def test_a_discount_stands_on_the_invoice(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, bank_transfer_discount_percent=10) as shop:
        order = await paid_and_invoiced(shop, {"ION-H-SOFT-2": 3})
        assert (order["totals"]["discount"], order["totals"]["total"]) == ("3.87", "39.82")
        assert await shop.rows("SELECT base, vat, total FROM documents") == [(3318, 664, 3982)]
        said = story.pdf_text(await story.own_pdf(shop, order))
        assert "Отстъпка Discount" in said
        assert "1 Йонна четка, бяла ION-H-SOFT-2 3 бр. 10,75 −3,23 29,02 5,81 20 % 34,83" in said
        assert "Обща сума, платена Total, paid 39,82 €" in said


async def test_delivery_that_is_free_is_no_line(shop: Shop) -> None:
    order = await paid_and_invoiced(shop, {"ION-SET-1": 1})
    said = story.pdf_text(await story.own_pdf(shop, order))
    assert "Доставка" not in said
    assert await shop.rows("SELECT jsonb_array_length(snapshot -> 'lines'), total FROM documents") == [(1, 8990)]


async def test_nothing_is_invoiced_before_it_is_due_nor_once_it_is_cancelled(shop: Shop) -> None:
    first, second = await place(shop, 2)
    run = shop.work.handlers[IssueInvoice]
    await run(IssueInvoice(first))
    async with shop.sessions.begin() as session:
        await session.execute(text("UPDATE orders SET status = 'cancelled' WHERE id = :id").bindparams(id=second))
        await session.execute(
            text(
                "UPDATE payments SET status = 'received', received_at = :at, paid_on = :at WHERE order_id = :id"
            ).bindparams(at=NOON, id=second)
        )
    await run(IssueInvoice(second))
    assert await shop.count("documents") == 0
    assert await shop.count("document_series") == 0
