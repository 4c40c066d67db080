"""A mail server on a loopback port that takes mail, and refuses, hangs or hangs up when a test says so."""

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8

HANG = "hang"
CUT = "cut"


@dataclass
class Letter:
    """One message as it came over the wire."""

    mail_from: str
    recipient: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.raw, policy=SMTPUTF8)
        assert isinstance(message, EmailMessage)
        return message


@dataclass
class MailServer:
    """`answers` replaces the reply to a verb, or to CONNECT or BODY; HANG and CUT are such replies."""

    answers: dict[str, str] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("8BITMIME", "SMTPUTF8", "SIZE 10485760")
    certificate: ssl.SSLContext | None = None
    tls_from_the_start: bool = False
    login: tuple[str, str] | None = None
    letters: list[Letter] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    greetings: list[str] = field(default_factory=list)
    port: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["MailServer"]:
        tasks: set[asyncio.Task[None]] = set()

        def accept(reader: StreamReader, writer: StreamWriter) -> None:
            tasks.add(asyncio.create_task(self._talk(reader, writer)))

        server = await asyncio.start_server(
            accept, "127.0.0.1", self.port, ssl=self.certificate if self.tls_from_the_start else None
        )
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _talk(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            with suppress(ConnectionError, ssl.SSLError):
                await self._converse(reader, writer)
        finally:
            writer.transport.abort()

    async def _converse(self, reader: StreamReader, writer: StreamWriter) -> None:
        mail_from = recipient = ""
        alive = await self._reply(writer, "CONNECT", "220 ready")
        while alive and (line := await reader.readline()):
            words = line.decode().strip()
            verb = words.split()[0].upper()
            self.verbs.append(verb)
            match verb:
                case "EHLO":
                    self.greetings.append(words)
                    alive = await self._reply(writer, verb, self._hello(writer))
                case "STARTTLS":
                    alive = await self._reply(writer, verb, "220 go ahead")
                    assert self.certificate
                    await writer.start_tls(self.certificate)
                case "AUTH":
                    alive = await self._reply(writer, verb, self._admit(words))
                case "MAIL":
                    mail_from = words
                    self.secured.append(writer.get_extra_info("sslcontext") is not None)
                    alive = await self._reply(writer, verb, "250 2.1.0 ok")
                case "RCPT":
                    recipient = words
                    alive = await self._reply(writer, verb, "250 2.1.5 ok")
                case "DATA":
                    alive = await self._reply(writer, verb, "354 go on")
                    if verb in self.answers:
                        continue
                    raw = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
                    self.letters.append(Letter(mail_from, recipient, raw))
                    alive = await self._reply(writer, "BODY", "250 2.0.0 taken")
                case _:
                    alive = await self._reply(writer, verb, "221 bye" if verb == "QUIT" else "250 ok")

    def _hello(self, writer: StreamWriter) -> str:
        offered = list(self.extensions)
        if self.certificate and writer.get_extra_info("sslcontext") is None:
            offered.append("STARTTLS")
        elif self.login:
            offered.append("AUTH PLAIN")
        return "".join(f"250-{extension}\r\n" for extension in ("hello", *offered)) + "250 HELP"

    def _admit(self, words: str) -> str:
        _, user, password = b64decode(words.split()[2]).decode().split("\0")
        return "235 2.7.0 welcome" if (user, password) == self.login else f"535 5.7.8 {user} who?"

    async def _reply(self, writer: StreamWriter, verb: str, usual: str) -> bool:
        """Answer; False when the connection is over."""
        answer = self.answers.get(verb, usual)
        if answer == HANG:
            await asyncio.Event().wait()  # until the server is closed
        if answer == CUT:
            return False
        writer.write(answer.encode() + b"\r\n")
        await writer.drain()
        return verb != "QUIT"
