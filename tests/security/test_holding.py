"""What takes long holds nothing that others need: neither a connection nor a transaction, whoever is slow."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from tempfile import SpooledTemporaryFile
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from app.auth.models import StaffRole
from app.auth.passwords import hash_password, verify_password
from app.auth.scopes import Scope as Permitted
from app.core import pdf, spooling
from app.core.db import ConnectionHeld, alone, require_empty_handed
from app.core.pdf import draw_now
from app.core.turns import Turns
from tests.accounts.registering import ask as register
from tests.auth.logins import bearing, held_at_hashing, log_in, logged_in, with_account
from tests.auth.members import accept, invited
from tests.auth.test_own_logins import ask_for_reset, reset
from tests.fulfilment import story
from tests.privacy.breaches.story import BREACHES, Desk
from tests.privacy.rights import asking as rights
from tests.processes import until
from tests.security.narrow import a_cart_is_opened, narrow
from tests.shop import Shop, Transport, patient

MONTH = "/v1/accounting/months/2026-11"
PROOF = "/v1/accounting/series/invoices/proof.pdf"
LATER = "try-later"
WRONG = "not the one that was chosen"
"""A password."""


async def test_no_connection_is_held_while_passwords_are_computed(shop: Shop) -> None:
    """Every route that checks or keeps a password, at once, on one connection."""
    await with_account(shop)
    me, owner = bearing(await logged_in(shop)), await shop.staff(StaffRole.OWNER)
    link = await ask_for_reset(shop)
    shop.clock.advance(seconds=1)
    invitation = await invited(shop, owner)
    change = {"current_password": WRONG, "new_password": "трамвай лимон петък облак"}
    calls = [
        *(shop.http.put("/v1/me/password", json=change, headers=me) for _ in range(4)),
        shop.http.post("/v1/me/email-changes", json={"email": "new@example.bg", "password": WRONG}, headers=me),
        shop.http.post("/v1/auth/mfa/recovery-codes", json={"password": WRONG, "otp": "123456"}, headers=owner),
        reset(shop, link),
        accept(shop, invitation),
        log_in(shop, password=WRONG),
        register(shop, email="petar@example.bg"),
    ]
    async with narrow(shop) as engine:
        async with held_at_hashing(*calls) as begun:
            assert engine.pool.checkedout() == 0  # type: ignore[attr-defined] # a pool that counts
            await a_cart_is_opened(shop)
        answers = await asyncio.gather(*begun)
    assert [answer.status_code for answer in answers] == [422] * 4 + [422, 422, 204, 200, 400, 202]


async def test_who_holds_a_connection_can_begin_nothing_that_takes_long(shop: Shop) -> None:
    """The gate by which it stays so: the mistake is a failure, in the first test that comes by."""
    turns = Turns(1)
    async with shop.sessions() as session:
        require_empty_handed()
        await session.connection()
        for work in (
            hash_password(WRONG),
            verify_password(WRONG, None),
            pdf.draw_apart("", ""),
            _one(turns),
            _look_up(shop),
            shop.app.state.throttle.take("test", limit=1, per_seconds=1, at=shop.clock.now()),
        ):
            with pytest.raises(ConnectionHeld):
                await work
    require_empty_handed()


async def _look_up(shop: Shop) -> None:
    async with alone(shop.sessions):
        raise AssertionError("a second connection")


async def _one(turns: Turns) -> None:
    async with turns.one():
        raise AssertionError("a turn in spite of it")


class Slow:
    """A client that takes the head of an answer, and nothing of its body until it is let go."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.reading, self.go = shop, asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def slow(message: Message) -> None:
            if message["type"] == "http.response.body":
                self.reading.set()
                await self.go.wait()
            await send(message)

        await self.shop.app(scope, receive, slow)

    async def get(self, path: str, headers: dict[str, str], wish: Any = None) -> httpx.Response:
        transport = Transport(self)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as http:
            return await http.request("POST" if wish else "GET", path, headers=headers, json=wish)


async def sold(shop: Shop) -> dict[str, str]:
    """Sell something with its invoice; returns the accountant's headers."""
    order = await shop.ordered(payment_method=story.TRANSFER)
    await story.pay(shop, order)
    await shop.run_jobs()
    return await shop.client(Permitted.ACCOUNTING)


