"""`shop backup`, `restore`, `integrity`, `dependencies`: what they print, and their exit codes."""

from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import make_url

from app.core.clock import SystemClock
from app.upkeep.erasures import keep_list
from app.upkeep.restoring import drop_database
from app.wiring.upkeep import vault
from tests.cli.test_operate import Terminal
from tests.shop import Shop, as_lesser


@pytest.fixture
def terminal(shop: Shop, tmp_path: Path) -> Terminal:
    return Terminal(shop, tmp_path)


def made(folder: Path) -> Path:
    [file] = folder.glob("shop-*.backup")
    return file


async def test_a_backup_is_made_verified_rehearsed_and_listed(shop: Shop, terminal: Terminal, tmp_path: Path) -> None:
    assert await terminal.run("backup", "rehearse") == (1, "there is no backup yet: shop backup")
    assert await terminal.done("backup", "list") == "No backup has been made yet."
    said = await terminal.done("backup")
    file = made(tmp_path / "backups")
    [(digest, size, rows, revision)] = await shop.rows("SELECT sha256, bytes, rows, revision FROM backup_runs")
    lines = said.splitlines()
    assert lines[0] == "acceptances: 0 rows", "it tells how far it is"
    assert lines[-2:] == [f"{file.name}: {size} bytes, {rows} rows, schema {revision}", f"sha256 {digest}"]
    assert (await terminal.done("backup", "verify", str(file))).splitlines()[-1] == f"{file.name}: {rows} rows, intact"
    assert (await terminal.done("backup", "rehearse")).splitlines()[-1] == (
        f"{file.name}: restored aside, every table as it was"
    )
    listed = await terminal.done("backup", "list")
    assert "  kept  " in listed
    assert listed.count("verified") == listed.count("rehearsed") == 1
    damaged = bytearray(file.read_bytes())
    damaged[-1] ^= 1
    file.write_bytes(damaged)
    code, said = await terminal.run("backup", "verify", str(file))
    assert code == 1
    assert said.splitlines()[-1].startswith("its SHA-256 is ")


async def test_a_backup_goes_to_the_medium_that_is_named(terminal: Terminal, tmp_path: Path) -> None:
    await terminal.done("backup", "--to", str(tmp_path / "stick"))
    assert made(tmp_path / "stick").exists()
    assert not (tmp_path / "backups").exists()


async def test_a_restore_says_where_to_and_asks_for_the_list_of_the_erased(
    shop: Shop, terminal: Terminal, tmp_path: Path
) -> None:
    shop.clock.at = SystemClock().now()  # the command's own: an erasure comes after the backup
    headers = await shop.account("iva@example.bg")
    await terminal.done("backup", "--to", str(tmp_path / "stick"))
    file = made(tmp_path / "stick")
    assert await terminal.refused("restore", str(file)) == "say where to, by one of --into, --fresh and --here"
    assert await terminal.refused("restore", str(file), "--fresh", "--here") == (
        "say where to, by one of --into, --fresh and --here"
    )
    assert await terminal.refused("restore", str(file), "--fresh") == (
        "no erasures.list is beside it: name it by --erasures, or say --without-erasures if nobody was erased since"
    )
    assert (await shop.http.request("DELETE", "/v1/me", headers=headers)).status_code == httpx.codes.OK
    await keep_list(shop.sessions, vault(shop.settings), at=shop.clock.now())
    code, said = await terminal.run("restore", str(file), "--here")
    assert (code, said.splitlines()[-1]) == (
        1,
        f"the database {make_url(shop.database).database} is not empty: a backup is restored into a new one, never over"
        " what is there",
    )

    said = await terminal.done("restore", str(file), "--fresh")
    name = next(line.rpartition(" ")[2].rstrip(".") for line in said.splitlines() if "are in the database" in line)
    assert name.startswith("shop_restored_")
    assert "Erased again: 1. Everybody has to log in anew." in said
    assert "accounts: 1 rows" in said
    url = make_url(as_lesser(shop.database)).set(database=name)
    try:
        with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
            assert connection.execute("SELECT count(*) FROM accounts").fetchone() == (0,)
            assert connection.execute("SELECT outcome FROM integrity_reports").fetchall() == [("sound",)]
    finally:
        drop_database(shop.database, name)


async def test_a_restore_works_as_written_where_nobody_was_erased(
    shop: Shop, terminal: Terminal, tmp_path: Path
) -> None:
    await terminal.done("backup")
    said = await terminal.done("restore", str(made(tmp_path / "backups")), "--fresh")
    name = next(line.rpartition(" ")[2].rstrip(".") for line in said.splitlines() if "are in the database" in line)
    drop_database(shop.database, name)
    assert "Erased again: 0. Everybody has to log in anew." in said
    assert "sound" in said


async def test_the_database_is_checked_and_the_report_kept(shop: Shop, terminal: Terminal) -> None:
    assert await terminal.done("integrity", "--last") == "The database has not been checked yet."
    said = (await terminal.done("integrity")).splitlines()
    assert "pages: stock" in said, "it tells how far it is"
    assert "amcheck: unavailable, 0 examined" in said
    assert "(this server has no amcheck)" in said
    async with shop.sessions.begin() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE stock SET available = 5 WHERE sku = 'ION-SET-1'")
    code, told = await terminal.run("integrity")
    assert code == 1
    assert "stock: ION-SET-1: 5 on hand, the ledger adds up to 100" in told
    code, told = await terminal.run("integrity", "--last")
    assert code == 1
    assert "stock: ION-SET-1: 5 on hand, the ledger adds up to 100" in told
    assert await shop.rows("SELECT outcome FROM integrity_reports ORDER BY id") == [("sound",), ("unsound",)]


async def test_versions_are_put_down(shop: Shop, terminal: Terminal) -> None:
    said = await terminal.done("dependencies")
    [(python, postgresql, changed)] = await shop.rows(
        "SELECT python, postgresql, lock_changed_at::date FROM dependency_reports"
    )
    assert said.splitlines()[0].startswith(f"Python {python}, PostgreSQL {postgresql}, ")
    assert said.splitlines()[1] == f"these versions and this lock since {changed}"
