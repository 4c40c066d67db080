"""What the officer reads of upkeep, page by page."""

from typing import Any

import httpx
import pytest

from app.auth.models import StaffRole
from app.core.paging import write_cursor
from app.upkeep.watching import Watch
from tests.shop import Shop
from tests.upkeep.rows import backup_path, backups

LISTS = ("backups", "integrity", "dependencies")


@pytest.fixture
async def officer(shop: Shop) -> dict[str, str]:
    return await shop.staff(StaffRole.PRIVACY_OFFICER)


async def get(shop: Shop, path: str, headers: dict[str, str], **params: Any) -> Any:
    answer = await shop.http.get(f"/v1/staff/upkeep/{path}", headers=headers, params=params)
    assert answer.status_code == httpx.codes.OK, answer.text
    return answer.json()


async def do_everything(shop: Shop) -> None:
    [look] = [periodic for periodic in shop.work.periodic if periodic.name == "promise_upkeep"]
    await look.run()
    await shop.run_jobs()


async def test_the_officer_reads_every_report(shop: Shop, officer: dict[str, str]) -> None:
    await do_everything(shop)
    [backup] = (await get(shop, "backups", officer))["items"]
    [[file, digest, rows]] = await shop.rows("SELECT file, sha256, rows FROM backup_runs")
    at = "2026-11-23T10:00:00Z"
    assert backup == {
        "id": backup["id"],
        "started_at": at,
        "ended_at": at,
        "outcome": "kept",
        "file": file,
        "sha256": digest,
        "bytes": backup["bytes"],
        "rows": rows,
        "revision": backup["revision"],
        "failure": None,
        "verified_at": at,
        "rehearsed_at": None,
        "removed_at": None,
        "events": [{"act": "verified", "at": at, "fault": None}],
    }
    assert await get(shop, f"backups/{backup['id']}", officer) == backup

    [integrity] = (await get(shop, "integrity", officer))["items"]
    assert integrity["outcome"] == "sound"
    assert integrity["checks"][2]["name"] == "amcheck"
    assert integrity["checks"][2]["remarks"] == ["this server has no amcheck"]
    assert await get(shop, f"integrity/{integrity['id']}", officer) == integrity

    [report] = (await get(shop, "dependencies", officer))["items"]
    assert report["postgresql"].startswith("1")
    assert {"fastapi", "sqlalchemy", "psycopg"} <= report["packages"].keys()
    assert (report["drift"], report["changes"], report["unchanged_days"]) == ([], [], 0)
    assert await get(shop, f"dependencies/{report['id']}", officer) == report


async def test_lists_go_on_where_the_page_before_ended(shop: Shop, officer: dict[str, str]) -> None:
    made = []
    for _ in range(3):
        made.append((await backup_path(shop)).name)
        shop.clock.advance(seconds=1)
    first = await get(shop, "backups", officer, limit=2)
    assert [each["file"] for each in first["items"]] == made[:0:-1]
    second = await get(shop, "backups", officer, limit=2, cursor=first["next_cursor"])
    assert ([each["file"] for each in second["items"]], second["next_cursor"]) == (made[:1], None)


async def test_a_rehearsal_and_a_failure_show(shop: Shop, officer: dict[str, str]) -> None:
    path = await backup_path(shop)
    await backups(shop).rehearse(Watch())
    [shown] = (await get(shop, "backups", officer))["items"]
    assert shown["rehearsed_at"] == "2026-11-23T10:00:00Z"
    path.write_bytes(b"")
    with pytest.raises(Exception, match="SHA-256"):
        await backups(shop).verify(path, Watch())
    [shown] = (await get(shop, "backups", officer))["items"]
    assert (shown["verified_at"], shown["events"][-1]["fault"][:14]) == (None, "its SHA-256 is")


@pytest.mark.parametrize("list_", LISTS)
@pytest.mark.parametrize("cursor", ["x", write_cursor("2026-11-23", 1), write_cursor("2026-11-23T10:00:00", "y")])
async def test_a_cursor_of_no_list_is_refused(shop: Shop, officer: dict[str, str], list_: str, cursor: str) -> None:
    answer = await shop.http.get(f"/v1/staff/upkeep/{list_}", params={"cursor": cursor}, headers=officer)
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor-unknown")


@pytest.mark.parametrize("list_", LISTS)
async def test_what_is_not_there_is_not_found(shop: Shop, officer: dict[str, str], list_: str) -> None:
    answer = await shop.http.get(f"/v1/staff/upkeep/{list_}/019aa5f0-7c1e-7a55-9d37-0a4c1c2f8e11", headers=officer)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("role", [StaffRole.SUPPORT, StaffRole.ACCOUNTANT, StaffRole.WAREHOUSE, StaffRole.EDITOR])
async def test_nobody_else_of_the_staff_reads_them(shop: Shop, role: StaffRole) -> None:
    headers = await shop.staff(role)
    for list_ in LISTS:
        answer = await shop.http.get(f"/v1/staff/upkeep/{list_}", headers=headers)
        assert (answer.status_code, answer.json()["right"]) == (403, "read_upkeep")
