"""Every select of the records of upkeep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core.errors import NotFound
from app.upkeep.models import (
    BackupAct,
    BackupEvent,
    BackupOutcome,
    BackupRun,
    DependencyReport,
    IntegrityReport,
    Standstill,
    StandstillAlarm,
    Still,
)

Key = tuple[datetime, UUID]
Row = TypeVar("Row", BackupRun, IntegrityReport, DependencyReport)


@dataclass(frozen=True, slots=True)
class Backup:
    """A run of the register, and what came of it since."""

    run: BackupRun
    events: Sequence[BackupEvent]

    def _last(self, act: BackupAct) -> BackupEvent | None:
        return next((event for event in reversed(self.events) if event.act is act), None)

    @property
    def verified_at(self) -> datetime | None:
        """When it was last read whole and found good."""
        last = self._last(BackupAct.VERIFIED)
        return last.at if last and last.fault is None else None

    @property
    def rehearsed_at(self) -> datetime | None:
        """When it was last restored into a scratch database and found the same."""
        last = self._last(BackupAct.REHEARSED)
        return last.at if last and last.fault is None else None

    @property
    def removed_at(self) -> datetime | None:
        last = self._last(BackupAct.REMOVED)
        return last.at if last else None

    def faults_in_a_row(self, act: BackupAct) -> int:
        """Count how often a check of it has failed since it last went well."""
        faults = [event.fault for event in self.events if event.act is act]
        return next((count for count, fault in enumerate(reversed(faults)) if fault is None), len(faults))

    @property
    def fault(self) -> str | None:
        """What the last check of it found wrong."""
        checks = [event for event in self.events if event.act is not BackupAct.REMOVED]
        return checks[-1].fault if checks else None


def _page(
    wanted: Select[Row],
    at: InstrumentedAttribute[datetime],
    id_: InstrumentedAttribute[UUID],
    before: Key | None,
) -> Select[Row]:
    if before:
        wanted = wanted.where(tuple_(at, id_) < before)
    return wanted.order_by(at.desc(), id_.desc())


async def list_backups(session: AsyncSession, *, before: Key | None = None, limit: int = 100) -> Sequence[Backup]:
    """List the register of backups, newest first."""
    wanted = _page(select(BackupRun), BackupRun.started_at, BackupRun.id, before).limit(limit)
    return await _with_events(session, (await session.scalars(wanted)).all())


async def get_backup(session: AsyncSession, run_id: UUID) -> Backup:
    run = await session.get(BackupRun, run_id)
    if run is None:
        raise NotFound
    return (await _with_events(session, [run]))[0]


async def _with_events(session: AsyncSession, runs: Sequence[BackupRun]) -> Sequence[Backup]:
    wanted = (
        select(BackupEvent)
        .where(BackupEvent.run_id.in_([run.id for run in runs]))
        .order_by(BackupEvent.at, BackupEvent.id)
    )
    events = (await session.scalars(wanted)).all()
    return [Backup(run, [event for event in events if event.run_id == run.id]) for run in runs]


async def find_kept(session: AsyncSession, *, file: str) -> BackupRun | None:
    """Find the run that made a file."""
    wanted = select(BackupRun).where(BackupRun.file == file).order_by(BackupRun.started_at.desc()).limit(1)
    found: BackupRun | None = await session.scalar(wanted)
    return found


async def find_newest_kept(session: AsyncSession, *, at: datetime) -> BackupRun | None:
    """Find the newest backup; one of a day to come is of a clock that ran ahead, and says nothing of today."""
    wanted = (
        select(BackupRun)
        .where(BackupRun.outcome == BackupOutcome.KEPT, BackupRun.started_at <= at)
        .order_by(BackupRun.started_at.desc(), BackupRun.id.desc())
        .limit(1)
    )
    found: BackupRun | None = await session.scalar(wanted)
    return found


async def find_last_rehearsal(session: AsyncSession, *, at: datetime) -> datetime | None:
    rehearsed = (BackupEvent.act == BackupAct.REHEARSED, BackupEvent.at <= at)
    return await session.scalar(select(func.max(BackupEvent.at)).where(*rehearsed))


async def find_last_integrity(session: AsyncSession, *, at: datetime) -> datetime | None:
    return await session.scalar(select(func.max(IntegrityReport.started_at)).where(IntegrityReport.started_at <= at))


async def find_last_dependencies(session: AsyncSession, *, at: datetime) -> DependencyReport | None:
    newest_first = (DependencyReport.made_at.desc(), DependencyReport.id.desc())
    wanted = select(DependencyReport).where(DependencyReport.made_at <= at).order_by(*newest_first).limit(1)
    found: DependencyReport | None = await session.scalar(wanted)
    return found


async def list_integrity_reports(
    session: AsyncSession, *, before: Key | None = None, limit: int = 100
) -> Sequence[IntegrityReport]:
    """List the reports, newest first."""
    wanted = _page(select(IntegrityReport), IntegrityReport.started_at, IntegrityReport.id, before).limit(limit)
    return (await session.scalars(wanted)).all()


async def get_integrity_report(session: AsyncSession, report_id: UUID) -> IntegrityReport:
    report = await session.get(IntegrityReport, report_id)
    if report is None:
        raise NotFound
    return report


async def list_dependency_reports(
    session: AsyncSession, *, before: Key | None = None, limit: int = 100
) -> Sequence[DependencyReport]:
    """List the reports, newest first."""
    wanted = _page(select(DependencyReport), DependencyReport.made_at, DependencyReport.id, before).limit(limit)
    return (await session.scalars(wanted)).all()


async def get_dependency_report(session: AsyncSession, report_id: UUID) -> DependencyReport:
    report = await session.get(DependencyReport, report_id)
    if report is None:
        raise NotFound
    return report


async def find_noticed(session: AsyncSession) -> dict[tuple[Still, str], Standstill]:
    """Find what stood still when it was last looked, or a while ago."""
    return {(row.kind, row.subject): row for row in await session.scalars(select(Standstill))}


async def find_told(session: AsyncSession) -> list[dict[str, Any]]:
    """Find what the newest mail about work that stands still said."""
    newest = select(StandstillAlarm.found).order_by(StandstillAlarm.made_at.desc(), StandstillAlarm.id.desc()).limit(1)
    return await session.scalar(newest) or []
