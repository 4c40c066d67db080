"""`shop breach`: the clock is started with one command."""

from datetime import UTC, datetime
from pathlib import Path

from tests.cli.test_operate import Terminal
from tests.shop import Shop

SUMMARY = "Откраднат лаптоп от склада"


async def test_a_breach_is_recorded_at_night_with_one_command(shop: Shop, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    said = await Terminal(shop, tmp_path).done("breach", "discovered", SUMMARY)
    after = datetime.now(UTC)
    [row] = await shop.rows("SELECT id, number, summary, channel, drill, status, recorded_by FROM breaches")
    assert row[1:] == (1, SUMMARY, "staff", False, "discovered", "operator")
    [[discovered_at, recorded_at]] = await shop.rows("SELECT discovered_at, recorded_at FROM breaches")
    assert discovered_at == recorded_at
    assert before <= discovered_at <= after
    assert said.splitlines()[0].startswith("Breach No. 1 is on record. The authority is to be notified by 20")
    assert said.splitlines()[1] == f"Go on with it: /v1/staff/breaches/{row[0]}"
    noted = await shop.rows("SELECT actor, action, subject FROM audit_entries")
    assert noted == [("operator", "personal_data_changed", f"record_breach breach:{row[0]}")]


async def test_when_it_was_discovered_may_be_said(shop: Shop, tmp_path: Path) -> None:
    words = ("breach", "discovered", SUMMARY, "--at", "2026-01-05T02:40", "--channel", "processor", "--drill")
    said = await Terminal(shop, tmp_path).done(*words)
    assert said.splitlines()[0] == "Drill No. 1 is on record. The authority is to be notified by 2026-01-08 03:00."
    [row] = await shop.rows("SELECT discovered_at, channel, drill FROM breaches")
    assert row == (datetime(2026, 1, 5, 0, 40, tzinfo=UTC), "processor", True)


async def test_what_is_no_sentence_and_no_past_is_refused(shop: Shop, tmp_path: Path) -> None:
    terminal = Terminal(shop, tmp_path)
    assert await terminal.refused("breach", "discovered", " ") == "summary: Must not be blank"
    future = await terminal.refused("breach", "discovered", SUMMARY, "--at", "2199-01-01T00:00")
    assert future == "The moment is not possible. The moment is in the future, or before what led to it."
    assert await shop.count("breaches") == 0
    assert await shop.count("audit_entries") == 0
