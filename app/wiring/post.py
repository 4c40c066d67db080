"""Picks who carries the mails; apart from the other adapters, of which the API needs the courier alone."""

from urllib.parse import urlsplit

from app.integrations.circuit import Circuit, Count
from app.integrations.smtp.client import Encryption, SmtpAccount, SmtpPostman
from app.integrations.smtp.folder import FolderPostman
from app.mail.ports import Postman
from app.settings import Settings


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
