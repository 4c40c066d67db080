"""Looks now and then whether work stands still, and writes to the shop.

A worker that is dead cannot say so: each process of the API looks, and each worker, one at a time. The mail is promised
as any other. If it was not sent a moment later, its job stands in the very queue that the mail is about, and whoever
looks sends it; the job then finds it sent.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

import structlog
from sqlalchemy import or_, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock
from app.core.db import Sessions
from app.core.ids import uuid7
from app.core.language import Language
from app.mail import service as mail
from app.mail.deferring import PAUSES
from app.mail.jobs import SendMail
from app.mail.models import Mail, MailKind, MailState
from app.mail.writing import Letterhead
from app.upkeep.finding_standstills import Found, Limits, find_standstills
from app.upkeep.letters import StandstillLetter, standstill
from app.upkeep.models import Standstill, StandstillAlarm, Still
from app.upkeep.queries import find_noticed, find_told

log = structlog.get_logger()

ONE_LOOKS = text("SELECT pg_try_advisory_xact_lock(hashtextextended('look_for_standstills', 0))")
SENDING = timedelta(minutes=3)
"""Longer than one attempt to send may take; meanwhile nobody else tries."""
CALM = timedelta(hours=1)
"""What moves again for a shorter while has not ended: what comes and goes is written about as what stays.

Nor is it written again any sooner about more of the same."""
COUNTED = frozenset({Still.PARKED, Still.CONCERN})
"""Of which each waits for a person; a queue grows for as long as it stands."""


@dataclass(frozen=True, slots=True)
class Patience:
    """When the shop is written to."""

    workers: timedelta
    """How long nobody is at work before that is worth a mail: a worker that is changed for its next release is not."""
    passing: timedelta
    """How long a concern that mostly ends by itself is left to."""
    reminder: timedelta
    """After so long it is written again about what still stands still."""

    def before(self, found: Found) -> timedelta:
        if found.passes:
            return self.passing
        return self.workers if found.kind in {Still.NOBODY, Still.SILENT} else timedelta()


@dataclass(frozen=True)
class Lookout:
    """Who looks."""

    sessions: Sessions
    clock: Clock
    address: str
    limits: Limits
    patience: Patience
    every: timedelta
    """Between two looks of one process; a worker is given as long to send a mail before whoever looks does."""
    send: Callable[[SendMail], Awaitable[None]]

    async def look_regularly(self) -> None:
        while True:
            await asyncio.sleep(self.every.total_seconds())
            try:
                await self.look()
            except Exception as fault:
                log.warning("look_for_standstills_left_out", exc_info=fault)

    async def look(self) -> None:
        """Look once, unless another process does at this moment; promise the mail that is due, send what waits."""
        at = self.clock.now()
        async with self.sessions.begin() as session:
            if not await session.scalar(ONE_LOOKS):
                return
            due = await self._note(session, await find_standstills(session, self.limits, at=at), at)
            if due:
                await self._promise(session, due, at)
            unsent = await _claim_unsent(session, before=at - self.every, at=at)
        for mail_id in unsent:
            await self.send(SendMail(mail_id))

    async def _note(self, session: AsyncSession, found: Sequence[Found], at: datetime) -> Sequence[Found]:
        """Keep what stands still since when; returns what a mail is to say now, if one is due."""
        known = await find_noticed(session)
        told = {(each.kind, each.subject): each.count for each in map(Found.read, await find_told(session))}
        lasting, due = [], False
        for each in found:
            row = known.pop((each.kind, each.subject), None)
            if row is None:
                row = Standstill(kind=each.kind, subject=each.subject, noticed_at=at)
                session.add(row)
            row.seen_at = at
            row.noticed_at = min(row.noticed_at, at)  # a clock that ran ahead noticed it later than now
            if at >= row.noticed_at + self.patience.before(each):
                lasting.append((each, row))
                grown = each.kind in COUNTED and each.count > told.get((each.kind, each.subject), each.count)
                again = CALM if grown else self.patience.reminder
                due = due or row.told_at is None or not row.told_at <= at < row.told_at + again
        for row in known.values():
            if row.told_at is None or at >= row.seen_at + CALM:
                await session.delete(row)
        for _, row in lasting if due else ():
            row.told_at = at
        return [each for each, _ in lasting] if due else []

    async def _promise(self, session: AsyncSession, found: Sequence[Found], at: datetime) -> None:
        alarm = StandstillAlarm(id=uuid7(), made_at=at, found=[each.kept() for each in found])
        session.add(alarm)
        log.error("work_stands_still", found=alarm.found)
        await mail.promise(
            session,
            kind=MailKind.STANDSTILL,
            address=self.address,
            language=Language.BG,
            about_id=alarm.id,
            at=at,
        )


async def _claim_unsent(session: AsyncSession, *, before: datetime, at: datetime) -> Sequence[UUID]:
    """Take the mails that no worker has sent, for as long as sending may take."""
    tried_at = StandstillAlarm.tried_at
    claimed = (
        update(StandstillAlarm)
        .where(
            Mail.about_id == StandstillAlarm.id,
            Mail.kind == MailKind.STANDSTILL,
            Mail.state == MailState.WAITING,
            Mail.created_at <= before,
            or_(Mail.retry_at.is_(None), Mail.retry_at <= at, Mail.retry_at > at + PAUSES[-1]),
            or_(tried_at.is_(None), tried_at <= at - SENDING, tried_at > at),
        )
        .values(tried_at=at)
        .returning(Mail.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.scalars(claimed)).all()


@dataclass(frozen=True)
class StandstillMails:
    """The composer of its mails."""

    letterhead: Letterhead

    async def compose(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        alarm = await session.get_one(StandstillAlarm, mail.about_id)
        letter = StandstillLetter(
            language=mail.language,
            trader=self.letterhead.trader,
            at=alarm.made_at,
            found=tuple(Found.read(each).told(mail.language) for each in alarm.found),
        )
        return self.letterhead.message(mail, standstill(letter))
