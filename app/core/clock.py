"""The one place that reads the clock."""

from datetime import UTC, date, datetime
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

SOFIA = ZoneInfo("Europe/Sofia")


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the moment, aware, UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def legal_date(at: datetime) -> date:
    """Return the calendar day in Bulgaria: the date that documents, months and deadlines go by."""
    return at.astimezone(SOFIA).date()


async def get_instant(request: Request) -> datetime:
    clock: Clock = request.app.state.clock
    return clock.now()


At = Annotated[datetime, Depends(get_instant)]
"""One instant per request: everything below the endpoint takes it as `at`."""
