"""The report of versions: what runs, what differs from the lock, what changed since, and since when nothing did."""

from datetime import timedelta
from importlib import metadata
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from app.upkeep.dependencies import Lock, installed, report_dependencies
from app.wiring.upkeep import lock
from tests.shop import NOON

FASTAPI = metadata.version("fastapi")


def test_the_lock_is_read_as_it_lies_beside_the_program(tmp_path: Path) -> None:
    found = lock()
    assert found.versions["fastapi"] == FASTAPI
    assert len(found.versions) > 100
    assert found.sha256 is not None
    assert Lock.read(tmp_path / "requirements.lock") == Lock({})


async def test_what_runs_here_is_what_is_locked(session: AsyncSession) -> None:
    report = await report_dependencies(session, lock(), at=NOON)
    assert report.drift == []
    assert report.packages == installed()
    assert report.python.startswith("3.")


async def test_what_differs_from_the_lock_and_from_the_report_before_is_named(session: AsyncSession) -> None:
    locked = lock()
    versions = {name: version for name, version in locked.versions.items() if name != "httpx"}
    other = Lock({**versions, "fastapi": "0.1"}, "ab")
    first = await report_dependencies(session, other, at=NOON)
    httpx = {"package": "httpx", "installed": metadata.version("httpx"), "locked": None}
    assert first.drift == [{"package": "fastapi", "installed": FASTAPI, "locked": "0.1"}, httpx]
    assert (first.changes, first.lock_changed_at) == ([], NOON)
    first.packages = {**first.packages, "fastapi": "0.1", "gone": "1"}
    del first.packages["typer"]
    first.postgresql = "15.1"
    # As a report of last month would have it; it has not been written yet, so no guard is passed.
    await session.flush()

    second = await report_dependencies(session, other, at=NOON + timedelta(days=30))
    await session.flush()
    assert second.changes == [
        {"package": "fastapi", "before": "0.1", "now": FASTAPI},
        {"package": "gone", "before": "1", "now": None},
        {"package": "postgresql", "before": "15.1", "now": second.postgresql},
        {"package": "typer", "before": None, "now": metadata.version("typer")},
    ]
    assert second.lock_changed_at == NOON + timedelta(days=30)
    third = await report_dependencies(session, other, at=NOON + timedelta(days=60))
    await session.flush()
    assert (third.changes, third.lock_changed_at) == ([], second.made_at)
    fourth = await report_dependencies(session, Lock(other.versions, "cd"), at=NOON + timedelta(days=90))
    assert fourth.lock_changed_at == fourth.made_at


async def test_without_a_lock_nothing_is_called_drift(session: AsyncSession) -> None:
    report = await report_dependencies(session, Lock({}), at=NOON)
    assert (report.drift, report.lock_sha256) == ([], None)
