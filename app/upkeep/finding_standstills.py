"""Finds what stands still: workers, the queue, jobs and orders that wait for a person. Nothing of it is personal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.backlog import count_jobs, count_workers
from app.core.language import Language, Text
from app.fulfilment.concerns import PASSING, count_restricted, list_concerns
from app.fulfilment.posting import RESTRICTED
from app.upkeep.models import Still

WORDS = {
    Still.NOBODY: Text(
        "никой не изпълнява задачите: няма работещ процес shop worker",
        "no jobs are being done: there is no running shop worker process",
    ),
    Still.SILENT: Text(
        "процеси shop worker без признак на живот: {count}", "shop worker processes without a sign of life: {count}"
    ),
    Still.QUEUE: Text(
        "чакащи задачи: {count}, най-старата от {minutes} минути",
        "waiting jobs: {count}, the oldest for {minutes} minutes",
    ),
    Still.PARKED: Text("спрени задачи {subject}: {count}", "parked jobs {subject}: {count}"),
    Still.CONCERN: Text("въпроси за решаване, {subject}: {count}", "concerns to be resolved, {subject}: {count}"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """When something counts as standing still."""

    silent_for: float
    """Seconds without a sign of life."""
    queue: timedelta


@dataclass(frozen=True, slots=True)
class Found:
    kind: Still
    subject: str = ""
    count: int = 1
    minutes: int = 0

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Found":
        return cls(**{**kept, "kind": Still(kept["kind"])})

    def kept(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def passes(self) -> bool:
        """Whether it mostly ends by itself."""
        return self.kind is Still.CONCERN and self.subject in PASSING

    def told(self, language: Language) -> str:
        return WORDS[self.kind].in_(language).format(subject=self.subject, count=self.count, minutes=self.minutes)


async def find_standstills(session: AsyncSession, limits: Limits, *, at: datetime) -> Sequence[Found]:
    """Find what stands still now; what waits for a restriction's end does not."""
    found = []
    workers = await count_workers(session, silent_for=limits.silent_for)
    if not workers.alive:
        found.append(Found(Still.NOBODY))
    elif workers.silent:
        found.append(Found(Still.SILENT, count=workers.silent))
    kinds = await count_jobs(session)
    late = [kind for kind in kinds if kind.seconds > limits.queue.total_seconds()]
    if late:
        oldest = max(kind.seconds for kind in late)
        found.append(Found(Still.QUEUE, count=sum(kind.waiting for kind in late), minutes=int(oldest // 60)))
    if any(kind.parked for kind in kinds):
        held = await count_restricted(session)
        parked = {kind.kind: kind.parked - held[kind.kind] for kind in kinds}
        found += [Found(Still.PARKED, kind, count) for kind, count in parked.items() if count > 0]
    concerns = Counter(
        each.code if each.code in PASSING else each.about
        for each in await list_concerns(session, at=at)
        if each.code != RESTRICTED
    )
    return [*found, *(Found(Still.CONCERN, about, count) for about, count in sorted(concerns.items()))]
