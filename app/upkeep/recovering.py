"""Brings a shop back from a backup, and what must be done before anybody may use it again."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.auditing.recording import Action, note
from app.auth.models import LoginSession, SessionEnd
from app.core.clock import Clock
from app.core.db import Sessions, make_engine, make_sessions
from app.core.holders import Holder
from app.core.sealing import Sealer
from app.orders.models import NUMBERS
from app.privacy.erasing import ListedErasure, reapply
from app.upkeep.alarms import Alarms
from app.upkeep.archives import Manifest
from app.upkeep.erasures import MARGIN, read_list
from app.upkeep.integrity.running import PATIENT, check_integrity
from app.upkeep.keeping import checksum_of
from app.upkeep.models import IntegrityReport
from app.upkeep.restoring import RestoreRefused, restore
from app.upkeep.sealed_files import FileUnsound
from app.upkeep.watching import Watch, in_thread

SKIPPED_NUMBERS = 1_000
"""Order numbers given out after the backup was made are known to Speedy and I-Cash: none is given twice."""
OPERATOR = "operator"

Retain = Callable[[Sessions], Awaitable[str]]
"""Runs the retention rules once; says what came of it."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is restored: the backup, and the list of who was erased since; without one, nobody can be."""

    backup: Path
    erasures: Path | None


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was done, for the operator to read."""

    manifest: Manifest
    erased: int
    report: IntegrityReport


@dataclass(frozen=True, slots=True)
class Recoveries:
    """Restores and puts in order; `holders` let go again of whom was erased since, `retain` keeps the terms."""

    secret: str = field(repr=False)
    clock: Clock
    alarms: Alarms
    holders: Sequence[Holder]
    sealer: Sealer
    retain: Retain

    async def recover(self, url: str, source: Source, watch: Watch) -> Recovery:
        """Restore into an empty database; then erase again, end logins, audit it, keep the terms, and check."""
        erased = self._read_erasures(source)
        manifest = await in_thread(partial(restore, url, source.backup, self.secret), watch)
        engine = make_engine(url, PATIENT)
        try:
            sessions = make_sessions(engine)
            since = [each for each in erased if each.erased_at >= manifest.taken_at - MARGIN]
            again = await self._erase_again(sessions, since, watch)
            async with sessions.begin() as session:
                await _put_in_order(session, at=self.clock.now())
            digest = await in_thread(partial(checksum_of, source.backup), watch)
            await self._audit(sessions, source, digest, again)
            watch.tell(f"retention: {await self.retain(sessions)}")
            report = await check_integrity(url, sessions, self.clock, self.alarms, watch)
        finally:
            await engine.dispose()
        return Recovery(manifest, again, report)

    def _read_erasures(self, source: Source) -> Sequence[ListedErasure]:
        """Read the list before anything is written: a restore that could not erase again must not begin."""
        if source.erasures is None:
            return []
        try:
            return read_list(source.erasures, self.secret)
        except FileUnsound as fault:
            raise RestoreRefused(f"the list of erasures {source.erasures.name}: {fault}") from None

    async def _erase_again(self, sessions: Sessions, since: Sequence[ListedErasure], watch: Watch) -> int:
        again = 0
        for each in since:
            async with sessions.begin() as session:
                again += await reapply(session, self.holders, [each], self.sealer, at=self.clock.now())
        watch.tell(f"erasures since the backup, done again: {again}")
        return again

    async def _audit(self, sessions: Sessions, source: Source, digest: str, erased: int) -> None:
        async with sessions.begin() as session:
            await note(
                session,
                Action.BACKUP_RESTORED,
                actor=OPERATOR,
                subject=f"backup:{source.backup.name}",
                detail=f"sha256: {digest}, erased again: {erased}",
                at=self.clock.now(),
            )


async def _put_in_order(session: AsyncSession, *, at: datetime) -> None:
    """Leave out the order numbers of the lost time, and end the logins: who was logged out since would be in again."""
    await session.execute(
        text(f"SELECT setval('{NUMBERS.name}', last_value + :skipped) FROM {NUMBERS.name}"),  # noqa: S608 - a name of ours
        {"skipped": SKIPPED_NUMBERS},
    )
    await session.execute(
        update(LoginSession)
        .where(LoginSession.ended_at.is_(None))
        .values(ended_at=at, ended_because=SessionEnd.ACCESS_TAKEN)
    )
