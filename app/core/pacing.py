"""How often something outside may be asked: one row in PostgreSQL, so that all processes together keep to it."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import text

from app.core.db import Sessions, alone

LONGEST = timedelta(minutes=1)
"""No more than that is ever waited for: a clock that ran ahead once must not keep everybody waiting for days."""

# The moment of the next turn, by the database's clock, is given away in advance: who has it waits without a lock.
RESERVE = text(
    """
    INSERT INTO throttle (key, full_at) VALUES (:key, clock_timestamp() + :apart)
    ON CONFLICT (key) DO UPDATE SET full_at =
        greatest(clock_timestamp(), least(throttle.full_at, clock_timestamp() + :longest)) + :apart
    RETURNING full_at - :apart - clock_timestamp()
    """
)


@dataclass(frozen=True)
class SharedPace:
    """Turns that lie so many seconds apart, whichever process takes them."""

    sessions: Sessions
    name: str
    seconds: float

    async def turn(self) -> None:
        """Wait for the next turn."""
        if not self.seconds:
            return
        wanted = {
            "key": sha256(f"pace:{self.name}".encode()).digest(),
            "apart": timedelta(seconds=self.seconds),
            "longest": LONGEST,
        }
        async with alone(self.sessions) as session:
            wait: timedelta = (await session.scalars(RESERVE, wanted)).one()
        await asyncio.sleep(max(0.0, wait.total_seconds()))
