"""The proof of a series: sound when nothing was done to it, and each thing that can be done to it is found."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from jose import jws
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounting.queries import list_late_invoices
from app.auth.models import StaffRole
from app.auth.scopes import Scope
from app.core.clock import legal_date
from app.core.personal import Recipient
from app.fulfilment.forgetting import forget_sales
from app.integrations.speedy.simulator.shipments import State
from app.invoices.pdf_reading import shows
from app.invoices.verifying import SeriesProof, check_files, check_series
from tests.accounting.test_reconciling import reconcile
from tests.fulfilment import story
from tests.invoices.issuing import issue, place
from tests.shop import NOON, Shop, open_shop

pytestmark = pytest.mark.usefixtures("papers_are_drawn")
GUARDED = ("documents", "document_files", "retired_documents", "annulments")
FIRST, SECOND, THIRD = "0000000001", "0000000002", "0000000003"


async def three(shop: Shop) -> None:
    for order_id in await place(shop, 3):
        await issue(shop, order_id)


async def checked(shop: Shop, series: str = "invoices") -> SeriesProof:
    async with shop.sessions() as session:
        proof = await check_series(session, series, at=shop.clock.now())
        assert proof is not None
        await check_files(session, proof, shows)
        return proof


@asynccontextmanager
async def unguarded(shop: Shop) -> AsyncIterator[AsyncSession]:
    """Open the database as its owner can, past every trigger."""
    async with shop.sessions.begin() as session:
        for table in GUARDED:
            await session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        yield session
        for table in GUARDED:
            await session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


async def test_a_series_that_nobody_touched_is_sound(shop: Shop) -> None:
    await three(shop)
    proof = await checked(shop)
    [(head,)] = await shop.rows("SELECT head FROM document_series")
    assert (proof.faults, proof.issued, proof.first, proof.last, proof.head) == ([], 3, 1, 3, head)
    assert len(head) == 64


TAMPERED = {
    "DELETE FROM documents WHERE number = '0000000002'": [
        f"{SECOND} to {SECOND} are missing",
        f"{THIRD} does not continue the document before it: one of them was replaced",
    ],
    "DELETE FROM documents WHERE number = '0000000003'": [
        f"{THIRD} to {THIRD} are missing: the series was cut off, or its counter altered",
        "the head of the series is not its last document: one of them was altered",
    ],
    "UPDATE documents SET snapshot = jsonb_set(snapshot, '{buyer,name}', '\"X\"') WHERE number = '0000000002'": [
        f"{SECOND} states something else than when it was issued"
    ],
    "UPDATE documents SET base = base + 1, vat = vat - 1 WHERE number = '0000000002'": [
        f"{SECOND} was altered: its hash differs"
    ],
    "UPDATE documents SET issued_on = issued_on - 1 WHERE number = '0000000003'": [
        f"{THIRD} is dated before the one before it",
        f"{THIRD} was altered: its hash differs",
    ],
    "UPDATE documents SET number = '0000000009' WHERE number = '0000000003'": [
        f"{THIRD} to {THIRD} are missing: the series was cut off, or its counter altered",
        "the head of the series is not its last document: one of them was altered",
    ],
    "UPDATE document_series SET last = 2": [
        "the head of the series is not its last document: one of them was altered",
    ],
}


@pytest.mark.parametrize("act", TAMPERED)
async def test_what_was_done_to_a_series_is_found(shop: Shop, act: str) -> None:
    await three(shop)
    async with unguarded(shop) as session:
        await session.execute(text(act))
    assert (await checked(shop)).faults == TAMPERED[act]


async def drawn(shop: Shop) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER)
    await story.pay(shop, order)
    await shop.run_jobs()


async def test_a_page_that_is_not_there_is_found_after_a_day(shop: Shop) -> None:
    await three(shop)
    assert (await checked(shop)).faults == []
    shop.clock.advance(days=1, seconds=1)
    assert (await checked(shop)).faults == [
        f"{number} has no PDF: it was not drawn yet, or removed" for number in (FIRST, SECOND, THIRD)
    ]


async def test_an_annulment_that_was_removed_is_found(shop: Shop) -> None:
    await drawn(shop)
    [(invoice,)] = await shop.rows("SELECT id FROM documents")
    support = await shop.staff(StaffRole.SUPPORT)
    wish = {"ground": "грешка", "replacement": {"company": None}}
    await shop.http.post(f"/v1/staff/documents/{invoice}/annulment", json=wish, headers=support)
    assert (await checked(shop, "protocols")).faults == []
    async with unguarded(shop) as session:
        await session.execute(text("DELETE FROM annulments"))
    assert (await checked(shop, "protocols")).faults == [f"{FIRST} annuls no document: the record of it was removed"]


async def test_documents_of_icash_are_sound_in_whatever_order_they_come(stocked: str, tmp_path: Path) -> None:
    how = {"invoice_issuer": "icash", "icash_finalise": "cash_on_delivery", "proforma": False}
    async with open_shop(stocked, tmp_path, **how) as shop:
        await shop.agree(*Recipient)
        for _ in range(2):
            order = await shop.ordered(invoice=story.COMPANY)
            await shop.run_jobs()
            await story.scan(shop, order, State.IN_TRANSIT)
        for place, number in ((1, 4712), (0, 4711)):
            shop.icash.happen("invoice-issued", operation_id=shop.icash.operations[place].id, number=number)
            await reconcile(shop)
        shop.clock.advance(days=2)
        proof = await checked(shop, "icash")
        assert (proof.faults, proof.issued, proof.first_on) == ([], 2, date(2026, 11, 23))
        [(mirrored,)] = await shop.rows("SELECT id FROM documents WHERE number = '0000004711'")
        support = await shop.staff(StaffRole.SUPPORT)
        wish = {"ground": "грешка", "replacement": {"company": None}}
        answer = await shop.http.post(f"/v1/staff/documents/{mirrored}/annulment", json=wish, headers=support)
        assert (answer.status_code, answer.json()["code"]) == (409, "not-annullable")
        assert await shop.rows("SELECT DISTINCT series FROM documents") == [("icash",)]
        async with unguarded(shop) as session:
            await session.execute(text("DELETE FROM documents WHERE number = '0000004712'"))
        assert (await checked(shop, "icash")).faults == ["a document is missing: another one continues it"]


async def test_a_file_that_is_another_is_found(shop: Shop) -> None:
    await drawn(shop)
    await drawn(shop)
    assert (await checked(shop)).faults == []
    async with unguarded(shop) as session:
        await session.execute(text("UPDATE document_files SET xml = xml || 'x'"))
    assert (await checked(shop)).faults == [f"{n}: the e-invoice is not the one that was kept" for n in (FIRST, SECOND)]
    swap = """
        UPDATE document_files AS one SET pdf = other.pdf, sha256 = other.sha256, xml = NULL, xml_sha256 = NULL
        FROM document_files AS other WHERE one.document_id <> other.document_id
    """
    async with unguarded(shop) as session:
        await session.execute(text(swap))
    assert (await checked(shop)).faults == [
        f"{n}: the PDF does not show what the document states" for n in (FIRST, SECOND)
    ]
    async with unguarded(shop) as session:
        await session.execute(text("UPDATE document_files SET pdf = pdf || 'x'"))
    assert (await checked(shop)).faults == [f"{n}: the PDF is not the one that was kept" for n in (FIRST, SECOND)]


async def test_what_retention_removes_leaves_its_place(shop: Shop) -> None:
    await three(shop)
    async with shop.sessions.begin() as session:
        [(order_id,)] = await shop.rows("SELECT order_id FROM documents WHERE number = :n", n=SECOND)
        await forget_sales(session, [order_id])
    proof = await checked(shop)
    assert (proof.faults, proof.issued, proof.retired) == ([], 3, 1)
    assert await shop.rows("SELECT series, number, kind FROM retired_documents") == [("invoices", SECOND, "invoice")]
    async with unguarded(shop) as session:
        await session.execute(text("DELETE FROM retired_documents"))
    assert (await checked(shop)).faults != []


async def test_the_proof_is_signed_and_its_page_says_the_same(shop: Shop) -> None:
    await drawn(shop)
    accountant = await shop.client(Scope.ACCOUNTING)
    said = (await shop.http.get("/v1/accounting/series/invoices/proof", headers=accountant)).json()
    [key] = (await shop.http.get("/.well-known/jwks.json")).json()["keys"]
    signed = json.loads(jws.verify(said["signature"], key, algorithms=["ES256"]))
    assert signed == {
        "key": "invoices",
        "first": 1,
        "last": 1,
        "head": said["head"],
        "issued": 1,
        "retired": 0,
        "annulled": 0,
        "first_on": "2026-11-23",
        "last_on": "2026-11-23",
        "files_sha256": said["files_sha256"],
        "faults": [],
        "seller": "204235072",
        "checked_at": "2026-11-23T10:00:00+00:00",
    }
    header = json.loads(base64.urlsafe_b64decode(said["signature"].split(".")[0] + "=="))
    assert header["typ"] == "series-proof+jwt"
    # It is no token: nobody is let in by it.
    refused = await shop.http.get("/v1/accounting/series", headers={"Authorization": f"Bearer {said['signature']}"})
    assert refused.status_code == 401
    page = await shop.http.get("/v1/accounting/series/invoices/proof.pdf", headers=accountant)
    printed = story.pdf_text(page.content)
    for words in ("0000000001 – 0000000001", "Установени нередности 0", "/.well-known/jwks.json", "ES256"):
        assert words in printed
    assert said["head"] in printed.replace(" ", "")
    assert (await shop.http.get("/v1/accounting/series/notes/proof", headers=accountant)).status_code == 404


async def night(shop: Shop) -> None:
    [job] = [periodic for periodic in shop.work.periodic if periodic.name == "verify_documents"]
    await job.run()
    await shop.run_jobs()


async def test_the_nightly_check_keeps_a_report_and_writes_about_faults_alone(shop: Shop) -> None:
    await drawn(shop)
    await night(shop)
    assert await shop.rows("SELECT outcome, faults FROM document_reports") == [("sound", [])]
    assert story.letters(shop, "Внимание") == []
    async with unguarded(shop) as session:
        await session.execute(text("UPDATE documents SET total = total + 1"))
    shop.clock.advance(days=1)
    await night(shop)
    [_, (outcome, faults)] = await shop.rows("SELECT outcome, faults FROM document_reports ORDER BY made_at")
    assert (outcome, faults) == (
        "unsound",
        [f"invoices: {FIRST} was altered: its hash differs", f"invoices: {FIRST} does not add up"],
    )
    [letter] = story.letters(shop, "проверката на документите намери нередности")
    assert letter["To"] == shop.settings.seller_email
    accountant = await shop.client(Scope.ACCOUNTING)
    said: dict[str, Any] = (await shop.http.get("/v1/accounting/series/invoices/proof", headers=accountant)).json()
    assert (said["files"]["outcome"], said["files"]["faults"]) == ("unsound", faults)


async def test_a_missing_invoice_is_written_about_before_the_five_days_are_over(shop: Shop, tmp_path: Path) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER)
    await shop.run_jobs()
    await story.pay(shop, order)  # and its job does not run
    async with shop.sessions.begin() as session:
        await session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'issue_invoice'"))
    shop.clock.advance(days=2)
    await night(shop)
    assert story.letters(shop, "Внимание") == []
    shop.clock.advance(days=1)
    await night(shop)
    [letter] = story.letters(shop, "Внимание")
    body = letter.get_body(("plain",))
    assert body is not None
    assert f"order {order['number']}: no invoice, due by 2026-11-28" in body.get_content()


async def test_f2_an_invoice_counts_from_the_booking_when_nothing_else_is_known(shop: Shop, tmp_path: Path) -> None:
    """The courier never told of one parcel, and of another on the next day for the last time: they may be delivered.

    A third is told of to this day: it was not handed over, so no invoice is due.
    """
    never, once, told = [(await shop.ordered())["number"] for _ in range(3)]
    await shop.run_jobs()
    shop.clock.advance(days=3)
    tracked = {once: NOON + timedelta(days=1), told: shop.clock.now()}
    async with shop.sessions.begin() as session:
        for number, at in tracked.items():
            of = "FROM orders WHERE orders.id = order_id AND number = :number"
            await session.execute(
                text(f"UPDATE shipments SET tracked_at = :at {of}"),  # noqa: S608 - ours
                {"number": int(number), "at": at},
            )

    async def late() -> list[tuple[str, date]]:
        async with shop.sessions() as session:
            before = legal_date(shop.clock.now()) - timedelta(days=3)
            return [*await list_late_invoices(session, before, every_order=True)]

    assert await late() == [(never, date(2026, 11, 23))]
    shop.clock.advance(days=1)
    assert await late() == [(never, date(2026, 11, 23)), (once, date(2026, 11, 24))]
    await night(shop)
    [letter] = story.letters(shop, "Внимание")
    body = letter.get_body(("plain",))
    assert body is not None
    assert f"order {never}: no invoice, due by 2026-11-28" in body.get_content()


async def test_money_that_went_back_without_a_note_is_written_about_before_the_five_days_are_over(shop: Shop) -> None:
    order = await shop.ordered(payment_method=story.TRANSFER)
    await story.pay(shop, order)
    await shop.run_jobs()
    support = await shop.staff(StaffRole.SUPPORT)
    path = f"/v1/staff/orders/{order['number']}"
    wish = {"amount": "1.00", "means": "account", "refunded_on": "2026-11-23"}
    await shop.http.post(f"{path}/refunds", json=wish, headers={**support, "Idempotency-Key": "refund"})
    shop.clock.advance(days=3)
    await night(shop)
    [(faults,)] = await shop.rows("SELECT faults FROM document_reports")
    assert faults == [f"order {order['number']}: money went back without a credit note, due by 2026-11-28"]
    note = {"ground": "Отстъпка", "lines": [{"position": 1, "amount": "1.00"}]}
    support = {**await shop.staff(StaffRole.SUPPORT, email="later@shop.example"), "Idempotency-Key": "note"}
    assert (await shop.http.post(f"{path}/credit-notes", json=note, headers=support)).status_code == 201
    await night(shop)
    assert await shop.rows("SELECT faults FROM document_reports ORDER BY made_at DESC LIMIT 1") == [([],)]
