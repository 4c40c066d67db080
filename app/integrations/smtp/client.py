"""Hands messages to a mail server.

What the server says of a message with 5xx is a refusal: sending it again cannot help. With 4xx it defers it: later, and
not too often. Everything else is a passing fault, our own wrong password included: the mails wait until it is mended.
When the connection is lost after the last byte, nobody knows whether the message was taken; it is sent again under the
same Message-ID.
"""

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum

import structlog
from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)
from pydantic import SecretStr

from app.integrations.circuit import Circuit
from app.mail.ports import MailDeferred, MailRefused, MailUnavailable

PARTING_SECONDS = 2.0
PERMANENT = 500
OUR_LOGIN = frozenset({432, 454, *range(530, 540)})
"""Replies about authentication (RFC 4954), wherever they come: they are of the account, not of the message."""
CLOSING = 421
"""The server itself goes away: that, too, says nothing of the message."""

log = structlog.get_logger(__name__)


class Encryption(StrEnum):
    """How the connection is protected; never less than asked for."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"
    """From the first byte, as on port 465."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpAccount:
    host: str
    port: int
    encryption: Encryption
    user: str | None = None
    password: SecretStr | None = None
    greeting: str = "localhost"
    """The name we give in EHLO: the shop's public host."""
    seconds: float = 60
    """Most that one delivery may take, from the connection to the last answer."""


class SmtpPostman:
    def __init__(
        self, account: SmtpAccount, *, trust: ssl.SSLContext | None = None, circuit: Circuit | None = None
    ) -> None:
        self._account = account
        self._trust = trust or ssl.create_default_context()
        self._circuit = circuit or Circuit()

    async def send(self, message: EmailMessage) -> None:
        """Hand the message over; what happens at the parting changes nothing."""
        if not self._circuit.admits():
            raise MailUnavailable("circuit_open")
        client = self._client()
        try:
            async with asyncio.timeout(self._account.seconds):
                await client.connect()
                await _hand_over(client, message)
        except (SMTPException, OSError) as fault:
            self._circuit.failed()
            raise _told(message, MailUnavailable(_reason(fault))) from None
        except (MailRefused, MailUnavailable) as answer:
            self._circuit.refused()
            raise _told(message, answer) from None
        else:
            self._circuit.succeeded()
            with suppress(SMTPException, OSError):
                await client.quit(timeout=PARTING_SECONDS)
        finally:
            client.close()

    def _client(self) -> SMTP:
        account = self._account
        password = account.password.get_secret_value() if account.user and account.password else None
        return SMTP(
            hostname=account.host,
            port=account.port,
            username=account.user,
            password=password,
            local_hostname=account.greeting,
            timeout=account.seconds,
            use_tls=account.encryption is Encryption.TLS,
            start_tls=account.encryption is Encryption.STARTTLS,
            tls_context=self._trust,
        )


async def _hand_over(client: SMTP, message: EmailMessage) -> None:
    sender, to = (message[name].addresses[0].addr_spec for name in ("From", "To"))
    options = [] if (sender + to).isascii() else ["SMTPUTF8"]
    try:
        # As the message writes itself: by `send_message` the library would fold its headers anew, in its own way.
        await client.sendmail(sender, [to], message.as_bytes(), mail_options=options)
    except SMTPNotSupported:
        raise MailRefused("smtputf8") from None
    except SMTPRecipientsRefused as refused:
        raise _judge(refused.recipients[0]) from None
    except (SMTPSenderRefused, SMTPDataError) as refused:
        raise _judge(refused) from None


def _judge(answer: SMTPResponseException) -> MailRefused | MailUnavailable:
    if answer.code in OUR_LOGIN or answer.code == CLOSING:
        return MailUnavailable(_reason(answer))
    return (MailRefused if answer.code >= PERMANENT else MailDeferred)(_reason(answer))


def _reason(fault: Exception) -> str:
    """Name a fault by codes alone: a server's words repeat the address."""
    if isinstance(fault, SMTPResponseException):
        enhanced = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", fault.message)
        return f"{fault.code} {enhanced[0]}" if enhanced else str(fault.code)
    return "timeout" if isinstance(fault, TimeoutError) else type(fault).__name__


def _told(message: EmailMessage, fault: MailRefused | MailUnavailable) -> MailRefused | MailUnavailable:
    log.warning("mail_not_taken", fault=type(fault).__name__, code=str(fault), message_id=message["Message-ID"])
    return fault
