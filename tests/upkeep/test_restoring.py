"""A backup comes back whole, into an empty database alone, and the shop goes on from there."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from app.auth.auditing.verifying import verify
from app.auth.models import StaffRole
from app.core.db import Sessions
from app.upkeep.archives import ArchiveWriter, Head, Kind, Manifest
from app.upkeep.erasures import keep_list, list_path, read_list
from app.upkeep.models import Soundness
from app.upkeep.recovering import SKIPPED_NUMBERS, Source
from app.upkeep.restoring import RestoreRefused, restore
from app.upkeep.sealed_files import SealedWriter
from app.upkeep.watching import Watch
from app.wiring import upkeep as wiring
from tests.fulfilment import story
from tests.shop import NOON, Shop, let_the_shop_work_on, open_shop
from tests.upkeep.rows import RECORDS, ask, backup_path, digests, vault

SECOND = 100_000_002


async def lived_in(shop: Shop) -> None:
    """Let the shop be used: two orders, one paid and invoiced, an account, staff, jobs done and waiting."""
    paid = await shop.ordered(payment_method=story.TRANSFER)
    await story.pay(shop, paid)
    await shop.run_jobs()
    await shop.ordered(comment="Подарък\tс табулация,\nнов ред и \\N")
    await shop.account()
    owner = await shop.staff(StaffRole.OWNER)
    assert (await shop.http.get("/v1/staff/orders", headers=owner)).status_code == httpx.codes.OK


async def test_every_row_comes_back_and_the_shop_goes_on(shop: Shop, empty: str, tmp_path: Path) -> None:
    await lived_in(shop)
    before = digests(shop.database)
    for table in ("orders", "documents", "document_files", "labels", "audit_entries", "procrastinate_jobs", "mails"):
        assert before[table].rows, f"{table} is empty: this would prove nothing"
    path = await backup_path(shop)
    restore(empty, path, vault(shop).secret, Watch())
    after = digests(empty)
    assert [name for name in before if before[name] != after[name] and name not in RECORDS] == []

    let_the_shop_work_on(empty)
    async with open_shop(empty, tmp_path / "again") as again:
        async with again.sessions() as session:
            found = await verify(session)
        assert (found.faults, found.checked) == ([], before["audit_entries"].rows)
        waiting = [name for (name, state), _ in (await again.jobs()).items() if state == "todo"]
        assert "book_shipment" in waiting
        await again.run_jobs()
        third = await again.ordered(payment_method=story.TRANSFER)
        assert third["number"] == str(SECOND + 1)
        await story.pay(again, third)
        await again.run_jobs()
        assert await again.rows("SELECT number FROM documents ORDER BY number") == [("0000000001",), ("0000000002",)]
        with pytest.raises(Exception, match="table of record"):
            ask(empty, "UPDATE documents SET total = 0")


async def test_a_database_that_holds_anything_is_refused_and_left_as_it_was(shop: Shop, empty: str) -> None:
    path = await backup_path(shop)
    before = digests(shop.database)
    with pytest.raises(RestoreRefused, match="is not empty: a backup is restored into a new one"):
        restore(shop.database, path, vault(shop).secret, Watch())
    assert digests(shop.database) == before
    ask(empty, "CREATE TABLE notes (line text)")
    with pytest.raises(RestoreRefused, match="is not empty"):
        restore(empty, path, vault(shop).secret, Watch())


async def test_one_of_a_newer_release_is_refused(empty: str, tmp_path: Path) -> None:
    path = tmp_path / "shop-20261123T100000Z-00000000.backup"
    head = Head(1, "9999", NOON.isoformat(), "18.4")
    with path.open("wb") as file:
        archive = ArchiveWriter(SealedWriter(file, "s"))
        archive.say(Kind.HEAD, head)
        archive.say(Kind.MANIFEST, Manifest(head, [], []))
        archive.close()
    with pytest.raises(RestoreRefused, match="has the schema 9999, which this release does not know"):
        restore(empty, path, "s", Watch())
    assert ask(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


async def test_a_table_that_no_migration_makes_keeps_the_backup_from_coming_back_in_part(
    shop: Shop, empty: str
) -> None:
    ask(shop.database, "CREATE TABLE notes (line text)")
    path = await backup_path(shop)
    with pytest.raises(RestoreRefused, match="and the backup differ in: notes"):
        restore(empty, path, vault(shop).secret, Watch())
    assert ask(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


async def test_who_was_erased_after_the_backup_is_erased_again(shop: Shop, empty: str) -> None:
    headers = await shop.account("iva@example.bg")
    other = await shop.account("maria@example.bg")
    path = await backup_path(shop)
    shop.clock.advance(minutes=2)
    assert (await shop.http.request("DELETE", "/v1/me", headers=headers)).status_code == httpx.codes.OK
    await keep_list(shop.sessions, vault(shop), at=shop.clock.now())
    kept = list_path(vault(shop).folder)
    assert b"iva@example.bg" not in kept.read_bytes()

    recovery = await wiring.recoveries(shop.settings, shop.clock).recover(empty, Source(path, kept), Watch())
    assert recovery.erased == 1
    assert ask(empty, "SELECT email FROM accounts") == [("maria@example.bg",)]
    assert ask(shop.database, "SELECT id, erased_at FROM erasures") == ask(empty, "SELECT id, erased_at FROM erasures")
    assert recovery.report.outcome is Soundness.SOUND, recovery.report.checks

    digest = ask(shop.database, "SELECT sha256 FROM backup_runs")[0][0]
    [entry] = ask(empty, "SELECT actor, subject, detail, at FROM audit_entries WHERE action = 'backup_restored'")
    assert entry == (
        "operator",
        f"backup:{path.name}",
        f"sha256: {digest}, erased again: 1",
        shop.clock.now(),
    )
    assert ask(
        empty, "SELECT count(*), count(*) FILTER (WHERE ended_because = 'access_taken') FROM login_sessions"
    ) == [(1, 1)]
    next_number = "SELECT last_value FROM order_numbers"
    assert ask(empty, next_number)[0][0] - ask(shop.database, next_number)[0][0] == SKIPPED_NUMBERS
    assert digests(empty)["orders"] == digests(shop.database)["orders"]
    let_the_shop_work_on(empty)
    async with open_shop(empty, vault(shop).folder) as again:
        assert (await again.http.get("/v1/me", headers=other)).status_code == httpx.codes.UNAUTHORIZED


async def test_the_list_of_the_erased_outlives_the_database_and_forgets_in_time(shop: Shop) -> None:
    keep = partial(keep_list, shop.sessions, vault(shop))
    list_ = list_path(vault(shop).folder)
    headers = await shop.account("iva@example.bg")
    assert (await shop.http.request("DELETE", "/v1/me", headers=headers)).status_code == httpx.codes.OK
    await keep(at=shop.clock.now())
    [listed] = read_list(list_, vault(shop).secret)
    assert [(listed.id, listed.erased_at)] == await shop.rows("SELECT id, erased_at FROM erasures")
    written = list_.stat().st_mtime_ns
    await keep(at=shop.clock.now())
    assert list_.stat().st_mtime_ns == written, "what has not changed is not written anew"

    async with shop.sessions.begin() as session:
        await session.execute(text("DELETE FROM erasures"))  # as in a database that was restored from before it
    await keep(at=shop.clock.now() + timedelta(days=89))
    assert [each.id for each in read_list(list_, vault(shop).secret)] == [listed.id]
    await keep(at=shop.clock.now() + timedelta(days=91))
    assert read_list(list_, vault(shop).secret) == []


async def test_a_list_that_does_not_open_is_put_aside_and_keeps_a_restore_from_beginning(
    shop: Shop, empty: str
) -> None:
    path = await backup_path(shop)
    list_ = list_path(vault(shop).folder)
    list_.write_bytes(b"scratched")
    with pytest.raises(RestoreRefused, match=r"the list of erasures erasures\.list: it is no backup of this shop"):
        await wiring.recoveries(shop.settings, shop.clock).recover(empty, Source(path, list_), Watch())
    assert ask(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    await keep_list(shop.sessions, vault(shop), at=shop.clock.now())
    assert list_.with_name("erasures.list.unsound").read_bytes() == b"scratched"
    assert read_list(list_, vault(shop).secret) == []


async def test_retention_runs_once_more_on_what_came_back(shop: Shop, empty: str) -> None:
    path = await backup_path(shop)
    ran: list[object] = []

    async def retain(sessions: Sessions) -> str:
        async with sessions() as session:
            ran.append(await session.scalar(text("SELECT count(*) FROM stock")))
        return "run"

    recoveries = replace(wiring.recoveries(shop.settings, shop.clock), retain=retain)
    await recoveries.recover(empty, Source(path, None), Watch())
    assert ran == [2]


async def test_what_came_due_since_the_backup_goes_with_the_restore(shop: Shop, empty: str) -> None:
    await shop.cart()
    path = await backup_path(shop)
    shop.clock.advance(days=31)
    await wiring.recoveries(shop.settings, shop.clock).recover(empty, Source(path, None), Watch())
    assert ask(empty, "SELECT count(*) FROM carts") == [(0,)]
    [(by, gone)] = ask(empty, "SELECT by, counts -> 'carts' ->> 'gone' FROM retention_runs")
    assert (by, gone) == ("operator", "1")
