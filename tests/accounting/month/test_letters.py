"""What a file does with letters and signs that could break it."""

import io
import zipfile
from pathlib import Path

from lxml import etree
from sqlalchemy import text

from tests.accounting.month.parsers import read_audit_file, read_ledger
from tests.accounting.month.test_closing import delivered
from tests.accounting.month.test_month import get
from tests.fulfilment import story
from tests.sheets import read_sheet
from tests.shop import open_shop


async def test_what_xml_cannot_hold_is_left_out_of_the_audit_file(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, nra_shop_number="RF0000123") as shop:
        async with shop.sessions.begin() as session:
            label = "a\ufffe\uffff\x01\ufffd😀<я>"
            await session.execute(text("UPDATE variants SET label_bg = :label"), {"label": label})
        await delivered(shop)
        content = (await get(shop, "audit-file.xml")).content
        [order] = read_audit_file(content).orders
        assert order["art"][0]["art_name"].endswith("a\ufffd😀<я>")


async def test_a_name_stays_one_cell_of_the_list_and_both_lists_are_split_alike(stocked: str, tmp_path: Path) -> None:
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        await delivered(shop)
        company = {**story.COMPANY, "company_name": "Иван,=1+2"}
        await delivered(shop, invoice=company)
        archive = zipfile.ZipFile(io.BytesIO((await get(shop, "archive.zip")).content))
        documents, report = (archive.read(name) for name in ("documents.csv", "sales-report.csv"))
        assert ';"Иван,\'=1+2";' in documents.decode()
        assert report.decode("utf-8-sig") == (
            '"Дата";"Ставка, %";"Плащане";"Продажби";"Основа";"ДДС";"Общо"\r\n'
            '2026-11-23;20;"Наложен платеж";1;25.66;5.13;30.79\r\n'
        )
        assert [len(row) for row in read_sheet(documents)] == [12, 12]


LONG = ("„Университетска многопрофилна болница за активно лечение Свети Георги“ ЕАД, " * 4)[:250]


async def test_d9_a_company_of_250_letters_stands_whole_wherever_its_field_is_not_shorter(
    stocked: str, tmp_path: Path
) -> None:
    """PRODAGBI has fifty places for it (Annex 12 ППЗДДС) and I-Cash a hundred."""
    async with open_shop(stocked, tmp_path, invoice_for="on_request") as shop:
        await delivered(shop, invoice={**story.COMPANY, "company_name": LONG})
        archive = zipfile.ZipFile(io.BytesIO((await get(shop, "archive.zip")).content))
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert f';"{LONG}";' in inside["documents.csv"].decode("utf-8-sig")
    assert inside["delta-import.txt"].decode("cp1251").split("|")[6] == LONG
    [row] = read_ledger(inside["PRODAGBI.TXT"])
    assert row["name"] == LONG[:50].strip()
    invoice = etree.fromstring(inside["documents/faktura-0000000001.xml"])
    assert LONG in [each.text for each in invoice.iter("{*}RegistrationName")]
    pdf = " ".join(story.pdf_text(inside["documents/faktura-0000000001.pdf"]).split())
    assert LONG in pdf
