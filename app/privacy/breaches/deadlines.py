"""When a breach must be notified: 72 hours as Regulation 1182/71 counts them (GDPR Art. 33(1), fact sheet 7.11).

Pure functions: moments in UTC, days as Bulgaria has them.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from app.core.clock import SOFIA, legal_date
from app.core.working_days import is_working_day

HOURS = timedelta(hours=72)
HOUR = timedelta(hours=1)
WORKING_DAYS = 2


def promised_by(discovered_at: datetime) -> datetime:
    """Give the end of the 72 hours: they run through nights and holidays, the hour of awareness is not counted (S82).

    The shop promises these whatever the calendar says; who notifies later gives the reasons.
    """
    hour = discovered_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return hour + HOUR + HOURS


def deadline(discovered_at: datetime) -> datetime:
    """Give the last moment that the law allows: as `promised_by`, but the period has at least two working days in it.

    A day counts that the period touches, which is the stricter reading. A period that is prolonged ends with the last
    hour of the second working day (Art. 3(2), (5)).
    """
    end = promised_by(discovered_at)
    first = end - HOURS
    touched = [day for day in _days_from(first, end - timedelta(microseconds=1)) if is_working_day(day)]
    if len(touched) >= WORKING_DAYS:
        return end
    day = legal_date(end - timedelta(microseconds=1))
    while len(touched) < WORKING_DAYS:
        day += timedelta(days=1)
        if is_working_day(day):
            touched.append(day)
    midnight = datetime(day.year, day.month, day.day, tzinfo=SOFIA) + timedelta(days=1)
    return midnight.astimezone(UTC)


def _days_from(first: datetime, last: datetime) -> Iterator[date]:
    day = legal_date(first)
    while day <= legal_date(last):
        yield day
        day += timedelta(days=1)
