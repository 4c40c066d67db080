"""A calendar month of the books, as it is in Bulgaria."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self

from app.core.clock import SOFIA, legal_date

WRITTEN = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """Written as `2026-11`."""

    year: int
    number: int

    @classmethod
    def of(cls, text: str) -> Self:
        """Read `2026-11`; refuses anything else with ValueError."""
        found = WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError("a month is written 2026-11")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def on(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @classmethod
    def at(cls, moment: datetime) -> Self:
        return cls.on(legal_date(moment))

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02d}"

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def after(self) -> "Month":
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def last(self) -> date:
        return self.after.first - timedelta(days=1)

    @property
    def starts_at(self) -> datetime:
        """Return the first moment, in UTC: midnight in Bulgaria."""
        return datetime(self.year, self.number, 1, tzinfo=SOFIA).astimezone(UTC)
