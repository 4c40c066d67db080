"""Draws the desk's letters in the worker, keeps each as it is sent, and promises the mail that brings it."""

from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import Clock
from app.core.db import Sessions
from app.mail import service as mail
from app.mail.authority import Authority
from app.mail.models import MailKind
from app.mail.writing import Trader
from app.privacy.papers import draw_paper
from app.privacy.rights import queries
from app.privacy.rights.destinations import destination_of, is_for_the_post
from app.privacy.rights.jobs import DrawLetter
from app.privacy.rights.letters import LETTERS, Told, Writing, write_letter
from app.privacy.rights.models import LetterKind, RightsEvent, RightsLetter, RightsRequest

MAILS = {
    LetterKind.PARTS: MailKind.REQUEST_INCOMPLETE,
    LetterKind.IDENTITY: MailKind.REQUEST_INCOMPLETE,
    LetterKind.EXTENSION: MailKind.REQUEST_EXTENDED,
    LetterKind.DELAY: MailKind.REQUEST_LATE,
    LetterKind.ANSWER: MailKind.REQUEST_ANSWERED,
}


class Letter(NamedTuple):
    """A letter that is to be drawn, or was."""

    event: RightsEvent
    request: RightsRequest
    kind: LetterKind
    told: Told
    writing: Writing


def told(request: RightsRequest) -> Told:
    return Told(request.id, request.kind, request.received_at, request.due_on, request.language)


def letter_of(event: RightsEvent, request: RightsRequest) -> Letter:
    kind = LETTERS[event.kind]
    about = told(request)
    return Letter(event, request, kind, about, write_letter(kind, about, event.words, event.details))


@dataclass(frozen=True)
class Drawing:
    """The handler of `DrawLetter`."""

    sessions: Sessions
    clock: Clock
    trader: Trader
    authority: Authority

    async def draw(self, job: DrawLetter) -> None:
        async with self.sessions.begin() as session:
            if await session.get(RightsLetter, job.event_id):
                return
            event = await session.get_one(RightsEvent, job.event_id)
            letter = letter_of(event, await session.get_one(RightsRequest, event.request_id))
        pdf = await self._draw(letter)
        async with self.sessions.begin() as session:
            await self._keep(session, letter, pdf)

    async def _draw(self, letter: Letter) -> bytes:
        request, language = letter.request, letter.told.language
        place = destination_of(request) if is_for_the_post(request) else None
        return await draw_paper(
            "letter.html",
            title=letter.writing.title,
            trader=self.trader,
            language=language,
            package="app.privacy.rights",
            addressee="\n".join(line for line in (request.proxy_name or request.name, place) if line),
            number=letter.told.number,
            drawn_at=self.clock.now(),
            paragraphs=letter.writing.paragraphs,
            tables=letter.writing.tables,
            authority=self.authority.paragraph().in_(language),
        )

    async def _keep(self, session: AsyncSession, letter: Letter, pdf: bytes) -> None:
        """Keep the letter, the first one drawn, and promise the mail; who wants paper is sent it by post."""
        request, at = letter.request, self.clock.now()
        row = {
            "event_id": letter.event.id,
            "request_id": request.id,
            "kind": letter.kind,
            "language": request.language,
            "pdf": pdf,
            "sha256": sha256(pdf).hexdigest(),
            "drawn_at": at,
        }
        await session.execute(insert(RightsLetter).values(row).on_conflict_do_nothing())
        address = await queries.find_mailbox(session, request)
        if address is None or is_for_the_post(request):
            return
        await mail.promise(
            session,
            kind=MAILS[letter.kind],
            address=address,
            language=request.language,
            about_id=request.id,
            document_id=letter.event.id,
            at=at,
        )
