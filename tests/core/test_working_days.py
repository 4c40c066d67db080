"""Working days of Bulgaria."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.core.working_days import count_working_days, is_working_day, next_working_day, working_days_after
from app.payments.service import due_on


def test_a_working_day_stays_itself() -> None:
    assert next_working_day(date(2026, 11, 23)) == date(2026, 11, 23)
    assert next_working_day(date(2026, 12, 24)) == date(2026, 12, 29)


DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2035, 12, 31))


@given(DAYS, st.integers(min_value=1, max_value=20))
def test_typed_c4_so_many_working_days_lie_between(day: date, days: int) -> None:
    """The last is one itself, and the days until it are as many, whatever holidays come between."""
    last = working_days_after(day, days)
    assert is_working_day(last)
    assert count_working_days(day, last) == days
    assert last >= day + timedelta(days=days)


def test_typed_c4_a_transfer_is_not_due_over_christmas() -> None:
    """Ordered on the 23rd: banks work on 29, 30 and 31 December, 4 and 5 January."""
    assert due_on(date(2026, 12, 23), 5) == date(2027, 1, 5)
    assert due_on(date(2026, 11, 23), 5) == date(2026, 11, 30)
