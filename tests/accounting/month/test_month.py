"""A month over HTTP: the files field by field, the archive whole, and that all of it agrees."""

import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import facturx
import httpx
import openpyxl
import pytest
from sqlalchemy import text

from app.accounting.month import archive
from app.accounting.month.cover import draw_cover
from app.auth.models import StaffRole
from app.auth.scopes import Scope
from app.core.holders import Person
from app.core.personal import Recipient
from app.core.problems import TryLater
from app.integrations.speedy.simulator.shipments import State
from app.privacy.restricting import RestrictionGround, restrict
from tests.accounting.month.parsers import read_audit_file, read_ledger
from tests.fulfilment import story
from tests.problems import of_kind
from tests.shop import Shop, open_shop

MONTHS = "/v1/accounting/months"
EN = {"Accept-Language": "en"}
TO_ACCOUNTANT = "SELECT what FROM disclosures WHERE recipient = 'accountant'"


@pytest.fixture
async def shop(stocked: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """Give the test a shop that is in the NRA's register."""
    async with open_shop(stocked, tmp_path, nra_shop_number="RF0000123") as shop:
        yield shop


async def reconcile(shop: Shop) -> None:
    """Compare with I-Cash as every night."""
    [job] = [periodic for periodic in shop.work.periodic if periodic.name == "reconcile_icash"]
    await job.run()


async def get(shop: Shop, path: str, month: str = "2026-11", **headers: str) -> httpx.Response:
    accountant = headers or await shop.client(Scope.ACCOUNTING)
    return await shop.http.get(f"{MONTHS}/{month}/{path}", headers={**EN, **accountant})


async def correct(shop: Shop, order: dict[str, Any], act: str, wish: dict[str, Any]) -> dict[str, Any]:
    support = await shop.staff(StaffRole.SUPPORT, email=f"{uuid4().hex}@shop.example")
    answer = await shop.http.post(
        f"/v1/staff/orders/{order['number']}/{act}", json=wish, headers={**support, "Idempotency-Key": uuid4().hex}
    )
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def a_month(shop: Shop) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sell to a company by transfer and to a person by cash on delivery; both arrive, a piece comes back."""
    company = await shop.ordered({"ION-H-SOFT-2": 3}, payment_method=story.TRANSFER, invoice=story.COMPANY)
    await story.pay(shop, company)
    person = await shop.ordered({"ION-SET-1": 1})
    await shop.run_jobs()
    for order in (company, person):
        await story.scan(shop, order, State.DELIVERED)
    wish = {
        "ground": "Върната стока",
        "lines": [{"position": 1, "quantity": 1}],
        "refund": {"means": "account", "refunded_on": "2026-11-23"},
    }
    await correct(shop, company, "credit-notes", wish)
    await shop.run_jobs()
    return company, person


async def test_the_ledger_has_every_document_in_its_columns(shop: Shop) -> None:
    await a_month(shop)
    answer = await get(shop, "sales-ledger.txt")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="PRODAGBI.TXT"'
    rows = read_ledger(answer.content)
    chosen = ("type", "number", "date", "partner", "name", "base_20", "vat_20")
    assert [tuple(row[name] for name in chosen) for row in rows] == [
        ("01", "0000000001", "23/11/2026", "BG175074752", "Зъбна ООД", "36.41", "7.28"),
        ("01", "0000000002", "23/11/2026", "", "Ива Петрова", "74.92", "14.98"),
        ("03", "0000000003", "23/11/2026", "BG175074752", "Зъбна ООД", "-10.75", "-2.15"),
    ]
    assert {(row["vat_number"], row["period"], row["branch"], row["goods"], row["code"]) for row in rows} == {
        ("BG204235072", "202611", "0", "Продажба на стоки", "")
    }


async def test_the_audit_file_tells_of_each_order_and_of_what_went_back(shop: Shop) -> None:
    company, person = await a_month(shop)
    answer = await get(shop, "audit-file.xml")
    told = read_audit_file(answer.content)
    assert told.head == {
        "eik": "204235072",
        "e_shop_n": "RF0000123",
        "domain_name": "127.0.0.1",
        "e_shop_type": "1",
        "creation_date": "2026-11-23",
        "mon": "11",
        "god": "2026",
        "r_ord": "1",
        "r_total": "12.90",
    }
    assert told.returns == [{"r_ord_n": company["number"], "r_amount": "12.90", "r_date": "2026-11-23", "r_paym": "1"}]
    [first, second] = told.orders
    [(waybill,)] = await shop.rows(
        "SELECT waybill FROM shipments JOIN orders ON orders.id = order_id WHERE number = :n", n=int(person["number"])
    )
    assert {**first, "art": len(first["art"])} == {
        "ord_n": company["number"],
        "ord_d": "2026-11-23",
        "doc_n": "0000000001",
        "doc_date": "2026-11-23",
        "art": 2,
        "ord_total1": "36.41",
        "ord_disc": "0.00",
        "ord_vat": "7.28",
        "ord_total2": "43.69",
        "paym": "1",
        "pos_n": "",
        "trans_n": "",
        "proc_id": "",
    }
    assert first["art"][1]["art_sum"] == "4.99"  # the delivery is a row of its own
    assert (second["ord_n"], second["doc_n"], second["paym"], second["trans_n"]) == (
        person["number"],
        "0000000002",
        "3",
        waybill,
    )
    [article] = second["art"]
    assert {**article, "art_name": None} == {
        "art_name": None,
        "art_quant": "1",
        "art_price": "74.92",
        "art_vat_rate": "20",
        "art_vat": "14.98",
        "art_sum": "89.90",
    }


async def test_the_summary_adds_up_and_agrees(shop: Shop) -> None:
    await a_month(shop)
    await reconcile(shop)
    said = (await get(shop, "summary")).json()
    assert said["agrees"] is True
    assert said["differences"] == []
    assert said["documents"] == {"documents": 3, "base": "100.58", "vat": "20.11", "total": "120.69"}
    assert said["by_rate"] == [{"rate": 20, "base": "100.58", "vat": "20.11"}]
    assert {each["method"]: each["total"] for each in said["by_payment"]} == {
        "bank_transfer": "30.79",
        "cash_on_delivery": "89.90",
    }
    assert said["by_day"] == [{"on": "2026-11-23", "documents": 3, "base": "100.58", "vat": "20.11", "total": "120.69"}]
    assert said["refunds"] == [{"means": "account", "count": 1, "amount": "12.90"}]
    assert said["cash_on_delivery_outstanding"] == {"orders": 1, "amount": "89.90"}
    assert said["numbers"] == [
        {"series": "invoices", "first": "0000000001", "last": "0000000003", "used": 3, "annulled": 0},
        {"series": "sale_documents", "first": "0000000001", "last": "0000000002", "used": 2, "annulled": 0},
    ]
    assert [(each["name"], each["expected"], each["found"], each["agrees"]) for each in said["checks"]] == [
        ("orders", "133.59", "133.59", True),
        ("ledger", "120.69", "120.69", True),
        ("audit_file", "133.59", "133.59", True),
        ("refunds", "12.90", "12.90", True),
        ("icash", "133.59", "133.59", True),
        ("letters", "120.69", "120.69", True),
    ]


async def test_what_does_not_agree_is_listed_line_by_line(shop: Shop) -> None:
    company, person = await a_month(shop)
    await reconcile(shop)
    async with shop.sessions.begin() as session:
        await session.execute(
            text("UPDATE orders SET total = total + 1 WHERE number = :number"), {"number": int(person["number"])}
        )
    unpaid = await shop.ordered(payment_method=story.TRANSFER)
    await story.pay(shop, unpaid)  # its invoice is still to be issued
    said = (await get(shop, "summary")).json()
    assert said["agrees"] is False
    assert said["differences"] == [
        {"check": "orders", "reference": "0000000002", "expected": "89.91", "found": "89.90"},
        {"check": "orders", "reference": unpaid["number"], "expected": "30.79", "found": None},
        {"check": "audit_file", "reference": person["number"], "expected": "89.91", "found": "89.90"},
        {"check": "audit_file", "reference": person["number"], "expected": "89.91", "found": "89.90"},
    ]
    assert company["number"] not in json.dumps(said["differences"])


async def test_s35_the_archive_has_everything_each_with_its_hash_and_each_download_is_recorded(shop: Shop) -> None:
    await a_month(shop)
    await reconcile(shop)
    before = await shop.count("disclosures")
    answer = await get(shop, "archive.zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="month-2026-11.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert sorted(inside) == [
        "00-cover.pdf",
        "PRODAGBI.TXT",
        "SHA256SUMS",
        "audit-file.xml",
        "delta-import.txt",
        "documents.csv",
        "documents.xlsx",
        "documents/faktura-0000000001.pdf",
        "documents/faktura-0000000001.xml",
        "documents/faktura-0000000002.pdf",
        "documents/faktura-0000000002.xml",
        "documents/kreditno-izvestie-0000000003.pdf",
        "documents/kreditno-izvestie-0000000003.xml",
        "documents/prodazhba-0000000001.pdf",
        "documents/prodazhba-0000000002.pdf",
        "sales-report.csv",
        "summary.json",
    ]
    sums = dict(line.split("  ")[::-1] for line in inside.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in inside.items()}
    assert inside["PRODAGBI.TXT"] == (await get(shop, "sales-ledger.txt")).content
    assert inside["audit-file.xml"] == (await get(shop, "audit-file.xml")).content
    stored = {row[0] for row in await shop.rows("SELECT pdf FROM document_files")}
    assert {
        content for name, content in inside.items() if name.startswith("documents/") and name.endswith("pdf")
    } == stored
    assert facturx.xml_check_xsd(inside["documents/faktura-0000000001.xml"])
    sheet = openpyxl.load_workbook(io.BytesIO(inside["documents.xlsx"])).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[1] for row in rows] == ["Номер", "0000000001", "0000000002", "0000000003"]
    assert [row[10] for row in rows[1:]] == [43.69, 89.9, -12.9]
    assert rows[1][2] == datetime(2026, 11, 23)  # noqa: DTZ001 - a cell has no zone
    listed = inside["documents.csv"].decode("utf-8-sig").splitlines()
    assert listed[1].split(";")[:4] == ['"Фактура"', '"0000000001"', "2026-11-23", f'"{rows[1][3]}"']
    assert listed[1].split(";")[8:] == ["36.41", "7.28", "43.69", '""']
    lines = inside["delta-import.txt"].decode("cp1251").split("\r\n")
    assert [len(line.split("|")) for line in lines[:-1]] == [16, 16, 16]
    assert lines[0].split("|")[1:6] == ["23.11.2026", "0000000001", "Ф-ра", "36.41", "16"]
    cover = story.pdf_text(inside["00-cover.pdf"])
    for words in ("Месец 11.2026", "Всички равнения съвпадат", "120.69", "Документи в архива: 5"):
        assert words in cover
    # D9: each series by its name, as the inspector's proof has it.
    for series in ("Фактури и известия 0000000001", "Документи за регистриране на продажби 0000000001"):
        assert series in " ".join(cover.split())
    assert not any(key in cover for key in ("invoices", "sale_documents"))
    recorded = await shop.rows(
        "SELECT what, count(*) FROM disclosures WHERE recipient = 'accountant' GROUP BY what ORDER BY what"
    )
    # Twice the ledger and the audit file: in the archive, and alone.
    assert recorded == [("audit_file", 4), ("invoice", 5), ("sales_ledger", 6)]
    assert await shop.count("disclosures") > before


async def test_s35_nothing_is_recorded_of_an_archive_whose_cover_is_not_drawn(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_month(shop)

    async def nobody_draws(*_: Any) -> bytes:
        raise TryLater

    monkeypatch.setattr(archive, "draw_cover", nobody_draws)
    assert (await get(shop, "archive.zip")).status_code == 503
    assert await shop.rows(TO_ACCOUNTANT) == []


async def restrict_iva(shop: Shop) -> None:
    async with shop.sessions.begin() as session:
        person, ground = Person("iva@example.bg"), RestrictionGround.CLAIMS
        await restrict(session, person, ground=ground, request_id=None, at=shop.clock.now())


async def end_the_agreement(shop: Shop) -> None:
    await story.end_agreement(shop, Recipient.ACCOUNTANT)


@pytest.mark.parametrize(
    ("happens", "refusal"), [(restrict_iva, "person-restricted"), (end_the_agreement, "agreement-missing")]
)
async def test_what_may_not_go_any_more_when_the_cover_is_drawn_does_not(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, happens: Callable[[Shop], Awaitable[None]], refusal: str
) -> None:
    await a_month(shop)
    accountant = await shop.client(Scope.ACCOUNTING)

    async def draw_while_it_happens(*given: Any) -> bytes:
        await happens(shop)
        return await draw_cover(*given)

    monkeypatch.setattr(archive, "draw_cover", draw_while_it_happens)
    refused = await get(shop, "archive.zip", **accountant)
    assert (refused.status_code, refused.json()["code"]) == (409, refusal)
    assert await shop.rows(TO_ACCOUNTANT) == []


async def test_complaint_24_a_document_is_of_the_day_and_month_in_bulgaria(shop: Shop) -> None:
    moments = [
        (datetime(2026, 10, 24, 20, 59, 59, tzinfo=UTC), date(2026, 10, 24)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 10, 25)),  # 03:30, before the clock goes back
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), date(2026, 10, 25)),  # 03:30 again
        (datetime(2026, 10, 31, 21, 59, 59, tzinfo=UTC), date(2026, 10, 31)),
        (datetime(2026, 10, 31, 22, 0, tzinfo=UTC), date(2026, 11, 1)),
        (datetime(2026, 11, 30, 21, 59, 59, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 30, 22, 0, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2027, 3, 28, 0, 59, tzinfo=UTC), date(2027, 3, 28)),  # 02:59, before the clock goes on
        (datetime(2027, 3, 31, 20, 59, 59, tzinfo=UTC), date(2027, 3, 31)),
        (datetime(2027, 3, 31, 21, 0, tzinfo=UTC), date(2027, 4, 1)),
    ]
    shop.clock.at = moments[0][0]  # nothing is paid before it is ordered
    orders = [await shop.ordered(payment_method=story.TRANSFER) for _ in moments]
    await shop.run_jobs()
    for order, (at, _) in zip(orders, moments, strict=True):
        shop.clock.at = at
        await story.pay(shop, order)
        await shop.run_jobs()
    days = [day for _, day in moments]
    for month in ("2026-10", "2026-11", "2026-12", "2027-03", "2027-04"):
        of_month = [day for day in days if f"{day:%Y-%m}" == month]
        rows = read_ledger((await get(shop, "sales-ledger.txt", month)).content)
        assert [row["date"] for row in rows] == [f"{day:%d/%m/%Y}" for day in of_month], month
        said = (await get(shop, "summary", month)).json()
        assert [each["on"] for each in said["by_day"]] == sorted({str(day) for day in of_month})
        assert sum(each["documents"] for each in said["by_day"]) == len(of_month)


async def test_what_a_seller_without_vat_or_register_does_not_file_is_refused(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, seller_vat_registered=False) as shop:
        ledger, audit = await get(shop, "sales-ledger.txt"), await get(shop, "audit-file.xml")
        assert (ledger.status_code, ledger.json()["code"]) == (409, "no-vat-ledger")
        assert (audit.status_code, audit.json()["code"]) == (409, "shop-not-registered")
        assert await shop.rows("SELECT count(*) FROM disclosures") == [(0,)]
        archive = await get(shop, "archive.zip")
        names = zipfile.ZipFile(io.BytesIO(archive.content)).namelist()
        assert not {"PRODAGBI.TXT", "audit-file.xml"} & set(names)


async def test_a_month_without_deliveries_has_no_audit_file(shop: Shop) -> None:
    answer = await get(shop, "audit-file.xml")
    assert answer.json() == {
        **of_kind("nothing-delivered"),
        "title": "No order was delivered in this month",
        "status": 409,
        "detail": "The file of Annex 38 cannot be empty. Ask the accountant whether anything is to be filed.",
    }
    assert (await get(shop, "sales-ledger.txt")).content == b""


async def test_an_annulment_counts_in_its_own_month(shop: Shop) -> None:
    """In the month of the invoice it is listed with nothing; one of a month before is undone."""
    first, second = [await shop.ordered(payment_method=story.TRANSFER, invoice=story.COMPANY) for _ in range(2)]
    owner = await shop.staff(StaffRole.OWNER)
    for order in (first, second):
        await story.pay(shop, order)
    await shop.run_jobs()
    ids = [row[0] for row in await shop.rows("SELECT id FROM documents WHERE kind = 'invoice' ORDER BY number")]
    wish = {"ground": "грешка", "replacement": {"company": None}}
    await shop.http.post(f"/v1/staff/documents/{ids[0]}/annulment", json=wish, headers=owner)
    shop.clock.advance(days=8)
    owner = await shop.staff(StaffRole.OWNER, email="later@shop.example")
    await shop.http.post(f"/v1/staff/documents/{ids[1]}/annulment", json=wish, headers=owner)
    november = read_ledger((await get(shop, "sales-ledger.txt")).content)
    december = read_ledger((await get(shop, "sales-ledger.txt", "2026-12")).content)
    assert [(row["number"], row["base"]) for row in november] == [
        ("0000000001", "0.00"),
        ("0000000002", "25.66"),
        ("0000000003", "25.66"),
    ]
    assert [(row["type"], row["number"], row["date"], row["base"]) for row in december] == [
        ("01", "0000000002", "23/11/2026", "-25.66"),
        ("01", "0000000004", "01/12/2026", "25.66"),
    ]
    said = (await get(shop, "summary")).json()
    assert (said["annulled"], said["reversed"]) == (1, 0)


async def test_sales_without_invoice_are_in_the_report_and_in_one_row_of_the_ledger(
    stocked: str, tmp_path: Path
) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request", nra_shop_number="RF0000123") as shop:
        order = await shop.ordered(payment_method=story.TRANSFER)
        await story.pay(shop, order)
        await shop.run_jobs()
        await correct(shop, order, "refunds", {"amount": "12.90", "means": "account", "refunded_on": "2026-11-23"})
        said = (await get(shop, "sales-report")).json()
        of = {"on": "2026-11-23", "rate": 20, "payment": "bank_transfer"}
        assert said == {
            "month": "2026-11",
            "rows": [
                {**of, "sales": 1, "base": "25.66", "vat": "5.13", "total": "30.79"},
                {**of, "sales": 0, "base": "-10.75", "vat": "-2.15", "total": "-12.90"},
            ],
            "base": "14.91",
            "vat": "2.98",
            "total": "17.89",
        }
        [row] = read_ledger((await get(shop, "sales-ledger.txt")).content)
        assert (row["type"], row["date"], row["base_20"], row["vat_20"]) == ("81", "30/11/2026", "14.91", "2.98")
