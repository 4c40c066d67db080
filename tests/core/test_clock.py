"""Moments are UTC; the dates that papers go by are Bulgaria's."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from app.core.clock import SystemClock, legal_date


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        # Winter: two hours ahead.
        (datetime(2026, 11, 30, 21, 59, 59, 999999, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 30, 22, 0, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2026, 12, 31, 22, 0, tzinfo=UTC), date(2027, 1, 1)),
        # Summer: three.
        (datetime(2026, 6, 30, 20, 59, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 21, 0, tzinfo=UTC), date(2026, 7, 1)),
        # The clock goes forward on 29 March 2026 at 3:00: the day has 23 hours.
        (datetime(2026, 3, 28, 21, 59, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 3, 28, 22, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 20, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 21, 0, tzinfo=UTC), date(2026, 3, 30)),
        # And back on 25 October at 4:00: it has 25.
        (datetime(2026, 10, 24, 20, 59, tzinfo=UTC), date(2026, 10, 24)),
        (datetime(2026, 10, 24, 21, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 21, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 22, 0, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_the_day_in_bulgaria(moment: datetime, day: date) -> None:
    assert legal_date(moment) == day
    elsewhere = moment.astimezone(timezone(timedelta(hours=-8)))
    assert legal_date(elsewhere) == day


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 22), 24)]
)
def test_each_hour_of_a_year_belongs_to_one_day(day: date, hours: int) -> None:
    first = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=1)
    assert sum(legal_date(first + timedelta(hours=hour)) == day for hour in range(72)) == hours


def test_the_clock_is_aware_and_goes_on() -> None:
    first, second = SystemClock().now(), SystemClock().now()
    assert first.tzinfo is UTC
    assert first <= second
