"""Writes the letters about consents and policies; what `auth.letters` says holds here, too."""

from dataclasses import dataclass
from datetime import date

from app.auth.letters import LinkLetter, NoticeLetter
from app.core.language import Text
from app.mail.messages import Writing
from app.mail.writing import Letter, write

CONFIRM_SUBJECT = Text("Потвърдете съгласието си", "Confirm your consent")
WITHDRAWAL_SUBJECT = Text("Потвърдете оттеглянето на съгласие", "Confirm that you withdraw your consent")
STOPPED_SUBJECT = Text("Спряхме писмата с предложения", "We have stopped writing to you with offers")
CHANGED_SUBJECT = Text("Промяна в {what}", "A change in {what}")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ConsentLetter(LinkLetter):
    what: str
    """What is agreed to, or was."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoppedLetter(NoticeLetter):
    what: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PolicyLetter(Letter):
    what: str
    title: str
    effective_on: date
    url: str
    reason: str
    """Why this person is written to."""


def confirm_consent(letter: ConsentLetter) -> Writing:
    return write("app.privacy", "confirm_consent", letter, CONFIRM_SUBJECT.in_(letter.language))


def withdrawal_proof(letter: ConsentLetter) -> Writing:
    return write("app.privacy", "withdrawal_proof", letter, WITHDRAWAL_SUBJECT.in_(letter.language))


def offers_stopped(letter: StoppedLetter) -> Writing:
    return write("app.privacy", "offers_stopped", letter, STOPPED_SUBJECT.in_(letter.language))


def policy_changed(letter: PolicyLetter) -> Writing:
    subject = CHANGED_SUBJECT.in_(letter.language).format(what=letter.what)
    return write("app.privacy", "policy_changed", letter, subject)
