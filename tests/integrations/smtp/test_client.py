"""The postman against a mail server on a real socket."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from structlog.testing import capture_logs

from app.core.ids import uuid7
from app.core.jobs import Parked, PassingFault
from app.core.language import Language
from app.integrations.smtp import client
from app.integrations.smtp.client import Encryption, SmtpAccount, SmtpPostman
from app.mail.messages import Envelope, Pdf, Writing, compose, message_id
from app.mail.ports import MailRefused, MailUnavailable
from tests.integrations.smtp.server import CUT, HANG, MailServer
from tests.processes import PATIENCE

AT = datetime(2026, 11, 22, 13, 4, 5, tzinfo=UTC)
PDF = bytes(range(256)) * 40 + b"\r\n.\r\nFrom nowhere\r\n..\n.\n%%EOF"


def make_message(
    to: str = "iva@example.bg", subject: str = "Поръчка № 100000042 е приета, благодарим Ви за нея"
) -> EmailMessage:
    envelope = Envelope(
        message_id=message_id(uuid7(), "shop.example"),
        sender_name="„Комплийт Дентал Солюшънс“ ЕООД",
        sender="office@example.com",
        to=to,
        at=AT,
    )
    writing = Writing(language=Language.BG, subject=subject, text="Здравейте!\n.\nСбогом\n", html="<p>Здравейте!</p>")
    return compose(envelope, writing, Pdf("faktura-0000000042.pdf", PDF))


def postman(server: MailServer, encryption: Encryption = Encryption.NONE, *, seconds: float = PATIENCE) -> SmtpPostman:
    account = SmtpAccount(
        host="127.0.0.1", port=server.port, encryption=encryption, greeting="shop.example", seconds=seconds
    )
    return SmtpPostman(account)


async def test_a_message_arrives_as_it_was_written() -> None:
    message = make_message()
    async with MailServer().running() as server:
        await postman(server).send(message)

    (letter,) = server.letters
    arrived = letter.message
    assert letter.mail_from.startswith("MAIL FROM:<office@example.com> ")
    assert letter.recipient == "RCPT TO:<iva@example.bg>"
    assert server.greetings == ["EHLO shop.example"]
    assert server.verbs == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]
    assert dict(arrived.items()) == {
        "Message-ID": message["Message-ID"],
        "Date": "Sun, 22 Nov 2026 13:04:05 +0000",
        "From": arrived["From"],
        "To": "iva@example.bg",
        "Subject": "Поръчка № 100000042 е приета, благодарим Ви за нея",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "bg",
        "MIME-Version": "1.0",
        "Content-Type": arrived["Content-Type"],
    }
    # Read by the old rules: Python's new ones put a blank between the encoded words of a long name.
    sender = message_from_bytes(letter.raw, policy=compat32)["From"]
    assert str(make_header(decode_header(sender))) == "„Комплийт Дентал Солюшънс“ ЕООД <office@example.com>"
    text, html, (pdf,) = arrived.get_body(("plain",)), arrived.get_body(("html",)), list(arrived.iter_attachments())
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == "Здравейте!\n.\nСбогом\n"
    assert html is not None
    assert html.get_content().strip() == "<p>Здравейте!</p>"
    assert (pdf.get_content_type(), pdf.get_filename(), pdf.get_content()) == (
        "application/pdf",
        "faktura-0000000042.pdf",
        PDF,
    )


async def test_seven_bits_are_enough() -> None:
    async with MailServer(extensions=()).running() as server:
        await postman(server).send(make_message())

    assert server.letters[0].raw.isascii()
    assert max(map(len, server.letters[0].raw.split(b"\r\n"))) <= 78


async def test_a_domain_of_other_letters_goes_in_ascii() -> None:
    async with MailServer(extensions=()).running() as server:
        await postman(server).send(make_message("iva@пример.бг"))

    assert server.letters[0].recipient == "RCPT TO:<iva@xn--e1afmkfd.xn--90ae>"


async def test_a_mailbox_of_other_letters_needs_a_server_that_takes_it() -> None:
    async with MailServer().running() as server:
        await postman(server).send(make_message("ива@пример.бг"))
    assert server.letters[0].recipient == "RCPT TO:<ива@пример.бг>"
    assert "SMTPUTF8" in server.letters[0].mail_from
    assert server.letters[0].message["To"] == "ива@пример.бг"

    async with MailServer(extensions=()).running() as server:
        with pytest.raises(MailRefused, match=r"^smtputf8$"):
            await postman(server).send(make_message("ива@пример.бг"))
    assert server.letters == []


async def test_d9_a_sender_of_other_letters_needs_such_a_server_too() -> None:
    envelope = Envelope(message_id="<1@x>", sender_name="Магазин", sender="офис@пример.бг", to="iva@example.bg", at=AT)
    words = Writing(language=Language.BG, subject="Здравейте", text=".\n..точка\n", html="<p>.</p>")
    async with MailServer().running() as server:
        await postman(server).send(compose(envelope, words))
    [letter] = server.letters
    assert letter.mail_from.startswith("MAIL FROM:<офис@")
    assert "SMTPUTF8" in letter.mail_from
    assert "\r\n <офис@пример.бг>\r\nTo: iva@example.bg\r\n".encode() in letter.raw


@pytest.mark.parametrize(
    ("verb", "answer", "code"),
    [
        ("RCPT", "550 5.1.1 <iva@example.bg>: no such mailbox", "550 5.1.1"),
        ("RCPT", "553 iva@example.bg unknown", "553"),
        ("MAIL", "552 5.3.4 too large", "552 5.3.4"),
        ("DATA", "554 5.6.0 no", "554 5.6.0"),
        ("BODY", "550-5.7.1 the mail for iva@example.bg\r\n550 5.7.1 looks like spam", "550 5.7.1"),
    ],
)
async def test_a_refusal_is_final_and_says_its_code_only(verb: str, answer: str, code: str) -> None:
    message = make_message()
    async with MailServer({verb: answer}).running() as server:
        with capture_logs() as logs, pytest.raises(MailRefused) as refusal:
            await postman(server).send(message)

    assert isinstance(refusal.value, Parked)
    assert refusal.value.code == str(refusal.value) == code
    assert logs == [
        {
            "event": "mail_not_taken",
            "log_level": "warning",
            "fault": "MailRefused",
            "code": code,
            "message_id": message["Message-ID"],
        }
    ]


@pytest.mark.parametrize(
    ("verb", "answer", "reason"),
    [
        ("CONNECT", "421 4.3.2 later", "421 4.3.2"),
        ("CONNECT", "554 5.7.1 not you", "554 5.7.1"),
        ("CONNECT", CUT, "SMTPConnectError"),
        ("CONNECT", HANG, "timeout"),
        ("EHLO", CUT, "SMTPServerDisconnected"),
        ("RCPT", "451 4.7.1 <iva@example.bg> greylisted", "451 4.7.1"),
        ("RCPT", "450 mailbox busy", "450"),
        ("MAIL", "530 5.7.0 authentication required", "530 5.7.0"),
        ("MAIL", CUT, "SMTPServerDisconnected"),
        ("DATA", HANG, "timeout"),
        ("BODY", "452 4.3.1 disk full", "452 4.3.1"),
        ("BODY", HANG, "timeout"),
        ("BODY", CUT, "SMTPServerDisconnected"),
    ],
)
async def test_whatever_may_pass_is_sent_again_later(verb: str, answer: str, reason: str) -> None:
    async with MailServer({verb: answer}).running() as server:
        with capture_logs() as logs, pytest.raises(MailUnavailable) as fault:
            await postman(server, seconds=0.3 if answer == HANG else PATIENCE).send(make_message())

    assert isinstance(fault.value, PassingFault)
    assert fault.value.reason == reason
    assert "example.bg" not in repr(logs) + repr(fault.value)


async def test_a_server_that_is_down_is_waited_for() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        with pytest.raises(MailUnavailable, match=r"^SMTPConnectError$"):
            await postman(MailServer(port=nobody.getsockname()[1])).send(make_message())


@pytest.mark.parametrize("answer", [CUT, HANG, "500 what?"])
async def test_a_message_that_was_taken_is_sent_however_the_parting_goes(
    answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PARTING_SECONDS", 0.1)
    async with MailServer({"QUIT": answer}).running() as server:
        await postman(server, seconds=10 * PATIENCE).send(make_message())

    assert len(server.letters) == 1


async def test_a_message_sent_again_after_a_lost_answer_bears_the_same_id() -> None:
    message = make_message()
    async with MailServer({"BODY": CUT}).running() as server:
        carrier = postman(server)
        with pytest.raises(MailUnavailable):
            await carrier.send(message)
        server.answers.clear()
        await carrier.send(message)

    assert [letter.message["Message-ID"] for letter in server.letters] == [message["Message-ID"]] * 2


async def test_a_dead_server_is_left_alone_for_a_while() -> None:
    async with MailServer({"CONNECT": CUT}).running() as server:
        carrier = postman(server)
        for _ in range(5):
            with pytest.raises(MailUnavailable, match="SMTPConnectError"):
                await carrier.send(make_message())
        with pytest.raises(MailUnavailable, match="circuit_open"):
            await carrier.send(make_message())


async def test_one_bad_mailbox_stops_nobody_else() -> None:
    async with MailServer({"RCPT": "450 busy"}).running() as server:
        carrier = postman(server)
        for _ in range(6):
            with pytest.raises(MailUnavailable, match="450"):
                await carrier.send(make_message())
        server.answers.clear()
        await carrier.send(make_message())

    assert len(server.letters) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate of 127.0.0.1: the server's side of it and the side that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    paper = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = paper.public_bytes(Encoding.PEM)
    file = tmp_path_factory.mktemp("certificate") / "server.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=pem.decode())


SESAME = "отвори сезам"
Contexts = tuple[ssl.SSLContext, ssl.SSLContext]


def secure_postman(
    server: MailServer, encryption: Encryption, trust: ssl.SSLContext | None, *, word: str = SESAME
) -> SmtpPostman:
    account = SmtpAccount(
        host="127.0.0.1",
        port=server.port,
        encryption=encryption,
        user="shop",
        password=SecretStr(word),
        greeting="shop.example",
        seconds=PATIENCE,
    )
    return SmtpPostman(account, trust=trust)


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
async def test_the_connection_is_encrypted_before_the_login(certificate: Contexts, encryption: Encryption) -> None:
    theirs, ours = certificate
    server = MailServer(certificate=theirs, tls_from_the_start=encryption is Encryption.TLS, login=("shop", SESAME))
    async with server.running():
        await secure_postman(server, encryption, ours).send(make_message())

    assert server.secured == [True]
    assert server.verbs.index("AUTH") > server.verbs.index("EHLO")
    assert len(server.letters) == 1


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
async def test_a_stranger_s_certificate_gets_nothing(certificate: Contexts, encryption: Encryption) -> None:
    theirs, _ = certificate
    server = MailServer(certificate=theirs, tls_from_the_start=encryption is Encryption.TLS, login=("shop", "x"))
    async with server.running():
        with pytest.raises(MailUnavailable):
            await secure_postman(server, encryption, None).send(make_message())

    assert "AUTH" not in server.verbs
    assert server.letters == []


async def test_a_server_without_encryption_gets_neither_password_nor_mail() -> None:
    async with MailServer(login=("shop", SESAME)).running() as server:
        with pytest.raises(MailUnavailable):
            await secure_postman(server, Encryption.STARTTLS, None).send(make_message())

    assert server.verbs == ["EHLO"]


async def test_a_wrong_password_keeps_the_mail_waiting_and_unsaid(certificate: Contexts) -> None:
    theirs, ours = certificate
    server = MailServer(certificate=theirs, login=("shop", SESAME))
    async with server.running():
        with capture_logs() as logs, pytest.raises(MailUnavailable, match=r"^535 5\.7\.8$"):
            await secure_postman(server, Encryption.STARTTLS, ours, word="тайна").send(make_message())

    assert server.letters == []
    assert "тайна" not in repr(logs)
