"""The 72 hours, against hand-computed cases (fact sheet 7.11; Regulation 1182/71, Art. 3)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.privacy.breaches.deadlines import deadline, promised_by

SOFIA = ZoneInfo("Europe/Sofia")
AT = "%Y-%m-%d %H:%M"

CASES = [
    # Discovered, end of 72 hours, last moment by law; all Sofia time.
    # A Monday: the hour of awareness is not counted, the first counted one begins at 11:00.
    ("2026-11-23 10:20", "2026-11-26 11:00", "2026-11-26 11:00"),
    # On the stroke of the hour the whole hour that begins is the hour of awareness.
    ("2026-11-23 10:00", "2026-11-26 11:00", "2026-11-26 11:00"),
    ("2026-11-23 10:59", "2026-11-26 11:00", "2026-11-26 11:00"),
    # Just before midnight: the period begins with the next day.
    ("2026-11-23 23:30", "2026-11-27 00:00", "2026-11-27 00:00"),
    # Friday afternoon: Friday and Monday are two working days, the weekend runs.
    ("2026-11-27 15:40", "2026-11-30 16:00", "2026-11-30 16:00"),
    # Friday 23:30: Saturday, Sunday, Monday; one working day, so until the end of Tuesday.
    ("2026-11-27 23:30", "2026-12-01 00:00", "2026-12-02 00:00"),
    # Saturday: Monday and Tuesday.
    ("2026-11-28 09:10", "2026-12-01 10:00", "2026-12-01 10:00"),
    # Christmas 2026: 24 to 26 and, shifted, 28 are holidays; 27 is a Sunday. Working days are 29 and 30.
    ("2026-12-24 12:30", "2026-12-27 13:00", "2026-12-31 00:00"),
    # The eve of it: 23 is touched, 29 is the second.
    ("2026-12-23 18:10", "2026-12-26 19:00", "2026-12-30 00:00"),
    # Orthodox Easter 2026: 10 April (Friday) to 13 April (Monday) are holidays; 9 is touched, 14 is the second.
    ("2026-04-09 17:05", "2026-04-12 18:00", "2026-04-15 00:00"),
    # 24 May 2026 is a Sunday, 25 May is observed: Friday 22 is touched, Tuesday 26 is the second.
    ("2026-05-22 11:15", "2026-05-25 12:00", "2026-05-27 00:00"),
    # New Year 2026: for the euro 31 December and 2 January are non-working, 3 and 4 a weekend. Working are 5 and 6.
    ("2025-12-31 16:45", "2026-01-03 17:00", "2026-01-07 00:00"),
    # The night summer time ends (25 October 2026): 72 hours are hours, by the clock one less.
    ("2026-10-23 09:30", "2026-10-26 09:00", "2026-10-26 09:00"),
    # The night it begins (29 March 2026): by the clock one more.
    ("2026-03-27 09:30", "2026-03-30 11:00", "2026-03-30 11:00"),
    # A leap day in between.
    ("2028-02-28 08:00", "2028-03-02 09:00", "2028-03-02 09:00"),
]


@pytest.mark.parametrize(("discovered", "promised", "lawful"), CASES)
def test_s82_the_72_hours_end_when_they_end_by_hand(discovered: str, promised: str, lawful: str) -> None:
    at = datetime.strptime(discovered, AT).replace(tzinfo=SOFIA).astimezone(UTC)
    assert f"{promised_by(at).astimezone(SOFIA):{AT}}" == promised
    assert f"{deadline(at).astimezone(SOFIA):{AT}}" == lawful


def test_the_deadline_is_never_before_the_72_hours() -> None:
    for discovered, _, _ in CASES:
        at = datetime.strptime(discovered, AT).replace(tzinfo=SOFIA).astimezone(UTC)
        assert deadline(at) >= promised_by(at) > at
