"""Counts calls to outside systems: in memory, and every few seconds in the database, for all processes together."""

import asyncio
from collections import Counter
from collections.abc import Callable

import structlog
from sqlalchemy import text

from app.core.db import Sessions

log = structlog.get_logger()

ADD = text(
    "INSERT INTO adapter_calls (adapter, outcome, calls) VALUES (:adapter, :outcome, :calls)"
    " ON CONFLICT (adapter, outcome) DO UPDATE SET calls = adapter_calls.calls + excluded.calls"
)


class Tally:
    """The calls of one process that are not written down yet."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._calls: Counter[tuple[str, str]] = Counter()

    def of(self, adapter: str) -> Callable[[str], None]:
        """Give who counts the calls to one system by their outcome."""

        def count(outcome: str) -> None:
            self._calls[adapter, outcome] += 1

        return count

    async def write_regularly(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self.try_to_write()

    async def try_to_write(self) -> None:
        try:
            await self.write()
        except Exception as fault:
            log.warning("tally_left_out", exc_info=fault)

    async def write(self) -> None:
        """Write down what was counted; what cannot be written is counted on."""
        counted, self._calls = self._calls, Counter()
        # In one order, so that no two processes wait for each other.
        rows = [
            {"adapter": adapter, "outcome": outcome, "calls": calls}
            for (adapter, outcome), calls in sorted(counted.items())
        ]
        if not rows:
            return
        try:
            async with self._sessions.begin() as session:
                await session.execute(ADD, rows)
        except BaseException:
            self._calls.update(counted)
            raise
