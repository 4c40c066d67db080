"""Writes the letters about logins: pure, from what is given.

A key in a link stands behind its `#`, which browsers send to no server. Nothing that a stranger could have chosen is
in a letter to an address that may not be the stranger's own.
"""

from dataclasses import dataclass
from datetime import datetime

from app.auth.models import StaffRole
from app.core.language import Text
from app.mail.messages import Writing
from app.mail.writing import Letter, write

RESET_SUBJECT = Text("Избор на нова парола", "Choose a new password")
CHANGED_SUBJECT = Text("Паролата Ви е сменена", "Your password has been changed")
REUSED_SUBJECT = Text("Прекратихме достъпа от едно устройство", "We have logged one device out")
LOCKED_SUBJECT = Text("Грешни кодове при влизане с Вашата парола", "Wrong codes were entered with your password")
INVITATION_SUBJECT = Text("Покана за работа в магазина", "Invitation to work in the shop")
ROLES = {
    StaffRole.SUPPORT: Text("обслужване на клиенти", "customer support"),
    StaffRole.WAREHOUSE: Text("склад", "warehouse"),
    StaffRole.ACCOUNTANT: Text("счетоводство", "accounting"),
    StaffRole.EDITOR: Text("редактор", "editor"),
    StaffRole.PRIVACY_OFFICER: Text("защита на личните данни", "privacy officer"),
    StaffRole.OWNER: Text("собственик", "owner"),
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LinkLetter(Letter):
    """With a link that works once."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NoticeLetter(Letter):
    """Of something that was done."""

    done_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ResetLetter(LinkLetter):
    for_staff: bool


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InvitationLetter(LinkLetter):
    person: str
    role: StaffRole

    @property
    def role_name(self) -> str:
        return ROLES[self.role].in_(self.language)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReuseLetter(NoticeLetter):
    device: str | None
    logged_in_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LockLetter(NoticeLetter):
    refused: int
    locked_until: datetime


def password_reset(letter: ResetLetter) -> Writing:
    return write("app.auth", "password_reset", letter, RESET_SUBJECT.in_(letter.language))


def password_changed(letter: NoticeLetter) -> Writing:
    return write("app.auth", "password_changed", letter, CHANGED_SUBJECT.in_(letter.language))


def token_reused(letter: ReuseLetter) -> Writing:
    return write("app.auth", "token_reused", letter, REUSED_SUBJECT.in_(letter.language))


def second_factor_locked(letter: LockLetter) -> Writing:
    return write("app.auth", "second_factor_locked", letter, LOCKED_SUBJECT.in_(letter.language))


def invitation(letter: InvitationLetter) -> Writing:
    return write("app.auth", "invitation", letter, INVITATION_SUBJECT.in_(letter.language))
