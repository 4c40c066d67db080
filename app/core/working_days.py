"""Days as Bulgaria works: which are working days, and how a term in days or months ends on one.

A term is counted as Regulation (EEC, Euratom) 1182/71 counts: the day of the event is not counted (Art. 3(1)), a month
ends with the day of the same number, or the month's last where there is none (Art. 3(2)(c)), and a last day that is a
Saturday, a Sunday or a public holiday gives way to the next working day (Art. 3(4)). Public holidays are those of
чл. 154 КТ.
"""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import islice

import holidays

SATURDAY = 5
ONE_DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """Give the day of the same number that many months on, or the last of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def next_working_day(day: date) -> date:
    """Give this day if it is a working day, else the next one."""
    return next(each for each in _from(day) if is_working_day(each))


def working_days_after(day: date, days: int) -> date:
    """Give the working day that many after this one, which is not counted itself."""
    following = (each for each in _from(day + ONE_DAY) if is_working_day(each))
    return next(islice(following, days - 1, None))


def count_working_days(after: date, until: date) -> int:
    """Count the working days after a day, up to another."""
    days = ((after + ONE_DAY * each) for each in range(1, (until - after).days + 1))
    return sum(is_working_day(each) for each in days)


def is_working_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in _public_holidays(day.year)


def _from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += ONE_DAY


@cache
def _public_holidays(year: int) -> frozenset[date]:
    """Read the list of a year: feasts by the Orthodox Easter, and the days off given for those on a weekend."""
    return frozenset(holidays.country_holidays("BG", years=year))
