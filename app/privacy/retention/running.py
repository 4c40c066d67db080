"""Runs the rules: counts what is due, lets go of it in small transactions, and keeps the record."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

import structlog
from sqlalchemy import update

from app.core.clock import Clock
from app.core.db import Sessions
from app.core.ids import uuid7
from app.privacy.retention.models import RetentionRun
from app.privacy.retention.rules import Does, Rule

log = structlog.get_logger()

BATCH = 500
"""Rows of one transaction: nobody waits longer than that takes."""


@dataclass(frozen=True, slots=True)
class Counted:
    due: int
    held: int
    gone: int = 0


class RunFailed(Exception):
    """A rule failed; the others were run, and the record says which."""

    def __init__(self, run_id: UUID, failed: str) -> None:
        super().__init__(failed)
        self.run_id = run_id


@dataclass(frozen=True, slots=True)
class Keeper:
    """Runs the shop's rules."""

    sessions: Sessions
    rules: Sequence[Rule]
    clock: Clock

    async def count(self) -> dict[str, Counted]:
        """Count what a run would let go of now."""
        counted = {}
        for rule in self.rules:
            async with self.sessions() as session:
                counted[rule.key] = Counted(*await rule.count(session, at=self.clock.now()))
        return counted

    async def run(
        self, *, by: str, is_dry: bool = False, progress: Callable[[str, Counted], None] = lambda _rule, _count: None
    ) -> UUID:
        """Run every rule and keep the record; one that fails does not keep the others from being run (RunFailed)."""
        run_id, counts, failed = await self._begin(by, is_dry=is_dry), dict[str, Counted](), list[str]()
        for rule in self.rules:
            try:
                counts[rule.key] = await self._apply(rule, is_dry=is_dry)
            except Exception as fault:
                log.exception("retention_rule_failed", rule=rule.key)
                failed.append(f"{rule.key}: {type(fault).__name__}")
                continue
            progress(rule.key, counts[rule.key])
            await self._keep(run_id, counts)
        await self._keep(run_id, counts, failed="; ".join(failed) or None, is_over=True)
        if failed:
            raise RunFailed(run_id, "; ".join(failed))
        return run_id

    async def tidy(self) -> None:
        """Run the rules of the hour, without a record: what they let go of lives for hours or days."""
        for rule in self.rules:
            if rule.is_hourly:
                await self._apply(rule, is_dry=False)

    async def _apply(self, rule: Rule, *, is_dry: bool) -> Counted:
        at = self.clock.now()
        async with self.sessions() as session:
            due, held = await rule.count(session, at=at)
        gone, after = 0, None
        while not is_dry and rule.does is not Does.KEEP:
            async with self.sessions.begin() as session:
                batch, after = await rule.let_go(session, at=at, limit=BATCH, after=after)
            gone += batch
            if batch < BATCH:
                break
        return Counted(due, held, gone)

    async def _begin(self, by: str, *, is_dry: bool) -> UUID:
        run = RetentionRun(
            id=uuid7(), started_at=self.clock.now(), by=by, is_dry=is_dry, counts={}, finished_at=None, failed=None
        )
        async with self.sessions.begin() as session:
            session.add(run)
        return run.id

    async def _keep(
        self, run_id: UUID, counts: dict[str, Counted], *, failed: str | None = None, is_over: bool = False
    ) -> None:
        kept = {
            "counts": {key: asdict(count) for key, count in counts.items()},
            "failed": failed,
            "finished_at": self.clock.now() if is_over else None,
        }
        async with self.sessions.begin() as session:
            await session.execute(update(RetentionRun).where(RetentionRun.id == run_id).values(kept))
