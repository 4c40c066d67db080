"""Tells the people of a breach (GDPR Art. 34): letters in batches, each person once, and what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.models import Staff
from app.core.clock import Clock
from app.core.db import Sessions
from app.core.ids import uuid7
from app.core.jobs import Promise, defer
from app.core.language import Language
from app.mail.models import Mail, MailKind, MailState
from app.mail.service import promise, promised
from app.privacy.breaches import queries
from app.privacy.breaches.deciding import require_complete, require_open
from app.privacy.breaches.errors import NobodyAffected, PeopleNotComputed
from app.privacy.breaches.jobs import TellPeople
from app.privacy.breaches.models import Breach, BreachPerson, BreachStatus, BreachWording, LetterState
from app.privacy.breaches.states import PEOPLES, settle

BATCH = 200
SYSTEM = "system"
OPEN = (LetterState.NONE, LetterState.WAITING)
FOLLOW = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Words:
    """What people are told, in plain language (Art. 34(2))."""

    nature: str
    consequences: str
    measures: str
    advice: str | None = None


async def start_letters(
    session: AsyncSession, breach_id: UUID, words: Mapping[Language, Words], *, at: datetime, by: str
) -> Breach:
    """Keep the words and promise the letters; called again, new words go to those who were not written to yet."""
    breach = await queries.lock_breach(session, breach_id)
    require_open(breach)
    await require_complete(session, breach)
    if breach.people_computed_at is None:
        raise PeopleNotComputed
    if not breach.people:
        raise NobodyAffected
    for language, said in words.items():
        wording = _wording(breach, language, said, at=at, by=by)
        session.add(wording)
        await session.flush()  # a mail may be about it
        if breach.drill:
            await _show(session, wording, to=by, at=at)
    breach.letters_started_at = breach.letters_started_at or breach.now(at)
    breach.exemption, breach.letters_done_at = None, None
    await settle(session, breach, at=at, by=by)
    await defer(session, _next_batch(breach.id))
    return breach


def _wording(breach: Breach, language: Language, words: Words, *, at: datetime, by: str) -> BreachWording:
    return BreachWording(
        id=uuid7(),
        breach_id=breach.id,
        language=language,
        nature=words.nature,
        consequences=words.consequences,
        measures=words.measures,
        advice=words.advice,
        written_at=at,
        author=by,
    )


async def _show(session: AsyncSession, wording: BreachWording, *, to: str, at: datetime) -> None:
    """Send the letter of a drill to the officer who drills, and to nobody else."""
    realm, _, staff_id = to.partition(":")
    email = await session.scalar(select(Staff.email).where(Staff.id == UUID(staff_id))) if realm == "staff" else None
    if email:
        kind, language = MailKind.BREACH_NOTICE, wording.language
        await promise(session, kind=kind, address=email, language=language, about_id=wording.id, at=at)


def _next_batch(breach_id: UUID) -> Promise:
    return Promise(TellPeople(breach_id), lock=f"breach:{breach_id}")


@dataclass(frozen=True)
class Telling:
    """The handler of `TellPeople`; a batch is one transaction, so that who was cut off goes on where it stopped."""

    sessions: Sessions
    clock: Clock
    batch: int = BATCH

    async def tell(self, job: TellPeople) -> None:
        at = self.clock.now()
        async with self.sessions.begin() as session:
            breach = await queries.lock_breach(session, job.breach_id)
            if breach.letters_started_at is None:
                return
            people = await self._next(session, breach)
            await (_draw if breach.drill else _write)(session, people, at=at)
            if len(people) == self.batch:
                await defer(session, _next_batch(breach.id))
            else:
                await conclude(session, breach, at=at)

    async def _next(self, session: AsyncSession, breach: Breach) -> Sequence[BreachPerson]:
        wanted = select(BreachPerson).where(
            BreachPerson.breach_id == breach.id, BreachPerson.letter == LetterState.NONE
        )
        return (await session.scalars(wanted.order_by(BreachPerson.id).limit(self.batch).with_for_update())).all()


async def _draw(_session: AsyncSession, people: Sequence[BreachPerson], *, at: datetime) -> None:
    for person in people:
        person.letter, person.promised_at = LetterState.DRAWN, at


async def _write(session: AsyncSession, people: Sequence[BreachPerson], *, at: datetime) -> None:
    """Promise a mail to each, all in two statements."""
    if not people:
        return
    made = [
        promised(kind=MailKind.BREACH_NOTICE, address=person.email, language=person.language, about_id=person.id, at=at)
        for person in people
        if person.email
    ]
    rows = [row for write, _ in made for row in write.rows]
    new = await session.scalars(insert(Mail).values(rows).on_conflict_do_nothing().returning(Mail.id))
    promised_ids = {*new.all()}
    await defer(session, *(job for write, job in made if write.rows[0]["id"] in promised_ids))
    for person in people:
        person.letter, person.promised_at = LetterState.WAITING, at


async def record_outcomes(session: AsyncSession, *, at: datetime) -> None:
    """Keep in the register what became of the letters: a mail itself is forgotten after a while."""
    of_person = Mail.about_id == BreachPerson.id
    waiting = BreachPerson.letter == LetterState.WAITING
    notice = Mail.kind == MailKind.BREACH_NOTICE
    sent = {"letter": LetterState.SENT, "sent_at": Mail.sent_at, "message_id": Mail.message_id, "refusal": None}
    # One refused before may have been sent since, once its cause was mended.
    unsettled = BreachPerson.letter.in_((LetterState.WAITING, LetterState.REFUSED))
    await session.execute(
        update(BreachPerson).where(of_person, notice, unsettled, Mail.state == MailState.SENT).values(sent),
        execution_options=FOLLOW,
    )
    refused = {"letter": LetterState.REFUSED, "refusal": Mail.refusal}
    await session.execute(
        update(BreachPerson).where(of_person, notice, waiting, Mail.state == MailState.REFUSED).values(refused),
        execution_options=FOLLOW,
    )
    # Forgotten before it was sent: it is promised anew.
    lost = update(BreachPerson).where(waiting, ~exists().where(of_person, notice)).values(letter=LetterState.NONE)
    again = await session.scalars(lost.returning(BreachPerson.breach_id), execution_options=FOLLOW)
    await defer(session, *(_next_batch(breach_id) for breach_id in sorted({*again.all()})))
    under_way = Breach.letters_started_at.is_not(None) & Breach.status.not_in((*PEOPLES, BreachStatus.CLOSED))
    for breach_id in (await session.scalars(select(Breach.id).where(under_way).order_by(Breach.id))).all():
        breach = await queries.lock_breach(session, breach_id)
        await conclude(session, breach, at=at)


async def conclude(session: AsyncSession, breach: Breach, *, at: datetime) -> None:
    """See whether everybody was written to, and what follows from it."""
    await session.flush()  # the session has no autoflush, and the states are counted
    states = await queries.count_letters(session, breach.id)
    if not any(states[state] for state in OPEN):
        breach.letters_done_at = breach.letters_done_at or breach.now(at)
        await settle(session, breach, at=at, by=SYSTEM)
