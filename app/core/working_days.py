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

import holidays

SATURDAY = 5


def add_months(day: date, months: int) -> date:
    """Give the day of the same number that many months on, or the last of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def next_working_day(day: date) -> date:
    """Give this day if it is a working day, else the next one."""
    return next(each for each in _from(day) if is_working_day(each))


def is_working_day(day: date) -> bool:
    return day.weekday() < SATURDAY and day not in _public_holidays(day.year)


def _from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += timedelta(days=1)


@cache
def _public_holidays(year: int) -> frozenset[date]:
    """Read the list of a year: feasts by the Orthodox Easter, and the days off given for those on a weekend."""
    return frozenset(holidays.country_holidays("BG", years=year))
