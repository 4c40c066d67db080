"""Puts the registers together: those of the backoffice, and of its neighbours, which it does not know."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from app.backoffice.catalogue import REGISTERS
from app.backoffice.register import Cell, Column, Reading, Register, RegisterName, Whole
from app.core.language import Text
from app.upkeep.models import BackupEvent, BackupRun, DependencyReport, IntegrityReport


async def _backups(reading: Reading) -> Sequence[Mapping[str, Cell]]:
    runs = await reading.session.scalars(select(BackupRun).order_by(BackupRun.started_at.desc(), BackupRun.id.desc()))
    events: dict[object, list[Text | str]] = {}
    for event in await reading.session.scalars(select(BackupEvent).order_by(BackupEvent.at)):
        said = f"{event.at:%d.%m.%Y} {event.act}" + (f": {event.fault}" if event.fault else "")
        events.setdefault(event.run_id, []).append(said)
    return [
        {
            "started_at": run.started_at,
            "ended_at": run.ended_at,
            "outcome": run.outcome.value,
            "file": run.file,
            "bytes": run.bytes,
            "rows": run.rows,
            "sha256": run.sha256,
            "failure": run.failure,
            "events": events.get(run.id, ()),
        }
        for run in runs
    ]


async def _integrity(reading: Reading) -> Sequence[Mapping[str, Cell]]:
    newest_first = select(IntegrityReport).order_by(IntegrityReport.started_at.desc(), IntegrityReport.id.desc())
    return [
        {
            "started_at": report.started_at,
            "ended_at": report.ended_at,
            "outcome": report.outcome.value,
            "checks": [f"{check.get('name')}: {check.get('outcome')}" for check in report.checks],
        }
        for report in await reading.session.scalars(newest_first)
    ]


async def _dependencies(reading: Reading) -> Sequence[Mapping[str, Cell]]:
    newest_first = select(DependencyReport).order_by(DependencyReport.made_at.desc(), DependencyReport.id.desc())
    return [
        {
            "made_at": report.made_at,
            "python": report.python,
            "postgresql": report.postgresql,
            "packages": len(report.packages),
            "drift": len(report.drift),
            "changes": len(report.changes),
            "lock_sha256": report.lock_sha256,
            "lock_changed_at": report.lock_changed_at,
        }
        for report in await reading.session.scalars(newest_first)
    ]


BACKUPS = Whole(
    RegisterName.BACKUPS,
    Text("Архиви на данните", "Backups"),
    (
        Column("started_at", Text("Начало", "Began")),
        Column("ended_at", Text("Край", "Ended")),
        Column("outcome", Text("Резултат", "Outcome"), 3),
        Column("file", Text("Файл", "File"), 7),
        Column("bytes", Text("Байтове", "Bytes"), 3),
        Column("rows", Text("Записи", "Rows"), 3),
        Column("sha256", Text("SHA-256", "SHA-256"), 8),
        Column("failure", Text("Грешка", "Failure"), 5),
        Column("events", Text("Проверки", "Checks"), 7),
    ),
    _backups,
)
INTEGRITY = Whole(
    RegisterName.INTEGRITY,
    Text("Проверки на целостта", "Checks of integrity"),
    (
        Column("started_at", Text("Начало", "Began")),
        Column("ended_at", Text("Край", "Ended")),
        Column("outcome", Text("Резултат", "Outcome")),
        Column("checks", Text("Проверено", "Checked"), 20),
    ),
    _integrity,
)
DEPENDENCIES = Whole(
    RegisterName.DEPENDENCIES,
    Text("Версии на софтуера", "Versions of the software"),
    (
        Column("made_at", Text("Кога", "When")),
        Column("python", Text("Python", "Python")),
        Column("postgresql", Text("PostgreSQL", "PostgreSQL")),
        Column("packages", Text("Пакети", "Packages"), 3),
        Column("drift", Text("Разлики", "Drift"), 3),
        Column("changes", Text("Промени", "Changes"), 3),
        Column("lock_sha256", Text("SHA-256 на заключените версии", "SHA-256 of the lock"), 8),
        Column("lock_changed_at", Text("Променени", "Changed")),
    ),
    _dependencies,
)


def registers() -> Mapping[RegisterName, Register]:
    return {**REGISTERS, **{register.name: register for register in (BACKUPS, INTEGRITY, DEPENDENCIES)}}
