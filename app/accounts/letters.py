"""Writes the letters about accounts: pure, from what is given; what `auth.letters` says holds here, too."""

from dataclasses import dataclass

from app.auth.letters import LinkLetter, NoticeLetter
from app.core.language import Text
from app.mail.messages import Writing
from app.mail.writing import Letter, write

REGISTRATION_SUBJECT = Text("Потвърдете регистрацията си", "Confirm your registration")
TAKEN_SUBJECT = Text("Вече имате профил при нас", "You already have an account with us")
CHANGE_SUBJECT = Text("Потвърдете новия си имейл адрес", "Confirm your new e-mail address")
CHANGED_SUBJECT = Text("Имейл адресът Ви е сменен", "Your e-mail address has been changed")
CLOSED_SUBJECT = Text("Профилът Ви е закрит", "Your account has been closed")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TakenLetter(Letter):
    """Somebody wanted an account with an address that has one: its owner learns of it, nobody else."""

    login_url: str
    reset_url: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ClosedLetter(NoticeLetter):
    """It says itself what is kept, by which law and until when."""

    kept: list[str]


def registration(letter: LinkLetter) -> Writing:
    return write("app.accounts", "registration", letter, REGISTRATION_SUBJECT.in_(letter.language))


def address_taken(letter: TakenLetter) -> Writing:
    return write("app.accounts", "address_taken", letter, TAKEN_SUBJECT.in_(letter.language))


def email_change(letter: LinkLetter) -> Writing:
    return write("app.accounts", "email_change", letter, CHANGE_SUBJECT.in_(letter.language))


def email_changed(letter: NoticeLetter) -> Writing:
    return write("app.accounts", "email_changed", letter, CHANGED_SUBJECT.in_(letter.language))


def account_closed(letter: ClosedLetter) -> Writing:
    return write("app.accounts", "account_closed", letter, CLOSED_SUBJECT.in_(letter.language))
