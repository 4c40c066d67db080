"""Picks who carries the mails; apart from the other adapters, of which the API needs none."""

from collections.abc import Callable
from urllib.parse import urlsplit

from app.integrations.circuit import Circuit, Count, Outcome
from app.integrations.smtp.client import Encryption, SmtpAccount, SmtpPostman
from app.integrations.smtp.folder import FolderPostman
from app.mail.ports import Postman
from app.settings import Settings

Counts = Callable[[str], Count]
"""Gives who counts the calls to the outside system of a name."""


def count_nothing(_adapter: str) -> Count:
    def count(_outcome: Outcome) -> None:
        pass

    return count


def circuit(settings: Settings, count: Count) -> Circuit:
    return Circuit(cool_down=settings.circuit_seconds, count=count)


def postman(settings: Settings, count: Count) -> Postman:
    if settings.smtp_host is None:
        return FolderPostman(settings.folder / "mail")
    account = SmtpAccount(
        host=settings.smtp_host,
        port=settings.smtp_port,
        encryption=Encryption(settings.smtp_encryption),
        user=settings.smtp_user,
        password=settings.smtp_password if settings.smtp_user else None,
        greeting=urlsplit(settings.public_url).hostname or "localhost",
    )
    return SmtpPostman(account, circuit=Circuit(count=count))
