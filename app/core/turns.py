"""Turns: so many at once do what takes long; whoever would wait too long for one is told to come again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from anyio import CapacityLimiter

from app.core.db import require_empty_handed
from app.core.problems import TryLater


@dataclass
class Turns:
    """How many at once, and how long one waits; the entry points set both."""

    at_once: int
    wait_seconds: float | None = None
    """None: as long as it takes, where nobody waits for an answer."""
    _limiter: CapacityLimiter = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._limiter = CapacityLimiter(self.at_once)

    def limit(self, at_once: int, wait_seconds: float | None) -> None:
        self._limiter.total_tokens = self.at_once = at_once
        self.wait_seconds = wait_seconds

    @property
    def waiting(self) -> int:
        return self._limiter.statistics().tasks_waiting

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Wait for a turn and have it to the end; refuses with TryLater."""
        require_empty_handed()
        turn = object()
        try:
            async with asyncio.timeout(self.wait_seconds):
                await self._limiter.acquire_on_behalf_of(turn)
        except TimeoutError:
            raise TryLater from None
        try:
            yield
        finally:
            self._limiter.release_on_behalf_of(turn)
