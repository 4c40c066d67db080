"""Working days of Bulgaria."""

from datetime import date

from app.core.working_days import next_working_day


def test_a_working_day_stays_itself() -> None:
    assert next_working_day(date(2026, 11, 23)) == date(2026, 11, 23)
    assert next_working_day(date(2026, 12, 24)) == date(2026, 12, 29)
