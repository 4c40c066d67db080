"""What the shop asks of whoever carries its e-mails."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Protocol

from app.core.jobs import Parked, PassingFault


class MailUnavailable(PassingFault):
    """Not taken, or not known to be taken: sent again later it bears the same Message-ID."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MailDeferred(MailUnavailable):
    """Answered, and not taken now: the server says so of this message, or of its mailbox."""

    def __init__(self, code: str, pause: timedelta | None = None) -> None:
        super().__init__(code)
        self.pause = pause


class MailRefused(Parked):
    """Understood, will not: sending again cannot help. Holds the server's code only, never its words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Postman(Protocol):
    async def send(self, message: EmailMessage) -> None:
        """Hand the message over for delivery to the address in its `To`."""
