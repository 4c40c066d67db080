"""Messages as they are composed."""

import re
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

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


WORD = re.compile(rb"=\?utf-8\?b\?([A-Za-z0-9+/=]*)\?=")
LINES = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=250).filter(
    lambda text: "=?" not in text  # the library takes that for an encoded word as it is set
)


def sent_headers(subject: str, name: str) -> bytes:
    raw = compose(envelope(sender_name=name), replace(WRITING, subject=subject)).as_bytes()
    return raw.partition(b"\r\n\r\n")[0]


def read_header(headers: bytes, name: str) -> str:
    """Read by RFC 2047 itself: what stands between two encoded words is no part of the text."""
    [found] = re.findall(rb"^" + name.encode() + rb": (.*(?:\n[ ].*)*)", headers.replace(b"\r\n", b"\n"), re.MULTILINE)
    return "".join(b64decode(word).decode() for word in WORD.findall(found)) or found.decode()


@given(LINES, LINES)
@example("Поръчка № 100000042 е приета, благодарим Ви за нея", "„Комплийт Дентал Солюшънс“ ЕООД")
@example("Attention: " + "something long " * 10, 'ACME, "the" best (Ltd.) <x>@y; ' * 5)
@example("Ж" * 250, "😀 " * 60)
@example(" leading and  double ", "x" * 250)
def test_d9_no_encoded_word_is_longer_than_75_nor_its_line_than_76(subject: str, name: str) -> None:
    headers = sent_headers(subject, name)
    assert headers.isascii()
    for line in headers.split(b"\r\n"):
        assert line.strip()
        assert len(line) <= 76 or b"=?" not in line
        assert all(len(word[0]) <= 75 for word in WORD.finditer(line))
    assert read_header(headers, "Subject") == subject
    sender = read_header(headers, "From")
    if sender.endswith(" <office@example.com>"):  # plain, and quoted where it has to be
        assert sender.removesuffix(" <office@example.com>").replace('"', "").replace("\\", "") == name.replace(
            '"', ""
        ).replace("\\", "")
    else:
        assert sender == name


def test_d9_subject_and_name_are_folded_alike_where_a_mailbox_needs_other_letters() -> None:
    raw = compose(envelope(sender_name="Ж" * 100, to="ива@пример.бг"), replace(WRITING, subject="Ж" * 100)).as_bytes()
    headers = raw.partition(b"\r\n\r\n")[0]
    assert (read_header(headers, "Subject"), read_header(headers, "From")) == ("Ж" * 100, "Ж" * 100)