async def test_who_reads_slowly_holds_no_connection_and_was_recorded_before(shop: Shop) -> None:
    accountant = await sold(shop)
    keeper = await shop.staff(StaffRole.PRIVACY_OFFICER)
    [(document,)] = await shop.rows("SELECT id::text FROM documents WHERE kind = 'invoice'")
    asked = [
        (f"{MONTH}/archive.zip", accountant, None),
        (f"{MONTH}/sales-ledger.txt", accountant, None),
        (f"{MONTH}/delta-import.txt", accountant, None),
        ("/v1/accounting/documents/selection.zip", accountant, {"documents": [document]}),
        (PROOF, accountant, None),
        ("/v1/staff/registers/clients/export.csv", keeper, None),
        ("/v1/staff/registers/clients/export.pdf", keeper, None),
        ("/v1/staff/inspection-pack.zip?paper=false", keeper, None),
    ]
    async with narrow(shop) as engine:
        readers = [Slow(shop) for _ in asked]
        calls = [asyncio.create_task(reader.get(*each)) for reader, each in zip(readers, asked, strict=True)]
        await asyncio.gather(*(reader.reading.wait() for reader in readers))
        assert engine.pool.checkedout() == 0  # type: ignore[attr-defined] # a pool that counts
        await a_cart_is_opened(shop)
        handed_over = "SELECT what, count(*)::int FROM disclosures WHERE recipient = 'accountant' GROUP BY 1 ORDER BY 1"
        assert await shop.rows(handed_over) == [("delta_import", 1), ("invoice", 2), ("sales_ledger", 2)]
        exported = "SELECT action FROM audit_entries WHERE action IN ('register_exported', 'inspection_packed')"
        assert len(await shop.rows(exported)) == 3
        for reader in readers:
            reader.go.set()
        answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:
        if answer.headers["content-type"] == "application/zip":
            assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
        if not answer.request.url.path.endswith("/proof.pdf"):
            assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.fixture
def spools(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Keep every spool that is made."""
    made: list[Any] = []

    class Kept(SpooledTemporaryFile[bytes]):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            made.append(self)

    monkeypatch.setattr(spooling, "SpooledTemporaryFile", Kept)
    monkeypatch.setattr(spooling, "IN_MEMORY", 10)
    return made


async def test_a_spool_ends_with_its_request_whatever_becomes_of_it(
    shop: Shop, spools: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    accountant = await shop.client(Permitted.ACCOUNTING)
    refused = await shop.http.get(f"{MONTH}/audit-file.xml", headers=accountant)
    assert refused.json()["code"] == "shop-not-registered"
    assert (await shop.http.get(f"{MONTH}/archive.zip", headers=accountant)).status_code == 200

    async def leave(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(spooling.FileAnswer, "__call__", leave)
    assert (await shop.http.get(f"{MONTH}/archive.zip", headers=accountant)).status_code == 500
    assert [spool.closed for spool in spools] == [True] * 3
    assert spools[1]._rolled  # it was on the disk


class Drawing:
    """The drawing processes, which are done with nothing until they are let go."""

    def __init__(self) -> None:
        self.begun, self.go = 0, asyncio.Event()

    async def draw(self, html: str, css: str) -> bytes:
        self.begun += 1
        await self.go.wait()
        return b"%PDF"


@pytest.fixture
async def drawing(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Drawing]:
    drawing = Drawing()
    monkeypatch.setattr(pdf, "draw_now", drawing.draw)
    yield drawing
    drawing.go.set()


@contextmanager
def turns(turns: Turns, at_once: int, seconds: float | None) -> Iterator[None]:
    before = turns.at_once, turns.wait_seconds
    turns.limit(at_once, seconds)
    yield
    turns.limit(*before)


async def test_twelve_papers_at_once_are_all_answered_and_nobody_waits_for_them(shop: Shop, drawing: Drawing) -> None:
    accountant = await sold(shop)
    with turns(pdf.DRAWING, 2, None):
        async with narrow(shop) as engine:
            calls = [asyncio.create_task(shop.http.get(PROOF, headers=accountant)) for _ in range(12)]
            await until(lambda: pdf.DRAWING.waiting == 10, every=0.01)
            assert (drawing.begun, engine.pool.checkedout()) == (2, 0)  # type: ignore[attr-defined] # as above
            await a_cart_is_opened(shop)
            drawing.go.set()
            answers = await asyncio.gather(*calls)
    assert [answer.status_code for answer in answers] == [200] * 12


@pytest.mark.slow
async def test_twelve_papers_are_really_drawn_though_it_takes_longer_than_a_transaction_may_rest(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the processes that draw; all twelve were failures, for the database had ended their transactions."""
    accountant = await sold(shop)
    monkeypatch.setattr(pdf, "draw_now", draw_now)
    impatient = replace(patient(size=2, overflow=0), idle_in_transaction_timeout_ms=2_000)
    with turns(pdf.DRAWING, 2, None):
        async with narrow(shop, impatient):
            answers = await asyncio.gather(*(shop.http.get(PROOF, headers=accountant) for _ in range(12)))
    assert [answer.status_code for answer in answers] == [200] * 12
    assert all(answer.content.startswith(b"%PDF") for answer in answers)


async def test_who_would_wait_too_long_is_told_to_come_again(shop: Shop, drawing: Drawing) -> None:
    accountant = await sold(shop)
    with turns(pdf.DRAWING, 1, 0.01):
        first = asyncio.create_task(shop.http.get(PROOF, headers=accountant))
        await until(lambda: drawing.begun == 1, every=0.01)
        answers = [await shop.http.get(PROOF, headers=accountant) for _ in range(3)]
        drawing.go.set()
        assert (await first).status_code == 200
    with turns(spooling.READING, 1, 0.01):
        async with spooling.READING.one():
            answers.append(await asyncio.create_task(shop.http.get(f"{MONTH}/archive.zip", headers=accountant)))
    for answer in answers:
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, LATER, "2")


