"""Makes backups, reads them back, rehearses restoring them, and keeps the register of all that (S43)."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

import psycopg
from sqlalchemy import func, make_url, select
from sqlalchemy.exc import DBAPIError

from app.core.clock import Clock
from app.core.db import Sessions
from app.core.ids import uuid7
from app.upkeep import queries
from app.upkeep.alarms import Alarms
from app.upkeep.archives import Manifest
from app.upkeep.erasures import keep_list
from app.upkeep.faults import UpkeepFailed, fault_of
from app.upkeep.keeping import Made, Vault, clear_interrupted, make_backup, read_backup, rotate
from app.upkeep.models import BackupAct, BackupEvent, BackupOutcome, BackupRun
from app.upkeep.restoring import RestoreRefused, create_database, drop_database, idle_databases, restore
from app.upkeep.sealed_files import FileUnsound
from app.upkeep.watching import Watch, in_thread

FAULTS = (OSError, psycopg.Error, DBAPIError, FileUnsound, RestoreRefused)
SCRATCH = "shop_rehearsal_"
DAILY = 24
"""A backup that fails is tried about once an hour: the alarm is repeated about once a day."""


@dataclass(frozen=True, slots=True)
class Backups:
    """The keeper of backups; `url` leads to the server itself, past any pooler that shares sessions."""

    sessions: Sessions
    url: str
    vault: Vault
    clock: Clock
    alarms: Alarms

    async def take(self, watch: Watch, *, folder: Path | None = None) -> BackupRun:
        """Make a backup and read it back; only a good one lets older ones go.

        In the shop's own folder the list of the erased lies beside it, though nobody was: a restore asks for it.
        """
        vault = replace(self.vault, folder=folder) if folder else self.vault
        await self._note_interrupted(vault)
        run_id, started_at = uuid7(), self.clock.now()
        try:
            if folder is None:
                await keep_list(self.sessions, self.vault, at=started_at)
            made = await in_thread(partial(self._make, vault, run_id, started_at), watch)
        except FAULTS as problem:
            await self._note_failure(run_id, started_at, fault_of(problem))
            raise UpkeepFailed(fault_of(problem)) from problem
        run = BackupRun(
            id=run_id,
            started_at=started_at,
            ended_at=self.clock.now(),
            outcome=BackupOutcome.KEPT,
            file=made.path.name,
            bytes=made.bytes,
            sha256=made.sha256,
            revision=made.manifest.head.revision,
            rows=made.manifest.rows,
        )
        async with self.sessions.begin() as session:
            session.add(run)
        await self._prove(run, made, vault, watch)
        return run

    def _make(self, vault: Vault, run_id: UUID, at: datetime, watch: Watch) -> Made:
        dsn = make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        return make_backup(dsn, vault, run_id, at=at, watch=watch)

    async def _prove(self, run: BackupRun, made: Made, vault: Vault, watch: Watch) -> None:
        try:
            await in_thread(partial(_read_back, made, vault.secret), watch)
        except (OSError, FileUnsound) as problem:
            await self._note(run.id, BackupAct.VERIFIED, fault_of(problem))
            raise UpkeepFailed(fault_of(problem)) from problem
        await self._note(run.id, BackupAct.VERIFIED)
        gone: list[Path] = []
        rotate(vault, at=self.clock.now(), keep=made.path, told=gone.append)
        for path in gone:
            watch.tell(f"{path.name}: removed, its {vault.days} days are over")
            async with self.sessions() as session:
                earlier = await queries.find_kept(session, file=path.name)
            if earlier:
                await self._note(earlier.id, BackupAct.REMOVED)

    async def verify(self, path: Path, watch: Watch) -> Manifest:
        """Read a backup whole and refuse an unsound one; the register notes it, where the backup is in it."""
        async with self.sessions() as session:
            run = await queries.find_kept(session, file=path.name)
        try:
            manifest = await in_thread(partial(read_backup, path, self.vault.secret), watch)
        except FileUnsound as problem:
            if run:
                await self._note(run.id, BackupAct.VERIFIED, fault_of(problem))
            raise
        if run:
            await self._note(run.id, BackupAct.VERIFIED)
        return manifest

    async def rehearse(self, watch: Watch) -> BackupRun | None:
        """Restore the newest backup into a scratch database, compare, and drop it; None when there is no backup."""
        async with self.sessions() as session:
            run = await queries.find_newest_kept(session, at=self.clock.now())
        if run is None or run.file is None:
            return None
        try:
            await in_thread(partial(self._restore_aside, self.vault.folder / run.file, run.id), watch)
        except FAULTS as problem:
            await self._note(run.id, BackupAct.REHEARSED, fault_of(problem))
            raise UpkeepFailed(fault_of(problem)) from problem
        await self._note(run.id, BackupAct.REHEARSED)
        return run

    def _restore_aside(self, path: Path, run_id: UUID, watch: Watch) -> None:
        for left in idle_databases(self.url, SCRATCH):  # of a rehearsal whose process died: it holds everybody's data
            drop_database(self.url, left)
        name = f"{SCRATCH}{run_id.hex}"
        if not path.is_file():
            raise RestoreRefused(f"{path.name} is not in its folder any more")
        try:
            restore(create_database(self.url, name), path, self.vault.secret, watch)
        finally:
            drop_database(self.url, name)

    async def _note(self, run_id: UUID, act: BackupAct, fault: str | None = None) -> None:
        event = BackupEvent(id=uuid7(), run_id=run_id, act=act, at=self.clock.now(), fault=fault)
        async with self.sessions.begin() as session:
            earlier = (await queries.get_backup(session, run_id)).faults_in_a_row(act)
            session.add(event)
            if fault and not earlier % DAILY:
                await self.alarms.raise_alarm(session, event.id, at=event.at)

    async def _note_interrupted(self, vault: Vault) -> None:
        begun = clear_interrupted(vault.folder)
        async with self.sessions.begin() as session:
            session.add_all(
                self._without_file(uuid7(), at, BackupOutcome.INTERRUPTED, "its process died") for at in begun
            )

    async def _note_failure(self, run_id: UUID, started_at: datetime, fault: str) -> None:
        run = self._without_file(run_id, started_at, BackupOutcome.FAILED, fault)
        async with self.sessions.begin() as session:
            last = await queries.find_newest_kept(session, at=run.ended_at)
            since = select(func.count()).where(BackupRun.outcome == BackupOutcome.FAILED)
            failed = await session.scalar(since.where(BackupRun.started_at > last.started_at) if last else since)
            session.add(run)
            if not (failed or 0) % DAILY:
                await self.alarms.raise_alarm(session, run.id, at=run.ended_at)

    def _without_file(self, run_id: UUID, started_at: datetime, outcome: BackupOutcome, failure: str) -> BackupRun:
        ended_at = self.clock.now()
        return BackupRun(id=run_id, started_at=started_at, ended_at=ended_at, outcome=outcome, failure=failure)


def _read_back(made: Made, secret: str, watch: Watch) -> None:
    if read_backup(made.path, secret, watch) != made.manifest:
        raise FileUnsound("what is read back is not what was written")
