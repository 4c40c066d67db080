"""Sends the mails that were promised, each composed at the moment of sending by whoever knows what it is about."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock
from app.core.db import Sessions
from app.core.jobs import Parked
from app.mail import deferring, queries, service
from app.mail.gathering import gather
from app.mail.holding import Cause, Holding, kinds_of
from app.mail.jobs import SendMail
from app.mail.models import Mail, MailKind, MailState
from app.mail.ports import MailDeferred, MailRefused, Postman

log = structlog.get_logger()

Composer = Callable[[AsyncSession, Mail], Awaitable[EmailMessage | None]]
"""Writes the message, the same again when it has to be sent again; None: there is nobody to write to any more."""

Gate = Callable[[AsyncSession, Mail], Awaitable[None]]
"""Refuses, by an error that parks the job, what may not be sent to this person as things stand."""

MOST_CARRIED = 50
"""Mails in one message; what is beyond stays held, and goes in another."""
MOST_BYTES = 10 * 1024 * 1024
"""Of several in one message, as it goes over the wire; what is beyond is held as well."""
LOOK_AGAIN = timedelta(hours=1)
"""For a mail that another brings, should that one not come to be sent."""
ALONE_IN = timedelta(minutes=1)
"""For a mail that was refused among others: a receipt among them has to go before the working day ends."""


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A message, and which mails it brings; none where nothing could be written."""

    message: EmailMessage | None
    mail_ids: Sequence[UUID]
    fault: Exception | None = None
    """Why the mail whose job it is could not be written; those that it would have brought go without it."""


@dataclass(frozen=True, slots=True)
class _Pass:
    """Whether a mail may go now, and what else may go with it."""

    address: str
    cause: Cause | None = None
    wait: timedelta | None = None


