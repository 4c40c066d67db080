"""Every kind of PDF that the shop makes is PDF/A-3b to veraPDF (D7)."""

import io
import re
from collections.abc import Awaitable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest

from app.auth.models import StaffRole
from app.auth.scopes import Scope
from app.core.drawing import draw
from app.core.language import Language
from app.invoices.papers import Paper
from app.invoices.rendering import render
from app.invoices.view import DocumentKind
from app.privacy.copy_files import write_access_zip
from tests import shop as shops
from tests.accounting.month.test_month import a_month, get
from tests.accounts.closing import EMAIL
from tests.invoices.samples import invoice
from tests.invoices.taxed import VIEWS
from tests.invoices.test_pages import goods_note, protocol
from tests.pdfa.judging import offences
from tests.privacy.breaches import story as breaches
from tests.privacy.rights.asking import ask
from tests.privacy.test_copies import FACTS, copy_of
from tests.privacy.test_erasing import ERASURES, delivered
from tests.shop import Shop

pytestmark = [
    pytest.mark.slow,
    # WeasyPrint 70 leaves its own colour profile to be closed by the collector.
    pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014.icc:ResourceWarning"),
]

TITLES = {
    "Certificate of erasure",
    "Copy of your personal data",
    "Доказателство за целостта на поредица от документи",
    "Копие от личните Ви данни",
    "Месец 11.2026: документи и справки за счетоводството",
    "Отговор на искането Ви",
    "Пакет за проверка от Комисията за защита на личните данни",
    "Регистър „Клиенти“",
    "Уведомление за нарушение на сигурността на личните данни",
    "Удостоверение за изтриване",
}
"""Each template of a paper, and each that makes one of tables, in the languages it knows."""
TITLE = re.compile("<title>(.*?)</title>")


def claimed(pdf: bytes) -> str:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return str(document.open_metadata().pdfa_status)


def check(pdfs: dict[str, bytes], folder: Path) -> None:
    assert {name: claimed(pdf) for name, pdf in pdfs.items() if claimed(pdf) != "3B"} == {}
    assert offences(pdfs, folder) == {}


def test_d7_every_document_is_pdf_a_3b(tmp_path: Path) -> None:
    views: dict[str, Paper] = {
        **VIEWS,
        "proforma": replace(invoice(), kind=DocumentKind.PROFORMA),
        "goods note": goods_note(40),
        "protocol": protocol("Грешен получател"),
    }
    check({name: render(view) for name, view in views.items()}, tmp_path)


def test_d7_what_is_no_pdf_a_is_refused(tmp_path: Path) -> None:
    """Each without one thing that PDF/A asks for."""
    spoilt = {}
    for key in ("OutputIntents", "Metadata", "AF"):
        with pikepdf.open(io.BytesIO(render(invoice()))) as document:
            del document.Root[f"/{key}"]
            written = io.BytesIO()
            document.save(written)
        spoilt[key] = written.getvalue()
    found = offences({"sound": render(invoice()), **spoilt}, tmp_path)
    assert {key: [each.split()[0] for each in broken] for key, broken in found.items()} == {
        "OutputIntents": ["6.2.4.3"],
        "Metadata": ["6.6.2.1"],
        "AF": ["6.8"],
    }


async def test_d7_every_paper_is_pdf_a_3b(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    papers: dict[str, bytes] = {}

    def draw_and_keep(html: str, css: str, **how: Any) -> bytes:
        papers[html] = draw(html, css, **how)
        return papers[html]

    monkeypatch.setattr(shops, "sketch", draw_and_keep)
    monkeypatch.setattr(shops, "_DRAWN", {})
    await let_everything_be_drawn(shop)
    titles = {title for html in papers for title in TITLE.findall(html)}
    assert titles >= TITLES
    check(papers, tmp_path)


async def let_everything_be_drawn(shop: Shop) -> None:
    """Live through what ends in a paper: a month, a proof, an erasure, copies, a letter, a breach, an inspection."""
    await a_month(shop)
    await done(get(shop, "archive.zip"))
    await done(shop.http.get("/v1/accounting/series/invoices/proof.pdf", headers=await shop.client(Scope.ACCOUNTING)))
    await delivered(shop)
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER, email="desk@shop.example")
    [shown] = (await done(shop.http.get(ERASURES, headers=officer))).json()["items"]
    for language in Language:
        await write_access_zip(await copy_of(shop, EMAIL), FACTS, language, BytesIO())
        certificate = f"{ERASURES}/{shown['id']}/certificate.pdf"
        await done(shop.http.get(certificate, headers={**officer, "Accept-Language": language}))
    await ask(shop, await shop.account(), "withdrawal")
    await shop.run_jobs()
    desk = await breaches.officer(shop)
    breach = await desk.record()
    await desk.document(breach)
    await desk.notify(breach)
    await done(shop.http.get("/v1/staff/inspection-pack.zip", headers=await shop.staff(StaffRole.OWNER)))


async def done(asked: Awaitable[httpx.Response]) -> httpx.Response:
    answer = await asked
    assert answer.is_success, answer.text
    return answer
