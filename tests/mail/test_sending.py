"""The sending of promised mails: what is recorded, what is tried again, what is forgotten."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DataError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import SystemClock
from app.core.db import Sessions
from app.core.ids import uuid7
from app.core.jobs import Parked
from app.core.language import Language
from app.core.throttle import Throttle
from app.mail import sending
from app.mail.deferring import TRIES
from app.mail.holding import CAUSES, Holding
from app.mail.jobs import SendMail
from app.mail.messages import Writing
from app.mail.models import Mail, MailKind, MailState
from app.mail.ports import MailDeferred, MailRefused, MailUnavailable
from app.mail.sending import Correspondence
from app.wiring import work as wiring
from tests.factories.mail import AT, make_mail
from tests.mail.letters import LETTERHEAD, SECRET, body
from tests.shop import TestClock, settings_of

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
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


async def waiting(sessions: Sessions) -> list[UUID]:
    """Tell of which mails there are jobs to be done later."""
    later = text("SELECT args ->> 'mail_id' FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at > now()")
    async with sessions() as session:
        return [UUID(mail_id) for mail_id in await session.scalars(later)]


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


@dataclass
class Many:
    """Orders confirmed to one mailbox, one after the other, and a postman for them."""

    sessions: Sessions
    clock: TestClock
    post: Post = field(default_factory=Post)
    nobody: set[UUID] = field(default_factory=set)
    restricted: set[UUID] = field(default_factory=set)
    broken: set[UUID] = field(default_factory=set)
    """What cannot be written: the database refuses what is asked for it."""
    padding: str = ""

    async def promised(self, count: int) -> list[UUID]:
        return [await promised(self.sessions) for _ in range(count)]

    async def compose(self, session: AsyncSession, mail: Mail) -> EmailMessage | None:
        if mail.id in self.broken:
            await session.execute(text("SELECT 1 / 0"))
        writing = replace(
            WRITING,
            text=f"{mail.id}\n{self.padding}",
            html=f"<html><!-- the letter -->{mail.id}<!-- its end --></html>",
        )
        return None if mail.id in self.nobody else LETTERHEAD.message(mail, writing)

    async def gate(self, _session: AsyncSession, mail: Mail) -> None:
        if mail.id in self.restricted:
            raise Parked

    async def send(self, *mail_ids: UUID) -> None:
        """Do the jobs of these mails, in this order."""
        holding = Holding(Throttle(self.sessions, SECRET), 1, is_strangers)
        composers = {MailKind.ORDER_CONFIRMATION: self.compose}
        for mail_id in mail_ids:
            await Correspondence(self.sessions, self.post, self.clock, composers, self.gate, holding).send(
                SendMail(mail_id)
            )

    def said(self) -> list[set[UUID]]:
        """Tell which mails each message brought."""
        return [{UUID(word) for word in ID.findall(body(message, "plain"))} for message in self.post.sent]


@pytest.fixture
def many(sessions: Sessions) -> Many:
    return Many(sessions, TestClock(AT))


async def test_b3_one_mail_brings_what_was_held_and_both_forms_say_all(many: Many) -> None:
    first, *held = await many.promised(4)
    await many.send(first, *held)
    assert many.said() == [{first}]
    many.clock.advance(hours=1)
    await many.send(held[1], *held)
    assert many.said() == [{first}, {*held}]
    gathered = many.post.sent[1]
    assert {UUID(word) for word in ID.findall(body(gathered, "html"))} == {*held}
    assert gathered["Message-ID"] == f"<{held[0]}@api.shop.example>"
    assert {state for _, state, *_ in await kept(many.sessions)} == {MailState.SENT}


async def test_b3_whoever_is_cut_off_brings_the_same_again(many: Many) -> None:
    first, *held = await many.promised(4)
    await many.send(first, *held)
    many.clock.advance(hours=1)
    many.post.answers = [MailUnavailable("cut")]
    with pytest.raises(MailUnavailable):
        await many.send(held[0])
    await many.send(*held[1:])  # each waits for the one that brings it
    assert many.said() == [{first}]
    await many.send(held[0])
    assert many.said() == [{first}, {*held}]


async def test_b3_what_is_refused_together_goes_alone_one_an_hour(many: Many) -> None:
    first, *held = await many.promised(4)
    await many.send(first, *held)
    many.clock.advance(hours=1)
    many.post.answers = [MailRefused("552 5.3.4")]
    await many.send(held[0])
    assert {row[-1] for row in await kept(many.sessions) if row[0] in held} == {"552 5.3.4"}
    jobs = await waiting(many.sessions)
    assert {jobs.count(mail_id) for mail_id in held} == {2}, "held back, and promised again"
    for count in range(1, 4):
        many.clock.advance(hours=1)
        await many.send(*held)
        assert many.said() == [{first}, *({mail_id} for mail_id in held[:count])]
    assert {row[1:2] + row[-1:] for row in await kept(many.sessions)} == {(MailState.SENT, None)}


async def test_typed_c8_what_is_given_up_together_goes_alone_once(many: Many) -> None:
    first, *held = await many.promised(3)
    await many.send(first, *held)
    for _ in range(TRIES):
        many.clock.advance(days=1)
        many.post.answers = [MailDeferred("450 4.2.2")]
        with pytest.raises(MailDeferred):
            await many.send(held[0])
    many.clock.advance(days=1)
    many.post.answers = [MailDeferred("450 4.2.2"), MailDeferred("450 4.2.2"), MailDeferred("450 4.2.2")]
    await many.send(held[0])
    for mail_id in held:
        many.clock.advance(hours=1)
        with pytest.raises(MailRefused):
            await many.send(mail_id)
    assert many.said() == [{first}]
    assert {row[1:2] + row[-1:] for row in await kept(many.sessions) if row[0] in held} == {
        (MailState.REFUSED, "450 4.2.2")
    }


async def test_b3_what_is_refused_alone_parks_and_holds_nothing_up(many: Many) -> None:
    first, *held = await many.promised(4)
    await many.send(first, *held)
    many.clock.advance(hours=1)
    many.post.answers = [MailRefused("552 5.3.4"), MailRefused("550 5.1.1")]
    await many.send(held[0])
    many.clock.advance(hours=1)
    with pytest.raises(MailRefused):
        await many.send(held[0])
    many.clock.advance(hours=1)
    await many.send(held[1])
    assert many.said() == [{first}, {held[1]}]


async def test_b3_what_cannot_be_written_stops_nothing_else(many: Many) -> None:
    first, broken, *held = await many.promised(4)
    await many.send(first, broken, *held)
    many.clock.advance(hours=1)
    many.broken = {broken}
    await many.send(held[0])
    assert many.said() == [{first}, {*held}]
    assert [row[:2] for row in await kept(many.sessions) if row[0] == broken] == [(broken, MailState.WAITING)]


async def test_b3_the_job_of_what_cannot_be_written_sends_the_others_and_tells_it(many: Many) -> None:
    first, broken, *held = await many.promised(4)
    await many.send(first, broken, *held)
    many.clock.advance(hours=1)
    many.broken = {broken}
    with pytest.raises(DataError):
        await many.send(broken)
    assert many.said() == [{first}, {*held}]
    with pytest.raises(DataError):  # not put off for another hour: at the eighth time it parks
        await many.send(broken)
    many.broken = set()
    await many.send(broken)
    assert many.said()[2:] == [{broken}]


async def test_b3_one_mail_brings_no_more_than_a_server_takes(many: Many, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MOST_BYTES", 13_000)
    many.padding = "x" * 3000  # of which an hour's mail has room for three
    first, *held = await many.promised(6)
    await many.send(first, *held)
    for brought in ({*held[:2], held[4]}, {*held[2:4]}):
        many.clock.advance(hours=1)
        await many.send(max(brought))
        assert many.said()[-1] == brought


async def test_b3_what_has_nobody_to_go_to_or_may_not_go_holds_nothing_up(many: Many) -> None:
    first, gone, kept_back, *held = await many.promised(5)
    await many.send(first, gone, kept_back, *held)
    many.clock.advance(hours=1)
    many.nobody, many.restricted = {gone}, {kept_back}
    await many.send(gone)
    assert many.said() == [{first}, {*held}]
    left = {mail_id: state for mail_id, state, *_ in await kept(many.sessions)}
    assert left == {**dict.fromkeys([first, *held], MailState.SENT), kept_back: MailState.WAITING}
    many.restricted = set()
    many.clock.advance(hours=1)
    await many.send(kept_back)
    assert many.said()[2:] == [{kept_back}]


async def test_b3_what_another_was_to_bring_that_is_gone_goes_alone(many: Many) -> None:
    first, *held = await many.promised(3)
    await many.send(first, *held)
    many.clock.advance(hours=1)
    many.post.answers = [MailUnavailable("cut")]
    with pytest.raises(MailUnavailable):
        await many.send(held[0])
    async with many.sessions.begin() as session:
        await session.execute(delete(Mail).where(Mail.id == held[0]))
    await many.send(held[1])
    assert many.said() == [{first}, {held[1]}]
