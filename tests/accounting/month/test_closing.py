"""A closed month stays as it was; what is learnt later is in the next one, and nobody's erasure changes it."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.auth.models import StaffRole
from app.auth.scopes import Scope
from app.core.holders import Person
from app.integrations.speedy.simulator.shipments import State
from app.privacy.restricting import RestrictionGround, restrict
from tests.accounting.month.parsers import read_audit_file, read_ledger
from tests.accounting.month.test_month import correct, get
from tests.fulfilment import story
from tests.problems import of_kind
from tests.shop import Shop, a_wish, open_shop

EN = {"Accept-Language": "en"}


@pytest.fixture
async def shop(stocked: str, tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(stocked, tmp_path, nra_shop_number="RF0000123") as shop:
        yield shop


async def close(shop: Shop, month: str = "2026-11", role: StaffRole = StaffRole.OWNER) -> Any:
    headers = await shop.staff(role, email=f"{uuid4().hex}@shop.example")
    return await shop.http.post(f"/v1/staff/months/{month}/closing", headers={**headers, **EN})


async def delivered(shop: Shop, **changes: Any) -> dict[str, Any]:
    order = await shop.ordered(**changes)
    await shop.run_jobs()
    await story.scan(shop, order, State.DELIVERED)
    return order


async def told(shop: Shop, month: str) -> list[str]:
    """Give the orders that the audit file of a month tells of."""
    answer = await get(shop, "audit-file.xml", month)
    if answer.status_code == 409:
        return []
    return [order["ord_n"] for order in read_audit_file(answer.content).orders]


async def test_only_a_month_that_is_over_is_closed_and_only_once(shop: Shop) -> None:
    early = await close(shop)
    assert early.json() == {
        **of_kind("month-not-over"),
        "title": "The month is not over",
        "status": 409,
        "detail": "It can be closed after 2026-11-30, Bulgarian time.",
        "last": "2026-11-30",
    }
    shop.clock.advance(days=8)
    assert (await close(shop, role=StaffRole.ACCOUNTANT)).json()["code"] == "role-insufficient"
    done = await close(shop)
    assert (done.status_code, done.json()["month"], done.json()["closed_at"]) == (
        201,
        "2026-11",
        "2026-12-01T10:00:00Z",
    )
    shop.clock.advance(hours=1)
    for month in ("2026-11", "2026-10"):
        again = await close(shop, month)
        assert (again.status_code, again.json()["code"], again.json()["last"]) == (
            409,
            "month-closed",
            "2026-11",
        )
    assert await shop.rows("SELECT subject FROM audit_entries WHERE action = 'month_closed'") == [("month:2026-11",)]


async def test_what_is_learnt_after_the_closing_is_in_the_next_month(shop: Shop) -> None:
    known = await delivered(shop)
    late = await shop.ordered()
    await shop.run_jobs()
    shop.speedy.advance(story.parcel_of(shop, late), State.DELIVERED)  # in November, but nobody asked the courier yet
    shop.clock.advance(days=8)
    before = (await get(shop, "summary")).json()
    assert (await close(shop)).status_code == 201
    await shop.track()
    await shop.run_jobs()
    refund = {"amount": "5.00", "means": "account", "refunded_on": "2026-11-30"}
    said = await correct(shop, known, "refunds", refund)
    assert said["month"] == "2026-12"

    assert await told(shop, "2026-11") == [known["number"]]
    assert await told(shop, "2026-12") == [late["number"]]
    november = (await get(shop, "summary")).json()
    assert {**november, "closed_at": None, "made_at": None} == {**before, "made_at": None}
    december = read_audit_file((await get(shop, "audit-file.xml", "2026-12")).content)
    assert [(each["r_ord_n"], each["r_amount"]) for each in december.returns] == [(known["number"], "5.00")]
    shop.clock.advance(days=31)
    assert (await close(shop, "2026-12")).status_code == 201
    assert (await told(shop, "2026-12"), await told(shop, "2027-01")) == ([late["number"]], [])


async def test_complaint_16_an_erasure_leaves_the_books_as_they_were(shop: Shop) -> None:
    me = await shop.account()
    order = (await shop.place(a_wish(await shop.cart()), **me)).json()
    await shop.run_jobs()
    await story.scan(shop, {"number": order["number"]}, State.DELIVERED)
    await shop.run_jobs()
    files = ("sales-ledger.txt", "audit-file.xml", "delta-import.txt")
    before = [(await get(shop, file)).content for file in files]
    holders = shop.app.state.holders
    async with shop.sessions.begin() as session:
        [(account_id,)] = await shop.rows("SELECT id FROM accounts")
        for holder in holders:
            await holder.erase(session, Person("iva@example.bg", account_id), at=shop.clock.now())
    assert await shop.rows("SELECT count(*) FROM accounts") == [(0,)]
    assert [(await get(shop, file)).content for file in files] == before
    proof = await get_proof(shop, "invoices")
    assert (proof["is_sound"], proof["issued"]) == (True, 1)


async def get_proof(shop: Shop, series: str) -> dict[str, Any]:
    accountant = await shop.client(Scope.ACCOUNTING)
    answer = await shop.http.get(f"/v1/accounting/series/{series}/proof", headers=accountant)
    said: dict[str, Any] = answer.json()
    return said


async def test_s64_who_restricted_the_processing_is_held_back_and_not_named(shop: Shop) -> None:
    await delivered(shop)
    async with shop.sessions.begin() as session:
        await restrict(
            session, Person("iva@example.bg"), ground=RestrictionGround.CLAIMS, request_id=None, at=shop.clock.now()
        )
    [row] = read_ledger((await get(shop, "sales-ledger.txt")).content)
    assert (row["name"], row["base_20"]) == ("Физическо лице", "25.66")
    archive = zipfile.ZipFile(io.BytesIO((await get(shop, "archive.zip")).content))
    assert not [name for name in archive.namelist() if name.startswith("documents/")]
    cover = story.pdf_text(archive.read("00-cover.pdf"))
    assert "Задържани по искане за ограничаване: Фактура № 0000000001" in cover
    assert "Петрова" not in cover
    assert "Петрова" not in archive.read("documents.csv").decode()
    assert await shop.rows(
        "SELECT count(*) FROM disclosures WHERE recipient = 'accountant' AND what <> 'audit_file'"
    ) == [(0,)]
