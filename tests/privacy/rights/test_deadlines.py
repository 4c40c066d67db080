"""Due dates against cases counted by hand on a calendar, and what holds of any day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.working_days import add_months, is_working_day
from app.privacy.rights.deadlines import Clock, months_after

DAYS = st.dates(date(2024, 1, 1), date(2035, 12, 31))

MONTHS = [
    # received, one month on by Regulation 1182/71, three months on
    (date(2026, 11, 23), date(2026, 12, 23), date(2027, 2, 23)),  # Monday to Wednesday
    (date(2026, 1, 31), date(2026, 3, 2), date(2026, 4, 30)),  # 28 February is a Saturday; the Monday is 2 March
    (date(2025, 1, 31), date(2025, 2, 28), date(2025, 4, 30)),  # no 31 February: its last day, a Friday
    (date(2028, 1, 31), date(2028, 2, 29), date(2028, 5, 2)),  # leap year; 30 April a Sunday, 1 May a holiday
    (date(2028, 1, 30), date(2028, 2, 29), date(2028, 5, 2)),
    (date(2027, 1, 28), date(2027, 3, 1), date(2027, 4, 28)),  # 28 February a Sunday
    (date(2028, 2, 29), date(2028, 3, 29), date(2028, 5, 29)),
    (date(2026, 3, 31), date(2026, 4, 30), date(2026, 6, 30)),
    (date(2026, 8, 31), date(2026, 9, 30), date(2026, 11, 30)),
    # Orthodox Easter on 12 April 2026: from Good Friday to Easter Monday nothing falls due
    (date(2026, 3, 10), date(2026, 4, 14), date(2026, 6, 10)),
    (date(2026, 3, 13), date(2026, 4, 14), date(2026, 6, 15)),
    (date(2026, 3, 9), date(2026, 4, 9), date(2026, 6, 9)),  # the Thursday before
    # Easter on 2 May 2027: Friday, Labour Day on the Saturday, Sunday, Monday, and a Tuesday for the Saturday
    (date(2027, 3, 30), date(2027, 5, 5), date(2027, 6, 30)),
    (date(2027, 4, 6), date(2027, 5, 7), date(2027, 7, 6)),  # 6 May, St George's
    # 24 May 2026 is a Sunday: the Monday is a holiday instead
    (date(2026, 4, 24), date(2026, 5, 26), date(2026, 7, 24)),
    (date(2027, 4, 24), date(2027, 5, 25), date(2027, 7, 26)),  # 24 May 2027 is a Monday; 24 July a Saturday
    # Christmas 2026: 24 and 25 are Thursday and Friday, the Saturday's day off is Monday 28
    (date(2026, 11, 24), date(2026, 12, 29), date(2027, 2, 24)),
    (date(2026, 11, 25), date(2026, 12, 29), date(2027, 2, 25)),
    # New Year 2027 is a Friday; 1 January 2028 a Saturday, and 3 January the day off for it
    (date(2026, 12, 1), date(2027, 1, 4), date(2027, 3, 1)),
    (date(2027, 12, 1), date(2028, 1, 4), date(2028, 3, 1)),
    # 3 March, 6 and 22 September
    (date(2026, 2, 3), date(2026, 3, 4), date(2026, 5, 4)),
    (date(2026, 8, 6), date(2026, 9, 8), date(2026, 11, 6)),  # 6 September a Sunday, 7 its day off
    (date(2026, 8, 22), date(2026, 9, 23), date(2026, 11, 23)),
]

DUE = [
    # received, the earlier of both promises
    (date(2026, 11, 23), date(2026, 12, 23)),  # both on one day
    (date(2026, 11, 24), date(2026, 12, 24)),  # 30 days: Christmas Eve, which moves nothing on
    (date(2026, 10, 5), date(2026, 11, 4)),  # 30 days: the month would end on 5 November
    (date(2026, 1, 31), date(2026, 3, 2)),  # both on one day again
    (date(2027, 1, 29), date(2027, 2, 28)),  # 30 days: a Sunday; the month would end on 1 March
    (date(2027, 2, 15), date(2027, 3, 15)),  # the month: shorter than 30 days
    (date(2028, 2, 15), date(2028, 3, 15)),  # the month, of a leap year
    (date(2027, 2, 1), date(2027, 3, 1)),
    (date(2026, 2, 3), date(2026, 3, 4)),  # the month, moved on from 3 March; 30 days: 5 March
    (date(2026, 3, 13), date(2026, 4, 12)),  # 30 days: Easter Sunday
    (date(2026, 12, 2), date(2027, 1, 1)),  # 30 days: New Year
]


@pytest.mark.parametrize(("received", "one", "three"), MONTHS)
def test_s79_months_are_counted_as_regulation_1182_71_counts(received: date, one: date, three: date) -> None:
    assert months_after(received, 1) == one
    assert months_after(received, 3) == three
    assert Clock(received, received).extended_to() == three


@pytest.mark.parametrize(("received", "due"), DUE)
def test_s79_c19_the_earlier_of_both_promises_decides(received: date, due: date) -> None:
    assert Clock(received, received).due_on() == due


@given(DAYS)
def test_c19_no_answer_is_due_later_than_either_promise(received: date) -> None:
    due = Clock(received, received).due_on()
    assert due <= received + timedelta(days=30)
    assert due <= months_after(received, 1)
    assert due >= received + timedelta(days=28)


@given(DAYS, st.integers(1, 36))
def test_a_term_of_months_ends_on_a_working_day_and_on_no_earlier_one(received: date, months: int) -> None:
    end = months_after(received, months)
    plain = add_months(received, months)
    assert is_working_day(end)
    assert end >= plain
    assert (end - plain).days <= 6
    assert not any(is_working_day(plain + timedelta(days=day)) for day in range((end - plain).days))
    assert plain.day == received.day or (plain + timedelta(days=1)).day == 1


@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_waiting_adds_the_days_waited_and_never_more_than_a_term_counted_anew(
    received: date, asked_after: int, waited: int
) -> None:
    complete = received + timedelta(days=asked_after + waited)
    clock = Clock(received, complete, waited)
    due = clock.due_on()
    assert due <= Clock(complete, complete).due_on()
    assert due <= Clock(received, received).due_on() + timedelta(days=waited)
    assert clock.extended_to() >= due or asked_after > 30


def test_asking_on_the_last_but_one_day_leaves_one_day() -> None:
    received = date(2026, 10, 5)  # due on 4 November
    assert Clock(received, date(2026, 11, 20), waited_days=17).due_on() == date(2026, 11, 21)


def test_c06_a_complaint_has_a_shorter_term_of_its_own() -> None:
    received = date(2026, 11, 23)
    assert Clock(received, received).due_within(14) == date(2026, 12, 7)
    assert Clock(received, received).due_within(60) == date(2026, 12, 23)
    assert Clock(received, date(2026, 11, 28), 4).due_within(14) == date(2026, 12, 11)
