"""Messages as they are composed."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from uuid import UUID

import pytest

from app.core.language import Language
from app.mail.messages import Envelope, Pdf, Writing, compose, message_id

AT = datetime(2026, 11, 22, 13, 4, tzinfo=UTC)
WRITING = Writing(language=Language.EN, subject="Thanks", text="Hello\n", html="<p>Hello</p>")
INJECTION = "Ива\r\nBcc: stranger@example.com"


def envelope(sender_name: str = "Shop", to: str = "iva@example.bg", ident: str = "<1@shop.example>") -> Envelope:
    return Envelope(message_id=ident, sender_name=sender_name, sender="office@example.com", to=to, at=AT)


def test_a_mail_has_one_message_id() -> None:
    mail_id = UUID("019ab000-0000-7000-8000-000000000001")

    assert message_id(mail_id, "shop.example") == "<019ab000-0000-7000-8000-000000000001@shop.example>"


def test_a_message_is_both_forms_of_the_text_and_its_attachments() -> None:
    plain = compose(envelope(), WRITING)
    laden = compose(envelope(), WRITING, Pdf("faktura-1.pdf", b"%PDF-1"))

    assert [part.get_content_type() for part in plain.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert [part.get_content_type() for part in laden.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "application/pdf",
    ]
    assert plain["Content-Language"] == laden["Content-Language"] == "en"
    assert plain["Auto-Submitted"] == "auto-generated"
    assert plain["Date"] == "Sun, 22 Nov 2026 13:04:00 +0000"


@pytest.mark.parametrize(
    "broken",
    [
        lambda: compose(envelope(sender_name=INJECTION), WRITING),
        lambda: compose(envelope(to="iva@example.bg\r\nBcc: stranger@example.com"), WRITING),
        lambda: compose(envelope(ident="<1@shop.example>\r\nBcc: stranger@example.com"), WRITING),
        lambda: compose(
            envelope(), Writing(language=Language.BG, subject=INJECTION, text="Здравейте", html="<p>Здравейте</p>")
        ),
    ],
    ids=["sender", "recipient", "message id", "subject"],
)
def test_a_line_break_makes_no_header(broken: object) -> None:
    assert callable(broken)
    with pytest.raises(ValueError):  # noqa: PT011 - each of the library's own words
        broken()


def test_several_recipients_are_none() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own words
        compose(envelope(to="iva@example.bg, stranger@example.com"), WRITING)


@pytest.mark.parametrize(
    "words", ["Получател на данни не е потвърдил в срок", "а б в г " * 20 + "д", "Plain words", "„Кавички“ и №\u00a05"]
)
def test_no_letter_of_a_subject_is_lost_where_it_is_folded(words: str) -> None:
    writing = Writing(language=Language.BG, subject=words.strip(), text="т\n", html="<p>т</p>")
    raw = compose(envelope(), writing).as_bytes()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert message_from_bytes(raw, policy=default)["Subject"] == words.strip()
