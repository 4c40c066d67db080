"""Puts several mails to one mailbox into one, which says all that each of them does."""

from collections.abc import Sequence
from email.message import EmailMessage

from app.core.language import Language, Text
from app.mail.messages import Envelope, Pdf, Writing, compose

OPENS, ENDS = "<!-- the letter -->", "<!-- its end -->"
"""Where `form.html` begins and ends what a letter says."""
RULE = "—" * 20
SUBJECT = Text("Писма: {count}", "{count} letters")
OPENING = Text(
    "На този адрес за кратко време бяха поискани много писма. За да не запълваме пощата Ви, изпращаме ги заедно.",
    "Many letters to this address were asked for within a short time. So as not to fill your mailbox we send them"
    " together.",
)


def gather(messages: Sequence[EmailMessage]) -> EmailMessage:
    """Make one message, under the first one's name; what two of them say in the same words is said once."""
    distinct = list({_body(message, "plain"): message for message in messages}.values())
    if len(distinct) == 1:
        return distinct[0]
    first, last = distinct[0], distinct[-1]
    [sender], [reader] = first["From"].addresses, first["To"].addresses
    envelope = Envelope(
        message_id=str(first["Message-ID"]),
        sender_name=sender.display_name,
        sender=sender.addr_spec,
        to=reader.addr_spec,
        at=first["Date"].datetime,
    )
    language = Language(str(last["Content-Language"]))
    subjects = {str(message["Subject"]) for message in distinct}
    subject = subjects.pop() if len(subjects) == 1 else SUBJECT.in_(language).format(count=len(distinct))
    opening = OPENING.in_(language)
    text = f"\n\n{RULE}\n\n".join([opening, *(_body(message, "plain").strip() for message in distinct)])
    pages = [_body(message, "html") for message in distinct]
    head, tail = pages[0].partition(OPENS)[0], pages[0].partition(ENDS)[2]
    letters = [page.partition(OPENS)[2].partition(ENDS)[0] for page in pages]
    html = f"\n<p>{RULE}</p>\n".join([f"{head}{OPENS}<p>{opening}</p>", *letters]) + f"{ENDS}{tail}"
    writing = Writing(language=language, subject=subject, text=f"{text}\n", html=html)
    return compose(envelope, writing, *(pdf for message in distinct for pdf in _attached(message)))


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None  # every letter has both forms
    content: str = part.get_content()
    return content


def _attached(message: EmailMessage) -> list[Pdf]:
    return [Pdf(part.get_filename() or "", part.get_content()) for part in message.iter_attachments()]
