"""Backups are one moment of the database, whole, read back, kept for their time and no longer."""

import asyncio
import os
import resource
import signal
import sys
from dataclasses import replace
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest

from app.upkeep.faults import UpkeepFailed
from app.upkeep.keeping import Vault, make_backup, read_backup
from app.upkeep.restoring import create_database, load
from app.upkeep.watching import Stopped, Watch, in_thread
from tests.fulfilment import story
from tests.shop import NOON, Shop
from tests.upkeep.rows import ask, backup_path, backups, files, plain, run, vault

RUN = UUID("019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11")
SHOP = [sys.executable, "-m", "app.cli"]
KILLED = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from threading import Event
from uuid import UUID
from app.upkeep.keeping import Vault, make_backup
from app.upkeep.watching import Watch
from tests.shop import NOON
tables = iter(range(20))
def tell(what):
    if next(tables) == 10:
        os.kill(os.getpid(), signal.SIGKILL)
make_backup(sys.argv[1], Vault(Path(sys.argv[2]), 90, "s"), UUID(sys.argv[3]), at=NOON, watch=Watch(tell))
"""


async def test_a_backup_is_recorded_read_back_and_named_by_its_moment_alone(shop: Shop) -> None:
    await shop.ordered()
    path = await backup_path(shop)
    [(outcome, file, size, digest, rows)] = await shop.rows(
        "SELECT outcome, file, bytes, sha256, rows FROM backup_runs"
    )
    assert (outcome, file, size) == ("kept", path.name, path.stat().st_size)
    assert path.name.startswith("shop-20261123T100000Z-")
    beside = path.with_name(path.name + ".sha256")
    assert beside.read_text() == f"{digest}  {path.name}\n"
    assert run("sha256sum", "--check", beside.name, cwd=path.parent).returncode == 0
    assert {path.stat().st_mode & 0o777, beside.stat().st_mode & 0o777} == {0o600}
    assert await shop.rows("SELECT act, fault FROM backup_events") == [("verified", None)]
    manifest = read_backup(path, vault(shop).secret, Watch())
    assert manifest.rows == rows
    assert {table.name: table.rows for table in manifest.tables}["orders"] == 1
    held = path.read_bytes()
    assert [word for word in ("Петрова", "iva@example.bg", "orders") if word.encode() in held] == []


async def test_writers_go_on_and_the_backup_is_of_one_moment(shop: Shop, empty: str, tmp_path: Path) -> None:
    """Stock is read before its ledger; what is sold in between is in neither."""
    lines: list[str] = []

    def sell_meanwhile(what: str) -> None:
        lines.append(what)
        if what.startswith("stock: "):
            ask(shop.database, "UPDATE stock SET available = available - 1 WHERE sku = 'ION-SET-1'")
            ask(
                shop.database,
                "INSERT INTO stock_movements (sku, change, reason, at) VALUES ('ION-SET-1', -1, 'correction', now())",
            )

    made = make_backup(plain(shop.database), Vault(tmp_path, 90, "s"), RUN, at=NOON, watch=Watch(sell_meanwhile))
    load(empty, made.path, "s", Watch())
    balance = (
        "SELECT available, (SELECT sum(change) FROM stock_movements m WHERE m.sku = stock.sku) FROM stock ORDER BY 1"
    )
    assert ask(empty, balance) == [(100, 100), (100, 100)]
    assert sorted(ask(shop.database, balance)) == [(99, 99), (100, 100)]
    assert lines[0] == "acceptances: 0 rows"
    assert len(lines) == len(made.manifest.tables)


async def test_one_that_is_killed_leaves_no_file_of_a_good_name_and_the_next_says_so(shop: Shop) -> None:
    folder = vault(shop).folder
    folder.mkdir()
    killed = run(sys.executable, "-c", KILLED, plain(shop.database), str(folder), str(RUN), cwd=Path.cwd())
    assert killed.returncode == -signal.SIGKILL
    assert files(folder) == [".shop-20261123T100000Z-1c2f8e11.backup.partial"]

    shop.clock.advance(hours=1)
    path = await backup_path(shop)
    assert files(folder) == [path.name, path.name + ".sha256"]
    assert await shop.rows("SELECT outcome, failure, started_at FROM backup_runs ORDER BY started_at") == [
        ("interrupted", "its process died", NOON),
        ("kept", None, shop.clock.now()),
    ]


async def test_one_that_lives_is_not_taken_for_dead(shop: Shop) -> None:
    seen: list[list[str]] = []
    folder = vault(shop).folder
    made = make_backup(
        plain(shop.database),
        vault(shop),
        RUN,
        at=NOON,
        watch=Watch(lambda _what: seen.append(files(folder)) if not seen else None),
    )
    assert seen == [[f".{made.path.name}.partial"]]


async def test_a_full_medium_leaves_nothing_and_is_told(shop: Shop, tmp_path: Path) -> None:
    """The system refuses a file longer than some bytes, as it does when there is no room."""

    def narrow() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))

    environment = {**os.environ, "SHOP_DATABASE_URL": shop.database, "SHOP_FOLDER": str(tmp_path), "NO_COLOR": "1"}
    ended = run(*SHOP, "backup", env=environment, preexec_fn=narrow)
    assert (ended.returncode, ended.stderr.splitlines()[-1]) == (1, "the system refused it (EFBIG)")
    assert files(tmp_path / "backups") == []
    assert await shop.rows("SELECT outcome, failure, file FROM backup_runs") == [
        ("failed", "the system refused it (EFBIG)", None)
    ]
    await shop.run_jobs()
    [letter] = story.letters(shop, "архивно копие")
    assert letter["To"] == shop.settings.seller_email
    body = letter.get_body(("plain",))
    assert body is not None
    assert "the system refused it (EFBIG)" in body.get_content()


async def test_a_failure_is_told_once_a_day_however_often_it_is_tried(shop: Shop) -> None:
    vault(shop).folder.write_text("a file where the folder should be")
    for _ in range(25):
        with pytest.raises(UpkeepFailed):
            await backups(shop).take(Watch())
        shop.clock.advance(hours=1)
    assert await shop.count("backup_runs") == 25
    assert await shop.rows("SELECT count(*) FROM mails WHERE kind = 'upkeep_alarm'") == [(2,)]


async def test_old_backups_go_the_newest_stays_and_the_register_says_so(shop: Shop) -> None:
    first = await backup_path(shop)
    shop.clock.advance(days=89)
    second = await backup_path(shop)
    assert first.exists()
    shop.clock.advance(days=2)
    third = await backup_path(shop)
    assert files(third.parent) == sorted(
        name for path in (second, third) for name in (path.name, path.name + ".sha256")
    )
    gone = "SELECT file FROM backup_events JOIN backup_runs ON backup_runs.id = run_id WHERE act = 'removed'"
    assert await shop.rows(gone) == [(first.name,)]


async def test_nothing_goes_until_a_newer_one_has_proved_good(shop: Shop) -> None:
    old = await backup_path(shop)
    shop.clock.advance(days=200)
    narrow = replace(backups(shop), url=shop.database + "_that_is_not_there")
    with pytest.raises(UpkeepFailed):
        await narrow.take(Watch())
    assert old.exists()


async def test_another_medium_holds_the_same_and_forgets_alike(shop: Shop, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    old = stick / "shop-20260101T000000Z-00000000.backup"
    old.write_bytes(b"of the last year")
    other = stick / "photo.jpg"
    other.write_bytes(b"the nephew's")
    kept = await backups(shop).take(Watch(), folder=stick)
    assert files(stick) == ["photo.jpg", kept.file, f"{kept.file}.sha256"]
    assert not vault(shop).folder.exists()


async def test_a_worker_that_has_to_end_stops_a_backup_and_leaves_nothing(shop: Shop) -> None:
    started = asyncio.Event()
    loop = asyncio.get_running_loop()

    def tell(_what: str) -> None:
        loop.call_soon_threadsafe(started.set)

    def endless(watch: Watch) -> None:
        while True:
            watch.tell("on and on")
            watch.breathe()

    running = asyncio.create_task(in_thread(endless, Watch(tell)))
    await started.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_backup_that_is_asked_to_stop_leaves_nothing(shop: Shop) -> None:
    asked = Event()
    with pytest.raises(Stopped):
        make_backup(plain(shop.database), vault(shop), RUN, at=NOON, watch=Watch(lambda _what: asked.set(), asked))
    assert files(vault(shop).folder) == []


async def test_what_is_restored_aside_is_the_same_and_nothing_is_left_of_it(shop: Shop) -> None:
    assert await backups(shop).rehearse(Watch()) is None
    await shop.ordered()
    path = await backup_path(shop)
    left = create_database(shop.database, "shop_rehearsal_of_one_that_died")
    assert ask(left, "SELECT 1") == [(1,)]
    told: list[str] = []
    kept = await backups(shop).rehearse(Watch(told.append))
    assert kept is not None
    assert kept.file == path.name
    assert "orders: 1 rows" in told
    assert await shop.rows("SELECT act, fault FROM backup_events ORDER BY at, id") == [
        ("verified", None),
        ("rehearsed", None),
    ]
    assert await shop.rows("SELECT datname FROM pg_database WHERE starts_with(datname, 'shop_rehearsal_')") == []


async def test_a_backup_that_cannot_be_restored_is_told_of(shop: Shop) -> None:
    path = await backup_path(shop)
    path.unlink()
    with pytest.raises(UpkeepFailed, match="is not in its folder any more"):
        await backups(shop).rehearse(Watch())
    [(act, fault)] = await shop.rows("SELECT act, fault FROM backup_events WHERE fault IS NOT NULL")
    assert (act, fault) == ("rehearsed", f"{path.name} is not in its folder any more")
    await shop.run_jobs()
    assert len(story.letters(shop, "пробното възстановяване на архивното копие не успя")) == 1
