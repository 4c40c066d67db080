"""Sends the mails that were promised, each composed at the moment of sending by whoever knows what it is about."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock
from app.core.db import Sessions
from app.mail import queries, service
from app.mail.jobs import SendMail
from app.mail.models import Mail, MailKind
from app.mail.ports import MailRefused, Postman

Composer = Callable[[AsyncSession, Mail], Awaitable[EmailMessage | None]]
"""Writes the message, the same again when it has to be sent again; None: there is nobody to write to any more."""

Gate = Callable[[AsyncSession, Mail], Awaitable[None]]
"""Refuses, by an error that parks the job, what may not be sent to this person as things stand."""


@dataclass(frozen=True)
class Correspondence:
    """The handler of `SendMail`."""

    sessions: Sessions
    postman: Postman
    clock: Clock
    composers: Mapping[MailKind, Composer]
    gate: Gate

    async def send(self, job: SendMail) -> None:
        message = await self._compose(job)
        if message is None:
            return
        try:
            await self.postman.send(message)
        except MailRefused as refusal:
            async with self.sessions.begin() as session:
                await service.mark_refused(session, job.mail_id, code=refusal.code)
            raise
        async with self.sessions.begin() as session:
            await service.mark_sent(session, job.mail_id, message_id=message["Message-ID"], at=self.clock.now())

    async def _compose(self, job: SendMail) -> EmailMessage | None:
        """Compose what is still to be sent; what has nobody to go to is forgotten in the same transaction."""
        async with self.sessions.begin() as session:
            mail = await queries.find_unsent(session, job.mail_id)
            if mail is None:
                return None
            await self.gate(session, mail)
            message = await self.composers[mail.kind](session, mail)
            if message is None:
                await service.forget(session, mail.id)
            return message
