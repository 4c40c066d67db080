"""Runs every check and keeps the report."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy.exc import DBAPIError

from app.auth.auditing.verifying import verify
from app.core.clock import Clock
from app.core.db import Pool, Sessions, make_engine
from app.core.ids import uuid7
from app.upkeep import queries
from app.upkeep.alarms import Alarms
from app.upkeep.integrity.constraints import check_constraints, check_guards
from app.upkeep.integrity.findings import Check, outcome_of
from app.upkeep.integrity.ledgers import check_hashes, check_ledgers
from app.upkeep.integrity.pages import ask_amcheck, read_pages, walk_indexes
from app.upkeep.integrity.reading import Reader, damage_of
from app.upkeep.models import IntegrityReport, Soundness
from app.upkeep.watching import Watch

PATIENT = Pool(size=1, overflow=1, statement_timeout_ms=0, lock_timeout_ms=5_000, idle_in_transaction_timeout_ms=0)
"""A table may take long to read; what it waits for is not to wait for it."""
BACKUP_EVERY = timedelta(days=35)
"""A month, and some days to mend what kept one from being made."""


async def check_integrity(url: str, sessions: Sessions, clock: Clock, alarms: Alarms, watch: Watch) -> IntegrityReport:
    """Check everything, keep the report, and alarm the responsible person when anything is unsound."""
    started_at = clock.now()
    engine = make_engine(url, PATIENT)
    try:
        checks = await _run(Reader.over(engine, watch))
    finally:
        await engine.dispose()
    checks.append(await _check_backups(sessions, clock))
    report = IntegrityReport(
        id=uuid7(),
        started_at=started_at,
        ended_at=clock.now(),
        outcome=outcome_of(checks),
        checks=[check.written() for check in checks],
    )
    async with sessions.begin() as session:
        session.add(report)
        if report.outcome is Soundness.UNSOUND:
            await alarms.raise_alarm(session, report.id, at=clock.now())
    return report


async def _run(reader: Reader) -> list[Check]:
    wanted: tuple[tuple[str, Callable[[Reader], Awaitable[Check]]], ...] = (
        ("pages", read_pages),
        ("indexes", walk_indexes),
        ("amcheck", ask_amcheck),
        ("constraints", check_constraints),
        ("guards", check_guards),
        ("ledgers", check_ledgers),
        ("hashes", check_hashes),
        ("audit", _follow_audit),
    )
    return [await _checked(name, check, reader) for name, check in wanted]


async def _checked(name: str, check: Callable[[Reader], Awaitable[Check]], reader: Reader) -> Check:
    """Run one check; damage that keeps it from its end is its finding, and the others go on."""
    try:
        return await check(reader)
    except DBAPIError as problem:
        if (damage := damage_of(problem)) is None:
            raise
        broken = Check(name)
        broken.find("database", f"{damage}: this check could not be ended", damage.block)
        return broken


async def _follow_audit(reader: Reader) -> Check:
    """Follow the audit log from entry to entry, each by its hash."""
    check = Check("audit")
    async with reader.reading() as session:
        found = await verify(session)
    check.examined, check.untold = found.checked, found.untold
    for fault in found.faults:
        check.find("audit_entries", fault)
    reader.watch.tell(f"audit: {check.examined} entries")
    return check


async def _check_backups(sessions: Sessions, clock: Clock) -> Check:
    """Look whether the last backup is of this month, and whether the last check of it found it good (S43)."""
    check = Check("backups")
    async with sessions() as session:
        run = await queries.find_newest_kept(session, at=clock.now())
        newest = await queries.get_backup(session, run.id) if run else None
    if newest is None:
        check.cannot("no backup has been made yet")
        return check
    check.examined = 1
    if newest.run.started_at < clock.now() - BACKUP_EVERY:
        check.find("backup_runs", f"the last backup is of {newest.run.started_at:%Y-%m-%d}")
    if newest.fault:
        check.find("backup_events", f"the last backup does not hold: {newest.fault}")
    return check
