"""The period of withdrawal against a calendar read by hand, and what holds of any deliveries."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import SOFIA
from app.core.working_days import is_working_day
from app.returns.period import ends_at

AZORES = ZoneInfo("Atlantic/Azores")
NOON = time(12)

LAST_DAYS = [
    # delivered, last day of withdrawing
    (date(2026, 11, 9), date(2026, 11, 23)),  # Monday to Monday
    (date(2026, 11, 7), date(2026, 11, 23)),  # ends on a Saturday
    (date(2026, 11, 8), date(2026, 11, 23)),  # ends on a Sunday
    # Across and onto the change of clocks: 29 March and 25 October 2026 are Sundays
    (date(2026, 3, 16), date(2026, 3, 30)),
    (date(2026, 3, 13), date(2026, 3, 27)),
    (date(2026, 3, 14), date(2026, 3, 30)),
    (date(2026, 3, 15), date(2026, 3, 30)),
    (date(2026, 10, 9), date(2026, 10, 23)),
    (date(2026, 10, 11), date(2026, 10, 26)),
    (date(2026, 10, 12), date(2026, 10, 26)),
    # Ends of months and of years
    (date(2026, 4, 30), date(2026, 5, 14)),
    (date(2026, 6, 16), date(2026, 6, 30)),
    (date(2026, 6, 17), date(2026, 7, 1)),
    (date(2026, 12, 17), date(2026, 12, 31)),
    (date(2026, 12, 18), date(2027, 1, 4)),  # New Year is a Friday
    (date(2026, 12, 31), date(2027, 1, 14)),
    # February, with and without a 29th
    (date(2028, 2, 15), date(2028, 2, 29)),
    (date(2028, 2, 29), date(2028, 3, 14)),
    (date(2028, 2, 16), date(2028, 3, 1)),
    (date(2027, 2, 15), date(2027, 3, 1)),
    # 3 March; Easter of 2026 (10–13 April) and of 2027 (30 April – 3 May, 4 May for Labour Day on the Saturday)
    (date(2026, 2, 17), date(2026, 3, 4)),
    (date(2026, 3, 27), date(2026, 4, 14)),
    (date(2026, 3, 30), date(2026, 4, 14)),
    (date(2026, 3, 26), date(2026, 4, 9)),
    (date(2027, 4, 16), date(2027, 5, 5)),
    (date(2027, 4, 22), date(2027, 5, 7)),  # 6 May
    # Days off given for feasts on a weekend: 25 May 2026, 7 September 2026, 28 December 2026, 3 January 2028
    (date(2026, 5, 10), date(2026, 5, 26)),
    (date(2026, 8, 23), date(2026, 9, 8)),
    (date(2026, 9, 8), date(2026, 9, 23)),  # 22 September
    (date(2026, 12, 10), date(2026, 12, 29)),
    (date(2027, 12, 18), date(2028, 1, 4)),
]


def at_noon(day: date) -> datetime:
    return datetime.combine(day, NOON, SOFIA).astimezone(UTC)


@pytest.mark.parametrize(("delivered", "last_day"), LAST_DAYS)
def test_the_period_ends_with_a_working_day_fourteen_days_after_the_delivery(delivered: date, last_day: date) -> None:
    """Midnight of the Azores, an hour behind UTC in winter and level with it in summer."""
    until = ends_at([at_noon(delivered)], AZORES)
    assert until is not None
    local = until.astimezone(AZORES)
    assert (local.date(), local.time()) == (last_day + timedelta(days=1), time.min)


def test_the_last_minute_is_the_zones() -> None:
    delivered = at_noon(date(2026, 11, 9))
    assert ends_at([delivered], AZORES) == datetime(2026, 11, 24, 1, tzinfo=UTC)
    assert ends_at([delivered], SOFIA) == datetime(2026, 11, 23, 22, tzinfo=UTC)
    summer = at_noon(date(2026, 7, 1))
    assert ends_at([summer], AZORES) == datetime(2026, 7, 16, 0, tzinfo=UTC)
    assert ends_at([summer], SOFIA) == datetime(2026, 7, 15, 21, tzinfo=UTC)


def test_the_day_of_delivery_is_bulgarias() -> None:
    """Half past eleven at night in Sofia on the 9th, and an hour later, when it is still the 9th in UTC."""
    before = datetime(2026, 11, 9, 21, 30, tzinfo=UTC)
    assert ends_at([before], AZORES) == datetime(2026, 11, 24, 1, tzinfo=UTC)
    assert ends_at([before + timedelta(hours=1)], AZORES) == datetime(2026, 11, 25, 1, tzinfo=UTC)


def test_midnight_moves_with_the_clocks_of_the_zone() -> None:
    """They change on the Sundays 29 March and 25 October 2026."""
    ends = {
        date(2026, 3, 13): datetime(2026, 3, 28, 1, tzinfo=UTC),
        date(2026, 3, 16): datetime(2026, 3, 31, 0, tzinfo=UTC),
        date(2026, 10, 9): datetime(2026, 10, 24, 0, tzinfo=UTC),
        date(2026, 10, 12): datetime(2026, 10, 27, 1, tzinfo=UTC),
    }
    assert {delivered: ends_at([at_noon(delivered)], AZORES) for delivered in ends} == ends


def test_several_deliveries_count_from_the_last() -> None:
    first, last = at_noon(date(2026, 11, 3)), at_noon(date(2026, 11, 9))
    assert ends_at([last, first], AZORES) == ends_at([last], AZORES)


def test_the_period_is_open_for_as_long_as_a_delivery_is_unknown() -> None:
    assert ends_at([], AZORES) is None
    assert ends_at([None], AZORES) is None
    assert ends_at([at_noon(date(2026, 11, 9)), None], AZORES) is None


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
ZONES = st.sampled_from([AZORES, SOFIA, ZoneInfo("Europe/Lisbon"), ZoneInfo("UTC")])


@given(st.lists(MOMENTS, min_size=1, max_size=4), ZONES)
def test_nobody_is_given_less_than_fourteen_whole_days(deliveries: list[datetime], zone: ZoneInfo) -> None:
    until = ends_at(deliveries, zone)
    assert until is not None
    last = max(deliveries).astimezone(SOFIA).date()
    last_day = until.astimezone(zone).date() - timedelta(days=1)
    assert is_working_day(last_day)
    assert last_day >= last + timedelta(days=14)
    assert not any(is_working_day(last + timedelta(days=day)) for day in range(14, (last_day - last).days))
    assert until == max(ends_at([each], zone) or until for each in deliveries)
    assert ends_at([*deliveries, None], zone) is None
