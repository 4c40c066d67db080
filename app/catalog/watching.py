"""Knows of one process whether the catalogue has changed: it is told, and in between it looks."""

import asyncio
from dataclasses import dataclass, field
from time import monotonic

import psycopg
import structlog
from sqlalchemy import make_url

log = structlog.get_logger()

CHANNEL = "catalog"
VERSION = "SELECT version FROM catalog_version"
LOOKS = 2
"""Within the time that an answer may be out of date: what was told in vain is found in time."""
PATIENCE = 5.0


@dataclass
class CatalogWatch:
    """The catalogue's version, as long as it was looked at a moment ago: else nobody knows."""

    seconds: float
    """How far behind the catalogue an answer may be."""
    _version: int | None = field(default=None, init=False)
    _looked_at: float = field(default=0.0, init=False)

    @property
    def version(self) -> int | None:
        """The version that was in force within the last `seconds`; None while that is not known."""
        return self._version if monotonic() - self._looked_at < self.seconds else None

    async def watch(self, url: str) -> None:
        """Look for as long as the process lives; a database that is away is asked again."""
        if not self.seconds:
            return
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            try:
                await self._watch(plain)
            except (psycopg.Error, OSError, TimeoutError) as fault:
                log.warning("catalog_unwatched", reason=type(fault).__name__)
            await asyncio.sleep(self.seconds)

    async def _watch(self, url: str) -> None:
        async with asyncio.timeout(PATIENCE):
            connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            while True:
                await self._look(connection)
                async for _ in connection.notifies(timeout=self.seconds / LOOKS, stop_after=1):
                    pass

    async def _look(self, connection: psycopg.AsyncConnection) -> None:
        # Of the moment before the answer: what is kept after it may be newer than its version, never older.
        asked_at = monotonic()
        async with asyncio.timeout(PATIENCE):
            found = await (await connection.execute(VERSION)).fetchone()
        assert found
        self._version, self._looked_at = found[0], asked_at
