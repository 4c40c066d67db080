"""Assembles who looks whether work stands still: in the API's processes and in the workers."""

import importlib
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage

from app.core.clock import Clock
from app.core.db import Sessions
from app.fulfilment.mail_gate import may_be_sent
from app.mail.models import MailKind
from app.mail.ports import Postman
from app.mail.sending import Correspondence
from app.mail.writing import Letterhead
from app.settings import Settings
from app.upkeep.finding_standstills import Limits
from app.upkeep.standstills import Lookout, Patience, StandstillMails
from app.wiring.circuits import count_nothing
from app.wiring.values import holding, trader


@dataclass(frozen=True)
class LatePostman:
    """Loads who carries mails when there is one to be sent: a process of the API seldom has any."""

    settings: Settings

    async def send(self, message: EmailMessage) -> None:
        post = importlib.import_module("app.wiring.post")
        await post.postman(self.settings, count_nothing("mail")).send(message)


def letterhead(settings: Settings, clock: Clock) -> Letterhead:
    return Letterhead(trader(settings), settings.public_url, settings.storefront_url, clock)


def limits(settings: Settings) -> Limits:
    return Limits(settings.worker_silent_seconds, timedelta(minutes=settings.queue_alarm_minutes))


def lookout(settings: Settings, sessions: Sessions, postman: Postman, clock: Clock) -> Lookout:
    compose = StandstillMails(letterhead(settings, clock)).compose
    return Lookout(
        sessions,
        clock,
        settings.seller_email,
        limits(settings),
        Patience(
            workers=timedelta(minutes=settings.worker_alarm_minutes),
            passing=timedelta(minutes=settings.queue_alarm_minutes),
            reminder=timedelta(hours=settings.standstill_reminder_hours),
        ),
        timedelta(seconds=settings.standstill_look_seconds),
        Correspondence(
            sessions, postman, clock, {MailKind.STANDSTILL: compose}, may_be_sent, holding(settings, sessions)
        ).send,
    )
