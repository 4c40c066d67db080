"""The sending of promised mails: what is recorded, what is tried again, what is forgotten."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import SystemClock
from app.core.db import Sessions
from app.core.ids import uuid7
from app.core.language import Language
from app.core.throttle import Throttle
from app.mail.holding import CAUSES, Holding
from app.mail.jobs import SendMail
from app.mail.messages import Writing
from app.mail.models import Mail, MailKind, MailState
from app.mail.ports import MailRefused, MailUnavailable
from app.mail.sending import Correspondence
from app.wiring import work as wiring
from tests.factories.mail import AT, make_mail
from tests.mail.letters import LETTERHEAD, SECRET
from tests.shop import TestClock, settings_of

WRITING = Writing(language=Language.BG, subject="Здравейте", text="Здравейте!\n", html="<p>Здравейте!</p>")


@dataclass
class Post:
    """A postman that answers as it is told, and a composer that knows whether there is anybody to write to."""

    answers: list[Exception | None] = field(default_factory=list)
    somebody: bool = True
    sent: list[EmailMessage] = field(default_factory=list)
    composed: list[UUID] = field(default_factory=list)

    async def send(self, message: EmailMessage) -> None:
        if answer := self.answers.pop(0) if self.answers else None:
            raise answer
        self.sent.append(message)

    async def compose(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        self.composed.append(mail.id)
        mail.address = "proved@example.bg"
        return LETTERHEAD.message(mail, WRITING) if self.somebody else None


async def let_pass(_session: AsyncSession, _mail: Mail) -> None:
    """Refuse nothing: to whom a mail may not go is of a layer above."""


async def is_strangers(_session: AsyncSession, _mail: Mail) -> bool:
    """Take every order for one that a stranger placed."""
    return False


@pytest.fixture
def correspondence(sessions: Sessions) -> Callable[[Post], Correspondence]:
    def make(post: Post) -> Correspondence:
        return Correspondence(
            sessions,
            post,
            TestClock(AT + timedelta(minutes=5)),
            {MailKind.ORDER_CONFIRMATION: post.compose},
            let_pass,
            Holding(Throttle(sessions, SECRET), 5, is_strangers),
        )

    return make


async def promised(sessions: Sessions) -> UUID:
    async with sessions.begin() as session:
        return await make_mail(session)


async def kept(sessions: Sessions) -> list[tuple[object, ...]]:
    columns = select(Mail.id, Mail.state, Mail.address, Mail.sent_at, Mail.message_id, Mail.refusal)
    async with sessions() as session:
        return [tuple(row) for row in await session.execute(columns)]


async def test_a_mail_is_composed_sent_and_recorded_once(
    sessions: Sessions, correspondence: Callable[[Post], Correspondence]
) -> None:
    mail_id, post = await promised(sessions), Post()
    for _ in range(2):
        await correspondence(post).send(SendMail(mail_id))

    named = f"<{mail_id}@api.shop.example>"
    assert [(message["To"], message["Message-ID"]) for message in post.sent] == [("proved@example.bg", named)]
    assert await kept(sessions) == [
        (mail_id, MailState.SENT, "proved@example.bg", AT + timedelta(minutes=5), named, None)
    ]


async def test_a_mail_with_nobody_to_go_to_is_forgotten(
    sessions: Sessions, correspondence: Callable[[Post], Correspondence]
) -> None:
    mail_id, post = await promised(sessions), Post(somebody=False)
    for _ in range(2):
        await correspondence(post).send(SendMail(mail_id))

    assert (post.composed, post.sent, await kept(sessions)) == ([mail_id], [], [])


async def test_what_could_not_be_sent_is_composed_again(
    sessions: Sessions, correspondence: Callable[[Post], Correspondence]
) -> None:
    mail_id = await promised(sessions)
    post = Post(answers=[MailUnavailable("cut"), MailRefused("550 5.1.1")])

    with pytest.raises(MailUnavailable):
        await correspondence(post).send(SendMail(mail_id))
    assert await kept(sessions) == [(mail_id, MailState.WAITING, "proved@example.bg", None, None, None)]

    with pytest.raises(MailRefused):
        await correspondence(post).send(SendMail(mail_id))
    assert await kept(sessions) == [(mail_id, MailState.REFUSED, "proved@example.bg", None, None, "550 5.1.1")]

    await correspondence(post).send(SendMail(mail_id))
    assert ([state for _, state, *_ in await kept(sessions)], len(post.sent)) == ([MailState.SENT], 1)
    assert post.composed == [mail_id] * 3


async def test_an_erased_mail_is_not_composed(correspondence: Callable[[Post], Correspondence]) -> None:
    post = Post()
    await correspondence(post).send(SendMail(uuid7()))

    assert (post.composed, post.sent) == ([], [])


def test_every_kind_of_mail_has_a_composer(tmp_path: Path) -> None:
    assert set(wiring.composers(settings_of(tmp_path), SystemClock())) == set(MailKind)


def test_of_every_kind_of_mail_it_is_said_whether_a_stranger_can_cause_it() -> None:
    assert set(CAUSES) == set(MailKind)
