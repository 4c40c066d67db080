"""Tables of what upkeep did and found; all are tables of record, but for those of what stands still at the moment."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, one_of
from app.core.ids import uuid7
from app.core.personal import IMPERSONAL


class BackupOutcome(StrEnum):
    KEPT = "kept"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    """Its process died; found out by the run after it."""


class BackupRun(Base):
    """One backup that was made, or was tried (S43); written when it has ended."""

    __tablename__ = "backup_runs"
    __table_args__ = (
        one_of("outcome", BackupOutcome),
        CheckConstraint(
            "(outcome = 'kept') = (num_nonnulls(file, bytes, sha256, revision, rows) = 5)", name="is_described"
        ),
        CheckConstraint("(outcome = 'kept') = (failure IS NULL)", name="failure"),
        Index(None, "started_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    outcome: Mapped[BackupOutcome] = mapped_column(info=IMPERSONAL)
    file: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """Of the file as it lies on the medium."""
    revision: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    """Of the schema."""
    rows: Mapped[int | None] = mapped_column(BigInteger)
    failure: Mapped[str | None] = mapped_column(info=IMPERSONAL)


class BackupAct(StrEnum):
    """What was done to a backup after it was made."""

    VERIFIED = "verified"
    """Read whole: checksum, seal of every chunk, digest of every table."""
    REHEARSED = "rehearsed"
    """Restored into a scratch database and compared."""
    REMOVED = "removed"
    """Its time was over."""


class BackupEvent(Base):
    """What a check of a backup found, or that its file was removed; `fault` says what is wrong with it."""

    __tablename__ = "backup_events"
    __table_args__ = (one_of("act", BackupAct), Index(None, "run_id", "at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("backup_runs.id"))
    act: Mapped[BackupAct] = mapped_column(info=IMPERSONAL)
    at: Mapped[datetime]
    fault: Mapped[str | None] = mapped_column(info=IMPERSONAL)


class Soundness(StrEnum):
    SOUND = "sound"
    UNSOUND = "unsound"
    UNAVAILABLE = "unavailable"
    """Of one check: this server cannot do it, or this role may not."""


class IntegrityReport(Base):
    """One check of the whole database (S41)."""

    __tablename__ = "integrity_reports"
    __table_args__ = (one_of("outcome", Soundness), Index(None, "started_at", "id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    outcome: Mapped[Soundness] = mapped_column(info=IMPERSONAL)
    checks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, info=IMPERSONAL)
    """Each with its name, outcome, how much it examined, remarks and findings."""


class DependencyReport(Base):
    """Which versions ran here, whether as locked, and what had changed since the report before (S42)."""

    __tablename__ = "dependency_reports"
    __table_args__ = (Index(None, "made_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    made_at: Mapped[datetime]
    python: Mapped[str] = mapped_column(info=IMPERSONAL)
    postgresql: Mapped[str] = mapped_column(info=IMPERSONAL)
    packages: Mapped[dict[str, str]] = mapped_column(JSONB, info=IMPERSONAL)
    drift: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, info=IMPERSONAL)
    """What is installed otherwise than the lock has it."""
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, info=IMPERSONAL)
    lock_sha256: Mapped[str | None] = mapped_column(info=IMPERSONAL)
    lock_changed_at: Mapped[datetime]
    """When a report first saw these versions and this lock."""


class Still(StrEnum):
    """In what way work stands still."""

    NOBODY = "nobody"
    """No worker is at work."""
    SILENT = "silent"
    """A worker gives no sign of life, beside others that do."""
    QUEUE = "queue"
    """Jobs wait for too long."""
    PARKED = "parked"
    """Jobs of a kind wait for a person."""
    CONCERN = "concern"
    """Orders wait for a person: their parcels, postings, mails or books."""


class Standstill(Base):
    """What stands still, or has begun to move again only a while ago."""

    __tablename__ = "standstills"
    __table_args__ = (one_of("kind", Still),)

    kind: Mapped[Still] = mapped_column(primary_key=True, info=IMPERSONAL)
    subject: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    """The kind of job, or what a concern is about; empty for the others."""
    noticed_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """When it was last found to stand still."""
    told_at: Mapped[datetime | None]
    """When it was last written about."""


class StandstillAlarm(Base):
    """What a mail said of work that stands still."""

    __tablename__ = "standstill_alarms"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    made_at: Mapped[datetime]
    found: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, info=IMPERSONAL)
    tried_at: Mapped[datetime | None]
    """When whoever looked last tried to send it itself, because no worker had sent it."""


class AdapterCalls(Base):
    """How many calls to an outside system ended in what way, of all processes together since the beginning."""

    __tablename__ = "adapter_calls"

    adapter: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    outcome: Mapped[str] = mapped_column(primary_key=True, info=IMPERSONAL)
    calls: Mapped[int] = mapped_column(BigInteger)
