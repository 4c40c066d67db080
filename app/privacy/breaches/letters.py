"""Writes the mails of the breach desk: pure, from what is given."""

from dataclasses import dataclass
from datetime import datetime

from app.core.language import Text
from app.mail.messages import Writing
from app.mail.writing import Letter, write
from app.privacy.breaches.models import AlarmStage, BreachStatus

PACKAGE = "app.privacy.breaches"
NOTICE_SUBJECT = Text("Нарушение на сигурността на личните Ви данни", "A breach of the security of your personal data")
ALARM_SUBJECTS = {
    AlarmStage.HOURS_24: Text("Нарушение № {number}: изминаха 24 часа", "Breach No. {number}: 24 hours have passed"),
    AlarmStage.HOURS_48: Text("Нарушение № {number}: изминаха 48 часа", "Breach No. {number}: 48 hours have passed"),
    AlarmStage.HOURS_66: Text("Нарушение № {number}: остават часове", "Breach No. {number}: only hours are left"),
    AlarmStage.OVERDUE: Text("Нарушение № {number}: срокът изтече", "Breach No. {number}: the time limit has passed"),
}
DRILL = Text("УЧЕНИЕ", "DRILL")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AlarmLetter(Letter):
    """To whoever has to act; it names nobody."""

    number: int
    stage: AlarmStage
    status: BreachStatus
    discovered_at: datetime
    due_at: datetime
    drill: bool


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NoticeLetter(Letter):
    """To somebody affected (Art. 34(2))."""

    discovered_at: datetime
    nature: str
    consequences: str
    measures: str
    advice: str | None
    drill: bool


def alarm(letter: AlarmLetter) -> Writing:
    subject = ALARM_SUBJECTS[letter.stage].in_(letter.language).format(number=letter.number)
    return write(PACKAGE, "breach_alarm", letter, _marked(letter, subject, drill=letter.drill))


def notice(letter: NoticeLetter) -> Writing:
    subject = NOTICE_SUBJECT.in_(letter.language)
    return write(PACKAGE, "breach_notice", letter, _marked(letter, subject, drill=letter.drill))


def _marked(letter: Letter, subject: str, *, drill: bool) -> str:
    return f"{DRILL.in_(letter.language)}: {subject}" if drill else subject
