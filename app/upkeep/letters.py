"""Writes the alarms of upkeep: pure, from what is given."""

from dataclasses import dataclass
from datetime import datetime

from app.core.language import Text
from app.mail.messages import Writing
from app.mail.writing import Letter, write

SUBJECT = Text("Внимание: {what}", "Attention: {what}")


@dataclass(frozen=True, slots=True)
class Alarm:
    """What went wrong, when it was noticed, what there is to read of it, and what to do."""

    what: Text
    at: datetime
    faults: tuple[str, ...]
    """As the record has them: codes, tables, blocks."""
    advice: Text


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AlarmLetter(Letter):
    what: str
    at: datetime
    faults: tuple[str, ...]
    advice: str


STANDS_STILL = Text("Внимание: работа на магазина стои", "Attention: some of the shop's work has come to a standstill")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StandstillLetter(Letter):
    at: datetime
    found: tuple[str, ...]


def standstill(letter: StandstillLetter) -> Writing:
    return write("app.upkeep", "standstill", letter, STANDS_STILL.in_(letter.language))


def upkeep_alarm(letter: AlarmLetter) -> Writing:
    subject = SUBJECT.in_(letter.language).format(what=letter.what)
    return write("app.upkeep", "upkeep_alarm", letter, subject)
