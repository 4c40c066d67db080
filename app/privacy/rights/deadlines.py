"""By which day a data subject is answered: pure, from the days on which something happened in Bulgaria.

Two promises run at once, and the earlier decides:

- One month (S79, GDPR Art. 12(3)), counted as Regulation (EEC, Euratom) 1182/71 counts (`core.working_days`).
- 30 days (C19), the shop's own word. Nothing moves it on: the thirtieth day after receipt is the last, whatever day
  that is. Rolled forward, it could come after the day that was promised.

While the person is asked for what only they can give, the clock waits (EDPB Guidelines 01/2022, 157–159). The days that
it waited are added; counted anew from the completing answer the term is never shorter than a whole month, so that the
earlier of the two readings decides: asking late wins the shop no time.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from app.core.working_days import add_months, next_working_day

PROMISED_DAYS = 30
EXTENDED_MONTHS = 3
"""In all, from receipt (GDPR Art. 12(3): two further months)."""


@dataclass(frozen=True, slots=True)
class Clock:
    """When a request came, and how its clock ran since."""

    received_on: date
    complete_on: date
    """When it had all that is needed: the day of receipt, or of the person's last answer that we waited for."""
    waited_days: int = 0

    def due_on(self) -> date:
        """Give the last day for an answer."""
        return min(self._waited(_answer_by(self.received_on)), _answer_by(self.complete_on))

    def extended_to(self) -> date:
        """Give the last day for an answer after an extension: three months in all."""
        return min(
            self._waited(months_after(self.received_on, EXTENDED_MONTHS)),
            months_after(self.complete_on, EXTENDED_MONTHS),
        )

    def due_within(self, days: int) -> date:
        """Give the last day of a shorter term of the shop's own (C6), within the other two."""
        return min(self.received_on + timedelta(days=days + self.waited_days), self.due_on())

    def _waited(self, day: date) -> date:
        return day + timedelta(days=self.waited_days)


def _answer_by(received_on: date) -> date:
    return min(months_after(received_on, 1), received_on + timedelta(days=PROMISED_DAYS))


def months_after(day: date, months: int) -> date:
    """Give the last day of a term of months that runs from an event on this day, as Regulation 1182/71 counts."""
    return next_working_day(add_months(day, months))