async def test_copies_asked_for_at_once_are_counted_before_they_are_made(shop: Shop, drawing: Drawing) -> None:
    officer, me = await shop.staff(StaffRole.PRIVACY_OFFICER), await shop.account("mila@example.bg")
    asked = await rights.ask(shop, me)
    assert (await rights.act(shop, officer, asked, "decision", outcome="granted")).status_code == 200
    own, desk = (f"{path}/{asked['id']}/copy.zip" for path in (rights.REQUESTS, rights.DESK))
    stranger = await shop.account("tosho@example.bg")
    for _ in range(5):
        assert (await shop.http.get(own, headers=stranger)).status_code == 404  # and uses nothing up
    with turns(pdf.DRAWING, 10, None):
        calls = [asyncio.create_task(shop.http.get(own, headers=me)) for _ in range(9)]
        await until(lambda: sum(call.done() for call in calls) == 4 and drawing.begun == 5, every=0.01)
        assert (await shop.http.get(desk, headers=officer)).status_code == 429
        drawing.go.set()
        answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 4


async def test_every_paper_is_drawn_with_nothing_held(shop: Shop, drawing: Drawing) -> None:
    accountant, officer = await sold(shop), await shop.staff(StaffRole.PRIVACY_OFFICER)
    me = await shop.account("mila@example.bg")
    asked = await rights.ask(shop, me)
    assert (await rights.act(shop, officer, asked, "decision", outcome="granted")).status_code == 200
    breach = await Desk(shop, officer).record()
    ended = await shop.account("tosho@example.bg")
    assert (await shop.http.delete("/v1/me", headers=ended)).status_code == 200
    [(erasure,)] = await shop.rows("SELECT id::text FROM erasures")
    calls: list[Callable[[], Any]] = [
        lambda: shop.http.get(f"{MONTH}/archive.zip", headers=accountant),
        lambda: shop.http.get("/v1/staff/registers/clients/export.pdf", headers=officer),
        lambda: shop.http.get("/v1/staff/inspection-pack.zip?paper=false", headers=officer),
        lambda: shop.http.get(f"{rights.REQUESTS}/{asked['id']}/copy.zip", headers=me),
        lambda: shop.http.get(f"/v1/staff/privacy/erasures/{erasure}/certificate.pdf", headers=officer),
        lambda: shop.http.post(f"{BREACHES}{breach}/notifications", headers=officer),
    ]
    with turns(pdf.DRAWING, len(calls), None):
        async with narrow(shop) as engine:
            begun = [asyncio.create_task(call()) for call in calls]
            await until(lambda: drawing.begun == len(calls), every=0.01)
            assert engine.pool.checkedout() == 0  # type: ignore[attr-defined] # as above
            await a_cart_is_opened(shop)
            drawing.go.set()
            answers = await asyncio.gather(*begun)
    assert [answer.status_code for answer in answers] == [200] * 5 + [201]
