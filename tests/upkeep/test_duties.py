"""What is due is done, late rather than never, and once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from app.core.jobs import last_tick
from app.settings import Settings
from app.upkeep.sealed_files import WrongKey
from app.upkeep.watching import Watch
from tests.shop import Shop
from tests.upkeep.rows import backup_path, backups, files, vault

UPKEEP = ("take_backup", "rehearse_restore", "check_integrity", "report_dependencies")
RECORDS = (
    "SELECT (SELECT count(*) FROM backup_runs), (SELECT count(*) FROM backup_events WHERE act = 'rehearsed'),"
    " (SELECT count(*) FROM integrity_reports), (SELECT count(*) FROM dependency_reports)"
)


async def tick(shop: Shop) -> None:
    [look] = [periodic for periodic in shop.work.periodic if periodic.name == "promise_upkeep"]
    await look.run()


async def promised(shop: Shop) -> list[str]:
    """Name the jobs of upkeep that wait."""
    return sorted(name for (name, state), _ in (await shop.jobs()).items() if state == "todo" and name in UPKEEP)


@pytest.mark.parametrize(
    ("cron", "at", "last"),
    [
        ("30 3 1 * *", datetime(2026, 11, 23, 10, 0, tzinfo=UTC), datetime(2026, 11, 1, 3, 30, tzinfo=UTC)),
        ("30 3 1 * *", datetime(2026, 12, 1, 3, 29, tzinfo=UTC), datetime(2026, 11, 1, 3, 30, tzinfo=UTC)),
        ("30 3 1 * *", datetime(2026, 12, 1, 3, 31, tzinfo=UTC), datetime(2026, 12, 1, 3, 30, tzinfo=UTC)),
        ("30 3 * * *", datetime(2027, 1, 1, 0, 0, tzinfo=UTC), datetime(2026, 12, 31, 3, 30, tzinfo=UTC)),
    ],
)
def test_when_a_schedule_came_due_last(cron: str, at: datetime, last: datetime) -> None:
    assert last_tick(cron, at) == last


async def test_what_is_due_is_done_once_a_month_and_late_rather_than_never(shop: Shop) -> None:
    await tick(shop)
    await tick(shop)
    assert await promised(shop) == ["check_integrity", "report_dependencies", "take_backup"]
    await shop.run_jobs()
    await tick(shop)
    assert await promised(shop) == ["rehearse_restore"], "there is a backup by now"
    await shop.run_jobs()
    assert await shop.rows(RECORDS) == [(1, 1, 1, 1)]
    assert len(files(vault(shop).folder)) == 2
    await tick(shop)
    assert await promised(shop) == []

    # The worker was down on the first of the month, at 03:30 and for days after.
    shop.clock.at = datetime(2026, 12, 9, 18, 0, tzinfo=UTC)
    await tick(shop)
    assert await promised(shop) == sorted(UPKEEP)
    await shop.run_jobs()
    assert await shop.rows(RECORDS) == [(2, 2, 2, 2)]


async def test_f4_what_a_clock_that_ran_ahead_did_is_not_taken_for_done(shop: Shop) -> None:
    now = shop.clock.at
    shop.clock.advance(days=90)
    for _ in range(2):
        await tick(shop)
        await shop.run_jobs()
    shop.clock.at = now
    await tick(shop)
    assert await promised(shop) == ["check_integrity", "report_dependencies", "take_backup"]
    await shop.run_jobs()
    await tick(shop)
    assert await promised(shop) == ["rehearse_restore"]
    await shop.run_jobs()
    await tick(shop)
    assert await promised(shop) == [], "once"


async def test_a_backup_that_fails_waits_and_is_made_once_there_is_room(shop: Shop) -> None:
    folder = vault(shop).folder
    folder.write_text("a file where the folder should be")
    await tick(shop)
    await shop.run_jobs()
    assert await shop.rows("SELECT outcome FROM backup_runs") == [("failed",)]
    assert await shop.rows("SELECT count(*) FROM integrity_reports") == [(1,)], "what else is due is not held up"
    await tick(shop)
    assert (await shop.jobs())["take_backup", "todo"] == 1, "one is enough"
    folder.unlink()
    await shop.make_due()
    await shop.run_jobs()
    assert [outcome for (outcome,) in await shop.rows("SELECT outcome FROM backup_runs ORDER BY id")] == [
        "failed",
        "kept",
    ]


def test_a_schedule_that_is_none_keeps_the_shop_from_starting() -> None:
    assert Settings(backup_cron="30 3 * * *").backup_cron == "30 3 * * *"
    for wrong in ("", "monthly", "30 25 1 * *"):
        with pytest.raises(ValidationError, match="a schedule is five fields, minute first"):
            Settings(integrity_cron=wrong)


def test_the_term_of_backups_is_no_longer_than_an_erasure_is_remembered() -> None:
    assert Settings(backup_days=90).backup_days == 90
    with pytest.raises(ValidationError):
        Settings(backup_days=91)


async def test_the_secret_can_be_changed(shop: Shop) -> None:
    old = await backup_path(shop)
    keeper = backups(shop)
    changed = replace(keeper, vault=replace(keeper.vault, secret=f"a new one,{keeper.vault.secret}"))
    assert (await changed.verify(old, Watch())).rows
    with pytest.raises(WrongKey):
        await replace(keeper, vault=replace(keeper.vault, secret="a new one")).verify(old, Watch())
