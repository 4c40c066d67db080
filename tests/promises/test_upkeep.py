"""Promises of the policy's section on security, by their numbers in promises.md."""

import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.auth.models import StaffRole
from app.upkeep.restoring import RestoreRefused, restore
from app.upkeep.watching import Watch
from tests.fulfilment import story
from tests.shop import Shop
from tests.upkeep.rows import RECORDS, ask, digests, vault


async def month(shop: Shop) -> None:
    """Let what is due be done, as the worker does."""
    [look] = [periodic for periodic in shop.work.periodic if periodic.name == "promise_upkeep"]
    for _ in range(2):  # a restore is rehearsed once there is a backup
        await look.run()
        await shop.run_jobs()


async def reports(shop: Shop, of: str, headers: dict[str, str] | None = None) -> list[dict[str, Any]]:
    headers = headers or await shop.staff(StaffRole.PRIVACY_OFFICER)
    answer = await shop.http.get(f"/v1/staff/upkeep/{of}", headers=headers)
    assert answer.status_code == httpx.codes.OK
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_s40_what_is_lost_comes_back_and_what_was_altered_is_refused(shop: Shop, empty: str) -> None:
    """Loss and alteration; who may see what is shown by the tests of access."""
    order = await shop.ordered(payment_method=story.TRANSFER)
    await story.pay(shop, order)
    await shop.run_jobs()
    before = digests(shop.database)
    await month(shop)
    [file] = [vault(shop).folder / each["file"] for each in await reports(shop, "backups")]
    stolen = file.read_bytes()
    assert [word for word in ("Петрова", "iva@example.bg", "0000000001") if word.encode() in stolen] == []

    altered = file.with_name(f"altered-{file.name}")
    altered.write_bytes(stolen[:-30] + bytes(30))
    with pytest.raises(RestoreRefused, match="chunk 1 was altered"):
        restore(empty, altered, vault(shop).secret, Watch())
    assert ask(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]

    restore(empty, file, vault(shop).secret, Watch())
    after = digests(empty)
    changed = {name for name in before if before[name] != after[name]}
    # Only what the month's own work writes beside its backup.
    assert changed <= RECORDS | {name for name in before if name.startswith("procrastinate_")}
    assert after["documents"] == before["documents"]


async def test_s41_s42_s43_database_versions_and_archive_are_seen_to_each_month_and_it_is_kept(shop: Shop) -> None:
    for _ in range(2):
        await month(shop)
        shop.clock.advance(days=31)
    shop.clock.advance(days=31)  # no worker for a month; the first backup is then 93 days old, the second 62
    await month(shop)
    officer = await shop.staff(StaffRole.PRIVACY_OFFICER)
    days = ["2027-02-24", "2026-12-24", "2026-11-23"]
    integrity = await reports(shop, "integrity", officer)
    assert [each["started_at"][:10] for each in integrity] == days
    _is_checked_whole(integrity)
    versions = await reports(shop, "dependencies", officer)
    assert [each["made_at"][:10] for each in versions] == days
    await _is_what_runs_here(shop, versions)
    register = await reports(shop, "backups", officer)
    assert [each["started_at"][:10] for each in register] == days
    _is_archived(vault(shop).folder, register)
    for change in ("DELETE FROM integrity_reports", "UPDATE backup_runs SET rows = 0"):
        with pytest.raises(Exception, match="table of record"):
            ask(shop.database, change)


def _is_checked_whole(integrity: list[dict[str, Any]]) -> None:
    assert {each["outcome"] for each in integrity} == {"sound"}
    assert [check["name"] for check in integrity[0]["checks"]] == [
        *("pages", "indexes", "amcheck", "constraints", "guards", "ledgers", "hashes", "audit", "backups"),
    ]


async def _is_what_runs_here(shop: Shop, versions: list[dict[str, Any]]) -> None:
    """S42: versions are recorded with what changed."""
    newest, second, first = versions
    assert (newest["changes"], newest["drift"], newest["unchanged_days"]) == ([], [], 93)
    assert second["unchanged_days"] == 31
    assert newest["packages"] == first["packages"]
    assert newest["packages"]["cryptography"]
    [(server,)] = await shop.rows("SHOW server_version")
    assert newest["postgresql"] == server


def _is_archived(folder: Path, register: list[dict[str, Any]]) -> None:
    """S43: on a medium, with register and restore check, for no longer than 90 days."""
    assert all(each["verified_at"] and each["rehearsed_at"] for each in register)
    *kept, oldest = register
    assert [each["removed_at"] for each in kept] == [None, None]
    assert oldest["removed_at"]
    for each in kept:
        assert checked(folder, f"{each['file']}.sha256")
        assert (folder / each["file"]).stat().st_size == each["bytes"]
    assert sorted(path.name for path in folder.glob("*.backup")) == sorted(each["file"] for each in kept)


async def test_s41_what_a_check_finds_is_told_to_the_responsible_person(shop: Shop) -> None:
    ask(shop.database, "UPDATE stock SET available = 7 WHERE sku = 'ION-SET-1'")
    await month(shop)
    [report] = await reports(shop, "integrity")
    assert report["outcome"] == "unsound"
    [finding] = [finding for check in report["checks"] for finding in check["findings"]]
    assert finding == {"table": "stock", "block": None, "what": "ION-SET-1: 7 on hand, the ledger adds up to 100"}
    [letter] = story.letters(shop, "проверката на базата данни намери грешки")
    assert letter["To"] == "office@completedental.solutions"


def checked(folder: Path, checksum: str) -> bool:
    return subprocess.run(["sha256sum", "--check", "--quiet", checksum], cwd=folder, check=False).returncode == 0