@dataclass(frozen=True)
class Correspondence:
    """The handler of `SendMail`."""

    sessions: Sessions
    postman: Postman
    clock: Clock
    composers: Mapping[MailKind, Composer]
    gate: Gate
    holding: Holding

    async def send(self, job: SendMail) -> None:
        asked = await self._ask(job)
        parcel = await self._compose(job, asked) if asked else None
        if parcel is None:
            return
        if parcel.message is not None:
            await self._hand_over(parcel.message, parcel.mail_ids)
        if parcel.fault is not None:
            raise parcel.fault

    async def _hand_over(self, message: EmailMessage, mail_ids: Sequence[UUID]) -> None:
        try:
            await self.postman.send(message)
        except MailDeferred as deferral:
            await self._leave_alone(deferral, mail_ids)
        except MailRefused as refusal:
            await self._refuse(refusal, mail_ids)
        else:
            async with self.sessions.begin() as session:
                message_id = message["Message-ID"]
                await service.mark_sent(session, mail_ids, message_id=message_id, at=self.clock.now())

    async def _leave_alone(self, deferral: MailDeferred, mail_ids: Sequence[UUID]) -> None:
        async with self.sessions.begin() as session:
            pause = await deferring.note(session, mail_ids, at=self.clock.now())
        if pause is not None:
            raise MailDeferred(deferral.reason, pause)
        log.warning("mails_given_up", mails=[str(mail_id) for mail_id in mail_ids], code=deferral.reason)
        await self._refuse(MailRefused(deferral.reason), mail_ids)

    async def _refuse(self, refusal: MailRefused, mail_ids: Sequence[UUID]) -> None:
        async with self.sessions.begin() as session:
            await service.mark_refused(session, mail_ids, code=refusal.code)
            if len(mail_ids) > 1:
                await self._part(session, mail_ids)
            else:
                await deferring.begin_anew(session, mail_ids[0])
        if len(mail_ids) == 1:
            raise refusal
        log.warning("mails_refused_together", mails=[str(mail_id) for mail_id in mail_ids], code=refusal.code)

    async def _part(self, session: AsyncSession, mail_ids: Sequence[UUID]) -> None:
        """Let each mail go alone that was refused among others: one that no server takes spoils it for none."""
        for mail in await queries.list_unsent(session, mail_ids):
            mail.carried_by = None
            await service.put_off(session, mail, ALONE_IN)

    async def _ask(self, job: SendMail) -> _Pass | None:
        """Ask whether a mail may go, of what its mailbox may be sent too; None where nothing is to be sent."""
        async with self.sessions.begin() as session:
            mail = await queries.find_unsent(session, job.mail_id)
            if mail is None:
                return None
            await self.gate(session, mail)
            cause = await self.holding.cause_of(session, mail)
        if cause is None or mail.carried_by is not None:
            return _Pass(mail.address, cause)
        return _Pass(mail.address, cause, await self.holding.wait(mail, cause, at=self.clock.now()))

    async def _compose(self, job: SendMail, asked: _Pass) -> _Parcel | None:
        """Compose what is still to be sent; what has nobody to go to is forgotten in the same transaction."""
        async with self.sessions.begin() as session:
            if asked.cause is not None:
                await queries.lock_mailbox(session, asked.address)
            mail = await queries.lock_unsent(session, job.mail_id)
            if mail is None:
                return None
            if not mail.address:  # let go of since it was promised, or before
                await service.forget(session, mail.id)
                return None
            if mail.carried_by is None and asked.wait is not None:
                mail.held_at = mail.held_at or self.clock.now()
                await service.put_off(session, mail, asked.wait)
                return None
            if await self._is_brought_by_another(session, mail):
                await service.put_off(session, mail, LOOK_AGAIN)
                return None
            return await self._write(session, mail, await self._take_along(session, mail, asked.cause))

    async def _is_brought_by_another(self, session: AsyncSession, mail: Mail) -> bool:
        if mail.carried_by in {None, mail.id}:
            return False
        return await queries.find_unsent(session, mail.carried_by) is not None

    async def _take_along(self, session: AsyncSession, mail: Mail, cause: Cause | None) -> Sequence[Mail]:
        """Choose what goes in one message: the mail, and of the same cause what was held back of its mailbox."""
        if mail.carried_by == mail.id:
            return await queries.list_carried(session, mail)
        if cause is None or mail.carried_by is not None:  # of one that is gone
            return [mail]
        if mail.state is MailState.REFUSED:  # among others, maybe for their sake
            return [mail]
        held = await queries.lock_held(session, mail.address, kinds_of(cause), most=MOST_CARRIED)
        along = [each for each in held if each.id != mail.id and await self._may_go(session, each)]
        return sorted([mail, *along], key=lambda each: each.id)

    async def _may_go(self, session: AsyncSession, mail: Mail) -> bool:
        try:
            await self.gate(session, mail)
        except Parked:
            return False  # its own job waits for a person
        return True

    async def _write(self, session: AsyncSession, own: Mail, mails: Sequence[Mail]) -> _Parcel | None:
        """Write what fits in one message, the mail whose job it is before the others; what cannot be stops no other."""
        of = {mail.id: mail for mail in [own, *mails]}
        own_id, fault = own.id, None
        written: dict[UUID, EmailMessage] = {}
        size = 0
        for mail in of.values():
            mail.carried_by = None
        for mail_id, mail in of.items():
            try:
                async with session.begin_nested():
                    message = await self.composers[mail.kind](session, mail)
            except OperationalError:
                raise  # the database is away, for all of them
            except Exception as problem:
                if mail_id != own_id:
                    log.warning("mail_left_out", mail=str(mail_id), exc_info=problem)  # its own job says it to a person
                    continue
                # Tried again it takes nobody along, and asks for no further allowance: so it parks.
                fault, mail.carried_by = problem, mail_id
                continue
            if message is None:
                await service.forget(session, mail_id)
                continue
            size += len(message.as_bytes())
            if written and size > MOST_BYTES:
                break
            written[mail_id] = message
        ids = sorted(written)
        for mail_id in ids:
            of[mail_id].carried_by = ids[0]
        if not ids and fault is None:
            return None
        message = gather([written[mail_id] for mail_id in ids]) if ids else None
        return _Parcel(message, ids, fault)
