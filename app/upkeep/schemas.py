"""What staff see of upkeep."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from app.core.fields import View
from app.upkeep.finding_standstills import Found
from app.upkeep.models import BackupAct, BackupOutcome, Soundness, Standstill, Still
from app.upkeep.queries import Backup

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class BackupEventView(View):
    act: BackupAct
    at: datetime
    fault: str | None = Field(description="What was wrong; null: nothing", examples=[None])


class BackupView(View):
    id: UUID
    started_at: datetime
    ended_at: datetime
    outcome: BackupOutcome
    file: str | None = Field(examples=["shop-20261201T033000Z-1b0f00a8.backup"])
    bytes: int | None = Field(examples=[48_120_331])
    sha256: str | None = Field(description="Of the file as it lies on the medium", examples=[DIGEST])
    revision: str | None = Field(description="Of the schema", examples=["0021"])
    rows: int | None = Field(examples=[182_204])
    failure: str | None = Field(examples=[None])
    verified_at: datetime | None = Field(description="When it was last read whole and found good")
    rehearsed_at: datetime | None = Field(description="When it was last restored aside and found the same")
    removed_at: datetime | None = Field(description="When its time was over")
    events: list[BackupEventView]

    @classmethod
    def of(cls, backup: Backup) -> "BackupView":
        run = backup.run
        return cls(
            id=run.id,
            started_at=run.started_at,
            ended_at=run.ended_at,
            outcome=run.outcome,
            file=run.file,
            bytes=run.bytes,
            sha256=run.sha256,
            revision=run.revision,
            rows=run.rows,
            failure=run.failure,
            verified_at=backup.verified_at,
            rehearsed_at=backup.rehearsed_at,
            removed_at=backup.removed_at,
            events=[BackupEventView.model_validate(event) for event in backup.events],
        )


class FindingView(View):
    table: str = Field(examples=["orders"])
    block: int | None = Field(examples=[3])
    what: str = Field(examples=["the page is not what was written"])


class CheckView(View):
    name: str = Field(examples=["pages"])
    outcome: Soundness
    examined: int = Field(description="Rows, indexes, rules or entries", examples=[182_204])
    findings: list[FindingView]
    untold: int = Field(description="Findings beyond those listed", examples=[0])
    remarks: list[str] = Field(examples=[["this server has no amcheck"]])


class IntegrityReportView(View):
    id: UUID
    started_at: datetime
    ended_at: datetime
    outcome: Soundness
    checks: list[CheckView]


class DriftView(View):
    package: str = Field(examples=["httpx"])
    installed: str = Field(examples=["0.29.1"])
    locked: str | None = Field(description="Null: the lock does not know it", examples=["0.29.0"])


class ChangeView(View):
    model_config = ConfigDict(from_attributes=True, frozen=True, populate_by_name=True)

    package: str = Field(examples=["postgresql"])
    before: str | None = Field(examples=["18.3"])
    now: str | None = Field(examples=["18.4"])


class DependencyReportView(View):
    id: UUID
    made_at: datetime
    python: str = Field(examples=["3.11.15"])
    postgresql: str = Field(examples=["18.4"])
    packages: dict[str, str] = Field(
        description="Every distribution and its version", examples=[{"fastapi": "0.165.0"}]
    )
    drift: list[DriftView] = Field(description="What is installed otherwise than locked")
    changes: list[ChangeView] = Field(description="Since the report before")
    lock_sha256: str | None = Field(description="Of the list of locked versions", examples=[DIGEST])
    lock_changed_at: datetime = Field(description="Since when these versions and this lock are what runs")
    unchanged_days: int = Field(description="Days from then to the report", examples=[12])

    @classmethod
    def of(cls, report: Any) -> "DependencyReportView":
        fields = {name: getattr(report, name) for name in cls.model_fields if name != "unchanged_days"}
        return cls(**fields, unchanged_days=(report.made_at - report.lock_changed_at).days)


class StandstillView(View):
    kind: Still = Field(
        description="`nobody`: no worker is at work; `silent`: one gives no sign of life; `queue`: jobs wait for too"
        " long; `parked`: jobs wait for a person; `concern`: orders do"
    )
    subject: str = Field(
        description="Kind of job, or what a concern is about, or its code where it mostly passes by itself; else empty",
        examples=["send_mail"],
    )
    count: int = Field(examples=[3])
    minutes: int = Field(description="How long the oldest job of the queue has been waiting; else 0", examples=[0])
    noticed_at: datetime | None = Field(description="Null: since the last look, less than a few minutes ago")
    told_at: datetime | None = Field(description="When the shop was last written to about it")

    @classmethod
    def of(cls, found: Found, known: Standstill | None) -> "StandstillView":
        return cls(
            kind=found.kind,
            subject=found.subject,
            count=found.count,
            minutes=found.minutes,
            noticed_at=known.noticed_at if known else None,
            told_at=known.told_at if known else None,
        )
