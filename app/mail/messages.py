"""Composes an e-mail as it goes over the wire: headers, the text in both forms, attachments."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, AddressHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from uuid import UUID

from email_validator import validate_email

from app.core.language import Language
from app.mail.encoded_words import encoded, is_plain


def message_id(mail_id: UUID, host: str) -> str:
    """Name the message by its mail, so that one sent again after a crash is known to be the same."""
    return f"<{mail_id}@{host}>"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Envelope:
    message_id: str
    sender_name: str
    sender: str
    to: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Writing:
    """The words of a message, the same in plain text and in HTML."""

    language: Language
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True, repr=False)
class Pdf:
    filename: str
    content: bytes


class _Policy(EmailPolicy):
    """Folds a subject and a sender's name as RFC 2047 has it."""

    def fold_binary(self, name: str, value: str) -> bytes:
        header = name.lower()
        if header == "subject":
            subject = str(value)
            return self._line(name, subject if is_plain(subject) else encoded(subject, self.linesep))
        if header == "from" and isinstance(value, AddressHeader):
            [sender] = value.addresses
            if not is_plain(sender.display_name):
                words = encoded(sender.display_name, self.linesep)
                return self._line(name, f"{words}{self.linesep} <{sender.addr_spec}>")
        return super().fold_binary(name, value)

    def _line(self, name: str, value: str) -> bytes:
        return f"{name}: {value}{self.linesep}".encode()


WIRE = _Policy(cte_type="7bit", linesep=SMTP.linesep)


def compose(envelope: Envelope, writing: Writing, *attachments: Pdf) -> EmailMessage:
    """Make the message; a line break in what becomes a header is refused with ValueError."""
    sender, to = _mailbox(envelope.sender_name, envelope.sender), _mailbox("", envelope.to)
    # Every relay takes seven bits; only a mailbox with letters beyond ASCII needs more (RFC 6531).
    message = EmailMessage(policy=WIRE.clone(utf8=not (sender.addr_spec + to.addr_spec).isascii()))
    message["Message-ID"] = envelope.message_id
    message["Date"] = envelope.at
    message["From"] = sender
    message["To"] = to
    message["Subject"] = writing.subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer from a machine, please
    message.set_content(writing.text, cte=_encoding(writing.text))
    message.add_alternative(writing.html, subtype="html", cte=_encoding(writing.html))
    for pdf in attachments:
        message.add_attachment(pdf.content, maintype="application", subtype="pdf", filename=pdf.filename)
    message["Content-Language"] = writing.language.value  # last: whatever wraps the bodies takes it down with them
    return message


def _encoding(words: str) -> str | None:
    """Take base64 for other letters: quoted-printable has six bytes for each, and made letter by letter it is slow."""
    return None if words.isascii() else "base64"


def _mailbox(name: str, address: str) -> Address:
    """Write a domain of other letters in its ASCII form, which every mail server takes."""
    valid = validate_email(address, check_deliverability=False)
    local_part, _, domain = (valid.ascii_email or valid.normalized).rpartition("@")
    return Address(name, local_part, domain)
