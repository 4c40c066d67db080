"""Says what is due, and does it when its job comes.

A schedule names days; what is due is what was not done since the last of them. So a worker that was down on the first
of the month makes the backup when it is back, and one that is killed in the midst of it begins anew.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import SOFIA, Clock
from app.core.db import Sessions
from app.core.jobs import Job, Promise, defer, is_promised, last_tick
from app.upkeep import queries
from app.upkeep.alarms import Alarms
from app.upkeep.backing_up import Backups
from app.upkeep.dependencies import Lock, report_dependencies
from app.upkeep.faults import UpkeepFailed, fault_of
from app.upkeep.integrity.running import check_integrity
from app.upkeep.jobs import LOCK, CheckIntegrity, RehearseRestore, ReportDependencies, TakeBackup
from app.upkeep.watching import Watch

log = structlog.get_logger()


class Last(Protocol):
    """Says when something was last done, as of a moment."""

    def __call__(self, session: AsyncSession, *, at: datetime) -> Awaitable[datetime | None]: ...


@dataclass(frozen=True, slots=True)
class Schedule:
    """When each is due; in UTC, a sixth field is seconds."""

    backup: str
    rehearsal: str
    integrity: str
    dependencies: str


@dataclass(frozen=True, slots=True)
class Duties:
    """The handlers of upkeep's jobs, and the look for what is due."""

    sessions: Sessions
    url: str
    clock: Clock
    backups: Backups
    alarms: Alarms
    schedule: Schedule
    lock: Lock

    async def promise_due(self) -> None:
        """Promise what is due and neither waits nor is parked; done often, so that nothing is late for long."""
        async with self.sessions.begin() as session:
            for job, cron, last in (
                (TakeBackup(), self.schedule.backup, _last_backup),
                (RehearseRestore(), self.schedule.rehearsal, _last_rehearsal),
                (CheckIntegrity(), self.schedule.integrity, queries.find_last_integrity),
                (ReportDependencies(), self.schedule.dependencies, _last_dependencies),
            ):
                await self._promise(session, job, cron, last)

    async def _promise(self, session: AsyncSession, job: Job, cron: str, last: Last) -> None:
        at = self.clock.now()
        done = await last(session, at=at)
        if done is not None and done >= last_tick(cron, at):
            return
        if not await is_promised(session, type(job)):
            await defer(session, Promise(job, lock=LOCK))

    async def take_backup(self, _job: TakeBackup) -> None:
        run = await self.backups.take(Watch())
        log.info("backup_kept", file=run.file, bytes=run.bytes, rows=run.rows)

    async def rehearse_restore(self, _job: RehearseRestore) -> None:
        await self.backups.rehearse(Watch())

    async def check_integrity(self, _job: CheckIntegrity) -> None:
        try:
            await check_integrity(self.url, self.sessions, self.clock, self.alarms, Watch())
        except DBAPIError as problem:
            raise UpkeepFailed(fault_of(problem)) from problem

    async def report_dependencies(self, _job: ReportDependencies) -> None:
        async with self.sessions.begin() as session:
            await report_dependencies(session, self.lock, at=self.clock.now())


async def _last_backup(session: AsyncSession, *, at: datetime) -> datetime | None:
    run = await queries.find_newest_kept(session, at=at)
    return run.started_at if run else None


async def _last_rehearsal(session: AsyncSession, *, at: datetime) -> datetime | None:
    """Say when a restore was rehearsed; without a backup there is nothing to rehearse, and it counts as done."""
    run = await queries.find_newest_kept(session, at=at)
    return await queries.find_last_rehearsal(session, at=at) if run else datetime.max.replace(tzinfo=SOFIA)


async def _last_dependencies(session: AsyncSession, *, at: datetime) -> datetime | None:
    report = await queries.find_last_dependencies(session, at=at)
    return report.made_at if report else None
